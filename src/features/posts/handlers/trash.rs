//! Moving a post to the trash and back, with buttons of the editor: what stands in the editor is saved first.

use actix_web::{HttpResponse, web};
use uuid::Uuid;

use super::gate::EditorForm;
use super::submit::save_first;
use crate::features::accounts::PrivatePage;
use crate::features::posts::trash;
use crate::features::site;
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
    let was_public = trash::trash(&page.app.db, page.actor(), *id).await?;
    Ok(site::back_to(
        "/dashboard?shelf=trash",
        was_public,
        page.actor(),
    ))
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
    trash::restore(&page.app.db, page.actor(), *id).await?;
    Ok(page::see_other(&format!("/p/{id}/edit")))
}
