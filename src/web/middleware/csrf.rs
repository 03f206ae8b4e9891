//! Refuses, before any handler: changes asked for by other sites (CSRF), paths that two machines could read differently, and
//! oversized heads.

use actix_web::ResponseError;
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderValue, ORIGIN, REFERER};
use actix_web::middleware::Next;

use crate::messages::text;
use crate::web::error::Error;
use crate::web::middleware::secret_address;

/// The site's own origin, for the middleware.
#[derive(Clone)]
pub struct OwnOrigin(pub String);

/// Middleware: one form for every path, and no change on behalf of another site.
pub async fn check(
    req: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let checked = check_size(&req)
        .and_then(|()| check_path(&req))
        .and_then(|()| check_origin(&req));
    match checked {
        Ok(()) => next.call(req).await,
        // An answer, not an `Err`: the error page around this has to see it.
        Err(refused) => Ok(req.into_response(refused.error_response())),
    }
}

/// Names and values of all headers together. No browser comes near it unless cookies pile up.
const HEADER_LIMIT_BYTES: usize = 16 * 1024;

fn check_size(req: &ServiceRequest) -> Result<(), Error> {
    let size: usize = req
        .headers()
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    if size > HEADER_LIMIT_BYTES {
        return Err(Error::HeadersTooLarge);
    }
    Ok(())
}

/// What was typed is not given back here, as other refusals give it: the text may be that of the other site, and a page with a
/// button to send it would turn one click into the change that is refused.
fn check_origin(req: &ServiceRequest) -> Result<(), Error> {
    if req.method().is_safe() {
        return Ok(());
    }
    let own = req
        .app_data::<actix_web::web::Data<OwnOrigin>>()
        .map(|o| o.0.clone())
        .unwrap_or_default();
    if same_origin(req.headers(), &own)
        || secret_address::is_secret(req.path()) && is_unnamed(req.headers())
    {
        return Ok(());
    }
    tracing::warn!(
        path = secret_address::for_log(req.path()),
        "refused a change asked for by another site"
    );
    Err(Error::Forbidden(text::errors_from_another_site()))
}

fn check_path(req: &ServiceRequest) -> Result<(), Error> {
    let path = req.uri().path();
    if req.uri().query().is_some_and(|q| q.contains("%00")) {
        return Err(Error::NotFound);
    }
    if !percent_encoding_is_whole(path) {
        return Err(Error::NotFound);
    }
    let lower = path.to_ascii_lowercase();
    let malformed = ["%2f", "%5c", "%00", "%2e", ";", "\\", "//", "/./", "/../"];
    if malformed.iter().any(|part| lower.contains(part))
        || lower.ends_with("/.")
        || lower.ends_with("/..")
    {
        return Err(Error::NotFound);
    }
    if path.len() > 1 && path.ends_with('/') && matches!(*req.method(), Method::GET | Method::HEAD)
    {
        let query = req
            .uri()
            .query()
            .map(|q| format!("?{q}"))
            .unwrap_or_default();
        return Err(Error::Moved {
            to: format!("{}{query}", path.trim_end_matches('/')),
        });
    }
    Ok(())
}

/// Every `%` is followed by two hex digits. Otherwise decoding one sign could make another whole.
fn percent_encoding_is_whole(path: &str) -> bool {
    path.split('%')
        .skip(1)
        .all(|rest| rest.len() >= 2 && rest.as_bytes()[..2].iter().all(u8::is_ascii_hexdigit))
}

/// Fetch metadata decide where the browser sends them; else `Origin`, else `Referer`, must be ours.
/// `same-site` is refused: a sibling subdomain may hold other people's pages.
fn same_origin(headers: &HeaderMap, own: &str) -> bool {
    let text = |name: &str| headers.get(name).map(|v| v.to_str().unwrap_or("invalid"));
    if headers.get_all("sec-fetch-site").count() > 1 || headers.get_all(ORIGIN).count() > 1 {
        return false;
    }
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    if let Some(origin) = text(ORIGIN.as_str()) {
        return origin == own;
    }
    text(REFERER.as_str()).is_some_and(|r| {
        r.strip_prefix(own)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// A page that names itself to no other does not name itself in its own forms either, where the browser sends no fetch metadata: on a
/// site without TLS. At an address that is a secret itself no account decides, so that no other site can have a browser do there what
/// it could not do by itself.
fn is_unnamed(headers: &HeaderMap) -> bool {
    let origin = headers.get(ORIGIN).map(HeaderValue::as_bytes);
    !headers.contains_key("sec-fetch-site") && origin == Some(b"null")
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn only_our_own_pages_may_ask_for_changes() {
        let cases: &[(&[(&str, &str)], bool)] = &[
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "same-site")], false),
            (
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("origin", "https://blog.example"),
                ],
                false,
            ),
            (&[("origin", "https://blog.example")], true),
            (&[("origin", "null")], false),
            (&[("origin", "https://blog.example.evil.example")], false),
            (&[("referer", "https://blog.example/login")], true),
            (&[("referer", "https://blog.example.evil.example/")], false),
            (&[], false),
        ];
        for (headers, allowed) in cases {
            let mut req = TestRequest::post();
            for (name, value) in *headers {
                req = req.insert_header((*name, *value));
            }
            let req = req.to_http_request();
            assert_eq!(
                same_origin(req.headers(), "https://blog.example"),
                *allowed,
                "{headers:?}"
            );
        }
    }

    #[test]
    fn crooked_paths_are_not_found() {
        for path in [
            "/a%2Fb",
            "/a%5cb",
            "/a;b=c",
            "/a//b",
            "/a/%2e%2e/b",
            "/a%00",
            "/a?q=%00",
            "/a%",
            "/%%30%30",
            "/a%4",
            "/%zz",
        ] {
            let req = TestRequest::with_uri(path).to_srv_request();
            assert!(matches!(check_path(&req), Err(Error::NotFound)), "{path}");
        }
        let req = TestRequest::with_uri("/newest/?a=b").to_srv_request();
        assert!(matches!(check_path(&req), Err(Error::Moved { to }) if to == "/newest?a=b"));
    }
}
