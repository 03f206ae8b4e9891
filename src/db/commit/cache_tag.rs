//! Names of what pages show, as they stand in `Surrogate-Key` and `Cache-Tag` and in `cache_invalidations`. What there is to be
//! named is the features' knowledge: each has its kinds of things in a module `cache_tags`.
//!
//! **Two names for one release.** Where a release names a thing otherwise than the release before, a tag has both names
//! ([`CacheTag::formerly`]), because nodes of both releases serve one site during an upgrade. Written are both: into rows,
//! headers and purges. Read is the former name only where it is all there is: a row of this release ends, for its own
//! readers, at the mark [`FORMERLY`]; a row of the release before has no mark and names everything as that release does.
//! So a former name that two things share (as posts do whose ids end alike) joins them only for changes made on a node of
//! the release before, and in shared caches, where a purge costs no more than a fetch.

use std::collections::BTreeSet;
use std::fmt;
use std::hash::BuildHasher;
use std::sync::{Arc, LazyLock};

use data_encoding::HEXLOWER;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What no header value and no list of tags can hold as it is.
const ENCODED: &AsciiSet = &CONTROLS.add(b' ').add(b',').add(b'%').add(b'"').add(b'\\');

/// Behind it stand the former names of a row. Nodes of the release before take it for the name of nothing.
const FORMERLY: &str = "formerly:";

/// Drawn anew by each process, since names hold what people typed: with a seed that is known, a handle or the name of a
/// tag could be chosen that shares its number with another person's page.
static SEED: LazyLock<foldhash::fast::RandomState> =
    LazyLock::new(foldhash::fast::RandomState::default);

/// One thing that pages depend on. Its names have at most 200 ASCII characters without blanks and commas.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CacheTag {
    name: Arc<str>,
    /// What nodes of the release before call it, where that is something else.
    former: Option<Arc<str>>,
    /// What may stand for it and others like it.
    all: Option<&'static str>,
}

/// Which of its kind a thing is.
pub enum Key<'a> {
    Id(Uuid),
    /// What people typed, or a digest.
    Name(&'a str),
}

impl From<Uuid> for Key<'_> {
    fn from(id: Uuid) -> Self {
        Key::Id(id)
    }
}

impl<'a> From<&'a str> for Key<'a> {
    fn from(name: &'a str) -> Self {
        Key::Name(name)
    }
}

/// A name as a header can carry it: encoded, or its digest where that is long.
fn in_a_header(name: &str) -> String {
    let encoded = utf8_percent_encode(name, ENCODED).to_string();
    if encoded.len() > 120 || !encoded.is_ascii() {
        HEXLOWER.encode(&Sha256::digest(name))[..24].to_owned()
    } else {
        encoded
    }
}

impl CacheTag {
    /// What there is once, or all of a kind together.
    pub fn singleton(kind: &'static str) -> CacheTag {
        CacheTag::called(kind)
    }

    /// One thing of a kind.
    pub fn new<'a>(kind: &'static str, key: impl Into<Key<'a>>) -> CacheTag {
        CacheTag::called(match key.into() {
            Key::Id(id) => format!("{kind}-{}", id.simple()),
            Key::Name(name) => format!("{kind}-{}", in_a_header(name)),
        })
    }

    /// This tag, for which `all`, a [`CacheTag::singleton`], may stand where too many are to be named in a header. What changes
    /// one of them for readers invalidates `all` too.
    #[must_use]
    pub fn one_of(self, all: &'static str) -> CacheTag {
        CacheTag {
            all: Some(all),
            ..self
        }
    }

    fn called(name: impl Into<Arc<str>>) -> CacheTag {
        CacheTag {
            name: name.into(),
            former: None,
            all: None,
        }
    }

    /// This tag, which the release before calls `former`. For the one release in which both serve.
    #[must_use]
    pub fn formerly(self, former: &CacheTag) -> CacheTag {
        CacheTag {
            former: Some(former.name.clone()).filter(|former| *former != self.name),
            ..self
        }
    }

    /// Everything that a row of the table of invalidations has to hold.
    pub fn to_row(tags: &BTreeSet<CacheTag>) -> Vec<String> {
        let names: BTreeSet<&str> = tags.iter().map(|tag| &*tag.name).collect();
        let former: BTreeSet<&str> = tags
            .iter()
            .filter_map(|tag| tag.former.as_deref())
            .collect();
        let mark = (!former.is_empty()).then_some(FORMERLY);
        names
            .into_iter()
            .chain(mark)
            .chain(former)
            .map(str::to_owned)
            .collect()
    }

    /// What such a row names, whichever release wrote it.
    pub fn of_row(names: Vec<String>) -> Vec<CacheTag> {
        names
            .into_iter()
            .take_while(|name| name != FORMERLY)
            .map(CacheTag::called)
            .collect()
    }

    /// As it stands in `Surrogate-Key`, `Cache-Tag` and the table of invalidations: nodes of two releases must spell
    /// it alike.
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// All of its names, for what nodes of both releases write and purge.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.name).chain(self.former.as_deref())
    }

    /// The fewest names by which a change of it reaches a page.
    pub fn short_names(&self) -> impl Iterator<Item = &str> {
        let all = self.all;
        all.into_iter()
            .chain(self.names().filter(move |_| all.is_none()))
    }

    /// What [`crate::db::TagVersions`] remember of a change. Two tags of one hash would be invalidated together, which only costs.
    pub fn hash(&self) -> u64 {
        SEED.hash_one(&*self.name)
    }

    /// What a page that shows `tags` is looked up by: also by what a node of the release before calls them.
    pub fn hashes(tags: &[CacheTag]) -> Box<[u64]> {
        tags.iter()
            .flat_map(CacheTag::names)
            .map(|name| SEED.hash_one(name))
            .collect()
    }
}

impl fmt::Debug for CacheTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_fits_into_a_header() {
        for name in [
            "ann",
            "Ян Кошкин",
            "a,b c\"d%\r\n",
            &"字".repeat(40),
            &"x".repeat(300),
        ] {
            let tag = CacheTag::new("author", name);
            for text in tag.names() {
                assert!(
                    text.len() <= 200 && text.bytes().all(|b| b.is_ascii_graphic() && b != b','),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn different_things_have_different_tags() {
        let (one, other) = (crate::db::public_id(), crate::db::public_id());
        assert_ne!(CacheTag::new("author", "ann"), CacheTag::new("by", "ann"));
        assert_ne!(CacheTag::new("post", one), CacheTag::new("post", other));
        assert_ne!(
            CacheTag::new("author", "Ян"),
            CacheTag::new("author", "Яна")
        );
    }

    #[test]
    fn all_of_a_kind_stand_for_one_where_there_is_no_room() {
        let ann = CacheTag::new("author", "ann").formerly(&CacheTag::new("author", "Ann"));
        assert_eq!(ann.short_names().count(), 2);
        let ann = ann.one_of("people");
        assert_eq!(ann.short_names().collect::<Vec<_>>(), ["people"]);
        assert_eq!(ann.names().count(), 2);
    }

    /// A post of this number, as the release before and this one call it.
    fn post(number: &str) -> CacheTag {
        CacheTag::new("post", number).formerly(&CacheTag::new("post", "alike"))
    }

    #[test]
    fn a_row_names_things_for_both_releases_and_a_former_name_counts_only_alone() {
        let row = CacheTag::to_row(&[post("1"), CacheTag::singleton("site")].into());
        assert_eq!(row, ["post-1", "site", FORMERLY, "post-alike"]);
        let other_page = CacheTag::hashes(&[post("2")]);
        let reaches = |row: Vec<String>, page: &[u64]| {
            CacheTag::of_row(row)
                .iter()
                .any(|tag| page.contains(&tag.hash()))
        };
        assert!(reaches(row.clone(), &CacheTag::hashes(&[post("1")])));
        assert!(
            !reaches(row, &other_page),
            "a stranger's page is left alone"
        );
        assert!(
            reaches(vec!["post-alike".into()], &other_page),
            "the release before knows no other name"
        );
        assert_eq!(
            CacheTag::to_row(&[CacheTag::singleton("site")].into()),
            ["site"]
        );
    }

    #[test]
    fn a_key_made_otherwise_has_both_names() {
        let tag = CacheTag::new("author", "sūrya").formerly(&CacheTag::new("author", "surya"));
        assert_eq!(tag.names().count(), 2);
        assert_eq!(
            CacheTag::new("author", "ann").formerly(&CacheTag::new("author", "ann")),
            CacheTag::new("author", "ann")
        );
    }
}
