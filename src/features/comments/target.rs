//! What would become of a comment under a post, before it is written.

use super::model::{State, Trust, first_state};
use super::queries::PostRef;
use crate::access::{Action, Actor, Resource, can};
use crate::web::{OrNotFound, Result};

/// A post, and what would become of a comment by this actor under it.
pub struct Target {
    pub post: PostRef,
    /// `None`: closed.
    pub state: Option<State>,
}

/// Judges a post that was asked for with this actor as the author.
///
/// # Errors
///
/// Where there is no such post for readers, or the actor may not comment.
pub fn target(actor: &Actor, post: Option<PostRef>) -> Result<Target> {
    actor.require(Action::Comment, Resource::Nothing)?;
    let post = post.or_not_found()?;
    let own = Resource::Comment {
        author: actor.account()?,
        post_authors: &post.author_ids,
        open: false,
    };
    let trust = Trust {
        moderates: can(actor, Action::ModerateComment, own),
        known: post.knows_author,
    };
    Ok(Target {
        state: first_state(post.policy, trust),
        post,
    })
}
