//! Planning a post for a time to come, from the step before publishing, and taking that back.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

use super::publish::{self, When};
use crate::features::accounts::PrivatePage;
use crate::features::posts::model::{Kind, Label};
use crate::features::posts::post_date;
use crate::features::posts::publish::PublishRequest;
use crate::features::posts::schedule;
use crate::messages::{Message, text};
use crate::web::{Error, Form, Result, page};

/// Where an account sees what it has planned.
const PLANNED: &str = "/dashboard?shelf=scheduled";
/// Later than this a year was mistyped.
const MOST_DAYS: i64 = 3660;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleForm {
    /// The version that the page showed.
    version: Option<i32>,
    /// As browsers send a time: `2026-03-01T12:00`.
    #[serde(default)]
    at: String,
    /// The time zone of that clock.
    #[serde(default)]
    zone: String,
}

/// `POST /p/{id}/schedule`
pub async fn create(
    page: PrivatePage,
    id: web::Path<Uuid>,
    form: Form<ScheduleForm>,
) -> Result<HttpResponse> {
    let ScheduleForm { version, at, zone } = form.0;
    let moment = match moment(&page, &at, &zone) {
        Ok(moment) => moment,
        Err(fault) => {
            let when = When {
                at,
                zone,
                fault: Some(fault),
            };
            return publish::refuse_time(&page, *id, when).await;
        }
    };
    let request = PublishRequest {
        id: *id,
        shown: version,
        label: Label::Update,
    };
    match schedule::schedule(&page.app.db, page.actor(), request, moment).await {
        Ok(Kind::Post) => Ok(page::see_other(PLANNED)),
        Ok(Kind::Page) => Ok(page::see_other("/dashboard?shelf=pages")),
        Err(refused) => publish::answer_refused(&page, *id, refused).await,
    }
}

/// The moment that is meant, by the clock of the database.
fn moment(
    page: &PrivatePage,
    at: &str,
    zone: &str,
) -> Result<chrono::DateTime<chrono::Utc>, Message> {
    let moment = post_date::moment(at.trim(), zone).ok_or_else(text::posts_date_unreadable)?;
    let now = page.app.db.now();
    if moment <= now {
        Err(text::posts_schedule_in_the_past())
    } else if moment > now + chrono::TimeDelta::days(MOST_DAYS) {
        Err(text::posts_schedule_too_late())
    } else {
        Ok(moment)
    }
}

/// `POST /p/{id}/unschedule`
pub async fn delete(page: PrivatePage, id: web::Path<Uuid>) -> Result<HttpResponse> {
    if !schedule::unschedule(&page.app.db, page.actor(), *id).await? {
        return Err(Error::Conflict(text::posts_is_out_already()));
    }
    Ok(page::see_other(&page.way_back(&format!("/p/{id}/edit"))))
}
