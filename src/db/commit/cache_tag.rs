//! Names of what pages show, as they stand in `Surrogate-Key` and `Cache-Tag` and in `cache_invalidations`.
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
}

impl CacheTag {
    /// Name, tagline, language and menu of the site: on every page.
    pub fn site() -> CacheTag {
        CacheTag::called("site")
    }

    /// Which posts are listed, and the counts of their tags.
    pub fn posts() -> CacheTag {
        CacheTag::called("posts")
    }

    /// Which pages there are, where they stand and what lies under each.
    pub fn pages() -> CacheTag {
        CacheTag::called("pages")
    }

    /// Name, handle or picture of any person: for what names very many.
    pub fn people() -> CacheTag {
        CacheTag::called("people")
    }

    /// A post or page, by its public id.
    pub fn post(id: Uuid) -> CacheTag {
        CacheTag::of_post("post", id)
    }

    /// How many comments a post has, as lists say it.
    pub fn count(post: Uuid) -> CacheTag {
        CacheTag::of_post("count", post)
    }

    /// The comments under a post.
    pub fn thread(post: Uuid) -> CacheTag {
        CacheTag::of_post("thread", post)
    }

    /// Name, handle and picture of a person, by the key of the handle, whether it is taken or not.
    pub fn author(key: &str) -> CacheTag {
        CacheTag::named("author", key)
    }

    /// A picture of a person, by its id.
    pub fn picture(id: Uuid) -> CacheTag {
        CacheTag::called(format!("picture-{}", id.simple()))
    }

    /// Which posts a person is listed with.
    pub fn by(key: &str) -> CacheTag {
        CacheTag::named("by", key)
    }

    /// Which posts are listed under a tag, by its slug.
    pub fn topic(slug: &str) -> CacheTag {
        CacheTag::named("tag", slug)
    }

    /// What is found at a path, for addresses where nothing is yet.
    pub fn address(path: &str) -> CacheTag {
        let digest = HEXLOWER.encode(&Sha256::digest(path));
        CacheTag::called(format!("at-{}", &digest[..32]))
            .formerly(&CacheTag::called(format!("at-{}", &digest[..16])))
    }

    /// The whole id: its last 64 bits, by which the release before went, are not enough where an author may have chosen
    /// them.
    fn of_post(kind: &str, id: Uuid) -> CacheTag {
        let former = CacheTag::called(format!("{kind}-{}", HEXLOWER.encode(&id.as_bytes()[8..])));
        CacheTag::called(format!("{kind}-{}", id.simple())).formerly(&former)
    }

    fn called(name: impl Into<Arc<str>>) -> CacheTag {
        CacheTag {
            name: name.into(),
            former: None,
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

    fn named(kind: &str, name: &str) -> CacheTag {
        let encoded = utf8_percent_encode(name, ENCODED).to_string();
        let long = encoded.len() > 120 || !encoded.is_ascii();
        CacheTag::called(if long {
            format!("{kind}-{}", &HEXLOWER.encode(&Sha256::digest(name))[..24])
        } else {
            format!("{kind}-{encoded}")
        })
    }

    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// All of its names, for what nodes of both releases write and purge.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.name).chain(self.former.as_deref())
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
            for tag in [
                CacheTag::author(name),
                CacheTag::topic(name),
                CacheTag::address(name),
            ] {
                for text in tag.names() {
                    assert!(
                        text.len() <= 200
                            && text.bytes().all(|b| b.is_ascii_graphic() && b != b','),
                        "{text}"
                    );
                }
            }
        }
    }

    #[test]
    fn different_things_have_different_tags() {
        assert_ne!(CacheTag::author("ann"), CacheTag::by("ann"));
        assert_ne!(CacheTag::address("/a"), CacheTag::address("/b"));
        assert_ne!(
            CacheTag::post(crate::db::public_id()),
            CacheTag::post(crate::db::public_id())
        );
        assert_ne!(CacheTag::author("Ян"), CacheTag::author("Яна"));
    }

    /// Two posts whose ids end alike, as an author can arrange where the browser chooses them.
    const ALIKE: [Uuid; 2] = [
        Uuid::from_u128(0x019a_1111_1111_7111_8aaa_aaaa_aaaa_aaaa),
        Uuid::from_u128(0x019a_2222_2222_7222_8aaa_aaaa_aaaa_aaaa),
    ];

    #[test]
    fn ids_that_end_alike_are_different_things() {
        for kind in [CacheTag::post, CacheTag::count, CacheTag::thread] {
            let [one, other] = ALIKE.map(kind);
            assert_ne!(one.as_str(), other.as_str());
            assert_ne!(one.hash(), other.hash());
        }
        let names: Vec<String> = CacheTag::post(ALIKE[0])
            .names()
            .map(str::to_owned)
            .collect();
        assert_eq!(
            names,
            [
                "post-019a1111111171118aaaaaaaaaaaaaaa",
                "post-8aaaaaaaaaaaaaaa"
            ]
        );
    }

    #[test]
    fn a_row_names_things_for_both_releases_and_a_former_name_counts_only_alone() {
        let row = CacheTag::to_row(&[CacheTag::post(ALIKE[0]), CacheTag::site()].into());
        assert_eq!(
            row,
            [
                "post-019a1111111171118aaaaaaaaaaaaaaa",
                "site",
                FORMERLY,
                "post-8aaaaaaaaaaaaaaa"
            ]
        );
        let other_page = CacheTag::hashes(&[CacheTag::post(ALIKE[1])]);
        let reaches = |row: Vec<String>, page: &[u64]| {
            CacheTag::of_row(row)
                .iter()
                .any(|tag| page.contains(&tag.hash()))
        };
        assert!(reaches(
            row.clone(),
            &CacheTag::hashes(&[CacheTag::post(ALIKE[0])])
        ));
        assert!(
            !reaches(row, &other_page),
            "a stranger's page is left alone"
        );
        assert!(
            reaches(vec!["post-8aaaaaaaaaaaaaaa".into()], &other_page),
            "the release before knows no other name"
        );
        assert_eq!(CacheTag::to_row(&[CacheTag::site()].into()), ["site"]);
    }

    #[test]
    fn a_key_made_otherwise_has_both_names() {
        let tag = CacheTag::author("sūrya").formerly(&CacheTag::author("surya"));
        assert_eq!(tag.names().count(), 2);
        assert_eq!(
            CacheTag::author("ann").formerly(&CacheTag::author("ann")),
            CacheTag::author("ann")
        );
    }
}
