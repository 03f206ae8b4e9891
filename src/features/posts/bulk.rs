//! One act on many posts. Each of them goes through the act that a single post has, with its lock, its audit entry and its own
//! commit: one that cannot be done holds up no other, and the answer says so of each. Done twice it changes nothing twice.

use std::time::Instant;

use uuid::Uuid;

use super::add_tag::{self, AddedTag};
use super::bulk_act::{BulkAct, Chosen};
use super::bulk_undo::{Done, TIME};
use super::model::{Kind, Label};
use super::publish::{self, PublishError, PublishRequest};
use super::queries::{self, ChosenPost};
use super::save_error::SaveError;
use super::tag_name::TagName;
use super::trash::{self, BroughtBack};
use super::undo_publish;
use super::unpublish;
use crate::access::{Action, Actor, Resource, can};
use crate::db::{self, Db};
use crate::messages::{Message, text};
use crate::web::{Error, Result};

/// Posts in one request.
pub const MOST_CHOSEN: usize = 100;

/// What became of one post.
pub enum Outcome {
    Done(Done),
    Refused(Message),
}

/// The chosen posts that the actor may change, in the order chosen. Of the others the actor may not know that they are there.
///
/// # Errors
///
/// Where the database does not answer.
pub async fn look_up(db: &Db, actor: &Actor, chosen: &[Chosen]) -> db::Result<Vec<ChosenPost>> {
    let ids: Vec<Uuid> = chosen.iter().map(|one| one.id).collect();
    let mut posts = db
        .ask_fresh(async |conn| queries::chosen_posts(conn, &ids).await)
        .await?;
    posts.retain(|post| may_edit(actor, post));
    for post in &mut posts {
        let shown = chosen.iter().find(|one| one.id == post.public_id);
        post.shown = shown.map_or(post.version, |one| one.version);
    }
    Ok(posts)
}

fn may_edit(actor: &Actor, post: &ChosenPost) -> bool {
    let resource = Resource::Post {
        authors: &post.author_ids,
        page: post.kind == Kind::Page,
    };
    can(actor, Action::EditPost, resource)
}

/// Does it to each of the posts, one after the other; gives what became of each.
///
/// # Errors
///
/// Where nothing could be done at all.
pub async fn bulk(
    db: &Db,
    actor: &Actor,
    act: BulkAct,
    posts: &[ChosenPost],
    tag: Option<&TagName>,
) -> Result<Vec<Outcome>> {
    let begun = Instant::now();
    let mut outcomes = Vec::new();
    for post in posts {
        if begun.elapsed() > TIME {
            break;
        }
        if !may_edit(actor, post) {
            outcomes.push(Outcome::Refused(text::errors_denied()));
            continue;
        }
        // As each was done by itself: what is under way with one is no business of the next.
        let actor = actor.in_another_action();
        match Box::pin(one(db, &actor, act, post, tag)).await {
            Ok(outcome) => outcomes.push(outcome),
            Err(error) if outcomes.is_empty() => return Err(error),
            Err(error) => {
                tracing::warn!(%error, "bulk act ended early");
                break;
            }
        }
    }
    let rest = posts.len() - outcomes.len();
    outcomes.extend((0..rest).map(|_| Outcome::Refused(text::posts_bulk_not_reached())));
    Ok(outcomes)
}

async fn one(
    db: &Db,
    actor: &Actor,
    act: BulkAct,
    post: &ChosenPost,
    tag: Option<&TagName>,
) -> Result<Outcome> {
    if let Some(refusal) = act.refusal(post) {
        return Ok(Outcome::Refused(refusal));
    }
    let id = post.public_id;
    match act {
        BulkAct::Publish => publish(db, actor, post).await,
        BulkAct::Unpublish => {
            let done = unpublish::unpublish(db, actor, id).await;
            known(done, Done::Unpublished, text::posts_bulk_is_a_draft)
        }
        BulkAct::Trash => {
            let done = trash::trash(db, actor, id).await;
            known(done, Done::Trashed, text::posts_bulk_in_the_trash_already)
        }
        BulkAct::Restore => {
            let done = trash::restore(db, actor, id).await;
            let done = done.map(|restored| BroughtBack::of(post, &restored));
            known(done, Done::Restored, text::posts_bulk_not_in_the_trash)
        }
        BulkAct::Tag => match tag {
            Some(tag) => add(db, actor, post, tag).await,
            None => Ok(Outcome::Refused(text::posts_bulk_choose_a_tag())),
        },
    }
}

/// The outcome of an act that gives what it did, or nothing where there was nothing to do.
fn known<T>(
    done: Result<Option<T>, SaveError>,
    as_done: impl FnOnce(T) -> Done,
    otherwise: impl FnOnce() -> Message,
) -> Result<Outcome> {
    match done {
        Ok(Some(done)) => Ok(Outcome::Done(as_done(done))),
        Ok(None) => Ok(Outcome::Refused(otherwise())),
        Err(error) => refused(error),
    }
}

fn refused(error: SaveError) -> Result<Outcome> {
    match error {
        SaveError::Db(error) => Err(error.into()),
        error => Ok(Outcome::Refused(error.message())),
    }
}

async fn publish(db: &Db, actor: &Actor, post: &ChosenPost) -> Result<Outcome> {
    let request = PublishRequest {
        id: post.public_id,
        shown: Some(post.shown),
        label: Label::Update,
    };
    match publish::publish(db, actor, request).await {
        Ok(_) => Ok(Outcome::Done(Done::Published(
            undo_publish::first_published(db, post).await?,
        ))),
        Err(PublishError::Save(error)) => refused(error),
        Err(PublishError::Rendering(error)) => Err(error),
        Err(error) => Ok(Outcome::Refused(error.message())),
    }
}

async fn add(db: &Db, actor: &Actor, post: &ChosenPost, tag: &TagName) -> Result<Outcome> {
    match add_tag::add_tag(db, actor, post, tag).await {
        Ok(AddedTag::Done(done)) => Ok(Outcome::Done(Done::Tagged(done))),
        Ok(AddedTag::Refused(message)) => Ok(Outcome::Refused(message)),
        Err(Error::NotFound) => refused(SaveError::NotFound),
        Err(Error::BadRequest(message)) => Ok(Outcome::Refused(message)),
        Err(error) => Err(error),
    }
}
