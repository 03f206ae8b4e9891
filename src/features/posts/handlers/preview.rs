//! What a text would look like: as it is typed, and as it was saved last.

use actix_web::{HttpRequest, HttpResponse, web};
use uuid::Uuid;

use super::editor_page::{Shown, answer};
use super::gate::{EditorForm, editable, form_ids, parse};
use crate::db::ReadRequirement;
use crate::features::accounts::{CurrentUser, PrivatePage};
use crate::features::posts::byline;
use crate::features::posts::draft::{self, Draft, PostForm};
use crate::features::posts::model::Kind;
use crate::features::posts::queries::{self, PostRow};
use crate::features::posts::views::PreviewPage;
use crate::features::site;
use crate::markdown::Rendered;
use crate::messages::text;
use crate::web::{Error, FormErrors, OrNotFound, Result};

/// `POST /preview`: what the text would look like, nothing is saved.
pub async fn typed(page: PrivatePage, form: EditorForm) -> Result<HttpResponse> {
    let mut form = form.0;
    let mut faults = FormErrors::default();
    let kind = form.kind()?;
    // Nothing is saved under it here; the editor that comes back has a good one.
    let _ = form_ids(&page.app, &page.user).read(&page.req, &mut form.id);
    let parsed = if is_beside_text(&page.req) {
        parse_with_lines(&page.user, &form, kind, &mut faults).await?
    } else {
        parse(&page.user, &form, kind, &mut faults).await?
    };
    let Some((draft, rendered)) = parsed else {
        return answer(&page, Shown::refused(None, form, faults)).await;
    };
    show(&page, (&draft, &rendered), None, Some(&form)).await
}

/// The script shows the preview beside the text, and lets both scroll together.
fn is_beside_text(req: &HttpRequest) -> bool {
    req.headers().contains_key("masthead-lines")
}

async fn parse_with_lines(
    user: &CurrentUser,
    form: &PostForm,
    kind: Kind,
    faults: &mut FormErrors,
) -> Result<Option<(Draft, Rendered)>> {
    let Some(draft) = form.parse(kind, faults) else {
        return Ok(None);
    };
    let rendered = draft::render_with_lines(&draft, &user.site_typography).await?;
    let rendered = faults.take("markdown", rendered);
    Ok(rendered.map(|rendered| (draft, rendered)))
}

/// `GET /p/{id}/preview`: the newest saved state.
pub async fn saved(page: PrivatePage, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let mut conn = page.app.db.fresh().await?;
    let post = editable(queries::post(&mut conn, *id).await?, &page.user)?;
    let draft = queries::newest_revision(&mut conn, post.id)
        .await?
        .or_not_found()?;
    drop(conn);
    let rendered = draft::render_draft(&draft, &page.user.site_typography)
        .await?
        .map_err(Error::BadRequest)?;
    show(&page, (&draft, &rendered), Some(post), None).await
}

pub(super) async fn show(
    page: &PrivatePage,
    (draft, rendered): (&Draft, &Rendered),
    post: Option<PostRow>,
    typed: Option<&PostForm>,
) -> Result<HttpResponse> {
    let mut conn = page.app.db.read(&ReadRequirement::any()).await?;
    let site = site::load(&mut conn).await?;
    let names = byline::preview(&mut conn, post.as_ref(), draft, &page.user).await?;
    drop(conn);
    let frame = page.frame(&site, text::posts_title_preview());
    page.show(&PreviewPage {
        frame,
        draft: &draft.set(&rendered.typography),
        names,
        rendered,
        post,
        typed,
    })
}
