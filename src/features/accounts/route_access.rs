//! The first gate: each route names an access, and a request that does not meet it never reaches its
//! handler. What depends on the object is decided by [`can`](crate::access::can) behind it.

use actix_web::ResponseError;
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;

use super::current_user;
use crate::access::{Denied, Role};
use crate::web::Error;

/// Which requests reach the handler of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Any request; the handler does not see the account: the answer is the same bytes for every client, and goes through the
    /// cache.
    CachedPublic,
    /// Any request; the session is not even read.
    Anonymous,
    /// Any request; the handler may ask which account it is.
    OptionalUser,
    SignedIn,
    /// An account that has drafts.
    Writer,
    /// One that makes its own posts public.
    Author,
    Admin,
}

impl Access {
    /// A request without an account is led to sign in.
    pub fn needs_account(self) -> bool {
        !matches!(
            self,
            Access::CachedPublic | Access::Anonymous | Access::OptionalUser
        )
    }

    /// Whether an account of this role gets through.
    pub fn admits(self, role: Role) -> bool {
        match self {
            Access::Writer => role.writes(),
            Access::Author => role.publishes(),
            Access::Admin => role.manages(),
            _ => true,
        }
    }

    /// The handler does not know which account asks, so that its answer may be another client's as well.
    pub fn is_anonymous(self) -> bool {
        matches!(self, Access::CachedPublic | Access::Anonymous)
    }
}

/// Middleware of a route: refuses a request whose account it does not admit.
pub async fn admit(
    access: Access,
    req: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    match Box::pin(check(access, &req)).await {
        Ok(()) => next.call(req).await,
        Err(refused) => Ok(req.into_response(refused.error_response())),
    }
}

async fn check(access: Access, req: &ServiceRequest) -> Result<(), Error> {
    let user = current_user::require(req.request()).await?;
    if !access.admits(user.role) {
        tracing::warn!(
            actor = user.username,
            path = req.path(),
            "refused: the role of the account is not one of this route"
        );
        return Err(Denied.into());
    }
    Ok(())
}
