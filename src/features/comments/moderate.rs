//! Moderating: one decision about one comment, by an author of its post or a moderator.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::change;
use super::model::{ModerationAction, State};
use super::permission::decidable;
use super::queries::{self, CommentRow, Decision};
use crate::access::Actor;
use crate::db::{Db, Result as DbResult, Tx};
use crate::messages::{Message, text};
use crate::web::Result;

pub struct ModerationRequest<'a> {
    pub id: Uuid,
    pub action: ModerationAction,
    pub reason: &'a str,
    /// The version of the comment that was read. Without it nothing is decided: it would not be known about which words.
    pub read: Option<i32>,
}

/// What became of a decision.
pub enum Moderated {
    /// `is_out`: readers saw the comment, and see it no longer. `hidden`: by this decision, and can be brought back as it was.
    Done {
        is_out: bool,
        hidden: Option<Hidden>,
    },
    Refused(Box<CommentRow>, Refusal),
}

/// A comment that was hidden, for undoing it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Hidden {
    pub comment: Uuid,
    /// After it was hidden.
    version: i32,
    was_held: bool,
    decided_by: Option<Uuid>,
    decided_at: Option<DateTime<Utc>>,
}

impl Hidden {
    /// None where it was hidden before: another reason is a new decision, and not undone.
    fn of(before: &CommentRow, decision: Decision) -> Option<Hidden> {
        let was_held = match before.state {
            State::Visible => false,
            State::Held => true,
            State::Hidden | State::Deleted => return None,
        };
        Some(Hidden {
            comment: before.public_id,
            version: before.version + 1,
            was_held,
            decided_by: decision.by,
            decided_at: decision.at,
        })
    }

    fn state(&self) -> State {
        if self.was_held {
            State::Held
        } else {
            State::Visible
        }
    }
}

/// Why nothing was decided.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message().in_english())]
pub enum Refusal {
    DecidedByStaff,
    Changed,
    NothingOpen,
    /// The decision makes no sense for a comment in this state.
    Unfit(Message),
}

impl Refusal {
    pub fn message(&self) -> Message {
        match self {
            Refusal::DecidedByStaff => text::comments_decided_by_staff(),
            Refusal::Changed => text::comments_changed_before_decision(),
            Refusal::NothingOpen => text::comments_reports_settled(),
            Refusal::Unfit(message) => message.clone(),
        }
    }
}

/// # Errors
///
/// Where the actor may not decide about this comment.
pub async fn moderate(db: &Db, actor: &Actor, request: ModerationRequest<'_>) -> Result<Moderated> {
    let mut tx = db.begin().await?;
    let comment = decidable(queries::lock_comment(&mut tx, request.id).await?, actor)?;
    if is_done(&mut tx, &comment, &request).await? {
        return Ok(Moderated::Done {
            is_out: false,
            hidden: None,
        });
    }
    let to = match next_state(&comment, actor, &request) {
        Ok(to) => to,
        Err(refusal) => return Ok(Moderated::Refused(Box::new(comment), refusal)),
    };
    actor.joins(Some(comment.transaction_id));
    tx.belongs_to(actor);
    let before = queries::decision(&mut tx, comment.id).await?;
    let decision = (request.action, to);
    change::moderate(&mut tx, &comment, decision, request.reason, actor).await?;
    tx.commit().await?;
    Ok(Moderated::Done {
        is_out: comment.public() && to != State::Visible,
        hidden: (request.action == ModerationAction::Hide)
            .then(|| Hidden::of(&comment, before))
            .flatten(),
    })
}

fn next_state(
    comment: &CommentRow,
    actor: &Actor,
    request: &ModerationRequest<'_>,
) -> std::result::Result<State, Refusal> {
    let action = request.action;
    let to = action.apply(comment.state).map_err(Refusal::Unfit)?;
    if action == ModerationAction::Keep && !comment.open_reports {
        return Err(Refusal::NothingOpen);
    }
    // An author moderates the talk under a post, below the moderators of the site. Every decision but deleting is refused: a
    // second hiding, say, would make the author the one who hid it, free to bring it back.
    if comment.decided_by_staff && !actor.role.moderates() && action.overrules() {
        return Err(Refusal::DecidedByStaff);
    }
    if request.read != Some(comment.version) {
        return Err(Refusal::Changed);
    }
    Ok(to)
}

/// Brings a hidden comment back as it was, with the reports that the hiding settled: they are open again. What a comment that was
/// edited had said when it was reported is not kept beyond a decision, and does not come back. False where the comment has
/// changed since.
///
/// # Errors
///
/// Where the actor may not decide about this comment, or no more.
pub async fn undo(db: &Db, actor: &Actor, done: &Hidden) -> Result<bool> {
    let mut tx = db.begin().await?;
    let comment = decidable(queries::lock_comment(&mut tx, done.comment).await?, actor)?;
    if comment.state == done.state() && comment.version == done.version + 1 {
        // A second click.
        return Ok(true);
    }
    if comment.state != State::Hidden || comment.version != done.version {
        return Ok(false);
    }
    actor.joins(Some(comment.transaction_id));
    tx.belongs_to(actor);
    let decision = Decision {
        by: done.decided_by,
        at: done.decided_at,
    };
    change::unhide(&mut tx, &comment, done.state(), decision, actor).await?;
    tx.commit().await?;
    Ok(true)
}

/// The same decision again, by a second click or a second moderator: nothing is left to do. With another reason it is
/// another decision, and its reason has to be kept or given back.
async fn is_done(
    tx: &mut Tx,
    comment: &CommentRow,
    request: &ModerationRequest<'_>,
) -> DbResult<bool> {
    if comment.open_reports || !is_carried_out(comment, request.action) {
        return Ok(false);
    }
    if request.action.needs_reason() {
        return Ok(comment.reason == request.reason);
    }
    // Shown on no page, so only the log has it.
    Ok(request.reason.is_empty()
        || queries::logged_reason(tx, comment.public_id)
            .await?
            .is_some_and(|logged| logged == request.reason))
}

fn is_carried_out(comment: &CommentRow, action: ModerationAction) -> bool {
    match action {
        ModerationAction::Approve => comment.state == State::Visible,
        ModerationAction::Hide => comment.state == State::Hidden,
        ModerationAction::Delete => comment.state == State::Deleted,
        ModerationAction::Keep => true,
    }
}
