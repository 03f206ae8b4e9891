//! The answer with a page of the cache: the form that the reader takes, or that the reader has it already.

use std::time::Instant;

use actix_http::Response;
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;

use super::status::write_status;
use crate::cache::http::encoding::Encoding;
use crate::cache::http::etag;
use crate::cache::http::etag::Condition;
use crate::cache::{self, CacheOutcome, CachePolicy, Entry, Representation};
use crate::web::node::Node;

/// Headers that an answer with a usual page begins with (see [`cache::common_headers`]), whole and for 304.
pub struct Prepared {
    whole: HeaderMap,
    unchanged: HeaderMap,
}

impl Prepared {
    /// With `fixed`, which every whole answer carries. A 304 leaves the headers of the copy as they are, but for those that
    /// it repeats (RFC 9111, 3.2).
    pub fn new(shared_seconds: u32, fixed: &[(HeaderName, HeaderValue)]) -> Self {
        let mut unchanged = cache::common_headers(shared_seconds);
        let mut whole = unchanged.clone();
        for (name, value) in fixed {
            whole.insert(name.clone(), value.clone());
        }
        unchanged.remove(header::CONTENT_TYPE);
        Prepared { whole, unchanged }
    }

    fn headers(&self, condition: Condition) -> HeaderMap {
        if condition == Condition::Met {
            self.whole.clone()
        } else {
            self.unchanged.clone()
        }
    }
}

/// The answer to one reader: the page, or that the reader has it. `now` is when it was asked for; `prepared` is for
/// usual pages only.
pub fn answer(
    entry: &Entry,
    outcome: CacheOutcome,
    asked: &HeaderMap,
    node: &Node,
    now: Instant,
    prepared: Option<&Prepared>,
) -> Response<BoxBody> {
    let accepted = Encoding::accepted(asked);
    let form = entry.representation(accepted);
    // Conditions are about a page; what is missing or moved has none (RFC 9110, 13.2.1).
    let (tag, condition) = if entry.status == StatusCode::OK {
        known(entry, form, accepted, asked)
    } else {
        (form.etag.clone(), Condition::Met)
    };
    let status = condition.status(entry.status);
    let body = match condition {
        Condition::Met => BoxBody::new(form.body.clone()),
        Condition::NotModified => BoxBody::new(()),
        Condition::Failed => BoxBody::new(Bytes::new()),
    };
    let mut response = Response::with_body(status, body);
    let headers = response.headers_mut();
    if let Some(prepared) = prepared {
        *headers = prepared.headers(condition);
    }
    if condition != Condition::Failed {
        let unchanged = condition == Condition::NotModified;
        entry.write_headers(headers, unchanged, prepared.is_some());
        if entry.status == StatusCode::OK {
            headers.insert(header::ETAG, tag);
        }
        if condition == Condition::Met
            && let Some(encoding) = form.encoding.header()
        {
            headers.insert(header::CONTENT_ENCODING, encoding);
        }
    }
    write_policy(headers, (entry, now), outcome, condition);
    write_status(headers, entry, outcome, node, now);
    response
}

/// Where the policy of the page does not hold for this answer.
fn write_policy(
    headers: &mut HeaderMap,
    (entry, now): (&Entry, Instant),
    outcome: CacheOutcome,
    condition: Condition,
) {
    match outcome {
        CacheOutcome::Stale => CachePolicy::Stale.write(headers),
        CacheOutcome::Superseded => CachePolicy::Private.write(headers),
        _ if condition == Condition::Failed => CachePolicy::Private.write(headers),
        _ => write_expiry(headers, entry, now),
    }
}

fn write_expiry(headers: &mut HeaderMap, entry: &Entry, now: Instant) {
    if let Some(seconds) = entry.shared_seconds_left(now) {
        CachePolicy::Until { seconds }.write(headers);
    }
}

/// What the reader has, by the conditions of the request. A reader with the compressed form is recognised although this
/// node has not compressed the page again since its refresh.
fn known(
    entry: &Entry,
    form: &Representation,
    accepted: Encoding,
    asked: &HeaderMap,
) -> (HeaderValue, Condition) {
    let condition = etag::evaluate(asked, &form.etag, Some(entry.modified()));
    if condition == Condition::Met
        && form.encoding != accepted
        && asked.contains_key(header::IF_NONE_MATCH)
    {
        let tag = entry.etag_in(accepted);
        let other = etag::evaluate(asked, &tag, Some(entry.modified()));
        if other == Condition::NotModified {
            return (tag, other);
        }
    }
    (form.etag.clone(), condition)
}
