//! Reporting a comment: the form, and the thanks that take its place.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

use crate::features::accounts::PrivatePage;
use crate::features::comments::address::address;
use crate::features::comments::forms::ReportForm;
use crate::features::comments::model::ReportReason;
use crate::features::comments::permission::reportable;
use crate::features::comments::queries::{self, CommentRow};
use crate::features::comments::report::{self, ReportRequest, Reported};
use crate::features::comments::views::ReportPage;
use crate::features::site;
use crate::messages::text;
use crate::web::{Form, FormErrors, Result, form, page};

impl ReportForm {
    fn parse(&self, faults: &mut FormErrors) -> Option<(ReportReason, String)> {
        let reason = faults.take(
            "reason",
            ReportReason::parse(&self.reason).ok_or_else(text::comments_choose_reason),
        );
        let details = faults.take(
            "details",
            form::prose(text::comments_the_description(), &self.details, 1000),
        );
        if reason == Some(ReportReason::Other) && details.as_deref() == Some("") {
            faults.add("details", text::comments_say_what());
        }
        if faults.is_empty() {
            reason.zip(details)
        } else {
            None
        }
    }
}

/// In the address and not in the form: a node of an older version refuses a field that it does not know.
#[derive(Deserialize)]
pub struct ReportQuery {
    /// Version of the comment that the form showed.
    #[serde(default)]
    version: String,
}

impl ReportQuery {
    fn request<'a>(&self, id: Uuid, reason: ReportReason, details: &'a str) -> ReportRequest<'a> {
        ReportRequest {
            id,
            version: self.version.parse().ok(),
            reason,
            details,
        }
    }
}

/// `GET /comments/{id}/report`: the form, or the thanks for one that was sent.
pub async fn show(page: PrivatePage, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let comment = reportable_comment(&page, *id).await?;
    answer(
        &page,
        &comment,
        &ReportForm::default(),
        (StatusCode::OK, FormErrors::default()),
    )
    .await
}

/// `POST /comments/{id}/report`
pub async fn create(
    page: PrivatePage,
    id: web::Path<Uuid>,
    query: web::Query<ReportQuery>,
    form: Form<ReportForm>,
) -> Result<HttpResponse> {
    let mut faults = FormErrors::default();
    let Some((reason, details)) = form.parse(&mut faults) else {
        return redisplay(&page, *id, &form, faults).await;
    };
    let request = query.request(*id, reason, &details);
    match report::report(&page.app.db, page.actor(), request).await? {
        Reported::Done => Ok(page::see_other(&format!("/comments/{id}/report"))),
        Reported::Before(comment) => {
            faults.add("", text::comments_reported_before());
            answer(&page, &comment, &form, (StatusCode::CONFLICT, faults)).await
        }
    }
}

async fn reportable_comment(page: &PrivatePage, id: Uuid) -> Result<CommentRow> {
    let found = queries::comment(&mut *page.app.db.fresh().await?, id).await?;
    reportable(found, page.actor())
}

async fn redisplay(
    page: &PrivatePage,
    id: Uuid,
    form: &ReportForm,
    faults: FormErrors,
) -> Result<HttpResponse> {
    let comment = reportable_comment(page, id).await?;
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    answer(page, &comment, form, (status, faults)).await
}

async fn answer(
    page: &PrivatePage,
    comment: &CommentRow,
    form: &ReportForm,
    (status, faults): (StatusCode, FormErrors),
) -> Result<HttpResponse> {
    let mut conn = page.app.db.fresh().await?;
    let own = queries::own_report(&mut conn, comment.id, page.user.id).await?;
    let back = address(&mut conn, comment).await?;
    let site = site::load(&mut conn).await?;
    drop(conn);
    let view = ReportPage {
        frame: page.frame(&site, text::comments_title_report()),
        comment,
        form,
        faults,
        back,
        own,
    };
    page.show_with(status, &view)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(reason: &str, details: &str) -> Vec<&'static str> {
        let mut faults = FormErrors::default();
        let form = ReportForm {
            reason: reason.into(),
            details: details.into(),
        };
        let parsed = form.parse(&mut faults);
        assert_eq!(parsed.is_some(), faults.is_empty());
        faults.iter().map(|(field, _)| field).collect()
    }

    #[test]
    fn a_report_says_what_is_wrong() {
        assert!(faults("spam", "").is_empty());
        assert!(faults("other", "It is odd.").is_empty());
        assert_eq!(faults("other", "  "), ["details"]);
        assert_eq!(faults("", ""), ["reason"]);
        assert_eq!(faults("rude", &"x".repeat(1001)), ["reason", "details"]);
    }
}
