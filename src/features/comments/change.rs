//! What happens to a comment after it was written: its writer corrects or deletes it, authors and
//! moderators decide about it. Every function takes a locked [`Item`] and leaves an audit row, the post's
//! counter and the reports in agreement with the new state.

use serde_json::json;

use super::cache_tags;
use super::model::{ModerationAction, State};
use super::queries::{self, Item};
use crate::access::Actor;
use crate::db::audit::{self, Entry};
use crate::db::{Result as DbResult, Tx};
use crate::web::Result;

/// Replaces the text; the caller has asked whether the edit window is open.
pub(super) async fn edit(
    tx: &mut Tx,
    item: &Item,
    markdown: &str,
    html: &str,
    actor: &Actor,
) -> Result<()> {
    queries::keep_revision(tx, item.id).await?;
    queries::set_text(tx, item.id, markdown, html).await?;
    if item.state == State::Visible {
        cache_tags::invalidate_thread(tx, item.post_public_id);
    }
    Ok(record(tx, item, "comment.edit", item.state, "", actor).await?)
}

/// Deletes a comment for its writer: the text goes at once, a stub stays for the answers. Open reports stay open, and what
/// was reported with them: nobody gets out of a decision by deleting first.
pub(super) async fn withdraw(tx: &mut Tx, item: &Item, actor: &Actor) -> Result<()> {
    move_to(tx, item, State::Deleted, "", item.writer_id).await?;
    queries::blank_text(tx, item.id).await?;
    queries::forget_revisions(tx, item.id).await?;
    Ok(record(tx, item, "comment.withdraw", State::Deleted, "", actor).await?)
}

/// Carries out a decision that [`ModerationAction::apply`] allowed: the comment comes into the state `to`.
pub(super) async fn moderate(
    tx: &mut Tx,
    item: &Item,
    (action, to): (ModerationAction, State),
    reason: &str,
    actor: &Actor,
) -> Result<()> {
    let decider = actor.account()?;
    let shown_reason = if action.needs_reason() { reason } else { "" };
    // What its writer deleted stays theirs to have deleted.
    if item.state != State::Deleted {
        move_to(tx, item, to, shown_reason, decider).await?;
    }
    let outcome = if to == State::Deleted {
        ModerationAction::Delete.outcome()
    } else {
        action.outcome()
    };
    queries::resolve_reports(tx, item.id, decider, outcome).await?;
    queries::forget_revisions(tx, item.id).await?;
    if to == State::Deleted {
        queries::blank_text(tx, item.id).await?;
    }
    Ok(record(tx, item, action.audit_act(), to, reason, actor).await?)
}

async fn move_to(tx: &mut Tx, item: &Item, to: State, reason: &str, decider: i64) -> DbResult<()> {
    queries::set_state(tx, item.id, to, reason, decider).await?;
    // Locked in the order comment, then post, by everybody.
    match (item.state == State::Visible, to == State::Visible) {
        (false, true) => {
            cache_tags::invalidate_thread_and_count(tx, item.post_public_id);
            queries::count(tx, item.post_id, 1).await
        }
        (true, false) => {
            cache_tags::purge_thread(tx, item.post_public_id);
            queries::count(tx, item.post_id, -1).await
        }
        // A stub says who took it out.
        _ => {
            cache_tags::invalidate_thread(tx, item.post_public_id);
            Ok(())
        }
    }
}

async fn record(
    tx: &mut Tx,
    item: &Item,
    act: &str,
    to: State,
    reason: &str,
    actor: &Actor,
) -> DbResult<()> {
    let entry = Entry {
        act,
        object_kind: "comment",
        object_id: Some(item.public_id),
        object: &format!("{} on “{}”", item.writer, item.post_title),
        reason,
        before: Some(json!({ "state": item.state.as_str(), "reason": item.reason })),
        after: Some(json!({ "state": to.as_str(), "reason": reason })),
    };
    audit::record(tx, actor, entry).await
}
