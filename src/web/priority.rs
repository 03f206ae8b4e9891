//! How much a request matters when not all can be answered.

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap};
use actix_web::middleware::Next;

use crate::db::{self, Priority};

/// Words in the `User-Agent` of programs for which no person waits.
const CRAWLERS: [&str; 7] = [
    "bot", "crawl", "spider", "slurp", "fetcher", "archiver", "scrapy",
];

/// Middleware of a route: whatever the request asks of the database is queued with its priority.
pub async fn mark(
    req: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let priority = of(req.method(), req.path(), req.headers(), false);
    db::with_priority(priority, next.call(req)).await
}

/// By method, path and what the client says of itself: a crawler that calls itself a browser gains a place in the row.
pub fn of(method: &Method, path: &str, headers: &HeaderMap, is_public: bool) -> Priority {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
    };
    if !method.is_safe() {
        return Priority::Write;
    }
    if text("sec-purpose").contains("prefetch") || text("purpose") == "prefetch" {
        return Priority::Prefetch;
    }
    let agent = text(header::USER_AGENT.as_str()).to_ascii_lowercase();
    if CRAWLERS.iter().any(|word| agent.contains(word)) {
        return Priority::Bot;
    }
    if path.contains("/feed.") || path.starts_with("/sitemap") {
        return Priority::Feed;
    }
    if is_public {
        Priority::Anonymous
    } else {
        Priority::Authenticated
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn people_come_before_programs_and_saves_before_all() {
        let of = |method: Method, path: &str, header: (&str, &str), is_public| {
            let req = TestRequest::with_uri(path)
                .insert_header((header.0.to_owned(), header.1))
                .to_http_request();
            of(&method, path, req.headers(), is_public)
        };
        let browser = (
            "user-agent",
            "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0",
        );
        assert_eq!(
            of(Method::GET, "/@ann/x", browser, true),
            Priority::Anonymous
        );
        assert_eq!(
            of(Method::GET, "/dashboard", browser, false),
            Priority::Authenticated
        );
        assert_eq!(of(Method::GET, "/feed.atom", browser, true), Priority::Feed);
        let googlebot = ("user-agent", "Mozilla/5.0 (compatible; Googlebot/2.1)");
        assert_eq!(of(Method::GET, "/@ann/x", googlebot, true), Priority::Bot);
        assert_eq!(
            of(
                Method::GET,
                "/@ann/x",
                ("sec-purpose", "prefetch;prerender"),
                true
            ),
            Priority::Prefetch
        );
        assert_eq!(
            of(Method::POST, "/new", ("user-agent", "a bot of mine"), false),
            Priority::Write
        );
    }
}
