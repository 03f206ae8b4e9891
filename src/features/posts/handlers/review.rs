//! Submitting for review, taking that back, and sending back what was submitted: forms of the step before publishing.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

use super::publish::{self, Refused, Words};
use crate::features::accounts::PrivatePage;
use crate::features::posts::review::{self, MOST_NOTE, MOST_REPLY};
use crate::messages::text;
use crate::web::{Error, Form, FormErrors, Result, form, page};

/// Where an account sees what waits for review.
const IN_REVIEW: &str = "/dashboard?shelf=review";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubmitForm {
    /// The version that the page showed.
    version: Option<i32>,
    #[serde(default)]
    note: String,
}

/// `POST /p/{id}/review`
pub async fn create(
    page: PrivatePage,
    id: web::Path<Uuid>,
    form: Form<SubmitForm>,
) -> Result<HttpResponse> {
    let SubmitForm { version, note } = form.0;
    let mut faults = FormErrors::default();
    let checked = form::prose(text::posts_your_note(), &note, MOST_NOTE);
    let Some(checked) = faults.take("note", checked) else {
        let words = Words {
            note,
            faults,
            ..Words::default()
        };
        return refuse(&page, *id, words).await;
    };
    match review::submit(&page.app.db, page.actor(), (*id, version), &checked).await {
        Ok(()) => Ok(page::see_other(IN_REVIEW)),
        Err(refused) => publish::answer_refused(&page, *id, refused).await,
    }
}

async fn refuse(page: &PrivatePage, id: Uuid, words: Words) -> Result<HttpResponse> {
    let refused = Refused {
        status: StatusCode::UNPROCESSABLE_ENTITY,
        words,
        ..Refused::default()
    };
    publish::answer(page, id, refused).await
}

/// `POST /p/{id}/review/withdraw`
pub async fn delete(page: PrivatePage, id: web::Path<Uuid>) -> Result<HttpResponse> {
    review::withdraw(&page.app.db, page.actor(), *id).await?;
    Ok(page::see_other(&page.way_back(&format!("/p/{id}/edit"))))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplyForm {
    /// The version that was submitted when the page was shown.
    version: Option<i32>,
    #[serde(default)]
    reply: String,
}

/// `POST /p/{id}/review/send-back`: with a word why, which its author sees.
pub async fn send_back(
    page: PrivatePage,
    id: web::Path<Uuid>,
    form: Form<ReplyForm>,
) -> Result<HttpResponse> {
    let ReplyForm { version, reply } = form.0;
    let mut faults = FormErrors::default();
    let checked = form::prose(text::posts_your_reply(), &reply, MOST_REPLY);
    let checked = faults.take("reply", checked);
    if checked.as_deref() == Some("") {
        faults.add("reply", text::posts_say_what_to_change());
    }
    let (Some(checked), true) = (checked, faults.is_empty()) else {
        let words = Words {
            reply,
            faults,
            ..Words::default()
        };
        return refuse(&page, *id, words).await;
    };
    if !review::send_back(&page.app.db, page.actor(), (*id, version), &checked).await? {
        return Err(Error::Conflict(text::posts_not_in_review()));
    }
    Ok(page::see_other(IN_REVIEW))
}
