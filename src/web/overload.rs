//! What becomes of requests while more is asked of the database than it can do. Those for pages wait in front of the site
//! (see [`crate::db`]'s `admission`) and are refused there, before a route is looked for; the answer is finished but for its
//! code.

use actix_http::{Request, Response};
use actix_web::HttpMessage;
use actix_web::body::BoxBody;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::http::{Method, StatusCode};
use bytes::Bytes;
use uuid::Uuid;

use super::error::retry_after;
use super::error_page::{self, wants_json};
use super::frame::SiteFrame;
use super::priority;
use crate::cache::CachePolicy;
use crate::db::Priority;
use crate::messages::text;

/// Addresses exempt from admission in front of the site.
pub struct Exempt {
    /// The first segment of the path.
    pub segment: &'static str,
    /// With all addresses below it; otherwise it alone.
    pub and_below: bool,
}

impl Exempt {
    fn covers(&self, path: &str) -> bool {
        let below = path
            .strip_prefix('/')
            .and_then(|path| path.strip_prefix(self.segment));
        below.is_some_and(|below| below.is_empty() || self.and_below && below.starts_with('/'))
    }
}

/// How much a request matters that waits while too many do. None: it never waits here. Signed-in people, and clients that
/// have just changed something, come before readers.
pub fn waits(req: &Request, exempt: &[Exempt]) -> Option<Priority> {
    let path = req.uri().path();
    let is_read = matches!(*req.method(), Method::GET | Method::HEAD);
    (is_read
        && !exempt.iter().any(|exempt| exempt.covers(path))
        && !has_cookie(req.headers(), b"sid=")
        && !has_cookie(req.headers(), b"ryw="))
    .then(|| priority::of(req.method(), path, req.headers(), true))
}

/// Whether the name of some cookie ends so.
pub fn has_cookie(headers: &HeaderMap, name: &[u8; 4]) -> bool {
    headers
        .get_all(header::COOKIE)
        .any(|cookies| cookies.as_bytes().windows(4).any(|part| part == name))
}

/// The answer to requests that are refused, before and behind their code.
pub struct Refusal {
    html: (Bytes, Bytes),
    json: (Bytes, Bytes),
}

/// Stands for a code.
const CODE: &str = "{code}";

impl Refusal {
    /// Renders both forms once: under overload there is no time for templates.
    pub fn new(site: &SiteFrame) -> Self {
        let what = text::errors_overloaded().to_string();
        let parts = |text: &str| {
            let (before, behind) = text.split_once(CODE).unwrap_or((text, ""));
            (
                Bytes::copy_from_slice(before.as_bytes()),
                Bytes::copy_from_slice(behind.as_bytes()),
            )
        };
        Refusal {
            html: parts(&error_page::of_site(
                site,
                StatusCode::SERVICE_UNAVAILABLE,
                &what,
                CODE.to_owned(),
            )),
            json: parts(&error_page::json(&what, CODE)),
        }
    }

    /// 503 with `Retry-After`, as a page or as JSON; `code` is for the log.
    pub fn response(&self, asked: &HeaderMap, code: Uuid) -> Response<BoxBody> {
        let (kind, (before, behind)) = match wants_json(asked.get(header::ACCEPT)) {
            true => ("application/json", &self.json),
            false => ("text/html; charset=utf-8", &self.html),
        };
        let mut text = Uuid::encode_buffer();
        let body = [
            before,
            code.hyphenated().encode_lower(&mut text).as_bytes(),
            behind,
        ]
        .concat();
        let mut response = Response::with_body(
            StatusCode::SERVICE_UNAVAILABLE,
            BoxBody::new(Bytes::from(body)),
        );
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(header::RETRY_AFTER, HeaderValue::from(retry_after()));
        CachePolicy::Private.write(headers);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(method: Method, path: &str, cookie: &str) -> Option<Priority> {
        let mut req = Request::new();
        let head = req.head_mut();
        head.method = method;
        head.uri = path.parse().unwrap();
        head.headers.insert(header::COOKIE, cookie.parse().unwrap());
        let exempt = |(segment, and_below)| Exempt { segment, and_below };
        let exempt = [
            ("readyz", false),
            ("assets", true),
            ("login", false),
            ("me.json", false),
            ("new", false),
            ("dashboard", true),
            ("feed", false),
        ]
        .map(exempt);
        waits(&req, &exempt)
    }

    #[test]
    fn readers_of_pages_wait_and_nothing_else_does() {
        for path in [
            "/",
            "/newest",
            "/newest?before=AAAA",
            "/@ann/hello",
            "/t/rust/feed.atom",
            "/newsletter",
            "/settings-we-like",
            "/feed/category",
        ] {
            assert!(asked(Method::GET, path, "theme=dark").is_some(), "{path}");
            for cookie in ["sid=x", "theme=dark; __Host-sid=x", "ryw=x"] {
                assert_eq!(asked(Method::GET, path, cookie), None, "{path} {cookie}");
            }
            assert_eq!(asked(Method::POST, path, ""), None);
        }
        for path in [
            "/readyz",
            "/assets/site.css",
            "/login?next=/",
            "/me.json",
            "/new",
            "/dashboard/comments",
        ] {
            assert_eq!(asked(Method::GET, path, ""), None, "{path}");
        }
    }
}
