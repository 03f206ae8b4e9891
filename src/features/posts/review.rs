//! Review: a text is submitted by an account that may not publish it, and waits for an editor, who publishes it, edits it first,
//! or sends it back with a word why. Meanwhile it stays what it was for readers, and its author goes on writing: what
//! is published is always the version that the editor looked at.

use uuid::Uuid;

use super::model::Status;
use super::note_publication::lock_noted;
use super::permission::{editable, publishable};
use super::publish::PublishError;
use super::queries::{self, PostRow};
use super::record::record;
use super::save_error::SaveError;
use crate::access::Actor;
use crate::db::{Db, Tx};

/// Most characters of a note to the editor.
pub const MOST_NOTE: usize = 1000;
/// Most characters of what an editor answers.
pub const MOST_REPLY: usize = 2000;

/// Submits the newest version for review. `shown`: the version that its author looked at.
///
/// # Errors
///
/// Then nothing is changed. Where there is nothing that readers could see, or nothing that they do not have.
pub async fn submit(
    db: &Db,
    actor: &Actor,
    (id, shown): (Uuid, Option<i32>),
    note: &str,
) -> Result<(), PublishError> {
    let mut tx = db.begin().await?;
    let locked = lock_noted(&mut tx, id).await?;
    let post = editable(locked, actor).ok_or(SaveError::NotFound)?;
    if post.deleted_at.is_some() {
        return Err(PublishError::InTheTrash);
    }
    if post.is_template {
        return Err(PublishError::IsTemplate);
    }
    if shown.is_some_and(|shown| shown != post.version) {
        return Err(PublishError::NewerVersion);
    }
    if post.status != Status::Draft && !post.has_unpublished_changes() {
        return Err(PublishError::NothingToSubmit);
    }
    let draft = queries::newest_revision(&mut tx, post.id).await?;
    if draft.is_none_or(|draft| draft.is_blank()) {
        return Err(SaveError::Empty.into());
    }
    actor.joins(post.transaction_id);
    tx.belongs_to(actor);
    // What its editor saves by itself takes the place of it no longer: an editor can look at what was submitted.
    queries::keep_autosave(&mut tx, &post).await?;
    queries::submit(&mut tx, post.id, post.version, note, actor).await?;
    record(&mut tx, &post, "post.submit", actor).await?;
    Ok(tx.commit().await?)
}

/// Takes a text out of review. One that is not in review stays as it is.
///
/// # Errors
///
/// Then nothing is changed.
pub async fn withdraw(db: &Db, actor: &Actor, id: Uuid) -> Result<(), SaveError> {
    let mut tx = db.begin().await?;
    let locked = queries::lock_post(&mut tx, id).await?;
    let post = editable(locked, actor).ok_or(SaveError::NotFound)?;
    let outcome = End {
        outcome: "withdrawn",
        act: "post.withdraw",
        seen: None,
        reply: "",
    };
    end(tx, actor, &post, outcome).await.map(drop)
}

/// Sends a text back to its author. `seen`: the version that was submitted when the editor looked; none is any. False where it is not
/// in review any more, or was submitted again.
///
/// # Errors
///
/// Then nothing is changed.
pub async fn send_back(
    db: &Db,
    actor: &Actor,
    (id, seen): (Uuid, Option<i32>),
    reply: &str,
) -> Result<bool, SaveError> {
    let mut tx = db.begin().await?;
    let locked = queries::lock_post(&mut tx, id).await?;
    let post = publishable(locked, actor)?;
    let outcome = End {
        outcome: "returned",
        act: "post.send_back",
        seen,
        reply,
    };
    end(tx, actor, &post, outcome).await
}

/// How a review ends, where nothing is published.
struct End<'a> {
    outcome: &'a str,
    act: &'a str,
    seen: Option<i32>,
    reply: &'a str,
}

async fn end(mut tx: Tx, actor: &Actor, post: &PostRow, how: End<'_>) -> Result<bool, SaveError> {
    if !queries::end_review(&mut tx, post.id, how.seen, (how.outcome, how.reply), actor).await? {
        return Ok(false);
    }
    actor.joins(post.transaction_id);
    tx.belongs_to(actor);
    record(&mut tx, post, how.act, actor).await?;
    tx.commit().await?;
    Ok(true)
}
