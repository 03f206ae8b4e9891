//! The headers of a page: what it is, which caches may keep it, what it shows, where it went.

use std::collections::BTreeSet;
use std::time::SystemTime;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;

use super::policy::CachePolicy;
use crate::cache::lifetimes::Lifetimes;
use crate::cache::public::Answer;
use crate::db::CacheTag;

static SURROGATE_KEY: HeaderName = HeaderName::from_static("surrogate-key");
static ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");
static CACHE_TAG: HeaderName = HeaderName::from_static("cache-tag");

/// What nearly every page carries alike. Answers from memory begin with a copy of these: putting headers in one by one
/// was more than half of what an answer cost besides the server's own work (7,000 of 11,000 instructions).
pub fn common_headers(shared_seconds: u32) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    CachePolicy::Shared {
        seconds: shared_seconds,
    }
    .write(&mut headers);
    headers
}

pub(in crate::cache) fn common_first(
    headers: HeaderMap,
    lifetimes: &Lifetimes,
) -> (Vec<(HeaderName, HeaderValue)>, usize) {
    let common = common_headers(lifetimes.shared_seconds);
    let all = common
        .iter()
        .all(|(name, value)| headers.get(name) == Some(value));
    let (first, rest): (Vec<_>, Vec<_>) = headers
        .into_iter()
        .partition(|(name, _)| all && common.contains_key(name));
    let count = first.len();
    (first.into_iter().chain(rest).collect(), count)
}

pub(in crate::cache) fn headers_of(
    answer: Answer,
    headers: &mut HeaderMap,
    missing: &Bytes,
    lifetimes: &Lifetimes,
) -> (StatusCode, Bytes, CachePolicy) {
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    match answer {
        Answer::Found {
            body,
            content_type,
            noindex,
        } => {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
            if noindex {
                headers.insert(ROBOTS.clone(), HeaderValue::from_static("noindex"));
            }
            let seconds = lifetimes.shared_seconds;
            (StatusCode::OK, body, CachePolicy::Shared { seconds })
        }
        Answer::Missing { page } => {
            headers.insert(header::CONTENT_TYPE, html);
            let page = page.unwrap_or_else(|| missing.clone());
            (StatusCode::NOT_FOUND, page, CachePolicy::Brief)
        }
        Answer::Moved { to } => {
            headers.insert(header::LOCATION, location(&to));
            let status = StatusCode::MOVED_PERMANENTLY;
            (status, Bytes::new(), CachePolicy::Brief)
        }
        Answer::Elsewhere { to } => {
            headers.insert(header::LOCATION, location(&to));
            (StatusCode::SEE_OTHER, Bytes::new(), CachePolicy::Private)
        }
    }
}

/// Longer headers are refused by Varnish as it is shipped, with the whole answer.
const TAGS_LIMIT_BYTES: usize = 7000;

pub(in crate::cache) fn write_tags(headers: &mut HeaderMap, tags: &[CacheTag]) {
    let mut names: BTreeSet<&str> = tags.iter().flat_map(CacheTag::names).collect();
    if names.iter().map(|name| name.len() + 1).sum::<usize>() > TAGS_LIMIT_BYTES {
        names = tags.iter().flat_map(CacheTag::short_names).collect();
    }
    let names: Vec<&str> = names.into_iter().collect();
    for (name, between) in [(&SURROGATE_KEY, " "), (&CACHE_TAG, ",")] {
        if let Ok(value) = HeaderValue::from_maybe_shared(names.join(between))
            && !value.is_empty()
        {
            headers.insert(name.clone(), value);
        }
    }
}

/// A path of ours as a header can carry it: handles and titles may be of any script. What is encoded already stays.
pub fn in_header(path: &str) -> String {
    const NOT_IN_HEADERS: percent_encoding::AsciiSet = percent_encoding::CONTROLS
        .add(b' ')
        .add(b'"')
        .add(b'<')
        .add(b'>');
    percent_encoding::utf8_percent_encode(path, &NOT_IN_HEADERS).to_string()
}

fn location(path: &str) -> HeaderValue {
    HeaderValue::from_maybe_shared(in_header(path))
        .unwrap_or_else(|_| HeaderValue::from_static("/"))
}

pub(in crate::cache) fn date(at: SystemTime) -> HeaderValue {
    HeaderValue::from_maybe_shared(httpdate::fmt_http_date(at))
        .unwrap_or_else(|_| HeaderValue::from_static(""))
}
