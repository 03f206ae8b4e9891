//! The tags that a text means, by the keys of the names that it uses for them: matched with what the database has, and written into
//! its details.

use serde_json::json;

use super::model::Details;
use super::tag_name::{TagName, key_of};

/// A tag that one of the names asked for may mean.
#[derive(Clone, Debug)]
pub struct TagFound {
    /// Null where it is not filled in yet.
    pub key: Option<String>,
    pub name: String,
    pub id: i64,
    pub slug: String,
}

/// `row(f.name_key, f.name, t.id, t.slug)` of a name `f` and of the tag `t` that it means.
pub type TagFoundRow = (Option<String>, String, i64, String);

impl From<TagFoundRow> for TagFound {
    fn from((key, name, id, slug): TagFoundRow) -> Self {
        TagFound {
            key,
            name,
            id,
            slug,
        }
    }
}

/// A tag that is there, by the key of a name that means it.
#[derive(Clone, Debug)]
pub struct TagRef {
    pub key: String,
    pub id: i64,
    pub slug: String,
}

pub(super) fn is_known(known: &[TagRef], name: &TagName) -> bool {
    let key = name.key();
    known.iter().any(|tag| tag.key == key)
}

/// Which of the names mean a tag that is there. A row without a key was made by the release before, or is not filled in yet.
pub(super) fn known(names: &[TagName], found: &[TagFound]) -> Vec<TagRef> {
    let of = |name: &TagName| {
        let key = name.key();
        let keyed = found.iter().find(|tag| tag.key.as_ref() == Some(&key));
        let tag = keyed.or_else(|| {
            found
                .iter()
                .find(|tag| tag.key.is_none() && key_of(&tag.name) == key)
        })?;
        Some(TagRef {
            key,
            id: tag.id,
            slug: tag.slug.clone(),
        })
    };
    names.iter().filter_map(of).collect()
}

/// Ids in the order given, each once: two names can mean one tag.
pub(super) fn ids(names: &[TagName], tags: &[TagRef]) -> Vec<i64> {
    let mut ids = Vec::new();
    for name in names {
        let key = name.key();
        ids.extend(
            tags.iter()
                .find(|tag| tag.key == key)
                .map(|tag| tag.id)
                .filter(|id| !ids.contains(id)),
        );
    }
    ids
}

/// The details of a revision as they are stored. Nodes of the release before find tags by the addresses in it.
pub(super) fn stored(details: &Details, tags: &[TagRef]) -> serde_json::Value {
    let mut details = details.clone();
    for name in &mut details.tags {
        let key = name.key();
        if let Some(tag) = tags.iter().find(|tag| tag.key == key) {
            name.slug.clone_from(&tag.slug);
        }
    }
    json!(details)
}

/// The same for a revision that makes no tags.
pub(super) fn stored_of(details: &Details, found: &[TagFound]) -> serde_json::Value {
    stored(details, &known(&details.tags, found))
}
