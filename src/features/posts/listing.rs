//! In lists or not: `listed_at` on the post, on its tags and on its authors, and the tags' counters, always
//! changed together and in the transaction that changes the post: [`relist`] around a change, [`take_down`] where readers lose it, [`remove`] for the sample content.
//!
//! The counters are changed once, at the end, and in the order of the tags' keys: two posts that swap their
//! tags at the same moment wait for each other instead of locking each other out.

use super::cache_tags::{affected_tags, invalidate_post, purge_post};
use super::model::{PostId, Status};
use super::queries::{self, PlaceRow, PostRow};
use crate::db::{CacheTag, DbError, Result, Tx};

/// Makes a change of a post, then puts it into the lists where it belongs; into none, if it is not public or unlisted.
/// Invalidates the post and everything that shows it, before or after.
pub async fn relist<T, E: From<DbError>>(
    tx: &mut Tx,
    post: &PostRow,
    change: impl AsyncFnOnce(&mut Tx) -> Result<T, E>,
) -> Result<T, E> {
    // Before its first save no page shows it.
    let before = match post.version {
        0 => PlaceRow::nowhere(post.kind),
        _ => queries::place(tx, post.id).await?,
    };
    tx.invalidate(affected_tags(&before));
    let done = change(tx).await?;
    let after = queries::list(tx, post.id, &before.listed_tags).await?;
    tx.invalidate(affected_tags(&after));
    invalidate_post(tx, post.public_id);
    Ok(done)
}

/// Takes the post out of every list, until [`relist`] puts it back. Gives the tags of everything besides the post itself that showed it.
pub async fn remove(tx: &mut Tx, post: PostId) -> Result<Vec<CacheTag>> {
    let before = queries::place(tx, post).await?;
    queries::unlist(tx, post, &before.listed_tags).await?;
    Ok(affected_tags(&before))
}

/// Takes a post out of every list, never to be shown again from a copy. False where readers cannot see it: then it was
/// never public, or its copies were purged when it was taken down.
pub async fn take_down(tx: &mut Tx, post: &PostRow) -> Result<bool> {
    if !post.is_public() {
        if post.status == Status::Scheduled {
            // Pages that would show it end at its time.
            let affected = remove(tx, post.id).await?;
            tx.invalidate(affected);
        }
        return Ok(false);
    }
    let affected = remove(tx, post.id).await?;
    tx.invalidate(affected);
    purge_post(tx, post.public_id);
    Ok(true)
}
