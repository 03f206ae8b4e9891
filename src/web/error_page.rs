//! Writes the body of every answer that failed: a page with the next step and the support code, or JSON.

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, web};
use askama::Template;
use serde_json::json;

use super::error::Error;
use super::frame::{Frame, Head, SiteFrame};
use super::middleware::ids::Ids;
use super::origin::SiteOrigin;
use super::page::Written;
use crate::messages::{Message, html as t, text};

#[derive(Template)]
#[template(path = "errors/error.html")]
struct ErrorPage<'a> {
    frame: &'a Frame,
    status: u16,
    title: Message,
    what: &'a str,
    code: String,
}

/// Middleware: fills the empty body of a failed answer and logs the cause of what is our fault.
pub async fn fill(
    req: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let wants_json = wants_json(req.headers().get(ACCEPT));
    let ids = req.extensions().get::<Ids>().cloned();
    let response = next.call(req).await?;
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    let ours = response.response().extensions().get::<Error>().cloned();
    if let Some(Error::Internal(cause) | Error::Unavailable(cause)) = &ours {
        tracing::error!(error = format!("{cause:#}"), "failed");
    }
    if !failed || response.response().extensions().contains::<Written>() {
        return Ok(response);
    }
    let what = ours.map_or_else(|| default_text(status), |error| error.message());
    let what = what.to_string();
    let code = ids
        .map(|i| i.correlation_id.to_string())
        .unwrap_or_default();
    let head = Head::titled(title(status));
    let origin = response
        .request()
        .app_data::<web::Data<SiteOrigin>>()
        .cloned();
    let frame = origin.map_or_else(
        || Frame::bare(head.clone()),
        |origin| origin.frame(head.clone()),
    );
    let (kind, body) = if wants_json {
        ("application/json", json(&what, &code))
    } else {
        (
            "text/html; charset=utf-8",
            page(&frame, status, &what, code),
        )
    };
    let mut response = response.map_body(|_, _| BoxBody::new(body));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    Ok(response)
}

/// The page for what is missing, the same for every client and so without a support code.
pub fn missing(frame: &Frame) -> String {
    let frame = Frame {
        head: Head::titled(title(StatusCode::NOT_FOUND)),
        ..frame.clone()
    };
    page(
        &frame,
        StatusCode::NOT_FOUND,
        &default_text(StatusCode::NOT_FOUND).to_string(),
        String::new(),
    )
}

/// A page with the name of the site, made ahead of the requests that get it.
pub fn of_site(site: &SiteFrame, status: StatusCode, what: &str, code: String) -> String {
    let frame = Frame {
        site: site.clone(),
        head: Head::titled(title(status)),
        viewer: None,
        post_id: None,
    };
    page(&frame, status, what, code)
}

/// The body for programs: what is wrong, and the code under which the log has it.
pub fn json(what: &str, code: &str) -> String {
    json!({ "error": what, "support_code": code }).to_string()
}

fn page(frame: &Frame, status: StatusCode, what: &str, code: String) -> String {
    let page = ErrorPage {
        frame,
        status: status.as_u16(),
        title: title(status),
        what,
        code,
    };
    page.render().unwrap_or_else(|_| what.to_owned())
}

/// Whether `Accept` names JSON, as scripts do and a browser that opens a page does not.
pub fn wants_json(accept: Option<&HeaderValue>) -> bool {
    accept
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.contains("application/json"))
}

fn title(status: StatusCode) -> Message {
    match status {
        StatusCode::NOT_FOUND => text::errors_title_not_found(),
        StatusCode::FORBIDDEN => text::errors_title_denied(),
        StatusCode::METHOD_NOT_ALLOWED => text::errors_title_method(),
        StatusCode::CONFLICT => text::errors_title_conflict(),
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
            text::errors_title_too_large()
        }
        StatusCode::REQUEST_TIMEOUT => text::errors_title_too_slow(),
        StatusCode::TOO_MANY_REQUESTS => text::errors_title_too_many_requests(),
        StatusCode::SERVICE_UNAVAILABLE => text::errors_title_unavailable(),
        s if s.is_server_error() => text::errors_title_internal(),
        _ => text::errors_title_other(),
    }
}

fn default_text(status: StatusCode) -> Message {
    match status {
        StatusCode::NOT_FOUND => text::errors_not_found(),
        StatusCode::METHOD_NOT_ALLOWED => text::errors_no_such_method(),
        StatusCode::PAYLOAD_TOO_LARGE => text::errors_body_too_large(),
        s if s.is_server_error() => text::errors_internal(),
        _ => text::errors_not_understood(),
    }
}
