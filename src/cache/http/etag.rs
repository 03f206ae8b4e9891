//! Validators, and what a conditional request asks for (RFC 9110, section 13).

use std::time::{Duration, SystemTime};

use actix_web::http::StatusCode;
use actix_web::http::header::{
    HeaderMap, HeaderValue, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE,
};
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

use super::encoding::Encoding;

/// A strong ETag of one representation. The compressed page is other bytes, so the encoding is part of it; it is
/// made of the plain bytes because the encoders are deterministic, so that a reader is recognised even before this
/// node has compressed the page again.
pub fn of(body: &[u8], encoding: Encoding) -> HeaderValue {
    let digest = BASE64URL_NOPAD.encode(&Sha256::digest(body)[..15]);
    let text = match encoding {
        Encoding::Identity => format!("\"{digest}\""),
        other => format!("\"{digest}-{}\"", other.name()),
    };
    HeaderValue::from_maybe_shared(text).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

/// What the conditions of a request make of its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Send it.
    Met,
    /// 304: the reader has it.
    NotModified,
    /// 412: the reader wanted another state.
    Failed,
}

impl Condition {
    /// The status to answer with: `otherwise` where the conditions are met.
    pub fn status(self, otherwise: StatusCode) -> StatusCode {
        match self {
            Condition::Met => otherwise,
            Condition::NotModified => StatusCode::NOT_MODIFIED,
            Condition::Failed => StatusCode::PRECONDITION_FAILED,
        }
    }
}

/// When bytes took the place of others.
#[derive(Clone, Copy, Debug)]
pub struct Modified {
    /// By the clock of the database.
    pub at: SystemTime,
    /// So long ago, by no clock.
    pub since: Duration,
}

/// Evaluates the conditions of a GET or HEAD in the order of RFC 9110, 13.2.2. `modified` is when the bytes took the
/// place of others; none for what has no such date.
pub fn evaluate(headers: &HeaderMap, etag: &HeaderValue, modified: Option<Modified>) -> Condition {
    if is_another(headers, etag, modified) {
        return Condition::Failed;
    }
    if headers.contains_key(IF_NONE_MATCH) {
        let known = listed(headers, IF_NONE_MATCH.as_str(), etag, Comparison::Weak);
        return if known {
            Condition::NotModified
        } else {
            Condition::Met
        };
    }
    match (date(headers, IF_MODIFIED_SINCE.as_str()), modified) {
        (Some(since), Some(modified)) if unchanged_since(since, modified) => Condition::NotModified,
        _ => Condition::Met,
    }
}

/// Whether the request is for another version than this one alone.
fn is_another(headers: &HeaderMap, etag: &HeaderValue, modified: Option<Modified>) -> bool {
    if headers.contains_key(IF_MATCH) {
        return !listed(headers, IF_MATCH.as_str(), etag, Comparison::Strong);
    }
    match (date(headers, IF_UNMODIFIED_SINCE.as_str()), modified) {
        (Some(limit), Some(modified)) => seconds(modified.at) > seconds(limit),
        _ => false,
    }
}

/// Dates tick in seconds, so within two of a change the same date can mean other bytes: such a date says nothing.
fn unchanged_since(since: SystemTime, modified: Modified) -> bool {
    modified.since > Duration::from_secs(2) && seconds(modified.at) <= seconds(since)
}

#[derive(Clone, Copy, PartialEq)]
enum Comparison {
    /// Weak tags are equal to nothing.
    Strong,
    Weak,
}

fn listed(headers: &HeaderMap, name: &str, etag: &HeaderValue, comparison: Comparison) -> bool {
    // A list may also be divided over several lines.
    headers.get_all(name).any(|line| {
        line.as_bytes().trim_ascii() == b"*" || holds(line.as_bytes(), etag.as_bytes(), comparison)
    })
}

/// Whether a list holds this tag. Commas also stand inside of quotes, where they divide nothing.
fn holds(mut list: &[u8], etag: &[u8], comparison: Comparison) -> bool {
    loop {
        while let [b',' | b' ' | b'\t', rest @ ..] = list {
            list = rest;
        }
        let weak = list.starts_with(b"W/");
        let tag = if weak { &list[2..] } else { list };
        let [b'"', inside @ ..] = tag else {
            return false;
        };
        let Some(end) = inside.iter().position(|byte| *byte == b'"') else {
            return false;
        };
        if &tag[..end + 2] == etag && !(weak && comparison == Comparison::Strong) {
            return true;
        }
        list = &inside[end + 1..];
    }
}

/// The header as a date; what is none, or stands there twice, is as if it were not there.
fn date(headers: &HeaderMap, name: &str) -> Option<SystemTime> {
    let mut lines = headers.get_all(name);
    let line = lines.next()?.to_str().ok()?;
    if lines.next().is_some() {
        None
    } else {
        httpdate::parse_http_date(line).ok()
    }
}

fn seconds(at: SystemTime) -> u64 {
    at.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
