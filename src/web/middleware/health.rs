//! What a balancer asks, and what it is told while the process starts and ends.
//!
//! `/livez`: the process answers; nothing else is looked at, since a restart would mend nothing else. `/startupz`: it has
//! brought the database up to date once. `/readyz`: it can answer readers, from a database or from memory, and is not
//! about to end.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::middleware::Next;
use actix_web::{HttpResponse, ResponseError, web};

use crate::cache::Cache;
use crate::db::{Availability, Db};
use crate::web::error::Error;
use crate::web::page::Written;

/// A balancer that asked for readiness within this time will ask again, and is given the time to hear that it ends.
const ASKS_EVERY: Duration = Duration::from_secs(15);
/// A balancer that asks every second or two has heard it by then.
pub const HEARD_BY: Duration = Duration::from_secs(5);

/// Where the process is in its life. One for all workers.
#[derive(Default)]
pub struct Health {
    started: AtomicBool,
    draining: AtomicBool,
    asked: Mutex<Option<Instant>>,
}

impl Health {
    /// The database is as this version needs it.
    pub fn start(&self) {
        self.started.store(true, Ordering::Release);
    }

    /// Whether the database was once found as this version needs it; never false again.
    pub fn is_started(&self) -> bool {
        self.started.load(Ordering::Acquire)
    }

    /// From now on connections are closed after each answer, and balancers are told to look elsewhere.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Whether the process is about to end.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Whether a balancer watches that should hear of the end before it comes.
    pub fn is_watched(&self) -> bool {
        self.lock().is_some_and(|at| at.elapsed() < ASKS_EVERY)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.asked.lock().unwrap_or_else(|e| e.into_inner())
    }
}

/// `GET /livez`
pub async fn live() -> HttpResponse {
    said(true, "alive")
}

/// `GET /startupz`
pub async fn startup(health: web::Data<Health>) -> HttpResponse {
    if health.is_started() {
        said(true, "started")
    } else {
        said(false, "waiting for the database")
    }
}

/// `GET /readyz`
pub async fn ready(
    health: web::Data<Health>,
    db: web::Data<Db>,
    cache: web::Data<Cache>,
) -> HttpResponse {
    *health.lock() = Some(Instant::now());
    if health.is_draining() {
        return said(false, "draining");
    }
    if !health.is_started() {
        return said(false, "starting");
    }
    match db.availability() {
        Availability::ReadWrite => said(true, "ready"),
        Availability::ReadOnly => said(true, "ready, for reading only"),
        // With pages in memory it is better than no node at all.
        Availability::Down if cache.holds_pages() => said(true, "ready, from memory only"),
        Availability::Down => said(false, "no database"),
    }
}

fn said(yes: bool, what: &'static str) -> HttpResponse {
    let mut response = HttpResponse::build(if yes {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    });
    if !yes {
        response.insert_header((RETRY_AFTER, "2"));
    }
    let mut response = response
        .content_type("text/plain; charset=utf-8")
        .body(what);
    response.extensions_mut().insert(Written);
    response
}

/// Middleware: nothing that needs a database is asked of one that may have old tables.
pub async fn gate(
    req: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = req
        .app_data::<web::Data<Health>>()
        .is_none_or(|health| health.is_started());
    let needs_none = ["/livez", "/readyz", "/startupz"].contains(&req.path())
        || req.path().starts_with("/assets/");
    if started || needs_none {
        return next.call(req).await;
    }
    let cause = anyhow::anyhow!("the database was not reached since the start");
    Ok(req.into_response(Error::Unavailable(std::sync::Arc::new(cause)).error_response()))
}
