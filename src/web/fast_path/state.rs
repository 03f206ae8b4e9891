//! What answers from memory: the page that lies there, with its id and its place in the counts and the log.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_http::{Request, Response};
use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::uri::PathAndQuery;
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpMessage, web};
use uuid::Uuid;

use super::worker_cache::WorkerCache;
use crate::cache::{Cache, CacheOutcome, Entry};
use crate::db::{Db, fast_id};
use crate::web::client_address::Proxies;
use crate::web::middleware::health::Health;
use crate::web::middleware::ids;
use crate::web::node::Node;
use crate::web::origin::SiteOrigin;
use crate::web::overload::{self, Exempt};
use crate::web::public;
use crate::web::public::Prepared;
use crate::web::request_durations::{HitDurations, RequestDurations};

/// Answers from memory are logged one by one when they took longer.
const SLOW: Duration = Duration::from_millis(50);

/// Everything that an answer from memory needs.
pub struct FastPathState {
    pub(super) cache: Cache,
    node: Node,
    /// Headers of every public page (see [`crate::web::middleware::security`]).
    fixed: &'static [(HeaderName, HeaderValue)],
    prepared: Prepared,
    pub(super) health: web::Data<Health>,
    proxies: web::Data<Proxies>,
    db: Db,
    origin: web::Data<SiteOrigin>,
    pub(super) worker_cache: WorkerCache,
    exempt: Vec<Exempt>,
    durations: Arc<RequestDurations>,
    hit_durations: HitDurations,
}

/// Everything that an answer of a process needs, from memory or not.
pub struct Parts {
    /// Where pages are.
    pub cache: Cache,
    /// Asked for admission only, before a request goes on to the site.
    pub db: Db,
    /// How answers name this process.
    pub node: Node,
    /// Whether connections are to be closed after the answer.
    pub health: web::Data<Health>,
    /// Which peers may say for whom they ask.
    pub proxies: web::Data<Proxies>,
    /// Where the site is reached, and its name for refusals.
    pub origin: web::Data<SiteOrigin>,
    /// Addresses whose requests never wait for admission.
    pub exempt: Vec<Exempt>,
    /// Where answers are counted.
    pub durations: Arc<RequestDurations>,
}

impl FastPathState {
    /// The state of one worker: it holds a memory of its own, so each worker needs another.
    pub fn new(parts: Parts, fixed: &'static [(HeaderName, HeaderValue)]) -> Self {
        let Parts {
            cache,
            db,
            node,
            health,
            proxies,
            origin,
            exempt,
            durations,
        } = parts;
        let prepared = Prepared::new(cache.shared_seconds(), fixed);
        FastPathState {
            cache,
            node,
            fixed,
            prepared,
            health,
            proxies,
            db,
            origin,
            exempt,
            worker_cache: WorkerCache::default(),
            hit_durations: durations.of_worker(),
            durations,
        }
    }
}

/// Only reads without a query; anything else goes on to the site. An answer to credentials is not shared.
pub(super) fn may_be_in_memory(req: &Request) -> bool {
    matches!(*req.method(), Method::GET | Method::HEAD)
        && req.uri().query().is_none()
        && !req.headers().contains_key(header::AUTHORIZATION)
        // After a change by the same client the request goes to the site: this node may not have heard of the change.
        && !overload::has_cookie(req.headers(), b"ryw=")
}

impl FastPathState {
    /// The answer that this worker gave a moment ago, if it is still right.
    pub(super) fn answer_from_worker_cache(
        &self,
        req: &Request,
        began: Instant,
    ) -> Option<Response<BoxBody>> {
        let make = |entry: &Entry| self.response_from(req, entry, began);
        let (mut response, entry, left) =
            self.worker_cache
                .answer(&self.cache, req.uri().path(), req.headers(), began, make)?;
        self.cache.counters().hits.one();
        public::write_hit(response.headers_mut(), &self.node, left);
        self.finish(req, &entry, &mut response, began);
        Some(response)
    }

    pub(super) fn observe(
        &self,
        method: &Method,
        answered: &Result<ServiceResponse<BoxBody>, actix_web::Error>,
        began: Instant,
    ) {
        let status = match answered {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        self.durations.observe(method, status, began.elapsed());
    }

    /// The answer to a request that does not go on to the site, of which too much is asked: a page that was made while it
    /// waited, or a refusal.
    pub(super) async fn answer_instead(
        &self,
        req: &Request,
        began: Instant,
    ) -> Option<Response<BoxBody>> {
        let priority =
            overload::waits(req, &self.exempt).filter(|priority| self.db.is_full(*priority))?;
        // Parameters count for some pages, and links name those in the form that is the key.
        let key = req.uri().path_and_query().map_or("/", PathAndQuery::as_str);
        // Where there is a copy, the site needs no database to answer.
        if self.cache.has_copy(key).await || self.db.admit(priority).await.is_ok() {
            return None;
        }
        if may_be_in_memory(req)
            && let Some(entry) = self.cache.fresh(key, Instant::now()).await
        {
            return Some(self.answer(req, &entry, began));
        }
        Some(self.refuse(req, began))
    }

    fn refuse(&self, req: &Request, began: Instant) -> Response<BoxBody> {
        let correlation_id = fast_id();
        let mut response = self.origin.refusal(req.headers(), correlation_id);
        let headers = response.headers_mut();
        for (name, value) in self.fixed {
            headers.insert(name.clone(), value.clone());
        }
        public::write_bypass(headers, &self.node);
        ids::write(headers, correlation_id);
        let took = began.elapsed();
        self.durations
            .observe(req.method(), response.status(), took);
        // All are counted, and all are alike.
        if is_sample(correlation_id) {
            let duration_ms = took.as_secs_f64() * 1000.0;
            let client = self.proxies.client(req.peer_addr(), req.headers()).masked();
            let (method, status) = (req.method(), response.status().as_u16());
            tracing::info!(%correlation_id, %method, client, status, duration_ms, "refused, since too much is asked");
        }
        response
    }

    pub(super) fn answer(&self, req: &Request, entry: &Entry, began: Instant) -> Response<BoxBody> {
        let mut response = self.response_from(req, entry, began);
        self.finish(req, entry, &mut response, began);
        response
    }

    fn response_from(&self, req: &Request, entry: &Entry, began: Instant) -> Response<BoxBody> {
        let prepared = Some(&self.prepared).filter(|_| entry.is_usual());
        let mut response = public::answer(
            entry,
            CacheOutcome::Hit,
            req.headers(),
            &self.node,
            began,
            prepared,
        );
        if prepared.is_none() {
            for (name, value) in self.fixed {
                response.headers_mut().insert(name.clone(), value.clone());
            }
        }
        response
    }

    /// Gives the answer its id, counts it, and writes it down if it is worth a line.
    fn finish(
        &self,
        req: &Request,
        entry: &Entry,
        response: &mut Response<BoxBody>,
        began: Instant,
    ) {
        let correlation_id = fast_id();
        ids::write(response.headers_mut(), correlation_id);
        let status = response.status();
        if status == StatusCode::NOT_MODIFIED {
            self.cache.counters().not_modified.one();
        }
        let took = began.elapsed();
        self.hit_durations.observe(status, took);
        if is_sample(correlation_id)
            || took > SLOW
            || !(status.is_success() || status.is_redirection())
        {
            self.log(req, entry, correlation_id, status.as_u16(), took);
        }
    }

    #[cold]
    fn log(&self, req: &Request, entry: &Entry, correlation_id: Uuid, status: u16, took: Duration) {
        let duration_ms = took.as_secs_f64() * 1000.0;
        let client = self.proxies.client(req.peer_addr(), req.headers()).masked();
        let (method, route) = (req.method(), entry.route);
        tracing::info!(%correlation_id, %method, client, route, status, duration_ms, cache = "hit", "answered");
    }
}

/// One in a hundred: the ids are random enough, and need not be asked for again.
fn is_sample(id: Uuid) -> bool {
    let bytes = id.as_bytes();
    u16::from_be_bytes([bytes[14], bytes[15]]) < u16::MAX / 100
}
