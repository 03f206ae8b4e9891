//! Writes the body of every answer that failed, and logs the cause of what is our fault.

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, web};

use super::ids::Ids;
use crate::web::error::Error;
use crate::web::error_page::{default_text, json, page, title, wants_json};
use crate::web::frame::Frame;
use crate::web::head::Head;
use crate::web::origin::SiteOrigin;
use crate::web::page::Written;

/// Middleware: fills the empty body of a failed answer and logs the cause of what is our fault.
pub async fn fill(
    req: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let wants_json = wants_json(req.headers().get(ACCEPT));
    let ids = req.extensions().get::<Ids>().cloned();
    let response = next.call(req).await?;
    let error = response.response().extensions().get::<Error>().cloned();
    if let Some(Error::Internal(cause) | Error::Unavailable(cause)) = &error {
        tracing::error!(error = format!("{cause:#}"), "failed");
    }
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    if !failed || response.response().extensions().contains::<Written>() {
        return Ok(response);
    }
    let what = error.map_or_else(|| default_text(status), |error| error.message());
    let code = ids.map(|ids| ids.correlation_id.to_string());
    let (what, code) = (what.to_string(), code.unwrap_or_default());
    let (kind, body) = if wants_json {
        ("application/json", json(&what, &code))
    } else {
        let frame = frame(&response, status);
        let page = page(&frame, status, &what, code);
        ("text/html; charset=utf-8", page)
    };
    let mut response = response.map_body(|_, _| BoxBody::new(body));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    Ok(response)
}

fn frame(response: &ServiceResponse<BoxBody>, status: StatusCode) -> Frame {
    let head = Head::titled(title(status));
    match response.request().app_data::<web::Data<SiteOrigin>>() {
        Some(origin) => origin.frame(head),
        None => Frame::bare(head),
    }
}
