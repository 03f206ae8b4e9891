//! What admins change of tags: another name, another address, two that become one. Every address that a tag had goes on leading
//! to it, and the ids of its feeds stay, so that readers who subscribed see no post twice.

use serde_json::json;

use super::cache_tags;
use super::queries::{self, Descriptions, TagRow};
use super::tag_name::{TagName, key_of};
use super::tagging;
use crate::access::Actor;
use crate::db::audit::{self, Entry};
use crate::db::{DbError, Result, Tx};
use crate::features::site;
use crate::messages::{Message, text};

/// Above it everything is invalidated at once.
const POSTS_INVALIDATED: i64 = 500;

#[derive(Debug, thiserror::Error)]
#[error("{}", self.message().in_english())]
pub enum RenameError {
    NameTaken(String),
    AddressTaken(String),
    #[error(transparent)]
    Db(#[from] DbError),
}

impl RenameError {
    pub fn message(&self) -> Message {
        match self {
            RenameError::NameTaken(name) => text::posts_tag_name_taken(name),
            RenameError::AddressTaken(address) => text::posts_tag_address_taken(address),
            RenameError::Db(_) => text::errors_internal(),
        }
    }
}

/// What a tag is to be called and where it is to stand.
pub struct Renaming {
    pub name: TagName,
    pub slug: String,
    /// The former name may become a tag of its own, instead of meaning this one.
    pub frees_name: bool,
}

/// Gives a tag, whose row is held, another name, another address, or both.
pub async fn rename(
    tx: &mut Tx,
    tag: &TagRow,
    new: &Renaming,
    actor: &Actor,
) -> Result<(), RenameError> {
    let key = new.name.key();
    if tag.name == new.name.name && tag.slug == new.slug {
        return Ok(());
    }
    invalidate(tx, tag).await?;
    take_name(tx, tag, new, &key).await?;
    queries::set_tag_name(tx, tag.id, &new.name.name, &key).await?;
    if new.slug != tag.slug {
        take_address(tx, tag, &new.slug).await?;
        cache_tags::invalidate_topic(tx, &new.slug);
    }
    if key != key_of(&tag.name) && !new.frees_name {
        keep_name(tx, tag).await?;
    }
    let entry = Entry {
        act: "tag.rename",
        object_kind: "tag",
        object: &new.name.name,
        before: Some(json!({ "name": tag.name, "slug": tag.slug })),
        after: Some(json!({ "name": new.name.name, "slug": new.slug })),
        ..Entry::default()
    };
    Ok(audit::record(tx, actor, entry).await?)
}

async fn take_name(
    tx: &mut Tx,
    tag: &TagRow,
    new: &Renaming,
    key: &str,
) -> Result<(), RenameError> {
    let found = queries::find_tags(tx, std::slice::from_ref(&new.name)).await?;
    match found.iter().find(|found| {
        found.key.as_deref() == Some(key) || found.key.is_none() && key_of(&found.name) == key
    }) {
        Some(other) if other.id != tag.id => Err(RenameError::NameTaken(other.name.clone())),
        // It had this name before.
        Some(_) => Ok(queries::forget_former_name(tx, tag.id, key).await?),
        None => Ok(()),
    }
}

/// The address that it leaves goes on leading there; one that it had before changes places with it.
async fn take_address(tx: &mut Tx, tag: &TagRow, slug: &str) -> Result<(), RenameError> {
    match queries::tag_row(tx, slug).await? {
        None => Ok(queries::move_tag(tx, tag.id, slug).await?),
        Some(former) if former.leads_to == Some(tag.id) => {
            Ok(queries::swap_addresses(tx, tag.id, former.id).await?)
        }
        Some(_) => Err(RenameError::AddressTaken(slug.to_owned())),
    }
}

/// Whatever is typed with the former name, or was before, means the tag.
async fn keep_name(tx: &mut Tx, tag: &TagRow) -> Result<()> {
    if queries::name_former_address(tx, tag.id, &tag.name, &key_of(&tag.name)).await? {
        return Ok(());
    }
    if let Ok(name) = TagName::parse(&tag.name) {
        for made in tagging::tags(tx, &[name], &[]).await? {
            queries::lead_on(tx, made.id, tag.id).await?;
        }
    }
    Ok(())
}

/// The longest that is said of a tag.
pub const DESCRIPTION_CHARS: usize = 1000;

/// Says what a tag, whose row is held, is about. `typed`: by an admin, whose words no import writes over.
pub async fn describe(
    tx: &mut Tx,
    tag: &TagRow,
    description: &str,
    typed: bool,
    actor: &Actor,
) -> Result<()> {
    let before = tag.description.as_deref().unwrap_or_default();
    if before == description && typed == tag.description_typed {
        return Ok(());
    }
    let stored = Some(description).filter(|text| !text.is_empty());
    queries::set_tag_description(tx, tag.id, stored, typed).await?;
    cache_tags::invalidate_topic(tx, &tag.slug);
    let entry = Entry {
        act: "tag.describe",
        object_kind: "tag",
        object: &tag.name,
        before: Some(json!({ "description": before })),
        after: Some(json!({ "description": description })),
        ..Entry::default()
    };
    audit::record(tx, actor, entry).await
}

/// Says of tags what an old site said of them, but where an admin did.
pub async fn describe_imported(tx: &mut Tx, wanted: &Descriptions, actor: &Actor) -> Result<()> {
    let found = queries::tags_to_describe(tx, wanted).await?;
    if found.is_empty() {
        return Ok(());
    }
    let (slugs, texts): (Vec<String>, Vec<String>) = found.into_iter().unzip();
    for tag in queries::lock_tags(tx, &slugs).await? {
        let text = slugs
            .iter()
            .zip(&texts)
            .find(|(slug, _)| **slug == tag.slug);
        if let (Some((_, text)), false) = (text, tag.description_typed) {
            describe(tx, &tag, text, false, actor).await?;
        }
    }
    Ok(())
}

/// Makes `from` a part of `into`, both held: its posts, names and addresses. The feeds of `into` keep their ids. What is said
/// of `from` is said of `into`, where nothing was, and where an admin said the one and an import the other.
pub async fn merge(tx: &mut Tx, from: &TagRow, into: &TagRow, actor: &Actor) -> Result<()> {
    invalidate(tx, from).await?;
    cache_tags::invalidate_topic(tx, &into.slug);
    queries::move_tagged(tx, from.id, into.id).await?;
    queries::lead_on(tx, from.id, into.id).await?;
    let takes_over = match &into.description {
        _ if into.description_typed => false,
        None => from.description.is_some(),
        Some(_) => from.description_typed,
    };
    let mut described = &into.description;
    if takes_over {
        described = &from.description;
        let text = described.as_deref();
        queries::set_tag_description(tx, into.id, text, from.description_typed).await?;
    }
    let entry = Entry {
        act: "tag.merge",
        object_kind: "tag",
        object: &into.name,
        before: Some(
            json!({ "name": from.name, "slug": from.slug, "description": from.description }),
        ),
        after: Some(json!({ "name": into.name, "slug": into.slug, "description": described })),
        ..Entry::default()
    };
    audit::record(tx, actor, entry).await
}

/// Everything that shows a tag: its lists, and the posts that name it.
pub(super) async fn invalidate(tx: &mut Tx, tag: &TagRow) -> Result<()> {
    let posts = queries::posts_tagged(tx, tag.id, POSTS_INVALIDATED + 1).await?;
    tx.invalidate([cache_tags::topic(&tag.slug), cache_tags::posts()]);
    if posts.len() as i64 > POSTS_INVALIDATED {
        site::cache_tags::invalidate(tx);
    } else {
        tx.invalidate(posts.into_iter().map(cache_tags::post));
    }
    Ok(())
}
