//! Taking a post back, with a button of the editor: what stands in the editor is saved first.

use actix_web::{HttpResponse, web};
use uuid::Uuid;

use super::gate::EditorForm;
use super::submit::save_first;
use crate::features::accounts::PrivatePage;
use crate::features::posts::publish;
use crate::features::site;
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
    let (actor, editor) = (page.actor(), format!("/p/{id}/edit"));
    Ok(page::see_other(
        &match publish::unpublish(&page.app.db, actor, *id).await? {
            true => site::told_at(&editor, actor.transaction_id()),
            false => editor,
        },
    ))
}
