//! New texts from old ones: duplicates, and templates. With buttons of the editor, what stands there is saved first.

use actix_web::{HttpRequest, HttpResponse, web};
use uuid::Uuid;

use super::gate::{EditorForm, editable, form_ids};
use super::submit::save_first;
use crate::db::public_id;
use crate::features::accounts::PrivatePage;
use crate::features::posts::draft::Draft;
use crate::features::posts::template::{self, MOST_TEMPLATES, MadeTemplate};
use crate::features::posts::{duplicate, queries};
use crate::features::site::{Flash, Said};
use crate::messages::text;
use crate::web::{Error, FormId, Result};

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

/// `POST /p/{id}/template`
pub async fn make_template(
    page: PrivatePage,
    id: web::Path<Uuid>,
    form: EditorForm,
) -> Result<HttpResponse> {
    if let Some(refused) = save_first(&page, *id, form.0).await? {
        return Ok(refused);
    }
    match template::make_template(&page.app.db, page.actor(), *id).await? {
        MadeTemplate::Done => {}
        MadeTemplate::NotADraft => return Err(Error::Conflict(text::posts_not_a_draft())),
        MadeTemplate::Full => {
            let full = text::posts_too_many_templates(MOST_TEMPLATES);
            return Err(Error::Conflict(full));
        }
    }
    let to = page.way_back(&format!("/p/{id}/edit"));
    Ok(Flash::of(Said::MadeTemplate).lead_to(&to))
}

/// `POST /p/{id}/untemplate`
pub async fn unmake_template(
    page: PrivatePage,
    id: web::Path<Uuid>,
    form: EditorForm,
) -> Result<HttpResponse> {
    if let Some(refused) = save_first(&page, *id, form.0).await? {
        return Ok(refused);
    }
    template::unmake_template(&page.app.db, page.actor(), *id).await?;
    let to = page.way_back(&format!("/p/{id}/edit"));
    Ok(Flash::of(Said::UnmadeTemplate).lead_to(&to))
}

/// The text that a new draft begins with.
pub(super) async fn begun_from(page: &PrivatePage, template: Uuid) -> Result<Draft> {
    let mut conn = page.app.db.fresh().await?;
    let post = editable(queries::post(&mut conn, template).await?, &page.user)?;
    let draft = queries::newest_revision(&mut conn, post.id).await?;
    let draft = draft.filter(|_| post.is_template && post.deleted_at.is_none());
    let draft = draft.ok_or(Error::NotFound)?;
    Ok(template::taken_over(draft, &page.user.username))
}
