//! Two tags become one: the posts, names and addresses of the one are the other's.

use serde_json::json;

use super::cache_tags;
use super::queries::{self, TagRow};
use super::tag_changes::invalidate;
use crate::access::{Action, Actor, Resource};
use crate::db::audit::{self, Entry};
use crate::db::{Db, Result, Tx};
use crate::web::{self, OrNotFound};

/// Makes the tag at `slug` a part of the one at `into`: its posts, names and addresses. Once more changes nothing.
///
/// # Errors
///
/// Where the actor may not, or one of the two is not there.
pub async fn merge(db: &Db, actor: &Actor, slug: &str, into: &str) -> web::Result<()> {
    actor.require(Action::ManageSite, Resource::Nothing)?;
    let mut tx = db.begin().await?;
    tx.allow_long_work().await?;
    let tags = queries::lock_tags(&mut tx, &[slug.to_owned(), into.to_owned()]).await?;
    let at = |slug: &str| tags.iter().find(|tag| tag.slug == slug);
    let Some(from) = at(slug) else {
        let merged = queries::tag_of_former(&mut tx, slug).await?;
        merged.filter(|tag| tag.slug == into).or_not_found()?;
        return Ok(());
    };
    let into = at(into).filter(|into| into.id != from.id).or_not_found()?;
    tx.belongs_to(actor);
    merge_held(&mut tx, from, into, actor).await?;
    Ok(tx.commit().await?)
}

/// Both rows are held. The feeds of `into` keep their ids. What is said of `from` is said of `into`, where nothing was, and where
/// an admin said the one and an import the other.
async fn merge_held(tx: &mut Tx, from: &TagRow, into: &TagRow, actor: &Actor) -> Result<()> {
    invalidate(tx, from).await?;
    cache_tags::invalidate_topic(tx, &into.slug);
    queries::move_tagged(tx, from.id, into.id).await?;
    queries::lead_on(tx, from.id, into.id).await?;
    let mut described = &into.description;
    if takes_over(from, into) {
        described = &from.description;
        let text = described.as_deref();
        queries::set_tag_description(tx, into.id, text, from.description_typed).await?;
    }
    record(tx, from, into, described.as_deref(), actor).await
}

fn takes_over(from: &TagRow, into: &TagRow) -> bool {
    match &into.description {
        _ if into.description_typed => false,
        None => from.description.is_some(),
        Some(_) => from.description_typed,
    }
}

async fn record(
    tx: &mut Tx,
    from: &TagRow,
    into: &TagRow,
    described: Option<&str>,
    actor: &Actor,
) -> Result<()> {
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
