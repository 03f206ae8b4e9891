//! What an actor may do to a post.

use super::model::Kind;
use super::queries::PostRow;
use crate::access::{Action, Actor, Resource, can};

pub(super) fn write_action(kind: Kind) -> Action {
    match kind {
        Kind::Post => Action::WritePost,
        Kind::Page => Action::WritePage,
    }
}

/// Nothing where the actor may not change it: then it may not know either that it is there.
pub(super) fn editable(post: Option<PostRow>, actor: &Actor) -> Option<PostRow> {
    post.filter(|post| {
        let resource = Resource::Post {
            authors: &post.author_ids,
            page: post.kind == Kind::Page,
        };
        can(actor, Action::EditPost, resource)
    })
}
