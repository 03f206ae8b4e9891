//! The tags that a text names: found by their names, else made.

use std::collections::HashSet;

use serde_json::json;

use super::model::Details;
use super::queries::{self, TagFound};
use super::tag_name::{TagName, key_of};
use crate::db::{DbError, Result, Tx};

/// A tag that is there, by the key of a name that means it.
#[derive(Clone, Debug)]
pub struct TagRef {
    pub key: String,
    pub id: i64,
    pub slug: String,
}

/// Tags that a transaction holds.
#[derive(Default)]
pub struct HeldTags {
    pub tags: Vec<TagRef>,
    /// Ids of those that it made.
    pub made: Vec<i64>,
}

/// So often an address is looked for: each time others may have taken those that were free.
const TRIES: u32 = 8;

/// The tags with these names, of which `found` are there; the others are made.
pub(super) async fn tags(
    tx: &mut Tx,
    names: &[TagName],
    found: &[TagFound],
) -> Result<Vec<TagRef>> {
    let mut known = known(names, found);
    if known.len() < names.len() {
        let bases: Vec<&str> = names
            .iter()
            .filter(|name| !is_known(&known, name))
            .map(|name| name.slug.as_str())
            .collect();
        queries::lock_tag_addresses(tx, &bases).await?;
    }
    let mut numbers = 10;
    for _ in 0..TRIES {
        let missing: Vec<&TagName> = names
            .iter()
            .filter(|name| !is_known(&known, name))
            .collect();
        if missing.is_empty() {
            return Ok(known);
        }
        known.extend(queries::make_tags(tx, &missing, numbers).await?);
        let missing: Vec<TagName> = names
            .iter()
            .filter(|name| !is_known(&known, name))
            .cloned()
            .collect();
        if !missing.is_empty() {
            // A save at the same moment made it, or took its address.
            known.extend(self::known(
                &missing,
                &queries::find_tags(tx, &missing).await?,
            ));
        }
        numbers *= 4;
    }
    let is_whole = names.iter().all(|name| is_known(&known, name));
    if is_whole {
        Ok(known)
    } else {
        Err(DbError::Refused(sqlx::Error::RowNotFound))
    }
}

/// Keys of those of these names that mean a tag which is there.
pub async fn known_tags(tx: &mut Tx, names: &[TagName]) -> Result<HashSet<String>> {
    let found = queries::find_tags(tx, names).await?;
    Ok(known(names, &found)
        .into_iter()
        .map(|tag| tag.key)
        .collect())
}

/// For texts that are written in one transaction: makes the tags that they name and are not there, and holds all of them. A
/// save takes its own in the same order, so that the two wait for each other instead of locking each other out.
pub async fn hold_tags(tx: &mut Tx, names: &[TagName]) -> Result<HeldTags> {
    let mut each: Vec<TagName> = Vec::new();
    let mut keys = HashSet::new();
    each.extend(names.iter().filter(|name| keys.insert(name.key())).cloned());
    if each.is_empty() {
        return Ok(HeldTags::default());
    }
    let found = queries::find_tags(tx, &each).await?;
    let tags = tags(tx, &each, &found).await?;
    let ids: Vec<i64> = tags.iter().map(|tag| tag.id).collect();
    queries::hold_counters(tx, &ids).await?;
    let made = ids
        .into_iter()
        .filter(|id| found.iter().all(|tag| tag.id != *id))
        .collect();
    Ok(HeldTags { tags, made })
}

/// Forgets those that [`hold_tags`] made for texts that were not written.
pub async fn let_go_of_tags(tx: &mut Tx, made: &[i64]) -> Result<()> {
    if made.is_empty() {
        Ok(())
    } else {
        queries::forget_tags(tx, made).await
    }
}

fn is_known(known: &[TagRef], name: &TagName) -> bool {
    let key = name.key();
    known.iter().any(|tag| tag.key == key)
}

/// Which of the names mean a tag that is there. A row without a key was made by the release before, or is not filled in yet.
fn known(names: &[TagName], found: &[TagFound]) -> Vec<TagRef> {
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
