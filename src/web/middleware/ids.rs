//! The two ids that travel with a request: the correlation id (this request, always) and the transaction
//! id (the business action it belongs to, once a handler names one). Both go into the response headers and
//! into every log line, by the span that [`identify`] opens.

use std::future::{Ready, ready};
use std::time::Instant;

use actix_web::body::BoxBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use tracing::Instrument;
use uuid::Uuid;

use crate::access::ActionId;
use crate::cache::CacheOutcome;
use crate::db::public_id;
use crate::web::client_address::{ClientAddress, client_address};
use crate::web::error::Error;
use crate::web::public::CacheHeadersWritten;

static CORRELATION: HeaderName = HeaderName::from_static("x-correlation-id");
static TRANSACTION: HeaderName = HeaderName::from_static("x-transaction-id");

/// Handle on the ids of the running request. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Ids {
    /// Of the request: in its log lines, in the audit log and in the jobs that it enqueues.
    pub correlation_id: Uuid,
    /// From where the request comes.
    pub client: ClientAddress,
    /// The business action that it belongs to, once a handler has begun one: it appears in `X-Transaction-Id` and in all further
    /// log lines.
    pub action: ActionId,
}

impl FromRequest for Ids {
    type Error = Error;
    type Future = Ready<Result<Ids, Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(of(req).ok_or_else(|| Error::internal(anyhow::anyhow!("request without ids"))))
    }
}

/// The ids of a request, for code that has no extractor.
pub fn of(req: &HttpRequest) -> Option<Ids> {
    req.extensions().get::<Ids>().cloned()
}

/// Outermost middleware: gives the request its ids and its span, writes one log line when it is done.
pub async fn identify(
    req: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = Instant::now();
    let correlation_id = public_id();
    let client = client_address(req.request());
    let span = tracing::info_span!(
        "request",
        %correlation_id,
        transaction_id = tracing::field::Empty,
        user = tracing::field::Empty,
        method = %req.method(),
        client = client.masked(),
    );
    let ids = Ids {
        correlation_id,
        client,
        action: ActionId::in_span(span.clone()),
    };
    req.extensions_mut().insert(ids.clone());
    async move {
        let mut response = next.call(req).await?;
        let headers = response.headers_mut();
        write(headers, correlation_id);
        if let Some(id) = ids.action.begun() {
            headers.insert(TRANSACTION.clone(), header(id));
        }
        log(&response, started);
        Ok(response)
    }
    .instrument(span)
    .await
}

/// Puts the correlation id into an answer.
pub fn write(headers: &mut HeaderMap, correlation_id: Uuid) {
    headers.insert(CORRELATION.clone(), header(correlation_id));
}

fn log(response: &ServiceResponse<BoxBody>, started: Instant) {
    let route = response.request().match_pattern().unwrap_or_default();
    let status = response.status().as_u16();
    let duration_ms = started.elapsed().as_secs_f64() * 1000.0;
    let cache = response
        .response()
        .extensions()
        .get::<CacheHeadersWritten>()
        .map(|dressed| match dressed.outcome {
            CacheOutcome::Hit => "hit",
            CacheOutcome::Miss { .. } => "miss",
            CacheOutcome::Collapsed => "collapsed",
            CacheOutcome::Stale => "stale",
            CacheOutcome::Superseded => "superseded",
        });
    tracing::info!(route, status, duration_ms, cache, "answered");
}

fn header(id: Uuid) -> HeaderValue {
    let mut text = Uuid::encode_buffer();
    HeaderValue::from_str(id.hyphenated().encode_lower(&mut text))
        .unwrap_or_else(|_| HeaderValue::from_static("none"))
}
