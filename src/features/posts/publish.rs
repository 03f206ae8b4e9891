//! Publishing: the newest revision becomes what readers get. Doors: publish step, update, import, demo.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::byline;
use super::draft::Draft;
use super::model::Status;
use super::queries::{self, PostRow};
use super::save::{self, SaveError};
use super::listing;
use crate::db::{Tag, Tx};
use crate::db::audit::{self, Entry, Origin};
use crate::markdown::Rendered;

/// Makes `draft`, which is revision `version` of the locked post, public.
///
/// `at`: when it counts as published; kept when it was published before. `None` is now.
pub async fn publish(
    tx: &mut Tx,
    post: &PostRow,
    version: i32,
    draft: &Draft,
    rendered: &Rendered,
    at: Option<DateTime<Utc>>,
    origin: &Origin,
) -> Result<(), SaveError> {
    let named = byline::look_up(tx, post, draft, origin).await?;
    touch(tx, post).await?;
    let left = listing::leave(tx, post.id).await?;
    save::apply(tx, post, draft, rendered, version).await?;
    byline::write(tx, post, &named, origin).await?;
    queries::mark_published(tx, post.id, version, at).await?;
    listing::enter(tx, post.id, left).await?;
    touch(tx, post).await?;
    let entry = Entry {
        act: if post.status == Status::Published { "post.update" } else { "post.publish" },
        object_kind: post.kind.as_str(),
        object_id: Some(post.public_id),
        object: &draft.title,
        after: Some(json!({ "version": version })),
        ..Entry::default()
    };
    audit::record(tx, origin, entry).await?;
    Ok(())
}

/// Takes a post back: it is a draft again, its address answers 404.
pub async fn unpublish(tx: &mut Tx, post: &PostRow, origin: &Origin) -> Result<(), SaveError> {
    touch(tx, post).await?;
    tx.touch_gone([Tag::post(post.public_id)]);
    listing::withdraw(tx, post.id).await?;
    queries::mark_unpublished(tx, post.id).await?;
    record(tx, post, "post.unpublish", origin).await
}

/// Moves a post to the trash; everything of it is kept.
pub async fn trash(tx: &mut Tx, post: &PostRow, origin: &Origin) -> Result<(), SaveError> {
    touch(tx, post).await?;
    tx.touch_gone([Tag::post(post.public_id)]);
    listing::withdraw(tx, post.id).await?;
    queries::set_deleted(tx, post.id, true).await?;
    record(tx, post, "post.trash", origin).await
}

/// Brings it back as it was, published or not.
pub async fn restore(tx: &mut Tx, post: &PostRow, origin: &Origin) -> Result<(), SaveError> {
    let left = listing::leave(tx, post.id).await?;
    queries::set_deleted(tx, post.id, false).await?;
    listing::enter(tx, post.id, left).await?;
    touch(tx, post).await?;
    record(tx, post, "post.restore", origin).await
}

/// The post and wherever it is seen now.
pub(super) async fn touch(tx: &mut Tx, post: &PostRow) -> Result<(), SaveError> {
    let seen_in = listing::seen_in(tx, post.id).await?;
    tx.touch(seen_in);
    tx.touch([Tag::post(post.public_id)]);
    Ok(())
}

async fn record(tx: &mut Tx, post: &PostRow, act: &str, origin: &Origin) -> Result<(), SaveError> {
    let entry = Entry {
        act,
        object_kind: post.kind.as_str(),
        object_id: Some(post.public_id),
        object: &post.title,
        ..Entry::default()
    };
    Ok(audit::record(tx, origin, entry).await?)
}
