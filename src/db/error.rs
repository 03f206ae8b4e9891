//! Why the database gave no answer: later it may, or it never will.

/// Why no connection or no answer was to be had.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The database cannot be reached or all connections stayed busy: try again later.
    #[error("the database is not available")]
    Unavailable(#[source] sqlx::Error),
    /// More is asked of the database than it can do, and others came first: try again later.
    #[error("the database has too much to do")]
    Overloaded,
    /// Everything else: a broken query, a broken invariant.
    #[error("the database refused")]
    Refused(#[source] sqlx::Error),
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        if is_away(&error) {
            DbError::Unavailable(error)
        } else {
            DbError::Refused(error)
        }
    }
}

/// Whether the database, and not the question, is what failed, so that trying again in a moment can help.
pub fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => true,
        sqlx::Error::Database(e) => e.code().is_some_and(|c| passes(&c)),
        _ => false,
    }
}

/// Whether trying again in a moment can help: 57P0x shutting down or starting up, 08xxx connection lost,
/// 53xxx out of resources, 40xxx serialisation and deadlock, 55P03 a lock not had in time, 57014 a statement
/// too slow, 25P03 a transaction idle too long, 25006 a primary that became a standby.
fn passes(code: &str) -> bool {
    ["57P", "08", "53", "40"]
        .iter()
        .any(|class| code.starts_with(class))
        || matches!(code, "55P03" | "57014" | "25P03" | "25006")
}

/// What queries give.
pub type Result<T, E = DbError> = std::result::Result<T, E>;
