//! The first gate: each route names an access, and a request that does not meet it never reaches its
//! handler. What depends on the object is decided by [`can`](crate::access::can) behind it.

use std::sync::Arc;
use std::time::Duration;

use actix_web::ResponseError;
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::CONTENT_TYPE;
use actix_web::middleware::Next;

use super::current_user;
use super::form_recovery;
use crate::access::{Denied, Role};
use crate::web::{Error, priority};
use crate::{cache, db};

/// Who gets past the door of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody, and the handler sees nothing of who asks: the answer is the same bytes for all, and goes through the
    /// cache.
    CachedPublic,
    /// Everybody, and the session is not even read.
    Anonymous,
    /// Everybody; the handler may look who it is.
    OptionalUser,
    SignedIn,
    Author,
    Admin,
}

impl Access {
    fn least_role(self) -> Option<Role> {
        match self {
            Access::CachedPublic | Access::Anonymous | Access::OptionalUser => None,
            Access::SignedIn => Some(Role::Reader),
            Access::Author => Some(Role::Author),
            Access::Admin => Some(Role::Admin),
        }
    }
}

/// Middleware of one route.
pub async fn admit(
    access: Access,
    req: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    // What only forms need is boxed: readers should not carry its space around.
    if !form_recovery::is_form(&req) {
        return go_on(access, req, next).await;
    }
    Box::pin(form_recovery::recover(req, async |req| {
        go_on(access, req, next).await
    }))
    .await
}

/// A page is there within this time, or there is an error that says so.
const PAGE_LIMIT: Duration = Duration::from_secs(5);
/// A form may wait for its password to be hashed and its text to be rendered, on a machine that does ten other things;
/// an upload takes as long as the line is slow.
const FORM_LIMIT: Duration = Duration::from_secs(30);
const UPLOAD_LIMIT: Duration = Duration::from_secs(60);

async fn go_on(
    access: Access,
    req: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let limit = match req.headers().get(CONTENT_TYPE) {
        _ if req.method().is_safe() => PAGE_LIMIT,
        Some(kind) if kind.as_bytes().starts_with(b"multipart/") => UPLOAD_LIMIT,
        _ => FORM_LIMIT,
    };
    let asked = req.request().clone();
    let priority = priority::of(req.method(), req.path(), req.headers(), false);
    let answered = db::with_priority(priority, pass(access, req, next));
    match tokio::time::timeout(limit, answered).await {
        Ok(response) => response,
        Err(_) => {
            let cause = anyhow::anyhow!("no answer within {} s", limit.as_secs());
            Ok(ServiceResponse::new(
                asked,
                Error::Unavailable(Arc::new(cause)).error_response(),
            ))
        }
    }
}

async fn pass(
    access: Access,
    req: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if let Some(least) = access.least_role()
        && let Err(refused) = Box::pin(check(least, &req)).await
    {
        return Ok(req.into_response(refused.error_response()));
    }
    let mut response = next.call(req).await?;
    if !matches!(access, Access::CachedPublic | Access::Anonymous) {
        // Whatever a handler behind a session attaches: it is for this client only.
        response
            .response_mut()
            .extensions_mut()
            .insert(cache::CachePolicy::Private);
    }
    Ok(response)
}

async fn check(least: Role, req: &ServiceRequest) -> Result<(), Error> {
    let user = current_user::require(req.request()).await?;
    if user.role < least {
        tracing::warn!(
            actor = user.username,
            path = req.path(),
            "refused: the account has not the role of this route"
        );
        return Err(Denied.into());
    }
    Ok(())
}
