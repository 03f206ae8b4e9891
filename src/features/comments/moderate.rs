//! Moderating: one decision about one comment, by an author of its post or a moderator.

use uuid::Uuid;

use super::change;
use super::model::{ModerationAction, State};
use super::permission::decidable;
use super::queries::{self, CommentRow};
use crate::access::{Actor, Role};
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
    /// `is_out`: readers saw the comment, and see it no longer.
    Done {
        is_out: bool,
    },
    Refused(Box<CommentRow>, Refusal),
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
        return Ok(Moderated::Done { is_out: false });
    }
    let to = match next_state(&comment, actor, &request) {
        Ok(to) => to,
        Err(refusal) => return Ok(Moderated::Refused(Box::new(comment), refusal)),
    };
    actor.joins(Some(comment.transaction_id));
    tx.belongs_to(actor);
    let decision = (request.action, to);
    change::moderate(&mut tx, &comment, decision, request.reason, actor).await?;
    tx.commit().await?;
    let is_out = comment.public() && to != State::Visible;
    Ok(Moderated::Done { is_out })
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
    if comment.decided_by_staff && actor.role < Role::Moderator && action.overrules() {
        return Err(Refusal::DecidedByStaff);
    }
    if request.read != Some(comment.version) {
        return Err(Refusal::Changed);
    }
    Ok(to)
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
