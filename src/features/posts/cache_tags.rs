//! What pages show of posts, as tags by which they are invalidated. The blog's own tags are `topic` here, since they are
//! something else.

mod lists;
mod parts;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::model::Kind;
use super::queries::PlaceRow;
use crate::db::{CacheTag, Tx};
use crate::features::site;

pub use lists::List;
pub use parts::{AUTHORS_IN_PART, POSTS_IN_PART, authors_between, authors_in, posts_in};

/// Which posts are listed, and the counts of their tags.
pub fn posts() -> CacheTag {
    List::Site.whole()
}

/// Which pages there are, where they stand and what lies under each.
pub fn pages() -> CacheTag {
    CacheTag::singleton("pages")
}

/// A post or page, by its public id.
pub fn post(id: Uuid) -> CacheTag {
    of_post("post", id)
}

/// Which posts stand before and after a post in the list of its owner.
pub fn neighbours(id: Uuid) -> CacheTag {
    CacheTag::new("neighbours", id)
}

/// Which post is the newest in the list of an account, by the key of its username: two that are published at the same moment do not
/// see each other as neighbours.
pub fn newest_of(key: &str) -> CacheTag {
    CacheTag::new("newest", key)
}

/// Which posts a person is listed with, by the key of the username.
pub fn by(key: &str) -> CacheTag {
    List::By(key).whole()
}

/// Which posts are listed under a tag of the blog, by its slug.
pub fn topic(slug: &str) -> CacheTag {
    List::Topic(slug).whole()
}

/// Which posts are pinned on the page of an account, or on the front page.
pub fn pins(page_of: i64) -> CacheTag {
    CacheTag::new("pins", page_of.to_string().as_str())
}

/// What is found at a path, for addresses where nothing is yet.
pub fn address(path: &str) -> CacheTag {
    let digest = HEXLOWER.encode(&Sha256::digest(path));
    CacheTag::new("at", &digest[..32]).formerly(&CacheTag::new("at", &digest[..16]))
}

/// Something about a post, by its whole id: the last 64 bits, by which the release before went, are not enough where an author
/// may have chosen them.
pub fn of_post(kind: &'static str, id: Uuid) -> CacheTag {
    let half = HEXLOWER.encode(&id.as_bytes()[8..]);
    CacheTag::new(kind, id).formerly(&CacheTag::new(kind, half.as_str()))
}

pub fn invalidate_post(tx: &mut Tx, id: Uuid) {
    tx.invalidate([post(id)]);
}

/// No reader may see the post again, as it is or at all.
pub fn purge_post(tx: &mut Tx, id: Uuid) {
    tx.purge([post(id)]);
}

/// How tags are called and what is said of them, on the page of all.
pub fn topics() -> CacheTag {
    CacheTag::singleton("topics")
}

/// Every page of the list, which says what the tag is about, and the page of all tags.
pub fn invalidate_topic(tx: &mut Tx, slug: &str) {
    let list = List::Topic(slug);
    tx.invalidate([list.whole(), list.older(), topics()]);
}

/// A path leads elsewhere now, in whatever case it is asked for.
pub fn invalidate_address(tx: &mut Tx, path: &str) {
    tx.invalidate([address(path), address(&path.to_lowercase())]);
}

/// Pages moved, which may stand in the menu.
pub fn invalidate_pages(tx: &mut Tx) {
    tx.invalidate([pages(), site::cache_tags::site(), posts()]);
}

/// Everything besides the post itself that shows it where it stands.
pub fn affected_tags(place: &PlaceRow) -> Vec<CacheTag> {
    let mut tags: Vec<CacheTag> = lists(place)
        .flat_map(|list| list.changed(&place.listed_at))
        .collect();
    tags.extend(parts::changed(&place.posts, &place.author_ids));
    tags.extend(place.addresses.iter().map(|path| address(path)));
    tags.extend(place.author_keys.iter().map(|key| newest_of(key)));
    tags.extend(place.neighbours.iter().map(|id| neighbours(*id)));
    if place.kind == Kind::Page {
        // Its title may stand in the menu, which is on every page.
        tags.extend([pages(), site::cache_tags::site()]);
    }
    tags
}

fn lists(place: &PlaceRow) -> impl Iterator<Item = List<'_>> {
    let topics = place.topics.iter().map(|slug| List::Topic(slug));
    let authors = place.author_keys.iter().map(|key| List::By(key));
    std::iter::once(List::Site).chain(topics).chain(authors)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two posts whose ids end alike, as an author can arrange where the browser chooses them.
    const ALIKE: [Uuid; 2] = [
        Uuid::from_u128(0x019a_1111_1111_7111_8aaa_aaaa_aaaa_aaaa),
        Uuid::from_u128(0x019a_2222_2222_7222_8aaa_aaaa_aaaa_aaaa),
    ];

    #[test]
    fn ids_that_end_alike_are_different_things() {
        for kind in ["post", "count", "thread"] {
            let [one, other] = ALIKE.map(|id| of_post(kind, id));
            assert_ne!(one.as_str(), other.as_str());
            assert_ne!(one.hash(), other.hash());
        }
        let names: Vec<String> = post(ALIKE[0]).names().map(str::to_owned).collect();
        assert_eq!(
            names,
            [
                "post-019a1111111171118aaaaaaaaaaaaaaa",
                "post-8aaaaaaaaaaaaaaa"
            ]
        );
    }
}
