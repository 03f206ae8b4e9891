//! Templates: drafts that others are begun from. With buttons of the editor, what stands there is saved first.

use actix_web::{HttpResponse, web};
use uuid::Uuid;

use super::gate::{EditorForm, editable};
use super::submit::save_first;
use crate::features::accounts::PrivatePage;
use crate::features::posts::draft::Draft;
use crate::features::posts::queries;
use crate::features::posts::template::{self, MOST_TEMPLATES, MadeTemplate};
use crate::features::site::{Flash, Said};
use crate::messages::text;
use crate::web::{Error, Result};

/// `POST /p/{id}/template`
pub async fn create(
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
pub async fn delete(
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
