//! Public pages: from the route to the handler, which sees an address and nothing of the account, and through
//! the cache back to the reader.

use std::sync::Arc;
use std::time::Instant;

use actix_http::Response;
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Route, web};
use bytes::Bytes;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use super::error::{Error, Result};
use super::middleware::read_your_writes::{ReadYourWrites, WrittenUpTo};
use super::node::Node;
use super::page::Written;
use super::priority;
use crate::cache::http::encoding::Encoding;
use crate::cache::http::etag;
use crate::cache::http::etag::Condition;
use crate::cache::{
    self, Cache, CacheOutcome, CachePolicy, Entry, Load, LoadError, Public, Representation,
};
use crate::db::{Db, DbError, Priority, ReadRequirement};

static CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");
static SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// What a public page may know of its request: the parts of the address that the route names. Two requests with the
/// same ones get the same bytes.
pub struct PublicRequest<S> {
    app: Arc<S>,
    address: Arc<Address>,
    reading: Arc<ReadRequirement>,
}

#[derive(Debug)]
struct Address {
    /// Decoded, without the query.
    path: String,
    parts: Vec<(String, String)>,
    query: Vec<(&'static str, String)>,
}

impl<S> PublicRequest<S> {
    /// What the process shares.
    pub fn app(&self) -> &S {
        &self.app
    }

    /// How fresh the page must be: for every read that it makes.
    pub fn reading(&self) -> &ReadRequirement {
        &self.reading
    }

    /// The path, decoded.
    pub fn path(&self) -> &str {
        &self.address.path
    }

    /// A part of the path that the route's pattern names; empty when it names no such part.
    pub fn part(&self, name: &str) -> &str {
        self.address
            .parts
            .iter()
            .find(|(part, _)| part == name)
            .map_or("", |(_, value)| value)
    }

    /// All parameters that the route allows, sorted.
    pub fn queries(&self) -> &[(&'static str, String)] {
        &self.address.query
    }

    /// A parameter that the route allows. Any other is as if it had not been sent.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.address
            .query
            .iter()
            .find(|(parameter, _)| *parameter == name)
            .map(|(_, value)| value.as_str())
    }
}

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
            // What was asked for with credentials is not stored either.
            let served = if req.headers().contains_key(header::AUTHORIZATION) {
                cache
                    .load_uncached(&key, pattern, load, wrote.map(|token| token.position))
                    .await
            } else {
                cache
                    .get_after(
                        &key,
                        pattern,
                        load,
                        wrote
                            .filter(|token| !token.from_here)
                            .map(|token| token.position),
                    )
                    .await
            };
            let served = served.map_err(Error::from)?;
            let mut response = HttpResponse::from(answer(
                &served.entry,
                served.outcome,
                req.headers(),
                &node,
                Instant::now(),
                None,
            ));
            if response.status() == StatusCode::NOT_MODIFIED {
                cache.counters().not_modified.one();
            }
            response.extensions_mut().insert(CacheHeadersWritten {
                outcome: served.outcome,
            });
            response.extensions_mut().insert(Written);
            Ok::<_, Error>(response)
        },
    )
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

/// The cache headers of an answer are written already.
#[derive(Clone, Copy)]
pub struct CacheHeadersWritten {
    /// Where the answer comes from.
    pub outcome: CacheOutcome,
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

impl Address {
    fn read(req: &HttpRequest, allowed: &'static [&'static str]) -> Result<Self> {
        if req.path().len() + req.query_string().len() > LONGEST {
            return Err(Error::NotFound);
        }
        let parts = req
            .match_info()
            .iter()
            .map(|(name, value)| Ok((name.to_owned(), decoded(value)?)));
        let mut query: Vec<(&'static str, String)> = Vec::new();
        for (name, value) in url::form_urlencoded::parse(req.query_string().as_bytes()) {
            let Some(name) = allowed.iter().find(|allowed| **allowed == name) else {
                continue;
            };
            // Said twice, two machines could take another one of the two.
            if query.iter().any(|(known, _)| known == name) {
                return Err(Error::NotFound);
            }
            query.push((name, value.into_owned()));
        }
        query.sort_unstable();
        Ok(Address {
            path: decoded(req.path())?,
            parts: parts.collect::<Result<_>>()?,
            query,
        })
    }

    /// One key for all ways to write this address: the path as browsers send it, then what the route allows.
    fn key(&self) -> String {
        let mut key = utf8_percent_encode(&self.path, NOT_IN_PATHS).to_string();
        if !self.query.is_empty() {
            key.push('?');
            key.push_str(
                &url::form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(&self.query)
                    .finish(),
            );
        }
        key
    }
}

/// Path and query together, in bytes. The longest that a post can have is less; longer ones would only fill the memory
/// with keys.
const LONGEST: usize = 4096;

/// What browsers encode in a path (WHATWG URL, path percent-encode set); non-ASCII is encoded anyway.
const NOT_IN_PATHS: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'^')
    .add(b'%');

fn decoded(text: &str) -> Result<String> {
    Ok(percent_decode_str(text)
        .decode_utf8()
        .map_err(|_| Error::NotFound)?
        .into_owned())
}

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
        *headers = if condition == Condition::Met {
            prepared.whole.clone()
        } else {
            prepared.unchanged.clone()
        };
    }
    if condition != Condition::Failed {
        entry.write_headers(
            headers,
            condition == Condition::NotModified,
            prepared.is_some(),
        );
        if entry.status == StatusCode::OK {
            headers.insert(header::ETAG, tag);
        }
        if condition == Condition::Met
            && let Some(encoding) = form.encoding.header()
        {
            headers.insert(header::CONTENT_ENCODING, encoding);
        }
    }
    match outcome {
        CacheOutcome::Stale => CachePolicy::Stale.write(headers),
        CacheOutcome::Superseded => CachePolicy::Private.write(headers),
        _ if condition == Condition::Failed => CachePolicy::Private.write(headers),
        _ => {}
    }
    write_status(headers, entry, outcome, node, now);
    response
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

/// RFC 9211 and Server-Timing: which cache answered, and how.
fn write_status(
    headers: &mut HeaderMap,
    entry: &Entry,
    outcome: CacheOutcome,
    node: &Node,
    now: Instant,
) {
    let (status, timing) = match outcome {
        CacheOutcome::Hit => (
            node.hit(entry.seconds_left(now)),
            HeaderValue::from_static("cache;desc=hit"),
        ),
        CacheOutcome::Collapsed => (
            node.said("fwd=miss; collapsed"),
            HeaderValue::from_static("cache;desc=collapsed"),
        ),
        CacheOutcome::Stale => (
            node.said(&format!(
                "hit; ttl={}; detail=stale",
                entry.seconds_left(now).min(-1)
            )),
            HeaderValue::from_static("cache;desc=stale"),
        ),
        CacheOutcome::Superseded => (
            node.said("fwd=miss; detail=superseded"),
            HeaderValue::from_static("cache;desc=superseded"),
        ),
        CacheOutcome::Miss { cost, stored } => {
            let stored = if stored {
                "fwd=miss; stored"
            } else {
                "fwd=miss"
            };
            let timing = format!(
                "cache;desc=miss, load;dur={:.1}",
                cost.as_secs_f64() * 1000.0
            );
            (
                node.said(stored),
                HeaderValue::from_maybe_shared(timing)
                    .unwrap_or_else(|_| HeaderValue::from_static("cache")),
            )
        }
    };
    headers.insert(CACHE_STATUS.clone(), status);
    headers.insert(SERVER_TIMING.clone(), timing);
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
