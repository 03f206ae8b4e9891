//! The trash: a post is out of readers' sight with everything of it kept, and comes back as it was.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::listing;
use super::model::{Kind, Status};
use super::note_publication::lock_noted;
use super::permission::{editable, require_publish};
use super::queries::{self, ChosenPost, PostRow};
use super::record::record;
use super::save_error::SaveError;
use crate::access::Actor;
use crate::db::{Db, Tx};

/// What was moved to the trash, for undoing it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Trashed {
    pub post: Uuid,
    pub version: i32,
    pub at: DateTime<Utc>,
    pub is_page: bool,
    /// Readers could see it until then.
    pub was_public: bool,
}

/// Moves a post to the trash. None where it lies there already.
///
/// # Errors
///
/// Then nothing is changed.
pub async fn trash(db: &Db, actor: &Actor, id: Uuid) -> Result<Option<Trashed>, SaveError> {
    let mut tx = db.begin().await?;
    let locked = lock_noted(&mut tx, id).await?;
    let post = in_reach(locked, actor)?;
    if post.deleted_at.is_some() {
        return Ok(None);
    }
    actor.joins(post.transaction_id);
    tx.belongs_to(actor);
    let was_public = listing::take_down(&mut tx, &post).await?;
    let at = queries::move_to_trash(&mut tx, post.id).await?;
    record(&mut tx, &post, "post.trash", actor).await?;
    tx.commit().await?;
    Ok(Some(Trashed {
        post: id,
        version: post.version,
        at,
        is_page: post.kind == Kind::Page,
        was_public,
    }))
}

/// The post, where the actor may take it out of readers' sight or bring it back there, should they have it.
fn in_reach(locked: Option<PostRow>, actor: &Actor) -> Result<PostRow, SaveError> {
    let post = editable(locked, actor).ok_or(SaveError::NotFound)?;
    if post.status != Status::Draft {
        require_publish(&post, actor)?;
    }
    Ok(post)
}

/// A post that is not in the trash any more.
pub struct Restored {
    pub is_public: bool,
    /// It was in there until now.
    pub is_changed: bool,
}

/// Brings a post back from the trash: a draft as a draft, and what readers could see into their sight again.
///
/// # Errors
///
/// Then nothing is changed.
pub async fn restore(db: &Db, actor: &Actor, id: Uuid) -> Result<Restored, SaveError> {
    let mut tx = db.begin().await?;
    let locked = lock_noted(&mut tx, id).await?;
    let post = in_reach(locked, actor)?;
    bring_back(tx, actor, &post).await
}

/// What was brought back, for undoing it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BroughtBack {
    pub post: Uuid,
    pub version: i32,
    pub is_public: bool,
}

impl BroughtBack {
    /// None where it was not in there any more.
    pub(super) fn of(post: &ChosenPost, restored: &Restored) -> Option<BroughtBack> {
        restored.is_changed.then_some(BroughtBack {
            post: post.public_id,
            version: post.version,
            is_public: restored.is_public,
        })
    }
}

/// Moves what was brought back into the trash again. False where it has changed since; true also where it lies there.
///
/// # Errors
///
/// Then nothing is changed.
pub async fn undo_restore(db: &Db, actor: &Actor, done: &BroughtBack) -> Result<bool, SaveError> {
    let mut tx = db.begin().await?;
    let locked = queries::lock_post(&mut tx, done.post).await?;
    let post = in_reach(locked, actor)?;
    let is_public = post.status == Status::Published;
    if post.version != done.version || is_public != done.is_public {
        return Ok(false);
    }
    if post.deleted_at.is_some() {
        return Ok(true);
    }
    actor.joins(post.transaction_id);
    tx.belongs_to(actor);
    listing::take_down(&mut tx, &post).await?;
    queries::move_to_trash(&mut tx, post.id).await?;
    record(&mut tx, &post, "post.trash", actor).await?;
    tx.commit().await?;
    Ok(true)
}

/// Undoes a move to the trash. None where the post has changed since; what was undone before stays so.
///
/// # Errors
///
/// Then nothing is changed.
pub async fn undo(db: &Db, actor: &Actor, done: &Trashed) -> Result<Option<Restored>, SaveError> {
    let mut tx = db.begin().await?;
    let locked = queries::lock_post(&mut tx, done.post).await?;
    let post = in_reach(locked, actor)?;
    let is_there = post.deleted_at.is_none_or(|at| at == done.at);
    if post.version != done.version || !is_there {
        return Ok(None);
    }
    bring_back(tx, actor, &post).await.map(Some)
}

async fn bring_back(mut tx: Tx, actor: &Actor, post: &PostRow) -> Result<Restored, SaveError> {
    let is_public = post.status == Status::Published;
    if post.deleted_at.is_none() {
        return Ok(Restored {
            is_public,
            is_changed: false,
        });
    }
    actor.joins(post.transaction_id);
    tx.belongs_to(actor);
    listing::relist(&mut tx, post, async |tx| {
        queries::take_from_trash(tx, post.id).await
    })
    .await?;
    record(&mut tx, post, "post.restore", actor).await?;
    tx.commit().await?;
    Ok(Restored {
        is_public,
        is_changed: true,
    })
}
