//! The button beside what was just done.

use actix_web::HttpResponse;
use serde::Deserialize;

use super::take_back::take_back;
use crate::features::accounts::PrivatePage;
use crate::features::site::Flash;
use crate::features::site::flash::undo_tickets;
use crate::messages::text;
use crate::web::ticket::TicketError;
use crate::web::{Error, Form, Result, form};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UndoForm {
    ticket: String,
    /// The page that the button stood on.
    #[serde(default)]
    back: String,
}

/// `POST /dashboard/undo`
pub async fn create(page: PrivatePage, form: Form<UndoForm>) -> Result<HttpResponse> {
    let tickets = undo_tickets(&page.app, page.user.public_id);
    let ticket = tickets
        .read(&form.ticket, page.app.db.now().timestamp())
        .map_err(refused)?;
    let undone = take_back(&page.app.db, page.actor(), &ticket).await?;
    let said = undone.ok_or_else(|| Error::Conflict(text::site_undo_changed()))?;
    Ok(Flash::of(said).lead_to(&form::way_back(&form.back, "/dashboard")))
}

fn refused(error: TicketError) -> Error {
    match error {
        TicketError::Expired => Error::Conflict(text::site_undo_too_late()),
        TicketError::Forged => Error::BadRequest(text::site_undo_unknown()),
    }
}
