//! What an actor may do to a comment.

use super::queries::CommentRow;
use crate::access::{Action, Actor, can};
use crate::messages::text;
use crate::web::{Error, OrNotFound, Result};

/// Lets `action` pass. An actor who may not see the comment learns no more than that there is nothing.
pub(super) fn allow(actor: &Actor, action: Action, comment: &CommentRow) -> Result<()> {
    if can(actor, action, comment.object()) {
        return Ok(());
    }
    if comment.public() || is_own(actor, comment) {
        return Ok(actor.require(action, comment.object())?);
    }
    Err(Error::NotFound)
}

fn is_own(actor: &Actor, comment: &CommentRow) -> bool {
    actor.id == Some(comment.author_id)
}

/// A comment of the actor's own, whatever became of it. Moderators never change the words of others.
pub(super) fn own(comment: Option<CommentRow>, actor: &Actor) -> Result<CommentRow> {
    let comment = comment.or_not_found()?;
    if is_own(actor, &comment) {
        return Ok(comment);
    }
    if comment.public() {
        Err(Error::Forbidden(text::comments_only_author()))
    } else {
        Err(Error::NotFound)
    }
}

/// A comment that the actor may decide about, which is never one of their own: they would settle the reports about it and
/// read these, or bring back what a moderator took out.
pub(super) fn decidable(comment: Option<CommentRow>, actor: &Actor) -> Result<CommentRow> {
    let comment = comment.or_not_found()?;
    allow(actor, Action::ModerateComment, &comment)?;
    if is_own(actor, &comment) {
        return Err(Error::Forbidden(text::comments_own_decision()));
    }
    Ok(comment)
}

/// Only what readers see can be reported, and not one's own.
pub(super) fn reportable(comment: Option<CommentRow>, actor: &Actor) -> Result<CommentRow> {
    let comment = comment.or_not_found()?;
    if !comment.public() {
        return Err(Error::NotFound);
    }
    if is_own(actor, &comment) {
        return Err(Error::Forbidden(text::comments_own_report()));
    }
    allow(actor, Action::ReportComment, &comment)?;
    Ok(comment)
}
