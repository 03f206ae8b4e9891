//! The one error of handlers and its two faces: a page that helps, or JSON that names the field.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};

use crate::access::Denied;
use crate::cache::{CachePolicy, in_header};
use crate::db::DbError;
use crate::jitter;
use crate::messages::{Message, text};

/// What handlers give.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a handler can answer instead of its page. The [`Error::message`] of a variant is shown to people; causes of
/// [`Error::Internal`] are logged with the request and never shown.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", self.message().in_english())]
pub enum Error {
    /// 404, also for what is there and not for this reader: a 403 would tell that it exists.
    NotFound,
    /// 403.
    Forbidden(Message),
    /// The request has no session: the browser is led to the sign-in page and back to `next`.
    SignInFirst {
        /// Path and query of this site.
        next: String,
    },
    /// Somewhere else now, for ever.
    Moved {
        /// Path and query of this site.
        to: String,
    },
    /// The request cannot be understood.
    BadRequest(Message),
    /// 413.
    TooLarge(Message),
    /// 431 (RFC 6585).
    HeadersTooLarge,
    /// 408.
    TooSlow,
    /// What was asked for conflicts with the present state.
    Conflict(Message),
    /// 429 (RFC 6585).
    TooManyRequests {
        /// Seconds, for `Retry-After`.
        retry_after: u32,
    },
    /// More work than fits into a bounded queue: this request was refused before any of it was done.
    Overloaded {
        /// Seconds, for `Retry-After`.
        retry_after: u32,
    },
    /// 503: the database is away. The cause is logged and never shown.
    Unavailable(Arc<anyhow::Error>),
    /// 500, with a support code.
    Internal(Arc<anyhow::Error>),
}

impl Error {
    /// For invariants that broke: logged with its causes, shown as a plain 500 with a support code.
    pub fn internal(cause: impl Into<anyhow::Error>) -> Self {
        Error::Internal(Arc::new(cause.into()))
    }

    /// What people are told.
    pub fn message(&self) -> Message {
        match self {
            Error::NotFound => text::errors_not_found(),
            Error::Forbidden(message)
            | Error::BadRequest(message)
            | Error::TooLarge(message)
            | Error::Conflict(message) => message.clone(),
            Error::SignInFirst { .. } => text::errors_sign_in_first(),
            Error::Moved { .. } => text::errors_moved(),
            Error::HeadersTooLarge => text::errors_headers_too_large(),
            Error::TooSlow => text::errors_too_slow(),
            Error::TooManyRequests { .. } => text::errors_too_many_requests(),
            Error::Overloaded { .. } => text::errors_overloaded(),
            Error::Unavailable(_) => text::errors_unavailable(),
            Error::Internal(_) => text::errors_internal(),
        }
    }
}

/// Seconds after which to ask again; not the same for all, or they would come back together.
pub fn retry_after() -> u32 {
    (1.0 + 4.0 * jitter::fraction()) as u32
}

impl From<Denied> for Error {
    fn from(_: Denied) -> Error {
        Error::Forbidden(text::errors_denied())
    }
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Unavailable(_) => Error::Unavailable(Arc::new(error.into())),
            DbError::Overloaded => Error::Overloaded {
                retry_after: retry_after(),
            },
            DbError::Refused(_) => Error::internal(error),
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        DbError::from(error).into()
    }
}

impl From<askama::Error> for Error {
    fn from(error: askama::Error) -> Self {
        Error::internal(error)
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        match self {
            Error::NotFound => StatusCode::NOT_FOUND,
            Error::Forbidden(_) => StatusCode::FORBIDDEN,
            Error::SignInFirst { .. } => StatusCode::SEE_OTHER,
            Error::Moved { .. } => StatusCode::MOVED_PERMANENTLY,
            Error::BadRequest(_) => StatusCode::BAD_REQUEST,
            Error::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Error::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Error::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Error::Conflict(_) => StatusCode::CONFLICT,
            Error::TooManyRequests { .. } => StatusCode::TOO_MANY_REQUESTS,
            Error::Overloaded { .. } | Error::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Leaves the body empty and the error in the extensions: the error page middleware knows the
    /// request and writes the page or the JSON.
    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        match self {
            Error::Moved { to } => {
                response.insert_header(("Location", in_header(to)));
            }
            Error::SignInFirst { next } => {
                let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
                response.insert_header(("Location", format!("/login?next={next}")));
            }
            Error::TooManyRequests { retry_after } | Error::Overloaded { retry_after } => {
                response.insert_header(("Retry-After", retry_after.to_string()));
            }
            Error::Unavailable(_) => {
                response.insert_header(("Retry-After", "2"));
            }
            _ => {}
        }
        let mut response = response.finish();
        // Where an address has moved is the same for every client; every other error is for the one that made it.
        let policy = if matches!(self, Error::Moved { .. }) {
            CachePolicy::Brief
        } else {
            CachePolicy::Private
        };
        response.extensions_mut().insert(policy);
        response.extensions_mut().insert(self.clone());
        response
    }
}

/// `None` where the address names something becomes 404; a missing row elsewhere stays a fault.
pub trait OrNotFound<T> {
    /// The value.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] where there is none.
    fn or_not_found(self) -> Result<T>;
}

impl<T> OrNotFound<T> for Option<T> {
    fn or_not_found(self) -> Result<T> {
        self.ok_or(Error::NotFound)
    }
}
