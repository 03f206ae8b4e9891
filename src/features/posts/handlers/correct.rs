//! Publishing as a correction, from the step before publishing.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

use super::publish::{self, Refused, Words};
use crate::features::accounts::PrivatePage;
use crate::features::posts::correct::{self, Correction, MOST_REMARK};
use crate::features::posts::model::Label;
use crate::features::posts::publish::PublishRequest;
use crate::messages::text;
use crate::web::{Form, FormErrors, Result, form, page};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorrectionForm {
    /// The version that the page showed.
    version: Option<i32>,
    #[serde(default)]
    remark: String,
    /// `on` where readers can compare.
    #[serde(default)]
    difference: String,
}

/// `POST /p/{id}/correct`
pub async fn create(
    page: PrivatePage,
    id: web::Path<Uuid>,
    form: Form<CorrectionForm>,
) -> Result<HttpResponse> {
    let typed = form.0;
    let mut faults = FormErrors::default();
    let remark = form::prose_line(text::posts_your_remark(), &typed.remark, MOST_REMARK);
    let remark = faults.take("remark", remark);
    if remark.as_deref() == Some("") {
        faults.add("remark", text::posts_say_what_was_wrong());
    }
    let (Some(remark), true) = (remark, faults.is_empty()) else {
        return refuse(&page, *id, typed, faults).await;
    };
    let request = PublishRequest {
        id: *id,
        shown: typed.version,
        label: Label::Correction,
    };
    let correction = Correction {
        remark: &remark,
        shows_difference: typed.difference == "on",
    };
    match correct::correct(&page.app.db, page.actor(), request, correction).await {
        Ok(published) => Ok(page::see_other(&published.landing())),
        Err(refused) => publish::answer_refused(&page, *id, refused).await,
    }
}

async fn refuse(
    page: &PrivatePage,
    id: Uuid,
    typed: CorrectionForm,
    faults: FormErrors,
) -> Result<HttpResponse> {
    let refused = Refused {
        status: StatusCode::UNPROCESSABLE_ENTITY,
        words: Words {
            remark: typed.remark,
            shows_difference: typed.difference == "on",
            faults,
            ..Words::default()
        },
        ..Refused::default()
    };
    publish::answer(page, id, refused).await
}
