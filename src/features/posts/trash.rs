//! The trash: a post is out of readers' sight with everything of it kept, and comes back as it was.

use uuid::Uuid;

use super::listing;
use super::permission::editable;
use super::queries::{self, PostRow};
use super::save_error::SaveError;
use crate::access::Actor;
use crate::db::audit::{self, Entry};
use crate::db::{Db, DbError, Tx};

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
    let was_public = listing::take_down(&mut tx, &post).await?;
    queries::set_deleted(&mut tx, post.id, true).await?;
    record(&mut tx, &post, "post.trash", actor).await?;
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
    listing::relist(&mut tx, &post, async |tx| {
        queries::set_deleted(tx, post.id, false).await
    })
    .await?;
    record(&mut tx, &post, "post.restore", actor).await?;
    tx.commit().await?;
    Ok(true)
}

/// Notes an act that says no more of a post than which it is.
pub(super) async fn record(
    tx: &mut Tx,
    post: &PostRow,
    act: &str,
    actor: &Actor,
) -> Result<(), DbError> {
    let entry = Entry {
        act,
        object_kind: post.kind.as_str(),
        object_id: Some(post.public_id),
        object: &post.title,
        ..Entry::default()
    };
    audit::record(tx, actor, entry).await
}
