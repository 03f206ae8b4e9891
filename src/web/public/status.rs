//! What an answer says of the caches: `Cache-Status` (RFC 9211) and `Server-Timing`.

use std::time::Instant;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

use crate::cache::{CacheOutcome, Entry};
use crate::web::node::Node;

static CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");
static SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// The cache headers of an answer are written already.
#[derive(Clone, Copy)]
pub struct CacheHeadersWritten {
    /// Where the answer comes from.
    pub outcome: CacheOutcome,
}

/// RFC 9211 and Server-Timing: which cache answered, and how.
pub(super) fn write_status(
    headers: &mut HeaderMap,
    entry: &Entry,
    outcome: CacheOutcome,
    node: &Node,
    now: Instant,
) {
    headers.insert(
        CACHE_STATUS.clone(),
        cache_status(entry, outcome, node, now),
    );
    headers.insert(SERVER_TIMING.clone(), server_timing(outcome));
}

fn cache_status(entry: &Entry, outcome: CacheOutcome, node: &Node, now: Instant) -> HeaderValue {
    let left = entry.seconds_left(now);
    match outcome {
        CacheOutcome::Hit => node.hit(left),
        CacheOutcome::Collapsed => node.said("fwd=miss; collapsed"),
        CacheOutcome::Stale => node.said(&format!("hit; ttl={}; detail=stale", left.min(-1))),
        CacheOutcome::Superseded => node.said("fwd=miss; detail=superseded"),
        CacheOutcome::Miss { stored: true, .. } => node.said("fwd=miss; stored"),
        CacheOutcome::Miss { stored: false, .. } => node.said("fwd=miss"),
    }
}

fn server_timing(outcome: CacheOutcome) -> HeaderValue {
    match outcome {
        CacheOutcome::Hit => HeaderValue::from_static("cache;desc=hit"),
        CacheOutcome::Collapsed => HeaderValue::from_static("cache;desc=collapsed"),
        CacheOutcome::Stale => HeaderValue::from_static("cache;desc=stale"),
        CacheOutcome::Superseded => HeaderValue::from_static("cache;desc=superseded"),
        CacheOutcome::Miss { cost, .. } => {
            let milliseconds = cost.as_secs_f64() * 1000.0;
            HeaderValue::from_maybe_shared(format!("cache;desc=miss, load;dur={milliseconds:.1}"))
                .unwrap_or_else(|_| HeaderValue::from_static("cache"))
        }
    }
}

/// Says that it came from memory, with the seconds that it has left there.
pub fn write_hit(headers: &mut HeaderMap, node: &Node, left: i64) {
    headers.insert(CACHE_STATUS.clone(), node.hit(left));
}

/// Says that no cache of ours was asked, where nothing is said yet.
pub fn write_bypass(headers: &mut HeaderMap, node: &Node) {
    if !headers.contains_key(&CACHE_STATUS) {
        headers.insert(CACHE_STATUS.clone(), node.bypass());
        headers.insert(
            SERVER_TIMING.clone(),
            HeaderValue::from_static("cache;desc=bypass"),
        );
    }
}
