//! Deleting a comment, by its author.

use uuid::Uuid;

use super::model::State;
use super::permission::allow;
use super::{change, queries};
use crate::access::{Action, Actor};
use crate::db::Db;
use crate::web::{OrNotFound, Result};

/// Deletes a comment; once more changes nothing. True where readers saw it until then.
///
/// # Errors
///
/// Where the actor may not.
pub async fn withdraw(db: &Db, actor: &Actor, id: Uuid) -> Result<bool> {
    let mut tx = db.begin().await?;
    let comment = queries::lock_comment(&mut tx, id).await?.or_not_found()?;
    allow(actor, Action::DeleteComment, &comment)?;
    if comment.state == State::Deleted {
        return Ok(false);
    }
    actor.joins(Some(comment.transaction_id));
    tx.belongs_to(actor);
    change::withdraw(&mut tx, &comment, actor).await?;
    tx.commit().await?;
    Ok(comment.public())
}
