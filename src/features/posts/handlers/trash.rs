use actix_web::{HttpRequest, HttpResponse, web};
use uuid::Uuid;

use super::gate::{EditorForm, editable};
use super::publication::fault;
use super::submit::save_first;
use crate::app::AppState;
use crate::features::accounts::CurrentUser;
use crate::features::posts::{publish, queries};
use crate::features::site;
use crate::web::{Result, page};

/// `POST /p/{id}/trash`
pub async fn create(
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
    if post.deleted_at.is_some() {
        return Ok(page::see_other("/dashboard?shelf=trash"));
    }
    let actor = user.actor();
    actor.joins(post.transaction_id);
    tx.belongs_to(&actor);
    publish::trash(&mut tx, &post, &actor)
        .await
        .map_err(fault)?;
    tx.commit().await?;
    Ok(page::see_other(&site::told_at(
        "/dashboard?shelf=trash",
        actor.transaction_id(),
    )))
}

/// `POST /p/{id}/restore`
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
    if post.deleted_at.is_some() {
        let actor = user.actor();
        actor.joins(post.transaction_id);
        tx.belongs_to(&actor);
        publish::restore(&mut tx, &post, &actor)
            .await
            .map_err(fault)?;
        tx.commit().await?;
    }
    Ok(page::see_other(&format!("/p/{id}/edit")))
}
