use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::gate;
use crate::access::Action;
use crate::app::AppState;
use crate::db::audit::{self, Entry};
use crate::features::accounts::CurrentUser;
use crate::features::comments::model::Grievance;
use crate::features::comments::queries::{self, Item, NewReport, ReportError};
use crate::features::comments::views::ReportPage;
use crate::features::site;
use crate::web::{Error, Form, FormErrors, OrNotFound, Result, form, page};

const SENT_BEFORE: &str = "You reported this comment before, in other words, and that report stands as you sent it. \
    What you typed now is below and was not sent.";

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReportForm {
    pub reason: String,
    pub details: String,
}

impl ReportForm {
    fn parse(&self, faults: &mut FormErrors) -> Option<(Grievance, String)> {
        let grievance = faults.take(
            "reason",
            Grievance::parse(&self.reason).ok_or("Choose what is wrong."),
        );
        let details = faults.take(
            "details",
            form::short_text(
                "The description",
                &form::without_text_controls(&self.details),
                1000,
            ),
        );
        if grievance == Some(Grievance::Other) && details.as_deref() == Some("") {
            faults.add("details", "Say in a few words what is wrong.");
        }
        if faults.is_empty() {
            grievance.zip(details)
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

/// `GET /comments/{id}/report`: the form, or the thanks to somebody who has sent it.
pub async fn show(
    req: HttpRequest,
    app: web::Data<AppState>,
    user: CurrentUser,
    id: web::Path<Uuid>,
) -> Result<HttpResponse> {
    let item = reportable(
        queries::item(&mut *app.db.fresh().await?, *id).await?,
        &user,
    )?;
    answer(
        &req,
        &app,
        &user,
        &item,
        &ReportForm::default(),
        StatusCode::OK,
        FormErrors::default(),
    )
    .await
}

/// `POST /comments/{id}/report`
pub async fn create(
    req: HttpRequest,
    app: web::Data<AppState>,
    user: CurrentUser,
    id: web::Path<Uuid>,
    query: web::Query<ReportQuery>,
    form: Form<ReportForm>,
) -> Result<HttpResponse> {
    let mut tx = app.db.begin().await?;
    let item = reportable(queries::lock_item(&mut tx, *id).await?, &user)?;
    let mut faults = FormErrors::default();
    let Some((grievance, details)) = form.parse(&mut faults) else {
        drop(tx);
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
    let thanks = format!("/comments/{id}/report");
    let version = query
        .version
        .parse()
        .unwrap_or(item.version)
        .min(item.version);
    queries::keep_revision(&mut tx, item.id).await?;
    let new = NewReport {
        comment: item.id,
        version,
        reporter: user.id,
        grievance,
        details: &details,
    };
    let report = match queries::insert_report(&mut tx, new).await {
        Ok(report) => report,
        Err(ReportError::Already) => {
            drop(tx);
            let own = queries::own_report(&mut *app.db.fresh().await?, item.id, user.id).await?;
            if own.is_some_and(|own| own.reason == grievance.as_str() && own.details == details) {
                return Ok(page::see_other(&thanks));
            }
            faults.add("", SENT_BEFORE);
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
        Err(ReportError::Db(error)) => return Err(error.into()),
    };
    let entry = Entry {
        act: "comment.report",
        object_kind: "comment",
        object_id: Some(item.public_id),
        reason: &details,
        after: Some(json!({ "report": report, "reason": grievance.as_str(), "version": version })),
        ..Entry::default()
    };
    let actor = user.actor();
    actor.joins(Some(item.transaction_id));
    tx.belongs_to(&actor);
    audit::record(&mut tx, &actor, entry).await?;
    tx.commit().await?;
    Ok(page::see_other(&thanks))
}

/// Only what readers see can be reported, and not one's own.
fn reportable(item: Option<Item>, user: &CurrentUser) -> Result<Item> {
    let item = item.or_not_found()?;
    if !item.public() {
        return Err(Error::NotFound);
    }
    if item.writer_id == user.id {
        return Err(Error::Forbidden(
            "This is your own comment. You can delete it instead of reporting it.",
        ));
    }
    gate::allow(user, Action::ReportComment, &item)?;
    Ok(item)
}

async fn answer(
    req: &HttpRequest,
    app: &AppState,
    user: &CurrentUser,
    item: &Item,
    form: &ReportForm,
    status: StatusCode,
    faults: FormErrors,
) -> Result<HttpResponse> {
    let mut conn = app.db.fresh().await?;
    let own = queries::own_report(&mut conn, item.id, user.id).await?;
    let back = gate::address(&mut conn, item).await?;
    let site = site::load(&mut conn).await?;
    drop(conn);
    let frame = site::private_frame(&site, &app.origin, "Report a comment", Some(user.viewer()));
    page::private_with(
        req,
        status,
        &ReportPage {
            frame,
            item,
            form,
            faults,
            back,
            own,
        },
    )
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
