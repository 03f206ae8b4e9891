//! `/p/{id}/notes`: what guests have left on a text by its preview links, and what an author does with it.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

use super::gate::editable;
use crate::features::accounts::PrivatePage;
use crate::features::posts::accept_edit::{AcceptedEdit, accept_edit};
use crate::features::posts::notes_page::{NotesPage, PendingNotes};
use crate::features::posts::queries;
use crate::features::posts::settle_note::{Settle, settle_note};
use crate::features::site::{self, Flash, Said};
use crate::messages::{Message, text};
use crate::web::{Form, OrNotFound, Result, rendering};

/// `GET /p/{id}/notes`
pub async fn list(page: PrivatePage, id: web::Path<Uuid>) -> Result<HttpResponse> {
    answer(&page, *id, None).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptForm {
    /// `put-in`: the text gets the edit. Else the note is done.
    #[serde(default)]
    edit: String,
}

/// `POST /p/{id}/notes/{note}/accept`
pub async fn accept(
    page: PrivatePage,
    path: web::Path<(Uuid, Uuid)>,
    form: Form<AcceptForm>,
) -> Result<HttpResponse> {
    let (id, note) = path.into_inner();
    if form.edit != "put-in" {
        return settle(&page, (id, note), Settle::Done).await;
    }
    match Box::pin(accept_edit(&page.app.db, page.actor(), id, note)).await? {
        AcceptedEdit::InText => Ok(back(id, Said::EditAccepted)),
        AcceptedEdit::Refused(why) => answer(&page, id, Some((note, why))).await,
    }
}

/// `POST /p/{id}/notes/{note}/dismiss`
pub async fn dismiss(page: PrivatePage, path: web::Path<(Uuid, Uuid)>) -> Result<HttpResponse> {
    settle(&page, path.into_inner(), Settle::Dismiss).await
}

/// `POST /p/{id}/notes/{note}/reopen`
pub async fn reopen(page: PrivatePage, path: web::Path<(Uuid, Uuid)>) -> Result<HttpResponse> {
    settle(&page, path.into_inner(), Settle::Reopen).await
}

async fn settle(page: &PrivatePage, (id, note): (Uuid, Uuid), how: Settle) -> Result<HttpResponse> {
    settle_note(&page.app.db, page.actor(), id, note, how).await?;
    let said = match how {
        Settle::Done => Said::NoteDone,
        Settle::Dismiss => Said::NoteDismissed,
        Settle::Reopen => Said::NoteReopened,
    };
    Ok(back(id, said))
}

fn back(id: Uuid, said: Said) -> HttpResponse {
    Flash::of(said).lead_to(&format!("/p/{id}/notes"))
}

async fn answer(
    page: &PrivatePage,
    id: Uuid,
    refused: Option<(Uuid, Message)>,
) -> Result<HttpResponse> {
    let mut conn = page.app.db.fresh().await?;
    let post = editable(queries::post(&mut conn, id).await?, &page.user)?;
    let newest = queries::newest_revision(&mut conn, post.id).await?;
    let pending = queries::pending_notes(&mut conn, post.id).await?;
    let settled = queries::settled_notes(&mut conn, post.id).await?;
    let site = site::load(&mut conn).await?;
    drop(conn);
    let source = newest.or_not_found()?.markdown;
    let pending = rendering::run(move || PendingNotes::of(&source, pending)).await?;
    let status = match refused {
        Some(_) => StatusCode::CONFLICT,
        None => StatusCode::OK,
    };
    let view = NotesPage {
        frame: page.frame(&site, text::notes_title()),
        post,
        pending,
        settled,
        refused,
    };
    page.show_with(status, &view)
}
