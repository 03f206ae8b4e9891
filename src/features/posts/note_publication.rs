//! What is done once the time of a scheduled post has come: readers have it already, and what keeps account of it follows.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::model::Status;
use super::{listing, queries, trash};
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
    let actor = &Actor::command("schedule");
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
    actor.joins(post.transaction_id);
    tx.belongs_to(actor);
    listing::relist(&mut tx, &post, async |tx| {
        queries::note_publication(tx, post.id).await
    })
    .await?;
    trash::record(&mut tx, &post, "post.publish", actor).await?;
    tx.commit().await?;
    Ok(Noted::Now)
}
