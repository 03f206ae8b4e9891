//! What is said of a tag: by an admin, or by the site that an import came from.

use serde_json::json;

use super::cache_tags;
use super::queries::{self, Descriptions, TagRow};
use crate::access::{Action, Actor, Resource};
use crate::db::audit::{self, Entry};
use crate::db::{Db, Result, Tx};
use crate::web::{self, OrNotFound};

/// The longest that is said of a tag.
pub const DESCRIPTION_CHARS: usize = 1000;

/// Says what the tag at `slug` is about, in an admin's words.
///
/// # Errors
///
/// Where the actor may not, or there is no such tag.
pub async fn describe(db: &Db, actor: &Actor, slug: &str, description: &str) -> web::Result<()> {
    actor.require(Action::ManageSite, Resource::Nothing)?;
    let mut tx = db.begin().await?;
    let tag = queries::lock_tags(&mut tx, &[slug.to_owned()]).await?;
    let tag = tag.into_iter().next().or_not_found()?;
    tx.belongs_to(actor);
    write_description(&mut tx, &tag, description, true, actor).await?;
    Ok(tx.commit().await?)
}

/// Of a tag whose row is held. `typed`: by an admin, whose words no import writes over.
async fn write_description(
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
    record(tx, tag, (before, description), actor).await
}

async fn record(
    tx: &mut Tx,
    tag: &TagRow,
    (before, description): (&str, &str),
    actor: &Actor,
) -> Result<()> {
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
            write_description(tx, &tag, text, false, actor).await?;
        }
    }
    Ok(())
}
