//! What an actor may do to a comment.

use super::queries::Item;
use crate::access::{Action, Actor, can};
use crate::web::{Error, OrNotFound, Result};

/// Lets `action` pass. An actor who may not see the comment learns no more than that there is nothing.
pub(super) fn allow(actor: &Actor, action: Action, item: &Item) -> Result<()> {
    if can(actor, action, item.object()) {
        return Ok(());
    }
    if item.public() || is_own(actor, item) {
        return Ok(actor.require(action, item.object())?);
    }
    Err(Error::NotFound)
}

fn is_own(actor: &Actor, item: &Item) -> bool {
    actor.id == Some(item.writer_id)
}

/// A comment of the actor's own, whatever became of it. Moderators never change the words of others.
pub(super) fn own(item: Option<Item>, actor: &Actor) -> Result<Item> {
    let item = item.or_not_found()?;
    if is_own(actor, &item) {
        return Ok(item);
    }
    if item.public() {
        Err(Error::Forbidden("Only its writer can change a comment."))
    } else {
        Err(Error::NotFound)
    }
}

/// A comment that the actor may decide about, which is never one of their own: they would settle the reports about it and
/// read these, or bring back what a moderator took out.
pub(super) fn decidable(item: Option<Item>, actor: &Actor) -> Result<Item> {
    let item = item.or_not_found()?;
    allow(actor, Action::DecideComment, &item)?;
    if is_own(actor, &item) {
        return Err(Error::Forbidden(
            "This is your own comment, so somebody else decides about it. You can delete it.",
        ));
    }
    Ok(item)
}

/// Only what readers see can be reported, and not one's own.
pub(super) fn reportable(item: Option<Item>, actor: &Actor) -> Result<Item> {
    let item = item.or_not_found()?;
    if !item.public() {
        return Err(Error::NotFound);
    }
    if is_own(actor, &item) {
        return Err(Error::Forbidden(
            "This is your own comment. You can delete it instead of reporting it.",
        ));
    }
    allow(actor, Action::ReportComment, &item)?;
    Ok(item)
}
