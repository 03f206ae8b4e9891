//! A form that could not be taken: what was typed comes back on a page that can send it again. A redirect to the
//! sign-in page, or an error page of a database that is away, a post that is gone or a right that was taken, would throw
//! it away.

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError, web};

use super::form_copy::copy;
use super::recovered_form::{Reason, RecoveredField, RecoveredFormPage};
use crate::db::ReadRequirement;
use crate::features::site;
use crate::messages::Message;
use crate::state::AppState;
use crate::web::frame::Frame;
use crate::web::head::Head;
use crate::web::middleware::health::Health;
use crate::web::{Error, Ids, Result, page};

impl Reason {
    /// Why a form with this body was refused, where it is to be given back.
    fn of(response: &ServiceResponse<BoxBody>, body: &[u8]) -> Option<Reason> {
        let error = response.response().extensions().get::<Error>().cloned();
        match error? {
            Error::SignInFirst { .. } => Some(Reason::SignedOut),
            Error::Unavailable(cause) => {
                tracing::warn!(error = format!("{cause:#}"), "form redisplayed");
                Some(Reason::Unavailable)
            }
            Error::Overloaded { .. } => Some(Reason::Overloaded),
            _ if !holds_text(body) => None,
            // The right or the target went away while it was written, or it is too long.
            Error::NotFound => Some(Reason::Missing),
            Error::Forbidden(reason) => Some(Reason::Forbidden(reason)),
            Error::TooLarge(reason) => Some(Reason::TooLarge(reason)),
            Error::Conflict(reason) => Some(Reason::Conflict(reason)),
            Error::BadRequest(reason) => Some(Reason::Invalid(reason)),
            Error::Internal(cause) => {
                tracing::error!(error = format!("{cause:#}"), "failed");
                Some(Reason::broken(response.request()))
            }
            _ => None,
        }
    }

    /// The failure of this request, which its correlation id finds in the log.
    fn broken(req: &HttpRequest) -> Reason {
        let ids = req.extensions();
        let code = ids.get::<Ids>().map(|ids| ids.correlation_id.to_string());
        Reason::Broken {
            code: code.unwrap_or_default(),
        }
    }
}

/// Middleware of routes that take forms: one that is refused, for what its page cannot say, is given back.
pub async fn redisplay_refused(
    req: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if !is_form(&req) {
        return next.call(req).await;
    }
    Box::pin(recover(req, async |req| next.call(req).await)).await
}

/// Passes a form on, and gives it back where it is refused.
async fn recover(
    mut req: ServiceRequest,
    pass: impl AsyncFnOnce(ServiceRequest) -> Result<ServiceResponse<BoxBody>, actix_web::Error>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let from_script = is_from_script(&req);
    // Before the clock runs: it comes as slowly as the line is.
    let (typed, _place) = match copy(&mut req).await {
        Ok(copied) => copied,
        Err(refused) => return Ok(req.into_response(refused.error_response())),
    };
    let response = pass(req).await?;
    if from_script {
        return Ok(response);
    }
    let Some(why) = Reason::of(&response, &typed) else {
        return Ok(response);
    };
    let (req, _) = response.into_parts();
    Ok(redisplay(req, &typed, why).await)
}

/// Middleware before the routes: a node that has not found its database since it started refuses everything, and gives forms
/// back as [`redisplay_refused`] does behind them; also forms for addresses without a route.
pub async fn until_started(
    req: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let is_started = req
        .app_data::<web::Data<Health>>()
        .is_none_or(|health| health.is_started());
    if is_started || !is_form(&req) {
        return next.call(req).await;
    }
    Box::pin(recover(req, async |req| next.call(req).await)).await
}

/// Whether anything was typed that would be missed: an answer to a mere button is an error page.
fn holds_text(body: &[u8]) -> bool {
    fields(body)
        .any(|field| !field.is_secret() && field.is_text() && !field.value.trim().is_empty())
}

fn fields(body: &[u8]) -> impl Iterator<Item = RecoveredField> {
    url::form_urlencoded::parse(body)
        .map(|(name, value)| RecoveredField::new(name.into_owned(), value.into_owned()))
}

/// Whether the request is a form.
fn is_form(req: &ServiceRequest) -> bool {
    !req.method().is_safe()
        && header(req, CONTENT_TYPE).starts_with("application/x-www-form-urlencoded")
}

/// Scripts get the error: they hold the text themselves.
fn is_from_script(req: &ServiceRequest) -> bool {
    header(req, ACCEPT).starts_with("application/json")
}

fn header(req: &ServiceRequest, name: HeaderName) -> &str {
    req.headers()
        .get(name)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default()
}

/// Answers with everything that was typed, except passwords, which it asks for again.
async fn redisplay(req: HttpRequest, body: &[u8], why: Reason) -> ServiceResponse<BoxBody> {
    let response = match answer(&req, body, why).await {
        Ok(response) => response,
        Err(error) => error.error_response(),
    };
    ServiceResponse::new(req, response)
}

async fn answer(req: &HttpRequest, body: &[u8], why: Reason) -> Result<HttpResponse> {
    let fields: Vec<RecoveredField> = fields(body).collect();
    let (status, retry_after) = (why.status(), why.retry_after());
    let view = RecoveredFormPage {
        frame: frame(req, &why.title()).await,
        why,
        action: req.uri().to_string(),
        fields,
    };
    let mut response = page::private_with(req, status, &view)?;
    if let Some(seconds) = retry_after {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from_static(seconds));
    }
    Ok(response)
}

/// The site's own where any database answers, else a plain one.
async fn frame(req: &HttpRequest, title: &Message) -> Frame {
    let site = async {
        let app = req.app_data::<web::Data<AppState>>()?;
        // Before that its tables may be those of another version.
        if !app.health.is_started() {
            return None;
        }
        let mut conn = app.db.read(&ReadRequirement::any()).await.ok()?;
        let site = site::load(&mut conn).await.ok()?;
        Some(site::private_frame(&site, &app.origin, title.clone(), None))
    };
    let bare = || match req.app_data::<web::Data<AppState>>() {
        Some(app) => app.origin.frame(Head::titled(title.clone())),
        None => Frame::bare(Head::titled(title.clone())),
    };
    site.await.unwrap_or_else(bare)
}
