//! What pages show of comments, as tags by which they are invalidated.

use uuid::Uuid;

use crate::db::{CacheTag, Tx};
use crate::features::posts::cache_tags::of_post;

/// How many comments a post has, as lists say it.
pub fn count(post: Uuid) -> CacheTag {
    of_post("count", post)
}

/// The comments under a post.
pub fn thread(post: Uuid) -> CacheTag {
    of_post("thread", post)
}

/// A comment reads otherwise, and readers see as many as before.
pub fn invalidate_thread(tx: &mut Tx, post: Uuid) {
    tx.invalidate([thread(post)]);
}

/// There is one more.
pub fn invalidate_thread_and_count(tx: &mut Tx, post: Uuid) {
    tx.invalidate([thread(post), count(post)]);
}

/// There is one less: words that were taken out are not shown again, not even while the database is away.
pub fn purge_thread(tx: &mut Tx, post: Uuid) {
    tx.purge([thread(post)]);
    tx.invalidate([count(post)]);
}
