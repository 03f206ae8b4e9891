//! In lists or not: `listed_at` on the post, on its tags and on its authors, and the tags' counters, always
//! changed together and in the transaction that changes the post. [`leave`] before a change, [`enter`] after it.
//!
//! The counters are touched once, at the end, and in the order of the tags' keys: two posts that swap their
//! tags at the same moment wait for each other instead of locking each other out.

use super::model::{Kind, PostId};
use super::queries;
use crate::db::{Result, Tag, Tx};

/// The tags under which a post was counted before a change.
#[must_use = "the counters of the tags are wrong until `enter` or `withdraw` has seen it"]
pub struct Left(Vec<i64>);

/// Takes the post out of every list, for the time of a change.
pub async fn leave(tx: &mut Tx, post: PostId) -> Result<Left> {
    let tags = queries::listed_tags(tx, post).await?;
    queries::clear_listed(tx, post).await?;
    Ok(Left(tags))
}

/// Puts the post into the lists where it belongs now; nowhere, if it is not public or unlisted.
pub async fn enter(tx: &mut Tx, post: PostId, left: Left) -> Result<()> {
    queries::set_listed(tx, post).await?;
    queries::count_tags(tx, post, &left.0).await
}

/// Takes the post out of every list for good.
pub async fn withdraw(tx: &mut Tx, post: PostId) -> Result<()> {
    let left = leave(tx, post).await?;
    queries::count_tags(tx, post, &left.0).await
}

/// Everything besides the post itself that readers see differently when it comes, changes or goes: ask before and after
/// a change, and touch both.
pub async fn seen_in(tx: &mut Tx, post: PostId) -> Result<Vec<Tag>> {
    let place = queries::place(tx, post).await?;
    let mut tags = vec![Tag::posts()];
    tags.extend(place.addresses.iter().map(|path| Tag::address(path)));
    tags.extend(place.topics.iter().map(|slug| Tag::topic(slug)));
    tags.extend(place.author_keys.iter().map(|key| Tag::by(key)));
    if place.kind == Kind::Page {
        // Its title may stand in the menu, which is on every page.
        tags.extend([Tag::pages(), Tag::site()]);
    }
    Ok(tags)
}
