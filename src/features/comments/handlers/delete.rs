use actix_web::{HttpRequest, HttpResponse, web};
use uuid::Uuid;

use super::gate;
use crate::access::Action;
use crate::app::AppState;
use crate::features::accounts::CurrentUser;
use crate::features::comments::change;
use crate::features::comments::model::State;
use crate::features::comments::queries;
use crate::features::comments::views::DeletePage;
use crate::features::site;
use crate::web::{OrNotFound, Result, page};

/// `GET /comments/{id}/delete`: the question before it.
pub async fn show(
    req: HttpRequest,
    app: web::Data<AppState>,
    user: CurrentUser,
    id: web::Path<Uuid>,
) -> Result<HttpResponse> {
    let mut conn = app.db.fresh().await?;
    let item = queries::item(&mut conn, *id).await?.or_not_found()?;
    gate::allow(&user, Action::DeleteComment, &item)?;
    if item.state == State::Deleted {
        return Ok(page::see_other(&format!("/comments/{id}")));
    }
    let back = gate::address(&mut conn, &item).await?;
    let site = site::load(&mut conn).await?;
    drop(conn);
    let frame = site::private_frame(
        &site,
        &app.origin,
        "Delete your comment?",
        Some(user.viewer()),
    );
    page::private(&req, &DeletePage { frame, item, back })
}

/// `POST /comments/{id}/delete`: once more changes nothing.
pub async fn create(
    app: web::Data<AppState>,
    user: CurrentUser,
    id: web::Path<Uuid>,
) -> Result<HttpResponse> {
    let mut tx = app.db.begin().await?;
    let item = queries::lock_item(&mut tx, *id).await?.or_not_found()?;
    gate::allow(&user, Action::DeleteComment, &item)?;
    let own = format!("/comments/{id}");
    if item.state == State::Deleted {
        return Ok(page::see_other(&own));
    }
    let actor = user.actor();
    actor.joins(Some(item.transaction_id));
    tx.belongs_to(&actor);
    change::withdraw(&mut tx, &item, &actor).await?;
    tx.commit().await?;
    Ok(page::see_other(&site::told_at(&own, item.transaction_id)))
}
