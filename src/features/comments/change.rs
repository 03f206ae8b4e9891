//! What happens to a comment after it was written: its author corrects or deletes it, authors and
//! moderators decide about it. Every function takes a locked [`CommentRow`] and leaves an audit row, the post's
//! counter and the reports in agreement with the new state.

use serde_json::json;

use super::cache_tags;
use super::model::{ModerationAction, State};
use super::queries::{self, CommentRow, Decision};
use super::text::Checked;
use crate::access::Actor;
use crate::db::audit::{self, Entry};
use crate::db::{Result as DbResult, Tx};
use crate::web::Result;

/// Replaces the text; the caller has asked whether the edit window is open.
pub(super) async fn edit(
    tx: &mut Tx,
    comment: &CommentRow,
    text: &Checked,
    actor: &Actor,
) -> Result<()> {
    queries::keep_revision(tx, comment.id).await?;
    queries::set_text(tx, comment.id, text).await?;
    if comment.state == State::Visible {
        cache_tags::invalidate_thread(tx, comment.post_public_id);
    }
    Ok(record(tx, comment, "comment.edit", comment.state, "", actor).await?)
}

/// Deletes a comment for its author: the text goes at once, a stub stays for the answers. Open reports stay open, and what
/// was reported with them: deleting first is no way out of a decision.
pub(super) async fn withdraw(tx: &mut Tx, comment: &CommentRow, actor: &Actor) -> Result<()> {
    move_to(tx, comment, State::Deleted, "", comment.author_id).await?;
    queries::blank_text(tx, comment.id).await?;
    queries::forget_revisions(tx, comment.id).await?;
    Ok(record(tx, comment, "comment.withdraw", State::Deleted, "", actor).await?)
}

/// Carries out a decision that [`ModerationAction::apply`] allowed: the comment comes into the state `to`.
pub(super) async fn moderate(
    tx: &mut Tx,
    comment: &CommentRow,
    (action, to): (ModerationAction, State),
    reason: &str,
    actor: &Actor,
) -> Result<()> {
    let decider = actor.account()?;
    let shown_reason = if action.needs_reason() { reason } else { "" };
    // What its author deleted stays theirs to have deleted.
    if comment.state != State::Deleted {
        move_to(tx, comment, to, shown_reason, decider).await?;
    }
    queries::resolve_reports(tx, comment.id, decider, outcome(action, to)).await?;
    queries::forget_revisions(tx, comment.id).await?;
    if to == State::Deleted {
        queries::blank_text(tx, comment.id).await?;
    }
    Ok(record(tx, comment, action.audit_act(), to, reason, actor).await?)
}

/// Brings a hidden comment back into the state that it had, with the decision that stood then.
pub(super) async fn unhide(
    tx: &mut Tx,
    comment: &CommentRow,
    to: State,
    decision: Decision,
    actor: &Actor,
) -> Result<()> {
    queries::reopen_reports(tx, comment.id).await?;
    queries::set_state_back(tx, comment.id, to, decision).await?;
    count_and_invalidate(tx, comment, to).await?;
    Ok(record(tx, comment, "comment.unhide", to, "", actor).await?)
}

/// What the reports are told: of a comment that is deleted in the end, that it was.
fn outcome(action: ModerationAction, to: State) -> &'static str {
    if to == State::Deleted {
        ModerationAction::Delete.outcome()
    } else {
        action.outcome()
    }
}

async fn move_to(
    tx: &mut Tx,
    comment: &CommentRow,
    to: State,
    reason: &str,
    decider: i64,
) -> DbResult<()> {
    queries::set_state(tx, comment.id, to, reason, decider).await?;
    count_and_invalidate(tx, comment, to).await
}

async fn count_and_invalidate(tx: &mut Tx, comment: &CommentRow, to: State) -> DbResult<()> {
    // Every act locks in this order: comment, then post.
    match (comment.state == State::Visible, to == State::Visible) {
        (false, true) => {
            cache_tags::invalidate_thread_and_count(tx, comment.post_public_id);
            queries::count(tx, comment.post_id, 1).await
        }
        (true, false) => {
            cache_tags::purge_thread(tx, comment.post_public_id);
            queries::count(tx, comment.post_id, -1).await
        }
        // A stub says who took it out.
        _ => {
            cache_tags::invalidate_thread(tx, comment.post_public_id);
            Ok(())
        }
    }
}

async fn record(
    tx: &mut Tx,
    comment: &CommentRow,
    act: &str,
    to: State,
    reason: &str,
    actor: &Actor,
) -> DbResult<()> {
    let entry = Entry {
        act,
        object_kind: "comment",
        object_id: Some(comment.public_id),
        object: &format!("{} on “{}”", comment.author, comment.post_title),
        reason,
        before: Some(json!({ "state": comment.state.as_str(), "reason": comment.reason })),
        after: Some(json!({ "state": to.as_str(), "reason": reason })),
    };
    audit::record(tx, actor, entry).await
}
