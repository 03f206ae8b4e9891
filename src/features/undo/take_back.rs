//! Which act undoes which.

use serde::de::DeserializeOwned;

use crate::access::Actor;
use crate::db::Db;
use crate::features::accounts::change_role;
use crate::features::comments::moderate;
use crate::features::posts::{trash, unpublish};
use crate::features::site::Said;
use crate::messages::text;
use crate::web::{Error, Result};

/// Undoes what a ticket tells of; says what was done. None where it has changed since.
///
/// # Errors
///
/// Where the actor may not do so, or the ticket is not one of those that pages hold.
pub(super) async fn take_back(db: &Db, actor: &Actor, ticket: &str) -> Result<Option<Said>> {
    let (word, done) = ticket.split_once(' ').unwrap_or_default();
    Ok(match Said::parse(word) {
        Some(Said::Unpublished) => unpublish::undo(db, actor, &read(done)?)
            .await?
            .then_some(Said::Republished),
        Some(Said::Trashed) => trash::undo(db, actor, &read(done)?)
            .await?
            .map(|restored| Said::restored(restored.is_public)),
        Some(Said::Hidden) => moderate::undo(db, actor, &read(done)?)
            .await?
            .then_some(Said::Unhidden),
        Some(Said::RoleBack) => change_role::undo(db, actor, &read(done)?)
            .await?
            .then_some(Said::RoleBack),
        _ => return Err(unknown()),
    })
}

pub(super) fn read<T: DeserializeOwned>(done: &str) -> Result<T> {
    serde_json::from_str(done).map_err(|_| unknown())
}

/// A ticket of another version of the program.
fn unknown() -> Error {
    Error::BadRequest(text::site_undo_unknown())
}
