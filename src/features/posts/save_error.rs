//! Why a post could not be saved, published or moved, in the words that its form shows.

use super::address::AddressError;
use super::model::Kind;
use crate::access::Denied;
use crate::db::DbError;
use crate::messages::{Message, text};
use crate::web::Error;

/// Why a text could not be saved as asked. What was typed is still in the caller's hands.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message().in_english())]
pub enum SaveError {
    /// Another save came after this text was loaded: `version` is its own.
    Changed {
        version: i32,
    },
    /// Neither title nor text can be seen, and it would be public.
    Empty,
    /// The post is not there, or the actor may not know that it is.
    NotFound,
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The post is of this kind, of which other fields of its form count.
    IsOfKind(Kind),
    NoSuchAuthor(String),
    #[error(transparent)]
    Address(AddressError),
    #[error(transparent)]
    Db(#[from] DbError),
}

impl SaveError {
    pub fn message(&self) -> Message {
        match self {
            SaveError::Changed { version } => text::posts_changed(version),
            SaveError::Empty => text::posts_nothing_to_publish(),
            SaveError::NotFound => text::posts_no_such_text(),
            SaveError::Denied(_) => text::errors_denied(),
            SaveError::IsOfKind(kind) => text::posts_is_of_kind(kind.as_str()),
            SaveError::NoSuchAuthor(username) => text::posts_no_such_author(username),
            SaveError::Address(refused) => refused.message(),
            SaveError::Db(_) => text::errors_internal(),
        }
    }
}

/// The database's faults are one kind, whatever it was asked for.
impl From<AddressError> for SaveError {
    fn from(error: AddressError) -> Self {
        match error {
            AddressError::Db(error) => SaveError::Db(error),
            refused => SaveError::Address(refused),
        }
    }
}

impl From<sqlx::Error> for SaveError {
    fn from(error: sqlx::Error) -> Self {
        SaveError::Db(error.into())
    }
}

/// For pages that have no form to come back with.
impl From<SaveError> for Error {
    fn from(error: SaveError) -> Self {
        match error {
            SaveError::Db(error) => error.into(),
            SaveError::NotFound => Error::NotFound,
            SaveError::Denied(denied) => denied.into(),
            other => Error::internal(other),
        }
    }
}
