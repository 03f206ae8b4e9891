//! Why an account could not be made, or could not have the handle or address that it asked for: what the database refused, in the
//! words of the form field beside which it is shown.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::access::Denied;
use crate::db::DbError;
use crate::messages::{Message, text};
use crate::web::time;

/// Why an account could not be made although its parts were right.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message().in_english())]
pub enum CreateError {
    UsernameTaken,
    TooManyKept(TooManyKept),
    /// By this very form.
    Repeated,
    EmailTaken,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Db(#[from] DbError),
}

impl CreateError {
    pub fn message(&self) -> Message {
        match self {
            CreateError::UsernameTaken => text::accounts_username_taken(),
            CreateError::TooManyKept(kept) => kept.message(),
            CreateError::Repeated => text::accounts_made_already(),
            CreateError::EmailTaken => text::accounts_email_taken(),
            CreateError::Denied(_) => text::errors_denied(),
            CreateError::Db(_) => text::errors_internal(),
        }
    }

    /// The form field that a refusal belongs to.
    pub fn field(&self) -> &'static str {
        match self {
            CreateError::UsernameTaken | CreateError::TooManyKept(_) => "username",
            CreateError::EmailTaken => "email",
            CreateError::Repeated | CreateError::Denied(_) | CreateError::Db(_) => "",
        }
    }
}

/// A handle that would be the fourth to be kept.
#[derive(Debug)]
pub struct TooManyKept {
    pub kept: Vec<String>,
    /// When there is room for another one. `None`: not by itself, since links to public posts use them.
    pub next: Option<DateTime<Utc>>,
}

impl TooManyKept {
    pub fn message(&self) -> Message {
        let kept: Vec<String> = self.kept.iter().map(|name| format!("@{name}")).collect();
        let names = kept.join(", ");
        match &self.next {
            Some(at) => text::accounts_too_many_usernames_until(names, time::minute(at, &Tz::UTC)),
            None => text::accounts_too_many_usernames(names),
        }
    }
}
