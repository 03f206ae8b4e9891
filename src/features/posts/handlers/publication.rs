//! Publishing, the short step before it, and taking it back.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::editor::refuse_saved;
use super::gate::{EditorForm, editable, wants_page};
use super::submit::save_first;
use crate::app::AppState;
use crate::db::Db;
use crate::features::accounts::CurrentUser;
use crate::features::posts::draft::Draft;
use crate::features::posts::model::Status;
use crate::features::posts::queries::PostRow;
use crate::features::posts::save::{SaveError, Saved};
use crate::features::posts::views::PublishPage;
use crate::features::posts::{byline, draft, publish, queries};
use crate::features::site;
use crate::web::{Error, Form, FormErrors, OrNotFound, Result, page};

/// `GET /p/{id}/publish`: what will be public, and the button.
pub async fn show(
    req: HttpRequest,
    app: web::Data<AppState>,
    user: CurrentUser,
    id: web::Path<Uuid>,
) -> Result<HttpResponse> {
    answer(&req, &app, &user, *id, None).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishForm {
    /// The version that the page showed.
    version: Option<i32>,
}

/// `POST /p/{id}/publish`
pub async fn create(
    req: HttpRequest,
    app: web::Data<AppState>,
    user: CurrentUser,
    id: web::Path<Uuid>,
    form: Form<PublishForm>,
) -> Result<HttpResponse> {
    make_public(&req, &app, &user, *id, form.version).await
}

/// `POST /p/{id}/unpublish`
pub async fn delete(
    req: HttpRequest,
    app: web::Data<AppState>,
    user: CurrentUser,
    id: web::Path<Uuid>,
    form: EditorForm,
) -> Result<HttpResponse> {
    if let Some(refused) = save_first(&req, &app, &user, *id, form.0).await? {
        return Ok(refused);
    }
    let mut tx = app.db.begin().await?;
    let post = editable(queries::lock_post(&mut tx, *id).await?, &user)?;
    if post.status != Status::Published {
        return Ok(page::see_other(&format!("/p/{id}/edit")));
    }
    let actor = user.actor();
    actor.joins(post.transaction_id);
    tx.belongs_to(&actor);
    publish::unpublish(&mut tx, &post, &actor)
        .await
        .map_err(fault)?;
    tx.commit().await?;
    Ok(page::see_other(&site::told_at(
        &format!("/p/{id}/edit"),
        actor.transaction_id(),
    )))
}

/// On from a save: to the publish step or back to the editor.
pub(super) fn after_save(
    req: &HttpRequest,
    db: &Db,
    post: &PostRow,
    saved: &Saved,
    draft: &Draft,
    action: &str,
) -> Result<HttpResponse> {
    let id = post.public_id;
    if wants_page(req) && action == "publish" {
        if post.deleted_at.is_some() && post.status == Status::Published {
            return Err(in_the_trash());
        }
        return Ok(page::see_other(&format!("/p/{id}/publish")));
    }
    if wants_page(req) {
        return Ok(page::see_other(&format!(
            "/p/{id}/edit?saved={}",
            saved.version
        )));
    }
    let body = json!({
        "ok": true,
        "version": saved.version,
        "saved_at": db.now(),
        "edit_url": format!("/p/{id}/edit"),
        "path": saved.path,
        "public": post.status == Status::Published,
        // As they were stored, which is not always as they were typed.
        "fields": { "slug": draft.details.slug, "tags": draft.details.tags_as_typed() },
    });
    Ok(page::json(StatusCode::OK, &body))
}

fn in_the_trash() -> Error {
    Error::Conflict("This text is in the trash. Restore it first.".into())
}

/// Renders outside the transaction, publishes inside; if a save came between, the page says so.
async fn make_public(
    req: &HttpRequest,
    app: &AppState,
    user: &CurrentUser,
    id: Uuid,
    shown: Option<i32>,
) -> Result<HttpResponse> {
    let (version, draft) = app
        .db
        .ask_fresh(async |conn| queries::newest_of(conn, id).await)
        .await?
        .or_not_found()?;
    let rendered = draft::render(&draft.markdown).await?;
    let mut tx = app.db.begin().await?;
    let locked = editable(queries::lock_post(&mut tx, id).await?, user)?;
    let rendered = rendered.map_err(Error::BadRequest)?;
    if locked.deleted_at.is_some() {
        return Err(in_the_trash());
    }
    if locked.version != shown.unwrap_or(version) || locked.version != version {
        drop(tx);
        return answer(
            req,
            app,
            user,
            id,
            Some("A newer version was saved meanwhile. Look at it once more.".into()),
        )
        .await;
    }
    if locked.status == Status::Published && !locked.has_unpublished_changes() {
        // A second click, or the Back button: it is out already.
        return Ok(page::see_other(&locked.path()));
    }
    let actor = user.actor();
    actor.joins(locked.transaction_id);
    tx.belongs_to(&actor);
    match publish::publish(&mut tx, &locked, version, &draft, &rendered, None, &actor).await {
        Ok(path) => {
            tx.commit().await?;
            Ok(page::see_other(&path))
        }
        Err(SaveError::Db(e)) => Err(e.into()),
        Err(SaveError::Empty) => {
            drop(tx);
            let mut faults = FormErrors::default();
            faults.add("markdown", SaveError::Empty.to_string());
            refuse_saved(req, app, user, id, faults).await
        }
        Err(refused) => {
            drop(tx);
            answer(req, app, user, id, Some(refused.to_string())).await
        }
    }
}

pub(super) async fn answer(
    req: &HttpRequest,
    app: &AppState,
    user: &CurrentUser,
    id: Uuid,
    fault: Option<String>,
) -> Result<HttpResponse> {
    let mut conn = app.db.fresh().await?;
    let post = editable(queries::post(&mut conn, id).await?, user)?;
    let draft = queries::newest_revision(&mut conn, post.id)
        .await?
        .or_not_found()?;
    let names = byline::preview(&mut conn, Some(&post), &draft, user).await?;
    let site = site::load(&mut conn).await?;
    drop(conn);
    let policy = draft.details.policy().unwrap_or(site.comment_policy);
    let frame = site::private_frame(&site, &app.origin, "Publish", Some(user.viewer()));
    let status = if fault.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    page::private_with(
        req,
        status,
        &PublishPage {
            frame,
            post,
            draft,
            names,
            policy,
            fault,
        },
    )
}

pub(super) fn fault(error: SaveError) -> Error {
    match error {
        SaveError::Db(e) => e.into(),
        other => Error::internal(other),
    }
}
