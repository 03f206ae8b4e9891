//! The headers that every answer carries (rule D7), written in one place.

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;

use super::{assets, page};

/// What the site's address asks of the headers.
#[derive(Clone, Copy)]
pub struct Transport {
    pub https: bool,
}

/// Middleware: fills in each header that the handler did not set itself.
pub async fn headers(req: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let https = req.app_data::<actix_web::web::Data<Transport>>().is_some_and(|t| t.https);
    let mut response = next.call(req).await?;
    let headers = response.headers_mut();
    headers.remove(page::WRITTEN);
    default(headers, header::CACHE_CONTROL, "private, no-store");
    default(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(headers, header::REFERRER_POLICY, "strict-origin-when-cross-origin");
    default(headers, header::CONTENT_SECURITY_POLICY, assets::CONTENT_SECURITY_POLICY);
    default(headers, HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    default(headers, HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    default(
        headers,
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    );
    if https {
        default(headers, header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    Ok(response)
}

fn default(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    if !headers.contains_key(&name) {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
