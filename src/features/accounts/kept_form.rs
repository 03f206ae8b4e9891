//! A form that could not be taken: what was typed comes back on a page that can send it again. A redirect to the
//! sign-in page, or an error page of a database that is away, a post that is gone or a right that was taken, would throw
//! it away.

use actix_web::body::BoxBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError, web};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;

use super::views::{KeptField, KeptFormPage};
use crate::app::AppState;
use crate::db::Reading;
use crate::features::site;
use crate::web::frame::{Frame, Head};
use crate::web::{Error, Result, page};

/// The editor's form, as it travels.
const EDITOR_LIMIT: usize = 4 * 1024 * 1024;
/// Every other form: strangers send these too.
const LIMIT: usize = 256 * 1024;

/// Why it was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    SignedOut,
    /// The database is away, or can only be read.
    Unavailable,
    /// Too many requests wait for the same work.
    Overloaded,
    /// Never there, gone, or not for this account to see: the page is the same for all three.
    Missing,
    Forbidden(&'static str),
    TooLarge(String),
    Conflict(String),
}

impl Why {
    pub fn status(&self) -> StatusCode {
        match self {
            Why::SignedOut => StatusCode::UNAUTHORIZED,
            Why::Unavailable | Why::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
            Why::Missing => StatusCode::NOT_FOUND,
            Why::Forbidden(_) => StatusCode::FORBIDDEN,
            Why::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Why::Conflict(_) => StatusCode::CONFLICT,
        }
    }

    fn title(&self) -> &'static str {
        if *self == Why::SignedOut { "Signed out" } else { "Not saved" }
    }

    fn retry_after(&self) -> Option<&'static str> {
        match self {
            Why::Unavailable => Some("2"),
            Why::Overloaded => Some("5"),
            _ => None,
        }
    }
}

/// Whether anything was typed that would be missed: an answer to a mere button is an error page.
pub fn holds_text(body: &[u8]) -> bool {
    fields(body).any(|field| !field.is_secret() && field.is_text() && !field.value.trim().is_empty())
}

fn fields(body: &[u8]) -> impl Iterator<Item = KeptField> {
    url::form_urlencoded::parse(body).map(|(name, value)| KeptField::new(name.into_owned(), value.into_owned()))
}

/// Whether the request is a form.
pub fn is_form(req: &ServiceRequest) -> bool {
    !req.method().is_safe() && header(req, CONTENT_TYPE).starts_with("application/x-www-form-urlencoded")
}

/// Scripts get the error: they hold the text themselves.
pub fn is_from_script(req: &ServiceRequest) -> bool {
    header(req, ACCEPT).starts_with("application/json")
}

fn header(req: &ServiceRequest, name: HeaderName) -> &str {
    req.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
}

/// Reads the form and leaves it in the request as it was.
///
/// # Errors
///
/// When it is too large, did not arrive whole or came too slowly.
pub async fn copy(req: &mut ServiceRequest) -> Result<Bytes> {
    let is_editor = matches!(req.path(), "/new" | "/preview") || req.path().starts_with("/p/");
    let limit = if is_editor { EDITOR_LIMIT } else { LIMIT };
    let mut payload = req.take_payload();
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| match error {
            PayloadError::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => Error::TooSlow,
            _ => Error::BadRequest("The form did not arrive whole.".into()),
        })?;
        if body.len() + chunk.len() > limit {
            return Err(Error::TooLarge("This form is too large.".into()));
        }
        body.extend_from_slice(&chunk);
    }
    let body = body.freeze();
    req.set_payload(Payload::from(body.clone()));
    Ok(body)
}

/// Answers with everything that was typed, except passwords, which it asks for again.
pub async fn give_back(req: HttpRequest, body: &[u8], why: Why) -> ServiceResponse<BoxBody> {
    let response = match answer(&req, body, why).await {
        Ok(response) => response,
        Err(error) => error.error_response(),
    };
    ServiceResponse::new(req, response)
}

async fn answer(req: &HttpRequest, body: &[u8], why: Why) -> Result<HttpResponse> {
    let fields: Vec<KeptField> = fields(body).collect();
    let (status, retry_after) = (why.status(), why.retry_after());
    let view = KeptFormPage { frame: frame(req, why.title()).await, why, action: req.uri().to_string(), fields };
    let mut response = page::private_with(req, status, &view)?;
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(seconds));
    }
    Ok(response)
}

/// The site's own where any database answers, else a plain one.
async fn frame(req: &HttpRequest, title: &str) -> Frame {
    let site = async {
        let app = req.app_data::<web::Data<AppState>>()?;
        let mut conn = app.db.read(&Reading::any()).await.ok()?;
        let site = site::load(&mut conn).await.ok()?;
        Some(site::private_frame(&site, &app.origin, title, None))
    };
    site.await.unwrap_or_else(|| Frame::bare(Head::titled(title)))
}
