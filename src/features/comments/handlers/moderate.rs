//! One decision about one comment: the page for it, and carrying it out.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::gate;
use crate::features::accounts::PrivatePage;
use crate::features::comments::forms::ModerationForm;
use crate::features::comments::model::ModerationAction;
use crate::features::comments::moderate::{self, Hidden, Moderated, ModerationRequest, Refusal};
use crate::features::comments::permission::decidable;
use crate::features::comments::queries::{self, CommentRow};
use crate::features::comments::views::ModeratePage;
use crate::features::site::{self, Flash, Said};
use crate::messages::text;
use crate::web::{Form, FormErrors, Result, form};

const QUEUE: &str = "/dashboard/comments";

impl ModerationForm {
    fn parse(&self, faults: &mut FormErrors) -> Option<(ModerationAction, String)> {
        let decision = faults.take(
            "decision",
            ModerationAction::parse(&self.decision).ok_or_else(text::comments_choose_decision),
        );
        let reason = faults.take(
            "reason",
            form::prose(text::comments_the_reason(), &self.reason, 500),
        );
        if decision.is_some_and(ModerationAction::needs_reason) && reason.as_deref() == Some("") {
            faults.add("reason", text::comments_say_why());
        }
        if faults.is_empty() {
            decision.zip(reason)
        } else {
            None
        }
    }

    /// The version of the comment that was on the screen.
    fn read(&self) -> Option<i32> {
        self.version.parse().ok()
    }

    fn request<'a>(
        &self,
        id: Uuid,
        action: ModerationAction,
        reason: &'a str,
    ) -> ModerationRequest<'a> {
        ModerationRequest {
            id,
            action,
            reason,
            read: self.read(),
        }
    }
}

/// `GET /comments/{id}/decide`
pub async fn show(
    page: PrivatePage,
    id: web::Path<Uuid>,
    query: web::Query<ModerationForm>,
) -> Result<HttpResponse> {
    let comment = decidable_comment(&page, *id).await?;
    answer(
        &page,
        &comment,
        &query,
        (StatusCode::OK, FormErrors::default()),
    )
    .await
}

/// `POST /comments/{id}/decide`
pub async fn create(
    page: PrivatePage,
    id: web::Path<Uuid>,
    form: Form<ModerationForm>,
) -> Result<HttpResponse> {
    let mut faults = FormErrors::default();
    let Some((action, reason)) = form.parse(&mut faults) else {
        return redisplay(&page, *id, &form, faults).await;
    };
    let request = form.request(*id, action, &reason);
    let (actor, back) = (page.actor(), form::way_back(&form.back, QUEUE));
    match moderate::moderate(&page.app.db, actor, request).await? {
        Moderated::Done { is_out, hidden } => Ok(said(&page, hidden, is_out).lead_to(&back)),
        Moderated::Refused(comment, refusal) => {
            faults.add("", refusal.message());
            answer(&page, &comment, &form, (status(&refusal), faults)).await
        }
    }
}

fn said(page: &PrivatePage, hidden: Option<Hidden>, is_out: bool) -> Flash {
    let flash = match hidden {
        Some(done) => Flash::of(Said::Hidden).undone_by(page.undo_ticket(Said::Hidden, &done)),
        None => Flash::of(Said::Decided),
    };
    flash.taking_down(is_out, page.actor())
}

async fn decidable_comment(page: &PrivatePage, id: Uuid) -> Result<CommentRow> {
    let found = queries::comment(&mut *page.app.db.fresh().await?, id).await?;
    decidable(found, page.actor())
}

/// The form again, with its faults beside the comment as it is now.
async fn redisplay(
    page: &PrivatePage,
    id: Uuid,
    form: &ModerationForm,
    mut faults: FormErrors,
) -> Result<HttpResponse> {
    let comment = decidable_comment(page, id).await?;
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    // The page shows the comment as it is now: before it is sent again, that has to be said.
    if form.read() != Some(comment.version) {
        faults.add("", Refusal::Changed.message());
        status = StatusCode::CONFLICT;
    }
    answer(page, &comment, form, (status, faults)).await
}

fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::DecidedByStaff => StatusCode::FORBIDDEN,
        _ => StatusCode::CONFLICT,
    }
}

async fn answer(
    page: &PrivatePage,
    comment: &CommentRow,
    form: &ModerationForm,
    (status, faults): (StatusCode, FormErrors),
) -> Result<HttpResponse> {
    let mut conn = page.app.db.fresh().await?;
    let reports = queries::open_reports(&mut conn, comment.id).await?;
    let reported_words = queries::reported_words(&mut conn, comment.id).await?;
    let read_before = read_before(&mut conn, comment, form).await?;
    let site = site::load(&mut conn).await?;
    drop(conn);
    let view = ModeratePage {
        frame: page.frame(&site, text::comments_title_review()),
        comment,
        post_title: gate::post_title_of(&page.user, comment),
        form,
        faults,
        reports,
        reported_words,
        read_before,
        staff: page.user.role.moderates(),
        back: form::way_back(&form.back, QUEUE),
    };
    page.show_with(status, &view)
}

/// What the comment said when its viewer read it.
async fn read_before(
    conn: &mut PgConnection,
    comment: &CommentRow,
    form: &ModerationForm,
) -> Result<Option<queries::Revision>> {
    match form.version.parse() {
        Ok(version) => Ok(queries::said_at(conn, comment.id, version).await?),
        Err(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(decision: &str, reason: &str) -> Vec<&'static str> {
        let mut faults = FormErrors::default();
        let form = ModerationForm {
            decision: decision.into(),
            reason: reason.into(),
            ..ModerationForm::default()
        };
        let parsed = form.parse(&mut faults);
        assert_eq!(parsed.is_some(), faults.is_empty());
        faults.iter().map(|(field, _)| field).collect()
    }

    #[test]
    fn hiding_and_deleting_need_a_reason() {
        assert_eq!(faults("hide", " "), ["reason"]);
        assert_eq!(faults("delete", ""), ["reason"]);
        assert!(faults("hide", "Spam.").is_empty());
        assert!(faults("approve", "").is_empty());
        assert!(faults("keep", "").is_empty());
        assert_eq!(faults("burn", ""), ["decision"]);
        assert_eq!(faults("hide", &"x".repeat(501)), ["reason"]);
    }
}
