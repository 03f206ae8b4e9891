//! Publishing, the short step before it, and taking it back.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::editor::{EditorForm, editable, save_first, wants_page};
use crate::app::AppState;
use crate::features::accounts::CurrentUser;
use crate::features::posts::address::AddressError;
use crate::features::posts::model::Status;
use crate::features::posts::save::SaveError;
use crate::features::posts::views::PublishPage;
use crate::features::posts::{draft, publish, queries};
use crate::features::site;
use crate::web::{Error, Form, Ids, OrNotFound, Result, page};

/// `GET /p/{id}/publish`: what will be public, and the button.
pub async fn show(req: HttpRequest, app: web::Data<AppState>, user: CurrentUser, id: web::Path<Uuid>) -> Result<HttpResponse> {
    answer(&req, &app, &user, *id, None).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishForm {
    /// The version that the page showed.
    version: Option<i32>,
}

/// `POST /p/{id}/publish`
pub async fn create(req: HttpRequest, app: web::Data<AppState>, user: CurrentUser, ids: Ids, id: web::Path<Uuid>,
    form: Form<PublishForm>,
) -> Result<HttpResponse> {
    make_public(&req, &app, &user, &ids, *id, form.version).await
}

/// `POST /p/{id}/unpublish`
pub async fn delete(
    req: HttpRequest,
    app: web::Data<AppState>,
    user: CurrentUser,
    ids: Ids,
    id: web::Path<Uuid>,
    form: EditorForm,
) -> Result<HttpResponse> {
    if let Some(refused) = save_first(&req, &app, &user, &ids, *id, form.0).await? {
        return Ok(refused);
    }
    let mut tx = app.db.begin().await?;
    let post = editable(queries::lock_post(&mut tx, *id).await?, &user)?;
    if post.status != Status::Published {
        return Ok(page::see_other(&format!("/p/{id}/edit")));
    }
    let origin = user.origin(&ids, post.transaction_id);
    publish::unpublish(&mut tx, &post, &origin).await.map_err(fault)?;
    tx.commit().await?;
    Ok(page::see_other(&format!("/p/{id}/edit?gone={}", origin.transaction_id)))
}

/// On from a save: to the publish step, to the public page of an update, or back to the editor.
pub(super) async fn after_save(
    req: &HttpRequest,
    app: &AppState,
    user: &CurrentUser,
    ids: &Ids,
    id: Uuid,
    version: i32,
    action: &str,
) -> Result<HttpResponse> {
    let post = queries::post(&mut *app.db.fresh().await?, id).await?.or_not_found()?;
    if action == "publish" && wants_page(req) {
        return match post.status {
            Status::Published => make_public(req, app, user, ids, id, Some(version)).await,
            Status::Draft => Ok(page::see_other(&format!("/p/{id}/publish"))),
        };
    }
    if wants_page(req) {
        return Ok(page::see_other(&format!("/p/{id}/edit?saved={version}")));
    }
    let body = json!({
        "ok": true,
        "version": version,
        "saved_at": Utc::now(),
        "edit_url": format!("/p/{id}/edit"),
        "path": post.path(),
        "public": post.status == Status::Published,
    });
    Ok(page::json(StatusCode::OK, &body))
}

/// Renders outside the transaction, publishes inside; if a save came between, the page says so.
async fn make_public(
    req: &HttpRequest,
    app: &AppState,
    user: &CurrentUser,
    ids: &Ids,
    id: Uuid,
    shown: Option<i32>,
) -> Result<HttpResponse> {
    let (post, draft) = {
        let mut conn = app.db.fresh().await?;
        let post = editable(queries::post(&mut conn, id).await?, user)?;
        let draft = queries::newest_revision(&mut conn, post.id).await?.or_not_found()?;
        (post, draft)
    };
    let rendered = draft::render(&draft.markdown).await?.map_err(Error::BadRequest)?;
    let mut tx = app.db.begin().await?;
    let locked = editable(queries::lock_post(&mut tx, id).await?, user)?;
    if locked.deleted_at.is_some() {
        return Err(Error::Conflict("This text is in the trash. Restore it first.".into()));
    }
    if locked.version != shown.unwrap_or(post.version) || locked.version != post.version {
        drop(tx);
        return answer(req, app, user, id, Some("A newer version was saved meanwhile. Look at it once more.".into())).await;
    }
    if locked.status == Status::Published && !locked.has_unpublished_changes() {
        // A second click, or the Back button: it is out already.
        return Ok(page::see_other(&locked.path()));
    }
    let origin = user.origin(ids, locked.transaction_id);
    match publish::publish(&mut tx, &locked, locked.version, &draft, &rendered, None, &origin).await {
        Ok(()) => {}
        Err(SaveError::Db(e)) | Err(SaveError::Address(AddressError::Db(e))) => return Err(e.into()),
        Err(refused) => {
            drop(tx);
            return answer(req, app, user, id, Some(refused.to_string())).await;
        }
    }
    let path = queries::lock_post(&mut tx, id).await?.or_not_found()?.path();
    tx.commit().await?;
    Ok(page::see_other(&path))
}

async fn answer(req: &HttpRequest, app: &AppState, user: &CurrentUser, id: Uuid, fault: Option<String>) -> Result<HttpResponse> {
    let mut conn = app.db.fresh().await?;
    let post = editable(queries::post(&mut conn, id).await?, user)?;
    let draft = queries::newest_revision(&mut conn, post.id).await?.or_not_found()?;
    let site = site::load(&mut conn).await?;
    drop(conn);
    let policy = draft.details.policy().unwrap_or(site.comment_policy);
    let frame = site::private_frame(&site, &app.origin, "Publish", Some(user.viewer()));
    let status = if fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    page::private_with(req, status, &PublishPage { frame, post, draft, policy, fault })
}

pub(super) fn fault(error: SaveError) -> Error {
    match error {
        SaveError::Db(e) => e.into(),
        other => Error::internal(other),
    }
}
