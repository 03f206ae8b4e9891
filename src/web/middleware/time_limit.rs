//! How long an answer may take, by what its route costs: a client that waited for more would have gone.

use std::sync::Arc;
use std::time::Duration;

use actix_web::ResponseError;
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use tokio::time::timeout;

use crate::web::{Cost, Error};

impl Cost {
    /// From the first look at a request to the head of its answer.
    fn time_limit(self) -> Duration {
        Duration::from_secs(match self {
            Cost::Light | Cost::Page => 5,
            // Its password has to be hashed and its text rendered, maybe on a machine that does ten other things.
            Cost::Form => 30,
            // As slow as the line of its client.
            Cost::Upload => 60,
        })
    }
}

/// Middleware of a route: answers 503 where its handler has not answered in time, and drops the handler.
pub async fn keep(
    cost: Cost,
    req: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let (limit, asked) = (cost.time_limit(), req.request().clone());
    match timeout(limit, next.call(req)).await {
        Ok(response) => response,
        Err(_) => {
            let cause = anyhow::anyhow!("no answer within {} s", limit.as_secs());
            let error = Error::Unavailable(Arc::new(cause));
            Ok(ServiceResponse::new(asked, error.error_response()))
        }
    }
}
