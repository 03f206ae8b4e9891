//! Creating many posts by few statements: for each what its first save and its publication write. Door: import.
//!
//! It is all of them or none. Where one of them cannot be added, the transaction is of no more use, and they are added one by
//! one through [`super::revision`] and [`super::publish`], which tell what is the matter.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::address::TAKEN_BY_ROUTES;
use super::byline;
use super::byline::Named;
use super::cache_tags;
use super::model::PostId;
use super::queries;
use super::queries::{AddedRow, Links, NewPost};
use super::revision;
use super::save_error::SaveError;
use super::tag_refs::{self, TagRef};
use crate::db::audit::{self, Entry};
use crate::db::{CacheTag, DbError, Tx};

/// Whether a post can have this slug, where it is free.
pub fn can_be_slug(slug: &str) -> bool {
    !slug.is_empty() && !TAKEN_BY_ROUTES.contains(&slug)
}

/// Writes the posts; gives their ids in the same order. For commands only, which ask no author for the name in a byline (see
/// [`byline`]). `tags`: all that they name, which the transaction holds.
pub async fn create_many(
    tx: &mut Tx,
    posts: &[NewPost<'_>],
    tags: &[TagRef],
) -> Result<Vec<PostId>, SaveError> {
    let mut named = Vec::new();
    for new in posts {
        named.push(byline::look_up(tx, &new.post, &new.draft, &new.actor).await?);
    }
    let held: HashMap<&str, &TagRef> = tags.iter().map(|tag| (tag.key.as_str(), tag)).collect();
    let tags: Vec<Vec<TagRef>> = posts.iter().map(|new| tags_of(new, &held)).collect();
    let added = insert(tx, posts).await?;
    write_bodies(tx, posts, &added, &tags).await?;
    write_links(tx, posts, &added, &named, &tags).await?;
    invalidate(tx, posts, &added).await?;
    for new in posts {
        record(tx, new).await?;
    }
    Ok(added.into_iter().map(|row| row.id).collect())
}

async fn insert(tx: &mut Tx, posts: &[NewPost<'_>]) -> Result<Vec<AddedRow>, DbError> {
    let mut rows: HashMap<_, _> = queries::insert_posts(tx, posts)
        .await?
        .into_iter()
        .map(|row| (row.public_id, row))
        .collect();
    let in_order = posts.iter().map(|new| rows.remove(&new.post.public_id));
    in_order
        .collect::<Option<Vec<_>>>()
        .ok_or(DbError::Refused(sqlx::Error::RowNotFound))
}

fn tags_of(new: &NewPost<'_>, held: &HashMap<&str, &TagRef>) -> Vec<TagRef> {
    let names = &new.draft.details.tags;
    names
        .iter()
        .filter_map(|name| held.get(name.key().as_str()).map(|tag| (*tag).clone()))
        .collect()
}

async fn write_bodies(
    tx: &mut Tx,
    posts: &[NewPost<'_>],
    added: &[AddedRow],
    tags: &[Vec<TagRef>],
) -> Result<(), DbError> {
    let details: Vec<Value> = posts
        .iter()
        .zip(tags)
        .map(|(new, tags)| tag_refs::stored(&new.draft.details, tags))
        .collect();
    let rows: Vec<(PostId, &NewPost<'_>)> = added.iter().map(|row| row.id).zip(posts).collect();
    queries::insert_bodies(tx, &rows, &details).await
}

async fn write_links(
    tx: &mut Tx,
    posts: &[NewPost<'_>],
    added: &[AddedRow],
    named: &[Named],
    tags: &[Vec<TagRef>],
) -> Result<(), DbError> {
    let (mut by_author, mut by_tag) = (Links::default(), Links::default());
    for (((new, row), named), tags) in posts.iter().zip(added).zip(named).zip(tags) {
        for place in named.authors() {
            by_author.push(row, place.user_id, place.position);
        }
        let ids = tag_refs::ids(&new.draft.details.tags, tags);
        for (position, id) in (0..).zip(ids) {
            by_tag.push(row, id, position);
        }
    }
    queries::insert_links(tx, &by_author, &by_tag).await
}

/// Names what readers see differently: nothing, for those that are not public.
async fn invalidate(tx: &mut Tx, posts: &[NewPost<'_>], added: &[AddedRow]) -> Result<(), DbError> {
    let public = posts
        .iter()
        .zip(added)
        .filter(|(new, _)| new.publishes.is_some());
    let (ids, tags): (Vec<PostId>, Vec<CacheTag>) = public
        .map(|(new, row)| (row.id, cache_tags::post(new.post.public_id)))
        .unzip();
    if !ids.is_empty() {
        let affected = cache_tags::affected_tags(&queries::places(tx, &ids).await?);
        tx.invalidate(affected.into_iter().chain(tags));
    }
    Ok(())
}

/// As many acts as there are where it is made, saved and published one after the other.
async fn record(tx: &mut Tx, new: &NewPost<'_>) -> Result<(), DbError> {
    let entry = |act| Entry {
        act,
        object_kind: new.post.kind.as_str(),
        object_id: Some(new.post.public_id),
        ..Entry::default()
    };
    audit::record(tx, &new.actor, entry("post.create")).await?;
    revision::record(tx, &new.post, &new.draft, 1, &new.actor).await?;
    if new.publishes.is_none() {
        return Ok(());
    }
    let publishes = Entry {
        object: &new.draft.title,
        after: Some(json!({ "version": 1 })),
        ..entry("post.publish")
    };
    audit::record(tx, &new.actor, publishes).await
}
