//! Undoing an act on many posts: each by the act that undoes it for one, where that has not changed since.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::add_tag::{self, Tagged};
use super::save_error::SaveError;
use super::trash::{self, BroughtBack, Trashed};
use super::undo_publish::{self, FirstPublished};
use super::unpublish::{self, Unpublished};
use crate::access::Actor;
use crate::db::Db;
use crate::web::{Error, Result};

/// After it no further post is begun: the request is answered before its time is over, and says what was done.
pub(super) const TIME: Duration = Duration::from_secs(15);

/// What was done to one post, for undoing it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Done {
    Published(FirstPublished),
    Unpublished(Unpublished),
    Tagged(Tagged),
    Trashed(Trashed),
    Restored(BroughtBack),
}

impl Done {
    pub fn post(&self) -> Uuid {
        match self {
            Done::Published(done) => done.post,
            Done::Unpublished(done) => done.post,
            Done::Tagged(done) => done.post,
            Done::Trashed(done) => done.post,
            Done::Restored(done) => done.post,
        }
    }

    /// Takes it back, where nothing has changed since; says whether it is as before.
    async fn take_back(&self, db: &Db, actor: &Actor) -> Result<bool> {
        let undone = match self {
            Done::Published(done) => undo_publish::undo(db, actor, done).await,
            Done::Unpublished(done) => unpublish::undo(db, actor, done).await,
            Done::Tagged(done) => {
                return match add_tag::undo(db, actor, done).await {
                    Err(Error::NotFound) => Ok(false),
                    undone => undone,
                };
            }
            Done::Trashed(done) => trash::undo(db, actor, done)
                .await
                .map(|done| done.is_some()),
            Done::Restored(done) => trash::undo_restore(db, actor, done).await,
        };
        match undone {
            Err(SaveError::Db(error)) => Err(error.into()),
            Err(_) => Ok(false),
            Ok(undone) => Ok(undone),
        }
    }
}

/// Undoes what was done to many posts; gives those that have changed since, or can't be changed by the actor any more.
///
/// # Errors
///
/// Where nothing could be undone at all. What was undone before stays so, and can be asked for again.
pub async fn undo(db: &Db, actor: &Actor, done: &[Done]) -> Result<Vec<Uuid>, Error> {
    let begun = Instant::now();
    let mut left = Vec::new();
    for (place, one) in done.iter().enumerate() {
        let actor = actor.in_another_action();
        let is_late = begun.elapsed() > TIME;
        match Box::pin(one.take_back(db, &actor)).await {
            Ok(true) => {}
            Ok(false) => left.push(one.post()),
            Err(error) if place == 0 => return Err(error),
            Err(_) => left.push(one.post()),
        }
        if is_late {
            left.extend(done.iter().skip(place + 1).map(Done::post));
            break;
        }
    }
    Ok(left)
}
