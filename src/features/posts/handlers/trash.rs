use actix_web::{HttpRequest, HttpResponse, web};
use uuid::Uuid;

use super::gate::EditorForm;
use super::submit::save_first;
use crate::app::AppState;
use crate::features::accounts::CurrentUser;
use crate::features::posts::trash;
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
    let (actor, shelf) = (user.actor(), "/dashboard?shelf=trash");
    Ok(page::see_other(
        &match trash::trash(&app.db, &actor, *id).await? {
            true => site::told_at(shelf, actor.transaction_id()),
            false => shelf.to_owned(),
        },
    ))
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
    trash::restore(&app.db, &user.actor(), *id).await?;
    Ok(page::see_other(&format!("/p/{id}/edit")))
}
