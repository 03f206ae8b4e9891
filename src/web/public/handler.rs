//! From the route to the handler of a public page, and through the cache back.

use std::sync::Arc;
use std::time::Instant;

use actix_http::Response;
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, Route, web};

use super::address::Address;
use super::request::PublicRequest;
use super::response::answer;
use super::status::CacheHeadersWritten;
use crate::cache::{Cache, CacheOutcome, Load, LoadError, Public, Served};
use crate::db::{Db, DbError, Priority};
use crate::web::error::{Error, Result};
use crate::web::middleware::read_your_writes::{ReadYourWrites, WrittenUpTo};
use crate::web::node::Node;
use crate::web::page::Written;
use crate::web::priority;

/// Makes a handler of public pages the handler of a route. `pattern` is the route's, `allowed` the query parameters
/// that make a difference.
pub fn page<S, F, Fut>(
    route: Route,
    pattern: &'static str,
    allowed: &'static [&'static str],
    handler: F,
) -> Route
where
    S: Send + Sync + 'static,
    F: Fn(PublicRequest<S>) -> Fut + Copy + Send + Sync + 'static,
    Fut: Future<Output = Result<Public>> + Send + 'static,
{
    route.to(
        move |req: HttpRequest,
              app: web::Data<S>,
              cache: web::Data<Cache>,
              node: web::Data<Node>| async move {
            let wrote = wrote(&req);
            let address = Address::read(&req, allowed)?;
            let key = address.key();
            let priority = priority::of(req.method(), req.path(), req.headers(), true);
            let load = load(&app.into_inner(), Arc::new(address), priority, handler);
            let served = serve(&cache, &req, &key, pattern, load, wrote).await?;
            let response = answer(
                &served.entry,
                served.outcome,
                req.headers(),
                &node,
                Instant::now(),
                None,
            );
            if response.status() == StatusCode::NOT_MODIFIED {
                cache.counters().not_modified.one();
            }
            Ok::<_, Error>(marked(response, served.outcome))
        },
    )
}

/// From the cache; but what was asked for with credentials is not stored either.
async fn serve(
    cache: &Cache,
    req: &HttpRequest,
    key: &str,
    pattern: &'static str,
    load: Load,
    wrote: Option<WrittenUpTo>,
) -> Result<Served> {
    let served = if req.headers().contains_key(header::AUTHORIZATION) {
        let position = wrote.map(|token| token.position);
        cache.load_uncached(key, pattern, load, position).await
    } else {
        let elsewhere = wrote.filter(|token| !token.from_here);
        let position = elsewhere.map(|token| token.position);
        cache.get_after(key, pattern, load, position).await
    };
    Ok(served?)
}

/// So that middleware leaves the headers and the body as they are.
fn marked(response: Response<BoxBody>, outcome: CacheOutcome) -> HttpResponse {
    let mut response = HttpResponse::from(response);
    let mut extensions = response.extensions_mut();
    extensions.insert(CacheHeadersWritten { outcome });
    extensions.insert(Written);
    drop(extensions);
    response
}

/// Up to where the client of this request has just written.
fn wrote(req: &HttpRequest) -> Option<WrittenUpTo> {
    let own = req.app_data::<web::Data<ReadYourWrites>>()?;
    own.token(req, req.app_data::<web::Data<Db>>()?)
}

/// The handler with its address, for now and for each refresh. Pages stay in the cache, which is part of the
/// application: would they hold on to it, neither ever ended.
fn load<S, F, Fut>(app: &Arc<S>, address: Arc<Address>, priority: Priority, handler: F) -> Load
where
    S: Send + Sync + 'static,
    F: Fn(PublicRequest<S>) -> Fut + Copy + Send + Sync + 'static,
    Fut: Future<Output = Result<Public>> + Send + 'static,
{
    let app = Arc::downgrade(app);
    Arc::new(move |reading| {
        reading.set_priority(priority);
        let (app, address) = (app.upgrade(), address.clone());
        Box::pin(async move {
            let app = app.ok_or_else(|| LoadError {
                unavailable: true,
                cause: Arc::new(anyhow::anyhow!("the site is closing")),
            })?;
            handler(PublicRequest {
                app,
                address,
                reading,
            })
            .await
            .or_else(as_answer)
        })
    })
}

/// What a handler says by an error and is still an answer for every client. Nothing of it is remembered: a handler that
/// knows which change would make something appear there answers with [`Public::missing`] instead.
fn as_answer(error: Error) -> Result<Public, LoadError> {
    match error {
        Error::NotFound => Ok(Public::missing([]).not_kept()),
        Error::Moved { to } => Ok(Public::moved(to, []).not_kept()),
        Error::Unavailable(cause) => Err(LoadError {
            unavailable: true,
            cause,
        }),
        Error::Overloaded { .. } => Err(LoadError {
            unavailable: true,
            cause: Arc::new(DbError::Overloaded.into()),
        }),
        Error::Internal(cause) => Err(LoadError {
            unavailable: false,
            cause,
        }),
        other => Err(LoadError {
            unavailable: false,
            cause: Arc::new(other.into()),
        }),
    }
}

impl From<LoadError> for Error {
    fn from(fault: LoadError) -> Self {
        if fault.is_overloaded() {
            Error::from(DbError::Overloaded)
        } else if fault.unavailable {
            Error::Unavailable(fault.cause)
        } else {
            Error::Internal(fault.cause)
        }
    }
}
