//! Signing out the other browsers of an account, from its settings.

use actix_web::{HttpResponse, web};
use uuid::Uuid;

use crate::features::accounts::own_account;
use crate::features::accounts::private_page::PrivatePage;
use crate::web::{Result, page};

const SIGNED_OUT: &str = "/settings?saved=sessions";

/// `POST /settings/sessions/{id}/revoke`
pub async fn revoke(page: PrivatePage, id: web::Path<Uuid>) -> Result<HttpResponse> {
    own_account::revoke_session(&page.app.db, page.actor(), &page.user, *id).await?;
    Ok(page::see_other(SIGNED_OUT))
}

/// `POST /settings/sessions/revoke`: all but this one.
pub async fn revoke_others(page: PrivatePage) -> Result<HttpResponse> {
    own_account::revoke_other_sessions(&page.app.db, page.actor(), &page.user).await?;
    Ok(page::see_other(SIGNED_OUT))
}
