//! Unpublishing: a post is a draft again, and readers get it no longer ([`unpublish`], the whole act); and undoing that.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::model::Status;
use super::note_publication::lock_noted;
use super::permission::publishable;
use super::queries::{self, PostRow};
use super::save_error::SaveError;
use super::{listing, record};
use crate::access::Actor;
use crate::db::Db;

/// What was unpublished, for undoing it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unpublished {
    pub post: Uuid,
    pub version: i32,
    /// When readers saw it change last.
    pub changed_at: DateTime<Utc>,
    pub unpublished_at: DateTime<Utc>,
    /// Readers could see it until then.
    pub was_public: bool,
}

/// Takes a post back: it is a draft again, and its address answers 404. None where it is a draft already.
///
/// # Errors
///
/// Then nothing is changed.
pub async fn unpublish(db: &Db, actor: &Actor, id: Uuid) -> Result<Option<Unpublished>, SaveError> {
    let mut tx = db.begin().await?;
    let locked = lock_noted(&mut tx, id).await?;
    let post = publishable(locked, actor)?;
    if post.status != Status::Published {
        return Ok(None);
    }
    actor.joins(post.transaction_id);
    tx.belongs_to(actor);
    let was_public = listing::take_down(&mut tx, &post).await?;
    let unmarked = queries::mark_unpublished(&mut tx, post.id).await?;
    record::record(&mut tx, &post, "post.unpublish", actor).await?;
    tx.commit().await?;
    Ok(Some(Unpublished {
        post: id,
        version: post.version,
        changed_at: unmarked.changed_at,
        unpublished_at: unmarked.unpublished_at,
        was_public,
    }))
}

/// Puts a post back where it was before it was unpublished: same address, same dates, same id in feeds. False where it has
/// changed since; true also where it was undone before.
///
/// # Errors
///
/// Then nothing is changed.
pub async fn undo(db: &Db, actor: &Actor, done: &Unpublished) -> Result<bool, SaveError> {
    let mut tx = db.begin().await?;
    let locked = queries::lock_post(&mut tx, done.post).await?;
    let post = publishable(locked, actor)?;
    let is_changed = post.version != done.version || post.is_template;
    if is_changed || post.deleted_at.is_some() == done.was_public {
        return Ok(false);
    }
    let at = queries::changed_at(&mut tx, post.id).await?;
    if !stands(&post, at, done) {
        return Ok(post.status == Status::Published && at == Some(done.changed_at));
    }
    actor.joins(post.transaction_id);
    tx.belongs_to(actor);
    listing::relist(&mut tx, &post, async |tx| {
        queries::mark_published_again(tx, post.id, done.changed_at).await
    })
    .await?;
    record::record(&mut tx, &post, "post.publish", actor).await?;
    tx.commit().await?;
    Ok(true)
}

/// Nothing has happened to it since it was unpublished.
fn stands(post: &PostRow, changed_at: Option<DateTime<Utc>>, done: &Unpublished) -> bool {
    post.status == Status::Draft && changed_at == Some(done.unpublished_at)
}
