//! Names of what pages show, as they stand in `Surrogate-Key` and `Cache-Tag` and in `cache_invalidations`.

use std::fmt;
use std::hash::BuildHasher;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What no header value and no list of tags can hold as it is.
const ENCODED: &AsciiSet = &CONTROLS.add(b' ').add(b',').add(b'%').add(b'"').add(b'\\');

/// One thing that pages depend on. At most 200 ASCII characters without blanks and commas.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tag(Arc<str>);

impl Tag {
    /// Name, tagline, language and menu of the site: on every page.
    pub fn site() -> Tag {
        Tag("site".into())
    }

    /// Which posts are listed, and the counts of their tags.
    pub fn posts() -> Tag {
        Tag("posts".into())
    }

    /// Which pages there are, where they stand and what lies under each.
    pub fn pages() -> Tag {
        Tag("pages".into())
    }

    /// Name, handle or picture of anybody: for what names very many.
    pub fn people() -> Tag {
        Tag("people".into())
    }

    /// A post or page, by the random half of its public id.
    pub fn post(id: Uuid) -> Tag {
        Tag(format!("post-{}", HEXLOWER.encode(&id.as_bytes()[8..])).into())
    }

    /// How many comments a post has, as lists say it.
    pub fn count(post: Uuid) -> Tag {
        Tag(format!("count-{}", HEXLOWER.encode(&post.as_bytes()[8..])).into())
    }

    /// The comments under a post.
    pub fn thread(post: Uuid) -> Tag {
        Tag(format!("thread-{}", HEXLOWER.encode(&post.as_bytes()[8..])).into())
    }

    /// Name, handle and picture of a person, by the key of the handle, whether somebody has it or not.
    pub fn author(key: &str) -> Tag {
        Tag::named("author", key)
    }

    /// A picture of a person, by its id.
    pub fn picture(id: Uuid) -> Tag {
        Tag(format!("picture-{}", id.simple()).into())
    }

    /// Which posts a person is listed with.
    pub fn by(key: &str) -> Tag {
        Tag::named("by", key)
    }

    /// Which posts are listed under a tag, by its slug.
    pub fn topic(slug: &str) -> Tag {
        Tag::named("tag", slug)
    }

    /// What is found at a path, for addresses where nothing is yet.
    pub fn address(path: &str) -> Tag {
        Tag(format!("at-{}", &HEXLOWER.encode(&Sha256::digest(path))[..16]).into())
    }

    /// A tag as the table of invalidations holds it.
    pub fn stored(text: String) -> Tag {
        Tag(text.into())
    }

    fn named(kind: &str, name: &str) -> Tag {
        let encoded = utf8_percent_encode(name, ENCODED).to_string();
        let long = encoded.len() > 120 || !encoded.is_ascii();
        Tag(if long { format!("{kind}-{}", &HEXLOWER.encode(&Sha256::digest(name))[..24]) } else { format!("{kind}-{encoded}") }
            .into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What [`super::Fences`] remember of it. Two tags of one hash would be invalidated together, which only costs.
    pub fn hash(&self) -> u64 {
        foldhash::fast::FixedState::with_seed(1).hash_one(&*self.0)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_fits_into_a_header() {
        for name in ["ann", "Ян Кошкин", "a,b c\"d%\r\n", &"字".repeat(40), &"x".repeat(300)] {
            for tag in [Tag::author(name), Tag::topic(name), Tag::address(name)] {
                let text = tag.as_str();
                assert!(text.len() <= 200 && text.bytes().all(|b| b.is_ascii_graphic() && b != b','), "{text}");
            }
        }
    }

    #[test]
    fn different_things_have_different_tags() {
        assert_ne!(Tag::author("ann"), Tag::by("ann"));
        assert_ne!(Tag::address("/a"), Tag::address("/b"));
        assert_ne!(Tag::post(super::super::public_id()), Tag::post(super::super::public_id()));
        assert_ne!(Tag::author("Ян"), Tag::author("Яна"));
    }
}
