//! Taking a post back, with a button of the editor: what stands in the editor is saved first.

use actix_web::{HttpResponse, web};
use uuid::Uuid;

use super::gate::EditorForm;
use super::submit::save_first;
use crate::features::accounts::PrivatePage;
use crate::features::posts::unpublish;
use crate::features::site::{Flash, Said};
use crate::web::{Result, page};

/// `POST /p/{id}/unpublish`
pub async fn create(
    page: PrivatePage,
    id: web::Path<Uuid>,
    form: EditorForm,
) -> Result<HttpResponse> {
    if let Some(refused) = save_first(&page, *id, form.0).await? {
        return Ok(refused);
    }
    let back = page.way_back(&format!("/p/{id}/edit"));
    let Some(done) = unpublish::unpublish(&page.app.db, page.actor(), *id).await? else {
        return Ok(page::see_other(&back));
    };
    let flash = Flash::of(Said::Unpublished)
        .taking_down(done.was_public, page.actor())
        .undone_by(page.undo_ticket(Said::Unpublished, &done));
    Ok(flash.lead_to(&back))
}
