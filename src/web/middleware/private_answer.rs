//! Answers of routes that know the account: for one client only, whatever their handlers attach.

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;

use crate::cache::CachePolicy;

/// Middleware of a route.
pub async fn mark(
    req: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let mut response = next.call(req).await?;
    response
        .response_mut()
        .extensions_mut()
        .insert(CachePolicy::Private);
    Ok(response)
}
