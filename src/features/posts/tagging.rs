//! The tags that a text names: found by their names, else made.

use std::collections::HashSet;

use super::queries;
use super::tag_name::TagName;
use super::tag_refs::{self, TagFound, TagRef, is_known};
use crate::db::{DbError, Result, Tx};

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
    let mut known = tag_refs::known(names, found);
    if known.len() < names.len() {
        let missing = missing(names, &known);
        let bases: Vec<&str> = missing.iter().map(|name| name.slug.as_str()).collect();
        queries::lock_tag_addresses(tx, &bases).await?;
    }
    let mut numbers = 10;
    for _ in 0..TRIES {
        let wanted = missing(names, &known);
        if wanted.is_empty() {
            return Ok(known);
        }
        known.extend(queries::make_tags(tx, &wanted, numbers).await?);
        let left: Vec<TagName> = missing(names, &known).into_iter().cloned().collect();
        if !left.is_empty() {
            // A save at the same moment made it, or took its address.
            let found = queries::find_tags(tx, &left).await?;
            known.extend(tag_refs::known(&left, &found));
        }
        numbers *= 4;
    }
    match missing(names, &known).is_empty() {
        true => Ok(known),
        false => Err(DbError::Refused(sqlx::Error::RowNotFound)),
    }
}

fn missing<'a>(names: &'a [TagName], known: &[TagRef]) -> Vec<&'a TagName> {
    let missing = names.iter().filter(|name| !is_known(known, name));
    missing.collect()
}

/// Keys of those of these names that mean a tag which is there.
pub async fn known_tags(tx: &mut Tx, names: &[TagName]) -> Result<HashSet<String>> {
    let found = queries::find_tags(tx, names).await?;
    Ok(tag_refs::known(names, &found)
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
