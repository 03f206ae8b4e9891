//! A copy of a text. With the button of the editor, what stands there is saved first.

use actix_web::{HttpRequest, HttpResponse, web};
use uuid::Uuid;

use super::gate::{EditorForm, form_ids};
use super::submit::save_first;
use crate::db::public_id;
use crate::features::accounts::PrivatePage;
use crate::features::posts::duplicate;
use crate::features::site::{Flash, Said};
use crate::web::{FormId, Result};

/// `POST /p/{id}/duplicate`
pub async fn create(
    page: PrivatePage,
    id: web::Path<Uuid>,
    form: EditorForm,
) -> Result<HttpResponse> {
    if let Some(refused) = save_first(&page, *id, form.0).await? {
        return Ok(refused);
    }
    let mut copy = sent_id(&page.req);
    // One that is not the site's own is as none.
    let ids = form_ids(&page.app, &page.user);
    let copy = match ids.read(&page.req, &mut copy) {
        Ok(id) => id,
        Err(_) => public_id(),
    };
    duplicate::duplicate(&page.app.db, page.actor(), *id, copy).await?;
    Ok(Flash::of(Said::Duplicated).lead_to(&format!("/p/{copy}/edit")))
}

fn sent_id(req: &HttpRequest) -> FormId {
    let mut pairs = url::form_urlencoded::parse(req.query_string().as_bytes());
    let sent = pairs.find(|(name, _)| name == "copy");
    let id = sent.and_then(|(_, value)| value.parse().ok());
    FormId::of(id.unwrap_or_default())
}
