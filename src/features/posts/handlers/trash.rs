//! Moving a post to the trash and back, with buttons of the editor: what stands in the editor is saved first.

use actix_web::{HttpResponse, web};
use uuid::Uuid;

use super::gate::EditorForm;
use super::submit::save_first;
use crate::features::accounts::PrivatePage;
use crate::features::posts::trash::{self, Trashed};
use crate::features::site::{Flash, Said};
use crate::web::{Result, page};

/// `POST /p/{id}/trash`
pub async fn create(
    page: PrivatePage,
    id: web::Path<Uuid>,
    form: EditorForm,
) -> Result<HttpResponse> {
    if let Some(refused) = save_first(&page, *id, form.0).await? {
        return Ok(refused);
    }
    let Some(done) = trash::trash(&page.app.db, page.actor(), *id).await? else {
        return Ok(page::see_other("/dashboard?shelf=trash"));
    };
    let flash = Flash::of(Said::Trashed)
        .taking_down(done.was_public, page.actor())
        .undone_by(page.undo_ticket(Said::Trashed, &done));
    Ok(flash.lead_to(&page.way_back(list_of(&done))))
}

/// The list that it stood in.
fn list_of(done: &Trashed) -> &'static str {
    match (done.is_page, done.was_public) {
        (true, _) => "/dashboard?shelf=pages",
        (false, true) => "/dashboard",
        (false, false) => "/dashboard?shelf=drafts",
    }
}

/// `POST /p/{id}/restore`
pub async fn delete(
    page: PrivatePage,
    id: web::Path<Uuid>,
    form: EditorForm,
) -> Result<HttpResponse> {
    if let Some(refused) = save_first(&page, *id, form.0).await? {
        return Ok(refused);
    }
    let restored = trash::restore(&page.app.db, page.actor(), *id).await?;
    let to = page.way_back(&format!("/p/{id}/edit"));
    Ok(Flash::of(Said::restored(restored.is_public)).lead_to(&to))
}
