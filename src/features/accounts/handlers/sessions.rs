use actix_web::{HttpResponse, web};
use uuid::Uuid;

use crate::app::AppState;
use crate::db::audit::{self, Entry};
use crate::features::accounts::current_user::CurrentUser;
use crate::features::accounts::queries;
use crate::web::{Error, Result, page};

/// `POST /settings/sessions/{id}/revoke`
pub async fn revoke(
    app: web::Data<AppState>,
    user: CurrentUser,
    id: web::Path<Uuid>,
) -> Result<HttpResponse> {
    let mut tx = app.db.begin().await?;
    if !queries::revoke_session(&mut tx, user.id, *id).await? {
        return Err(Error::NotFound);
    }
    let entry = Entry {
        act: "session.revoke",
        object_kind: "session",
        object_id: Some(*id),
        object: &user.username,
        ..Entry::default()
    };
    let actor = user.actor();
    tx.belongs_to(&actor);
    audit::record(&mut tx, &actor, entry).await?;
    tx.commit().await?;
    Ok(page::see_other("/settings?saved=sessions"))
}

/// `POST /settings/sessions/revoke`: all but this one.
pub async fn revoke_others(app: web::Data<AppState>, user: CurrentUser) -> Result<HttpResponse> {
    let mut tx = app.db.begin().await?;
    queries::revoke_other_sessions(&mut tx, user.id, user.session_id).await?;
    let entry = Entry {
        act: "session.revoke_others",
        object_kind: "user",
        object_id: Some(user.public_id),
        object: &user.username,
        ..Entry::default()
    };
    let actor = user.actor();
    tx.belongs_to(&actor);
    audit::record(&mut tx, &actor, entry).await?;
    tx.commit().await?;
    Ok(page::see_other("/settings?saved=sessions"))
}
