//! In lists or not: `listed_at` on the post, on its tags and on its authors, and the tags' counters, always
//! changed together and in the transaction that changes the post. Leave before a change, enter after it.

use super::model::PostId;
use super::queries;
use crate::db::{Result, Tx};

/// Takes the post out of every list.
pub async fn leave(tx: &mut Tx, post: PostId) -> Result<()> {
    queries::count_tags(tx, post, -1).await?;
    queries::clear_listed(tx, post).await
}

/// Puts the post into the lists where it belongs now; nowhere, if it is not public or unlisted.
pub async fn enter(tx: &mut Tx, post: PostId) -> Result<()> {
    queries::set_listed(tx, post).await?;
    queries::count_tags(tx, post, 1).await
}
