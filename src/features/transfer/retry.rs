//! How often a document is tried again, and after which errors: something of the live site stood in its way, and passes.

use std::time::Duration;

use crate::db::is_away;

/// So often a document is tried that something else stands in the way of.
pub(super) const TRIES: u32 = 6;
pub(super) const WAIT: Duration = Duration::from_millis(50);

/// Whether it may go well the next time: the database was away, or another transaction was in the way, or took the name
/// that was free a moment before.
pub(super) fn passes(error: &anyhow::Error) -> bool {
    let database = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<sqlx::Error>());
    database.is_some_and(|error| {
        is_away(error)
            || error
                .as_database_error()
                .is_some_and(|error| error.is_unique_violation())
    })
}
