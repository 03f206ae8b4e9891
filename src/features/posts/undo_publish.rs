//! Undoing that a draft was published: it is a draft as before, also in the date that it had.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::model::Status;
use super::permission::publishable;
use super::queries::{self, ChosenPost};
use super::save_error::SaveError;
use super::{listing, record};
use crate::access::Actor;
use crate::db::{Db, Result};

/// A draft that was published, for undoing it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FirstPublished {
    pub post: Uuid,
    pub version: i32,
    /// When readers saw it change last. None: it has changed meanwhile.
    pub changed_at: Option<DateTime<Utc>>,
    /// The date that it had as a draft, which was published before.
    pub date_before: Option<DateTime<Utc>>,
}

/// What has to be known to undo it. `before` is the draft.
pub(super) async fn first_published(db: &Db, before: &ChosenPost) -> Result<FirstPublished> {
    let id = before.public_id;
    let changed_at = db
        .ask_fresh(async |conn| queries::public_since(conn, id, before.shown).await)
        .await?;
    Ok(FirstPublished {
        post: id,
        version: before.shown,
        changed_at,
        date_before: before.published_at,
    })
}

/// Makes it a draft again. False where it has changed since; true also where it was undone before.
///
/// # Errors
///
/// Then nothing is changed.
pub async fn undo(db: &Db, actor: &Actor, done: &FirstPublished) -> Result<bool, SaveError> {
    let mut tx = db.begin().await?;
    let locked = queries::lock_post(&mut tx, done.post).await?;
    let post = publishable(locked, actor)?;
    if post.version != done.version || post.deleted_at.is_some() {
        return Ok(false);
    }
    if post.status != Status::Published {
        let is_undone = post.status == Status::Draft && post.published_at == done.date_before;
        return Ok(is_undone);
    }
    let changed_at = queries::changed_at(&mut tx, post.id).await?;
    if done.changed_at.is_none() || done.changed_at != changed_at {
        return Ok(false);
    }
    actor.joins(post.transaction_id);
    tx.belongs_to(actor);
    listing::take_down(&mut tx, &post).await?;
    queries::mark_never_published(&mut tx, post.id, done.date_before).await?;
    record::record(&mut tx, &post, "post.unpublish", actor).await?;
    tx.commit().await?;
    Ok(true)
}
