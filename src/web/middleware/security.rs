//! The headers that every answer carries, and the one place that writes what caches may keep.

use std::sync::LazyLock;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web;

use crate::cache::CachePolicy;
use crate::web::assets;
use crate::web::node::Node;
use crate::web::public;
use crate::web::public::CacheHeadersWritten;

/// What the site's address asks of the headers.
#[derive(Clone, Copy)]
pub struct Transport {
    /// The site is reached over https: HSTS is sent.
    pub https: bool,
}

/// Headers that every answer carries unless its handler set another value. The content security policy holds hashes
/// and no nonce: on a page that many people share a nonce would be a constant.
pub fn fixed(https: bool) -> &'static [(HeaderName, HeaderValue)] {
    static PLAIN: LazyLock<Fixed> = LazyLock::new(|| made(false));
    static SECURE: LazyLock<Fixed> = LazyLock::new(|| made(true));
    if https { &SECURE } else { &PLAIN }
}

type Fixed = Vec<(HeaderName, HeaderValue)>;

fn made(https: bool) -> Fixed {
    let mut fixed: Vec<(HeaderName, &'static str)> = vec![
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
        (
            header::CONTENT_SECURITY_POLICY,
            assets::CONTENT_SECURITY_POLICY,
        ),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
        ),
    ];
    if https {
        fixed.push((header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"));
    }
    fixed
        .into_iter()
        .map(|(name, value)| (name, HeaderValue::from_static(value)))
        .collect()
}

/// Middleware: fills in each header that the handler did not set itself, and writes the cache headers.
pub async fn headers(
    req: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let https = req
        .app_data::<web::Data<Transport>>()
        .is_some_and(|t| t.https);
    let node = req.app_data::<web::Data<Node>>().cloned();
    // An answer to credentials is never shared, whatever it says.
    let shareable = matches!(*req.method(), Method::GET | Method::HEAD)
        && !req.headers().contains_key(header::AUTHORIZATION);
    let mut response = next.call(req).await?;
    let policy = policy(&response, shareable);
    let headers = response.headers_mut();
    if let Some(policy) = policy {
        policy.write(headers);
    }
    for (name, value) in fixed(https) {
        if !headers.contains_key(name) {
            headers.insert(name.clone(), value.clone());
        }
    }
    if let Some(node) = node {
        public::write_bypass(headers, &node);
    }
    Ok(response)
}

/// What caches may do with an answer. None: its headers are right already.
fn policy(response: &ServiceResponse<BoxBody>, shareable: bool) -> Option<CachePolicy> {
    let extensions = response.response().extensions();
    let dressed = extensions.contains::<CacheHeadersWritten>();
    let asked = extensions.get::<CachePolicy>().copied().unwrap_or_default();
    debug_assert!(
        dressed || !response.headers().contains_key(header::CACHE_CONTROL),
        "a handler wrote Cache-Control itself instead of attaching a policy"
    );
    let personal = response.headers().contains_key(header::SET_COOKIE);
    debug_assert!(
        !personal || (!dressed && asked == CachePolicy::Private),
        "a shared answer sets a cookie"
    );
    if personal || !shareable || response.status().is_server_error() {
        return Some(CachePolicy::Private);
    }
    (!dressed).then_some(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transport_security_is_promised_only_over_https() {
        let has = |https| {
            fixed(https)
                .iter()
                .any(|(name, _)| *name == header::STRICT_TRANSPORT_SECURITY)
        };
        assert!(has(true) && !has(false));
    }

    #[test]
    fn no_policy_holds_a_nonce() {
        assert!(!assets::CONTENT_SECURITY_POLICY.contains("nonce"));
    }
}
