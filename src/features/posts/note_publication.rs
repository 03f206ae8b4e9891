//! What is done once the time of a scheduled post has come: readers have it already, and what keeps account of it follows.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::model::Status;
use super::queries::PostRow;
use super::{listing, queries, record};
use crate::access::Actor;
use crate::db::{Db, Result, Tx};
use crate::jobs::{Ids, Job, JobSpec, enqueue};

/// Notes that the time of a scheduled post has come. It comes again until it could: readers have the post meanwhile.
#[derive(Debug, Serialize, Deserialize)]
pub struct NotePublication {
    pub post: Uuid,
}

impl Job for NotePublication {
    const SPEC: JobSpec = JobSpec {
        concurrency: 4,
        ..JobSpec::named("posts.note_publication")
    };
}

impl NotePublication {
    pub fn of(post: Uuid) -> NotePublication {
        NotePublication { post }
    }

    /// Asks for it in the transaction that plans the post.
    ///
    /// # Errors
    ///
    /// When the database refuses or is gone.
    pub async fn ask(&self, tx: &mut Tx, actor: &Actor, after: Duration) -> Result<()> {
        let ids = Ids {
            correlation_id: Some(actor.correlation_id),
            transaction_id: Some(actor.transaction_id()),
        };
        enqueue(tx, self, ids, after).await
    }
}

/// What became of a post that was planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noted {
    Now,
    /// It is noted already, or not planned any more.
    Before,
    /// Its time is still to come.
    TooEarly,
}

/// Notes that the time of a scheduled post has come, once.
///
/// # Errors
///
/// Then nothing is changed, and readers have it nevertheless.
pub async fn note_publication(db: &Db, id: Uuid) -> Result<Noted> {
    let mut tx = db.begin().await?;
    let Some(post) = queries::lock_post(&mut tx, id).await? else {
        return Ok(Noted::Before);
    };
    if post.status != Status::Scheduled || post.deleted_at.is_some() {
        return Ok(Noted::Before);
    }
    if !post.is_due {
        return Ok(Noted::TooEarly);
    }
    note(&mut tx, &post).await?;
    tx.commit().await?;
    Ok(Noted::Now)
}

/// Holds a post for an act. One whose time has come is noted first: the act changes what readers have.
pub(super) async fn lock_noted(tx: &mut Tx, id: Uuid) -> Result<Option<PostRow>> {
    let post = queries::lock_post(tx, id).await?;
    match post {
        Some(due) if due.is_due && due.deleted_at.is_none() => {
            note(tx, &due).await?;
            queries::lock_post(tx, id).await
        }
        post => Ok(post),
    }
}

/// By no account: its author has planned it.
async fn note(tx: &mut Tx, post: &PostRow) -> Result<()> {
    let actor = &Actor::command("schedule");
    actor.joins(post.transaction_id);
    tx.belongs_to(actor);
    listing::relist(tx, post, async |tx| {
        queries::note_publication(tx, post.id).await
    })
    .await?;
    record::record(tx, post, "post.publish", actor).await
}
