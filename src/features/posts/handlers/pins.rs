//! Pinning a post and taking it down again, with buttons of the editor: what stands in the editor is saved first.

use actix_web::{HttpResponse, web};
use uuid::Uuid;

use super::gate::EditorForm;
use super::submit::save_first;
use crate::features::accounts::PrivatePage;
use crate::features::posts::pin::{self, PinnedOn};
use crate::features::site::{Flash, Said};
use crate::web::Result;

/// `POST /p/{id}/pin`: on the page of the account that asks.
pub async fn create(
    page: PrivatePage,
    id: web::Path<Uuid>,
    form: EditorForm,
) -> Result<HttpResponse> {
    set(&page, *id, form, PinnedOn::OwnPage, true).await
}

/// `POST /p/{id}/unpin`
pub async fn delete(
    page: PrivatePage,
    id: web::Path<Uuid>,
    form: EditorForm,
) -> Result<HttpResponse> {
    set(&page, *id, form, PinnedOn::OwnPage, false).await
}

/// `POST /p/{id}/pin-to-front`
pub async fn create_on_front(
    page: PrivatePage,
    id: web::Path<Uuid>,
    form: EditorForm,
) -> Result<HttpResponse> {
    set(&page, *id, form, PinnedOn::FrontPage, true).await
}

/// `POST /p/{id}/unpin-from-front`
pub async fn delete_from_front(
    page: PrivatePage,
    id: web::Path<Uuid>,
    form: EditorForm,
) -> Result<HttpResponse> {
    set(&page, *id, form, PinnedOn::FrontPage, false).await
}

async fn set(
    page: &PrivatePage,
    id: Uuid,
    form: EditorForm,
    on: PinnedOn,
    is_pinned: bool,
) -> Result<HttpResponse> {
    if let Some(refused) = save_first(page, id, form.0).await? {
        return Ok(refused);
    }
    pin::pin(&page.app.db, page.actor(), id, on, is_pinned).await?;
    let said = if is_pinned {
        Said::Pinned
    } else {
        Said::Unpinned
    };
    let back = page.way_back(&format!("/p/{id}/edit"));
    Ok(Flash::of(said).lead_to(&back))
}
