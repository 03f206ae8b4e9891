//! What an actor may do to a post.

use super::model::Kind;
use super::queries::PostRow;
use super::save_error::SaveError;
use crate::access::{Action, Actor, Denied, Resource, can};
use crate::messages::text;
use crate::web::{Error, OrNotFound, Result};

pub(super) fn write_action(kind: Kind) -> Action {
    match kind {
        Kind::Post => Action::WritePost,
        Kind::Page => Action::WritePage,
    }
}

/// Nothing where the actor may not change it: then it may not know either that it is there.
pub(super) fn editable(post: Option<PostRow>, actor: &Actor) -> Option<PostRow> {
    post.filter(|post| can(actor, Action::EditPost, resource(post)))
}

/// The post as it is held, where the actor may change what readers get of it. Where it may only edit it, that is said.
pub(super) fn publishable(post: Option<PostRow>, actor: &Actor) -> Result<PostRow, SaveError> {
    let post = editable(post, actor).ok_or(SaveError::NotFound)?;
    require_publish(&post, actor)?;
    Ok(post)
}

/// # Errors
///
/// Where an account with more rights has to publish what this actor writes.
pub(super) fn require_publish(post: &PostRow, actor: &Actor) -> Result<(), Denied> {
    actor.require(Action::PublishPost, resource(post))
}

pub(super) fn can_publish(post: &PostRow, actor: &Actor) -> bool {
    can(actor, Action::PublishPost, resource(post))
}

fn resource(post: &PostRow) -> Resource<'_> {
    Resource::Post {
        authors: &post.author_ids,
        page: post.kind == Kind::Page,
    }
}

/// The post with the actor's account, which is named on it or was asked to be. To every other account the post is not there.
pub(super) fn named(post: Option<PostRow>, actor: &Actor) -> Result<(PostRow, i64)> {
    let (post, account) = (post.or_not_found()?, actor.account()?);
    if post.owner_id == account {
        return Err(Error::Forbidden(text::posts_own_address()));
    }
    match post.author_ids.contains(&account) || post.asked_ids.contains(&account) {
        true => Ok((post, account)),
        false => Err(Error::NotFound),
    }
}
