//! Taking a post back, with a button of the editor: what stands in the editor is saved first.

use actix_web::{HttpResponse, web};
use uuid::Uuid;

use super::gate::EditorForm;
use super::submit::save_first;
use crate::features::accounts::PrivatePage;
use crate::features::posts::unpublish;
use crate::features::site;
use crate::web::Result;

/// `POST /p/{id}/unpublish`
pub async fn create(
    page: PrivatePage,
    id: web::Path<Uuid>,
    form: EditorForm,
) -> Result<HttpResponse> {
    if let Some(refused) = save_first(&page, *id, form.0).await? {
        return Ok(refused);
    }
    let was_public = unpublish::unpublish(&page.app.db, page.actor(), *id).await?;
    let editor = format!("/p/{id}/edit");
    Ok(site::back_to(&editor, was_public, page.actor()))
}
