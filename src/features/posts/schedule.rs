//! Publishing at a time to come. The text is settled when it is scheduled; later saves wait as they do for a post that is public.
//!
//! From its time on the post is public by what the views `public_posts` and `listed_posts…` say, on every node, whether or not anything
//! runs then; and pages that will show it end at that time (`cache::expires_at`). A job notes
//! afterwards that the time came ([`NotePublication`]): the status, the counters of tags, the audit log, and shared caches.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::cache_tags::{affected_tags, invalidate_post};
use super::draft::Draft;
use super::model::{Kind, Label, Status};
use super::note_publication::NotePublication;
use super::permission::publishable;
use super::post_date::PostDate;
use super::publish::{Prepared, PublishError, PublishRequest, prepare_to_publish};
use super::queries::{self, PostRow};
use super::revision::{self, Step};
use super::save_error::SaveError;
use super::{byline, listing, record};
use crate::access::Actor;
use crate::db::audit::{self, Entry};
use crate::db::{Db, DbError, Tx};
use crate::markdown::Rendered;

/// Makes the newest revision public at a time, which replaces the one that was planned before. Gives what kind of post it is.
///
/// # Errors
///
/// Then nothing is changed.
pub async fn schedule(
    db: &Db,
    actor: &Actor,
    request: PublishRequest,
    at: DateTime<Utc>,
) -> Result<Kind, PublishError> {
    let Prepared {
        mut tx,
        post,
        version,
        draft,
        rendered,
    } = prepare_to_publish(db, actor, request).await?;
    if post.is_public() {
        // It came out meanwhile.
        return Err(PublishError::NewerVersion);
    }
    actor.joins(post.transaction_id);
    tx.belongs_to(actor);
    let text = (version, &draft, &rendered);
    settle_text(&mut tx, &post, text, at, actor).await?;
    record_plan(&mut tx, &post, (&draft, version, at), actor).await?;
    let after = (at - db.now()).to_std().unwrap_or_default();
    NotePublication::of(post.public_id)
        .ask(&mut tx, actor, after)
        .await?;
    tx.commit().await?;
    Ok(post.kind)
}

/// Everything of it is written as it will be. What is made from now on ends then.
async fn settle_text(
    tx: &mut Tx,
    post: &PostRow,
    (version, draft, rendered): (i32, &Draft, &Rendered),
    at: DateTime<Utc>,
    actor: &Actor,
) -> Result<(), SaveError> {
    if !draft.is_visible(rendered) {
        return Err(SaveError::Empty);
    }
    let found = queries::find(tx, post, draft, rendered).await?;
    let named = byline::look_up(tx, post, draft, actor).await?;
    let before = queries::place(tx, post.id).await?;
    tx.invalidate(affected_tags(&before));
    let step = Step {
        version,
        saves: None,
        publishes: None,
        label: Label::Update,
    };
    revision::apply(tx, post, (draft, rendered), &found, step, actor).await?;
    byline::write(tx, post, &named, actor).await?;
    // What its editor saves by itself takes the place of it no longer.
    queries::keep_autosave(tx, post).await?;
    let date = draft.details.date.as_ref().and_then(PostDate::at);
    queries::schedule(tx, post.id, at, date, actor).await?;
    let after = queries::place(tx, post.id).await?;
    tx.invalidate(affected_tags(&after));
    invalidate_post(tx, post.public_id);
    Ok(())
}

async fn record_plan(
    tx: &mut Tx,
    post: &PostRow,
    (draft, version, at): (&Draft, i32, DateTime<Utc>),
    actor: &Actor,
) -> Result<(), DbError> {
    let entry = Entry {
        act: "post.schedule",
        object_kind: post.kind.as_str(),
        object_id: Some(post.public_id),
        object: &draft.title,
        after: Some(json!({ "version": version, "at": at })),
        ..Entry::default()
    };
    audit::record(tx, actor, entry).await
}

/// Makes a scheduled post a draft again; one that is a draft stays so. False where readers have it already.
///
/// # Errors
///
/// Then nothing is changed.
pub async fn unschedule(db: &Db, actor: &Actor, id: Uuid) -> Result<bool, SaveError> {
    let mut tx = db.begin().await?;
    let locked = queries::lock_post(&mut tx, id).await?;
    let post = publishable(locked, actor)?;
    if post.status != Status::Scheduled || post.is_due {
        return Ok(!post.is_public());
    }
    actor.joins(post.transaction_id);
    tx.belongs_to(actor);
    listing::take_down(&mut tx, &post).await?;
    queries::unschedule(&mut tx, post.id).await?;
    record::record(&mut tx, &post, "post.unschedule", actor).await?;
    tx.commit().await?;
    Ok(true)
}
