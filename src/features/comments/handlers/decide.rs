//! One decision about one comment: the page for it, and carrying it out.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

use super::gate;
use crate::access::{Action, Role};
use crate::app::AppState;
use crate::db::Tx;
use crate::features::accounts::CurrentUser;
use crate::features::comments::change;
use crate::features::comments::model::{Decision, State};
use crate::features::comments::queries::{self, Item};
use crate::features::comments::views::DecidePage;
use crate::features::site;
use crate::web::{Error, Form, FormErrors, OrNotFound, Result, form, page};

const QUEUE: &str = "/dashboard/comments";
const DECIDED_BY_STAFF: &str = "A moderator decided about this comment, so only a moderator can decide otherwise. You can still delete it.";
const CHANGED: &str =
    "This comment changed after you opened it. Read it as it stands now, then decide again.";

const NOTHING_OPEN: &str =
    "The reports about this comment are settled already, so there is nothing to keep.";

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DecisionForm {
    pub decision: String,
    pub reason: String,
    /// Version of the comment that was on the screen. Without it nothing is decided: nobody would know
    /// which words were read.
    pub version: String,
    /// Address of the page to go back to.
    pub back: String,
}

impl DecisionForm {
    fn parse(&self, faults: &mut FormErrors) -> Option<(Decision, String)> {
        let decision = faults.take(
            "decision",
            Decision::parse(&self.decision).ok_or("Choose what to do with the comment."),
        );
        let reason = faults.take(
            "reason",
            form::short_text(
                "The reason",
                &form::without_text_controls(&self.reason),
                500,
            ),
        );
        if decision.is_some_and(Decision::needs_reason) && reason.as_deref() == Some("") {
            faults.add(
                "reason",
                "Say why: the writer of the comment reads it, and it is kept in the log.",
            );
        }
        if faults.is_empty() {
            decision.zip(reason)
        } else {
            None
        }
    }

    /// Whether the comment was on the screen as it is now.
    fn read(&self, item: &Item) -> bool {
        self.version.parse() == Ok(item.version)
    }
}

/// `GET /comments/{id}/decide`
pub async fn show(
    req: HttpRequest,
    app: web::Data<AppState>,
    user: CurrentUser,
    id: web::Path<Uuid>,
    query: web::Query<DecisionForm>,
) -> Result<HttpResponse> {
    let item = decidable(
        queries::item(&mut *app.db.fresh().await?, *id).await?,
        &user,
    )?;
    answer(
        &req,
        &app,
        &user,
        &item,
        &query,
        StatusCode::OK,
        FormErrors::default(),
    )
    .await
}

/// `POST /comments/{id}/decide`
pub async fn create(
    req: HttpRequest,
    app: web::Data<AppState>,
    user: CurrentUser,
    id: web::Path<Uuid>,
    form: Form<DecisionForm>,
) -> Result<HttpResponse> {
    let mut tx = app.db.begin().await?;
    let item = decidable(queries::lock_item(&mut tx, *id).await?, &user)?;
    let mut faults = FormErrors::default();
    let Some((decision, reason)) = form.parse(&mut faults) else {
        drop(tx);
        // The page shows the comment as it is now: whoever sends it again has to be told.
        if !form.read(&item) {
            faults.add("", CHANGED);
            return answer(
                &req,
                &app,
                &user,
                &item,
                &form,
                StatusCode::CONFLICT,
                faults,
            )
            .await;
        }
        return answer(
            &req,
            &app,
            &user,
            &item,
            &form,
            StatusCode::UNPROCESSABLE_ENTITY,
            faults,
        )
        .await;
    };
    let done = already(&mut tx, &item, decision, &reason).await?;
    let allowed = match decision.apply(item.state) {
        _ if done => Ok(None),
        Err(sentence) => Err((StatusCode::CONFLICT, sentence)),
        Ok(_) if decision == Decision::Keep && !item.open_reports => {
            Err((StatusCode::CONFLICT, NOTHING_OPEN))
        }
        Ok(_) if overrules_staff(&item, &user, decision) => {
            Err((StatusCode::FORBIDDEN, DECIDED_BY_STAFF))
        }
        Ok(_) if !form.read(&item) => Err((StatusCode::CONFLICT, CHANGED)),
        Ok(to) => Ok(Some(to)),
    };
    match allowed {
        Err((status, sentence)) => {
            drop(tx);
            faults.add("", sentence);
            return answer(&req, &app, &user, &item, &form, status, faults).await;
        }
        Ok(Some(to)) => {
            let actor = user.actor();
            actor.joins(Some(item.transaction_id));
            tx.belongs_to(&actor);
            change::decide(&mut tx, &item, decision, to, &reason, user.id, &actor).await?;
            tx.commit().await?;
            if item.state == State::Visible && to != State::Visible {
                return Ok(page::see_other(&site::told_at(
                    &gate::way_back(&form.back, QUEUE),
                    actor.transaction_id(),
                )));
            }
        }
        Ok(None) => {}
    }
    Ok(page::see_other(&gate::way_back(&form.back, QUEUE)))
}

/// An author moderates the talk under a post, below the moderators of the site. Every decision but deleting
/// is refused: a second hiding, say, would make the author the one who hid it, free to bring it back.
fn overrules_staff(item: &Item, user: &CurrentUser, decision: Decision) -> bool {
    item.decided_by_staff && user.role < Role::Moderator && decision.overrules()
}

/// The same decision again, by a second click or a second moderator: nothing is left to do. With another reason it is
/// another decision, and its reason has to be kept or given back.
async fn already(tx: &mut Tx, item: &Item, decision: Decision, reason: &str) -> Result<bool> {
    let carried_out = match decision {
        Decision::Approve => item.state == State::Visible,
        Decision::Hide => item.state == State::Hidden,
        Decision::Delete => item.state == State::Deleted,
        Decision::Keep => true,
    };
    if item.open_reports || !carried_out {
        return Ok(false);
    }
    if decision.needs_reason() {
        return Ok(item.reason == reason);
    }
    // Shown to nobody, so only the log has it.
    Ok(reason.is_empty()
        || queries::logged_reason(tx, item.public_id)
            .await?
            .is_some_and(|logged| logged == reason))
}

/// Nobody decides about their own words: neither settles the reports about them (nor reads these), nor brings
/// back what somebody else took out.
fn decidable(item: Option<Item>, user: &CurrentUser) -> Result<Item> {
    let item = item.or_not_found()?;
    gate::allow(user, Action::DecideComment, &item)?;
    if item.writer_id == user.id {
        return Err(Error::Forbidden(
            "This is your own comment, so somebody else decides about it. You can delete it.",
        ));
    }
    Ok(item)
}

async fn answer(
    req: &HttpRequest,
    app: &AppState,
    user: &CurrentUser,
    item: &Item,
    form: &DecisionForm,
    status: StatusCode,
    faults: FormErrors,
) -> Result<HttpResponse> {
    let mut conn = app.db.fresh().await?;
    let reports = queries::open_reports(&mut conn, item.id).await?;
    let reported_words = queries::reported_words(&mut conn, item.id).await?;
    let read_before = match form.version.parse() {
        Ok(version) => queries::said_at(&mut conn, item.id, version).await?,
        Err(_) => None,
    };
    let site = site::load(&mut conn).await?;
    drop(conn);
    let view = DecidePage {
        frame: site::private_frame(&site, &app.origin, "Review comment", Some(user.viewer())),
        item,
        post_title: gate::post_title(user, &item.post_title, item.post_public, &item.post_authors),
        form,
        faults,
        reports,
        reported_words,
        read_before,
        staff: user.role >= Role::Moderator,
        back: gate::way_back(&form.back, QUEUE),
    };
    page::private_with(req, status, &view)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(decision: &str, reason: &str) -> Vec<&'static str> {
        let mut faults = FormErrors::default();
        let form = DecisionForm {
            decision: decision.into(),
            reason: reason.into(),
            ..DecisionForm::default()
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
