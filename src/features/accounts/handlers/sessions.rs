use actix_web::{HttpResponse, web};
use uuid::Uuid;

use crate::db::audit::{self, Entry};
use crate::features::accounts::private_page::PrivatePage;
use crate::features::accounts::queries;
use crate::web::{Error, Result, page};

const SIGNED_OUT: &str = "/settings?saved=sessions";

/// `POST /settings/sessions/{id}/revoke`: once more changes nothing.
pub async fn revoke(page: PrivatePage, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let mut tx = page.app.db.begin().await?;
    if !queries::revoke_session(&mut tx, page.user.id, *id).await? {
        return match queries::was_revoked(&mut tx, page.user.id, *id).await? {
            true => Ok(page::see_other(SIGNED_OUT)),
            false => Err(Error::NotFound),
        };
    }
    let entry = Entry {
        act: "session.revoke",
        object_kind: "session",
        object_id: Some(*id),
        object: &page.user.username,
        ..Entry::default()
    };
    let actor = page.actor();
    tx.belongs_to(actor);
    audit::record(&mut tx, actor, entry).await?;
    tx.commit().await?;
    Ok(page::see_other(SIGNED_OUT))
}

/// `POST /settings/sessions/revoke`: all but this one.
pub async fn revoke_others(page: PrivatePage) -> Result<HttpResponse> {
    let mut tx = page.app.db.begin().await?;
    queries::revoke_other_sessions(&mut tx, page.user.id, page.user.session_id).await?;
    let entry = Entry {
        act: "session.revoke_others",
        object_kind: "user",
        object_id: Some(page.user.public_id),
        object: &page.user.username,
        ..Entry::default()
    };
    let actor = page.actor();
    tx.belongs_to(actor);
    audit::record(&mut tx, actor, entry).await?;
    tx.commit().await?;
    Ok(page::see_other(SIGNED_OUT))
}
