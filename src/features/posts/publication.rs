//! A revision becomes what readers get, and is taken back, inside the transaction of [`super::save`], [`super::publish`],
//! [`super::trash`], an import or the demo.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::byline;
use super::cache_tags;
use super::draft::Draft;
use super::listing;
use super::model::Status;
use super::queries::{self, Found, PostRow};
use super::revision::{self, SaveError, Step};
use crate::access::Actor;
use crate::db::Tx;
use crate::db::audit::{self, Entry};
use crate::markdown::Rendered;

/// Makes `draft`, which is revision `version` of the locked post, public; gives its path.
///
/// `at`: when it counts as published; kept when it was published before. `None` is now.
pub async fn publish(
    tx: &mut Tx,
    post: &PostRow,
    version: i32,
    (draft, rendered): (&Draft, &Rendered),
    at: Option<DateTime<Utc>>,
    actor: &Actor,
) -> Result<String, SaveError> {
    let found = queries::find(tx, post, draft).await?;
    let step = Step {
        version,
        saves: false,
        publishes: Some(at),
    };
    make_public(tx, post, (draft, rendered), &found, step, actor).await
}

/// Saves `draft` over version `based_on` of a locked post that is public, and makes it what readers get. Where it cannot be
/// made public as it is, nothing of it is written yet.
pub async fn save_and_publish(
    tx: &mut Tx,
    post: &PostRow,
    based_on: i32,
    draft: &Draft,
    rendered: &Rendered,
    actor: &Actor,
) -> Result<String, SaveError> {
    let found = queries::find(tx, post, draft).await?;
    let next = revision::next_version(post, based_on, draft, &found)?;
    if next.is_none() && !post.has_unpublished_changes() {
        // A second click, or the Back button: it is out already.
        return Ok(post.path());
    }
    let version = next.unwrap_or(post.version);
    let step = Step {
        version,
        saves: next.is_some(),
        publishes: Some(None),
    };
    make_public(tx, post, (draft, rendered), &found, step, actor).await
}

/// Saves the first text of a post that was made in this transaction, and makes it public as of `at`: what a save and a
/// publication write, at once.
pub async fn publish_new(
    tx: &mut Tx,
    post: &PostRow,
    draft: &Draft,
    rendered: &Rendered,
    at: Option<DateTime<Utc>>,
    actor: &Actor,
) -> Result<String, SaveError> {
    let found = queries::find(tx, post, draft).await?;
    let step = Step {
        version: post.version + 1,
        saves: true,
        publishes: Some(at),
    };
    make_public(tx, post, (draft, rendered), &found, step, actor).await
}

async fn make_public(
    tx: &mut Tx,
    post: &PostRow,
    (draft, rendered): (&Draft, &Rendered),
    found: &Found,
    step: Step,
    actor: &Actor,
) -> Result<String, SaveError> {
    if !draft.is_visible(rendered) {
        return Err(SaveError::Empty);
    }
    let named = byline::look_up(tx, post, draft, actor).await?;
    let path = listing::relist(tx, post, async |tx| {
        let path = revision::apply(tx, post, (draft, rendered), found, step, actor).await?;
        byline::write(tx, post, &named, actor).await?;
        Ok::<_, SaveError>(path)
    })
    .await?;
    if step.saves {
        revision::record(tx, post, draft, step.version, actor).await?;
    }
    let entry = Entry {
        act: if post.status == Status::Published {
            "post.update"
        } else {
            "post.publish"
        },
        object_kind: post.kind.as_str(),
        object_id: Some(post.public_id),
        object: &draft.title,
        after: Some(json!({ "version": step.version })),
        ..Entry::default()
    };
    audit::record(tx, actor, entry).await?;
    Ok(path)
}

/// Takes a post back: it is a draft again, its address answers 404. Whether readers could see it until then.
pub async fn unpublish(tx: &mut Tx, post: &PostRow, actor: &Actor) -> Result<bool, SaveError> {
    let was_public = take_down(tx, post).await?;
    queries::mark_unpublished(tx, post.id).await?;
    record(tx, post, "post.unpublish", actor).await?;
    Ok(was_public)
}

/// Moves a post to the trash; everything of it is kept. Whether readers could see it until then.
pub async fn trash(tx: &mut Tx, post: &PostRow, actor: &Actor) -> Result<bool, SaveError> {
    let was_public = take_down(tx, post).await?;
    queries::set_deleted(tx, post.id, true).await?;
    record(tx, post, "post.trash", actor).await?;
    Ok(was_public)
}

/// Takes a post out of every list, never to be shown again from a copy. False where readers cannot see it: then it was
/// never public, or its copies were purged when it was taken down.
async fn take_down(tx: &mut Tx, post: &PostRow) -> Result<bool, SaveError> {
    if !post.is_public() {
        return Ok(false);
    }
    let affected = listing::remove(tx, post.id).await?;
    tx.invalidate(affected);
    cache_tags::purge_post(tx, post.public_id);
    Ok(true)
}

/// Brings it back as it was, published or not.
pub async fn restore(tx: &mut Tx, post: &PostRow, actor: &Actor) -> Result<(), SaveError> {
    listing::relist(tx, post, async |tx| {
        queries::set_deleted(tx, post.id, false).await
    })
    .await?;
    record(tx, post, "post.restore", actor).await
}

async fn record(tx: &mut Tx, post: &PostRow, act: &str, actor: &Actor) -> Result<(), SaveError> {
    let entry = Entry {
        act,
        object_kind: post.kind.as_str(),
        object_id: Some(post.public_id),
        object: &post.title,
        ..Entry::default()
    };
    Ok(audit::record(tx, actor, entry).await?)
}
