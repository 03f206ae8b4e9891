//! Addresses that are secrets themselves, because knowing one is all that it takes to read what is there: nothing tells another site or
//! a search engine of them, and no log holds them.

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue, REFERRER_POLICY};
use actix_web::middleware::Next;

/// What stands before the secret of a link to a preview.
const PREVIEW: &str = "/preview/";

/// Whether knowing this path is all that it takes.
pub fn is_secret(path: &str) -> bool {
    path.starts_with(PREVIEW)
}

/// A path as logs may hold it.
pub fn for_log(path: &str) -> &str {
    if is_secret(path) { PREVIEW } else { path }
}

/// Middleware: marks every answer at such an address, also those that refuse the request.
pub async fn mark(
    req: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let is_secret = is_secret(req.path());
    let mut response = next.call(req).await?;
    if is_secret {
        let headers = response.headers_mut();
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        let robots = HeaderName::from_static("x-robots-tag");
        headers.insert(robots, HeaderValue::from_static("noindex, nofollow"));
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_logged_of_a_secret_address_is_what_stands_before_it() {
        assert_eq!(for_log("/preview/AAAAAAAAAAAAAAAAAAAAAA"), "/preview/");
        assert_eq!(for_log("/preview"), "/preview");
        assert_eq!(for_log("/p/0199/preview"), "/p/0199/preview");
    }
}
