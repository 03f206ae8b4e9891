//! What a text would look like: as it is typed, and as it was saved last.

use actix_web::{HttpRequest, HttpResponse, web};
use uuid::Uuid;

use super::editor_page::{Shown, answer};
use super::gate::{EditorForm, editable, form_ids};
use super::submit::parse;
use crate::app::AppState;
use crate::db::ReadRequirement;
use crate::features::accounts::CurrentUser;
use crate::features::posts::byline;
use crate::features::posts::draft::{self, Draft, PostForm};
use crate::features::posts::model::Kind;
use crate::features::posts::queries::{self, PostRow};
use crate::features::posts::views::PreviewPage;
use crate::features::site;
use crate::markdown::Rendered;
use crate::web::{Error, FormErrors, OrNotFound, Result, page};

/// `POST /preview`: what the text would look like, nothing is saved.
pub async fn typed(
    req: HttpRequest,
    app: web::Data<AppState>,
    user: CurrentUser,
    form: EditorForm,
) -> Result<HttpResponse> {
    let mut form = form.0;
    let mut faults = FormErrors::default();
    let kind = Kind::from_column(&form.kind);
    // Nothing is saved under it here; the editor that comes back has a good one.
    let _ = form_ids(&app, &user).read(&req, &mut form.id);
    let Some((draft, rendered)) = parse(&form, kind, &mut faults).await? else {
        return answer(&req, &app, &user, Shown::refused(None, form, faults)).await;
    };
    show(&req, &app, &user, (&draft, &rendered), None, Some(&form)).await
}

/// `GET /p/{id}/preview`: the newest saved state.
pub async fn saved(
    req: HttpRequest,
    app: web::Data<AppState>,
    user: CurrentUser,
    id: web::Path<Uuid>,
) -> Result<HttpResponse> {
    let mut conn = app.db.fresh().await?;
    let post = editable(queries::post(&mut conn, *id).await?, &user)?;
    let draft = queries::newest_revision(&mut conn, post.id)
        .await?
        .or_not_found()?;
    drop(conn);
    let rendered = draft::render(&draft.markdown)
        .await?
        .map_err(Error::BadRequest)?;
    show(&req, &app, &user, (&draft, &rendered), Some(post), None).await
}

pub(super) async fn show(
    req: &HttpRequest,
    app: &AppState,
    user: &CurrentUser,
    (draft, rendered): (&Draft, &Rendered),
    post: Option<PostRow>,
    typed: Option<&PostForm>,
) -> Result<HttpResponse> {
    let mut conn = app.db.read(&ReadRequirement::any()).await?;
    let site = site::load(&mut conn).await?;
    let names = byline::preview(&mut conn, post.as_ref(), draft, user).await?;
    drop(conn);
    let frame = site::private_frame(&site, &app.origin, "Preview", Some(user.viewer()));
    page::private(
        req,
        &PreviewPage {
            frame,
            draft,
            names,
            rendered,
            post,
            typed,
        },
    )
}
