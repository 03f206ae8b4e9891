//! Which parts of a list in the order of database keys a post changes: those of the sitemap, and the pages of authors. What is
//! published in one place leaves the parts for other keys alone, however many posts and authors there are.
//!
//! For the one release in which nodes of the release before serve too, these tags carry its name for all posts.

use std::collections::BTreeSet;

use super::lists::List;
use crate::db::CacheTag;
use crate::features::posts::model::PostId;

/// Keys of posts and pages that one part covers.
pub const POSTS_IN_PART: i64 = 10_000;
/// Keys of accounts that one part covers.
pub const AUTHORS_IN_PART: i64 = 5_000;

/// Keys of accounts that lie so near to each other that a page of authors may be named by them.
const NEAR: i64 = 50;
/// Names of one kind that a page has at most.
const NAMES: i64 = 24;

/// Posts and pages of one part, from 0.
pub fn posts_in(part: i64) -> CacheTag {
    numbered("posts-in", part)
}

/// Accounts of one part, from 0: which of them have listed posts, and which is the newest of each.
pub fn authors_in(part: i64) -> CacheTag {
    numbered("authors-in", part)
}

/// What a page depends on that shows authors from one account to another. None: the list ends here.
pub fn authors_between(first: i64, last: Option<i64>) -> Vec<CacheTag> {
    let parts = last.and_then(|last| {
        blocks(first, last, NEAR, "authors-near")
            .or_else(|| blocks(first, last, AUTHORS_IN_PART, "authors-in"))
    });
    parts.unwrap_or_else(|| vec![List::Site.whole()])
}

/// What changes with posts, wherever their authors and they stand.
pub(super) fn changed(ids: &[PostId], authors: &[i64]) -> BTreeSet<CacheTag> {
    let posts = ids.iter().map(|id| posts_in(id / POSTS_IN_PART));
    let near = authors.iter().map(|id| numbered("authors-near", id / NEAR));
    let parts = authors.iter().map(|id| authors_in(id / AUTHORS_IN_PART));
    posts.chain(near).chain(parts).collect()
}

fn blocks(first: i64, last: i64, size: i64, kind: &'static str) -> Option<Vec<CacheTag>> {
    let (from, to) = (first / size, last / size);
    (to - from < NAMES).then(|| (from..=to).map(|block| numbered(kind, block)).collect())
}

fn numbered(kind: &'static str, number: i64) -> CacheTag {
    CacheTag::new(kind, number.to_string().as_str()).formerly(&CacheTag::singleton("posts"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever a page covers, an author who comes into it, leaves it or publishes there has one of its tags.
    #[test]
    fn an_author_changes_the_page_that_shows_them() {
        for covered in [0, 1, 59, 500, 1_199, 1_201, 90_000, 10_000_000] {
            let (first, last) = (4_321, 4_321 + covered);
            let page = authors_between(first, Some(last));
            for author in [first, first + covered / 2, last] {
                let changed = changed(&[], &[author])
                    .into_iter()
                    .chain([List::Site.whole()]);
                assert!(
                    changed.into_iter().any(|tag| page.contains(&tag)),
                    "{covered} {author}"
                );
            }
            assert!(page.len() <= 24, "{covered}");
        }
        assert_eq!(authors_between(7, None), [List::Site.whole()]);
    }

    #[test]
    fn an_author_leaves_other_pages_alone() {
        let page = authors_between(0, Some(700));
        let changed = changed(&[1], &[800, 6_000]);
        assert!(!changed.iter().any(|tag| page.contains(tag)));
    }
}
