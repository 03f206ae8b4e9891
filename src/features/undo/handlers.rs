//! The button beside what was just done.

use actix_web::HttpResponse;
use serde::Deserialize;

use super::take_back::{read, take_back};
use crate::features::accounts::PrivatePage;
use crate::features::posts::bulk_undo::Done;
use crate::features::posts::handlers::bulk;
use crate::features::site::flash::undo_tickets;
use crate::features::site::{Flash, Said};
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
    if let Some(done) = many(&ticket) {
        return Box::pin(bulk::undo(&page, &done?, &form.back)).await;
    }
    let undone = take_back(&page.app.db, page.actor(), &ticket).await?;
    let said = undone.ok_or_else(|| Error::Conflict(text::site_undo_changed()))?;
    Ok(Flash::of(said).lead_to(&form::way_back(&form.back, "/dashboard")))
}

/// What was done to many posts, where the ticket tells of that.
fn many(ticket: &str) -> Option<Result<Vec<Done>>> {
    let (word, done) = ticket.split_once(' ')?;
    let is_bulk = Said::parse(word) == Some(Said::BulkUndone);
    is_bulk.then(|| read(done))
}

fn refused(error: TicketError) -> Error {
    match error {
        TicketError::Expired => Error::Conflict(text::site_undo_too_late()),
        TicketError::Forged => Error::BadRequest(text::site_undo_unknown()),
    }
}
