//! In lists or not: `listed_at` on the post, on its tags and on its authors, and the tags' counters, always
//! changed together and in the transaction that changes the post. [`leave`] before a change, [`enter`] after it.
//!
//! The counters are touched once, at the end, and in the order of the tags' keys: two posts that swap their
//! tags at the same moment wait for each other instead of locking each other out.

use super::cache_tags::affected_tags;
use super::model::{Kind, PostId};
use super::queries::{self, PlaceRow};
use crate::db::{CacheTag, Result, Tx};

/// Where a post was before a change.
#[must_use = "the counters of the tags are wrong until `enter` has seen it"]
pub struct Left(PlaceRow);

impl Left {
    /// Of a post that nothing shows.
    pub(super) fn nowhere(kind: Kind) -> Left {
        let (addresses, topics, author_keys, listed_tags) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Left(PlaceRow {
            kind,
            addresses,
            topics,
            author_keys,
            listed_tags,
        })
    }

    /// Everything besides the post itself that showed it.
    pub fn seen_in(&self) -> Vec<CacheTag> {
        affected_tags(&self.0)
    }
}

/// Notes where the post stands before a change that [`enter`] completes.
pub async fn leave(tx: &mut Tx, post: PostId) -> Result<Left> {
    Ok(Left(queries::place(tx, post).await?))
}

/// Puts the post into the lists where it belongs now; nowhere, if it is not public or unlisted. Gives everything besides
/// the post itself that shows it now.
pub async fn enter(tx: &mut Tx, post: PostId, left: Left) -> Result<Vec<CacheTag>> {
    Ok(affected_tags(
        &queries::list(tx, post, &left.0.listed_tags).await?,
    ))
}

/// Takes the post out of every list for good.
pub async fn withdraw(tx: &mut Tx, post: PostId) -> Result<()> {
    let left = queries::place(tx, post).await?;
    queries::unlist(tx, post, &left.listed_tags).await
}

/// Everything besides the post itself that readers see differently when it comes, changes or goes: ask before and after
/// a change, and invalidate both.
pub async fn seen_in(tx: &mut Tx, post: PostId) -> Result<Vec<CacheTag>> {
    Ok(affected_tags(&queries::place(tx, post).await?))
}
