//! The trash: a post is out of readers' sight with everything of it kept, and comes back as it was.

use uuid::Uuid;

use super::permission::editable;
use super::revision::SaveError;
use super::{publication, queries};
use crate::access::Actor;
use crate::db::Db;

/// Moves a post to the trash. Whether readers could see it until then.
///
/// # Errors
///
/// Then nothing is changed.
pub async fn trash(db: &Db, actor: &Actor, id: Uuid) -> Result<bool, SaveError> {
    let mut tx = db.begin().await?;
    let locked = queries::lock_post(&mut tx, id).await?;
    let post = editable(locked, actor).ok_or(SaveError::NotFound)?;
    if post.deleted_at.is_some() {
        return Ok(false);
    }
    actor.joins(post.transaction_id);
    tx.belongs_to(actor);
    let was_public = publication::trash(&mut tx, &post, actor).await?;
    tx.commit().await?;
    Ok(was_public)
}

/// Brings a post back from the trash. False where it does not lie there.
///
/// # Errors
///
/// Then nothing is changed.
pub async fn restore(db: &Db, actor: &Actor, id: Uuid) -> Result<bool, SaveError> {
    let mut tx = db.begin().await?;
    let locked = queries::lock_post(&mut tx, id).await?;
    let post = editable(locked, actor).ok_or(SaveError::NotFound)?;
    if post.deleted_at.is_none() {
        return Ok(false);
    }
    actor.joins(post.transaction_id);
    tx.belongs_to(actor);
    publication::restore(&mut tx, &post, actor).await?;
    tx.commit().await?;
    Ok(true)
}
