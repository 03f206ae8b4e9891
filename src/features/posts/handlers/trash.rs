use actix_web::{HttpRequest, HttpResponse, web};
use uuid::Uuid;

use super::editor::{EditorForm, editable, save_first};
use super::publication::fault;
use crate::app::AppState;
use crate::features::accounts::CurrentUser;
use crate::features::posts::{publish, queries};
use crate::features::site;
use crate::web::{Ids, Result, page};

/// `POST /p/{id}/trash`
pub async fn create(
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
    if post.deleted_at.is_some() {
        return Ok(page::see_other("/dashboard?shelf=trash"));
    }
    let origin = user.origin(&ids, post.transaction_id);
    tx.belongs_to(&origin);
    publish::trash(&mut tx, &post, &origin)
        .await
        .map_err(fault)?;
    tx.commit().await?;
    Ok(page::see_other(&site::told_at(
        "/dashboard?shelf=trash",
        origin.transaction_id,
    )))
}

/// `POST /p/{id}/restore`
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
    if post.deleted_at.is_some() {
        let origin = user.origin(&ids, post.transaction_id);
        tx.belongs_to(&origin);
        publish::restore(&mut tx, &post, &origin)
            .await
            .map_err(fault)?;
        tx.commit().await?;
    }
    Ok(page::see_other(&format!("/p/{id}/edit")))
}
