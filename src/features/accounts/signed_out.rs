//! A form sent after the session ended: what was typed comes back on a page that can send it again. The
//! redirect to the sign-in page, which everybody else gets, would throw it away.

use actix_web::body::BoxBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, CONTENT_TYPE};
use actix_web::{ResponseError, web};
use futures_util::StreamExt;

use super::views::{KeptField, SignedOutPage};
use crate::app::AppState;
use crate::db::Reading;
use crate::features::site;
use crate::web::{Error, Result, page};

/// The editor's form, as it travels.
const EDITOR_LIMIT: usize = 4 * 1024 * 1024;
/// Every other form: strangers send these too.
const LIMIT: usize = 256 * 1024;

/// Whether the request is a form from a page. Scripts get the redirect: they hold the text themselves.
pub fn holds_text(req: &ServiceRequest) -> bool {
    let header = |name| req.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    header(CONTENT_TYPE).starts_with("application/x-www-form-urlencoded") && !header(ACCEPT).starts_with("application/json")
}

/// Answers with everything that was typed, except passwords.
pub async fn keep(req: ServiceRequest) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let (req, payload) = req.into_parts();
    let response = match answer(&req, payload).await {
        Ok(response) => response,
        Err(error) => error.error_response(),
    };
    Ok(ServiceResponse::new(req, response))
}

async fn answer(req: &actix_web::HttpRequest, mut payload: Payload) -> Result<actix_web::HttpResponse> {
    let limit = if req.path() == "/new" || req.path().starts_with("/p/") { EDITOR_LIMIT } else { LIMIT };
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Error::BadRequest("The form did not arrive whole.".into()))?;
        if body.len() + chunk.len() > limit {
            return Err(Error::TooLarge("This form is too large.".into()));
        }
        body.extend_from_slice(&chunk);
    }
    let fields: Vec<KeptField> = url::form_urlencoded::parse(&body)
        .filter(|(name, _)| !name.contains("password"))
        .map(|(name, value)| KeptField { name: name.into_owned(), value: value.into_owned() })
        .collect();
    let app = req.app_data::<web::Data<AppState>>().ok_or_else(|| Error::internal(anyhow::anyhow!("no state")))?;
    let site = site::load(&mut *app.db.read(&Reading::any()).await?).await?;
    let frame = site::private_frame(&site, &app.origin, "Signed out", None);
    let view = SignedOutPage { frame, action: req.uri().to_string(), fields };
    page::private_with(req, StatusCode::UNAUTHORIZED, &view)
}
