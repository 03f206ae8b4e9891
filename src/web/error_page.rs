//! The body of an answer that failed: a page with the next step and the support code, or JSON. The middleware
//! [`super::middleware::error_page`] puts it in.

use actix_web::http::StatusCode;
use actix_web::http::header::HeaderValue;
use askama::Template;
use chrono::{DateTime, Utc};
use serde_json::json;

use super::frame::{Frame, Notice, SiteFrame};
use super::head::Head;
use super::time;
use crate::messages::{Message, html as t, text};

/// A post that a page leads to where it has nothing else to show.
pub struct OfferedPost {
    /// Where readers find it.
    pub path: String,
    /// As links to it say.
    pub name: String,
    /// Empty: that of the site.
    pub language: String,
    /// Enough of it to see which way it runs.
    pub sample: String,
    /// The display name of its owner.
    pub by: String,
    /// When it was published.
    pub published_at: DateTime<Utc>,
}

#[derive(Template)]
#[template(path = "errors/error.html")]
struct ErrorPage<'a> {
    frame: &'a Frame,
    offered: &'a [OfferedPost],
    status: u16,
    title: Message,
    what: &'a str,
    code: String,
}

/// The page for what is missing, the same for every client and so without a support code.
pub fn missing(frame: &Frame, offered: &[OfferedPost]) -> String {
    let frame = Frame {
        head: Head::titled(title(StatusCode::NOT_FOUND)),
        ..frame.clone()
    };
    let what = default_text(StatusCode::NOT_FOUND).to_string();
    render(&frame, StatusCode::NOT_FOUND, &what, String::new(), offered)
}

/// A page with the name of the site, made ahead of the requests that get it.
pub fn of_site(site: &SiteFrame, status: StatusCode, what: &str, code: String) -> String {
    let frame = Frame {
        site: site.clone(),
        head: Head::titled(title(status)),
        viewer: None,
        post_id: None,
        notice: Notice::default(),
    };
    page(&frame, status, what, code)
}

/// The body for programs: what is wrong, and the code under which the log has it.
pub fn json(what: &str, code: &str) -> String {
    json!({ "error": what, "support_code": code }).to_string()
}

pub(super) fn page(frame: &Frame, status: StatusCode, what: &str, code: String) -> String {
    render(frame, status, what, code, &[])
}

fn render(
    frame: &Frame,
    status: StatusCode,
    what: &str,
    code: String,
    offered: &[OfferedPost],
) -> String {
    let page = ErrorPage {
        frame,
        offered,
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

pub(super) fn title(status: StatusCode) -> Message {
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

pub(super) fn default_text(status: StatusCode) -> Message {
    match status {
        StatusCode::NOT_FOUND => text::errors_not_found(),
        StatusCode::METHOD_NOT_ALLOWED => text::errors_no_such_method(),
        StatusCode::PAYLOAD_TOO_LARGE => text::errors_body_too_large(),
        s if s.is_server_error() => text::errors_internal(),
        _ => text::errors_not_understood(),
    }
}
