//! The rules of commenting, without a database.

use chrono::{DateTime, TimeDelta, Utc};

use crate::features::site::CommentPolicy;
use crate::messages::{Message, text};

/// Database key of a comment.
pub type CommentId = i64;

/// How long a author can correct a comment: enough for a slip of the pen, too short to change what others
/// have answered.
pub const EDIT_WINDOW: TimeDelta = TimeDelta::minutes(15);

/// The deepest a reply can stand, the first level being 0. The table's check constraint says the same.
pub const MAX_DEPTH: i16 = 200;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Visible,
    /// Waits for approval: only its author and those who decide see it.
    Held,
    /// Taken out by a decision; can be brought back.
    Hidden,
    /// Gone, its text with it; the row stays so that the thread still reads.
    Deleted,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            State::Visible => "visible",
            State::Held => "held",
            State::Hidden => "hidden",
            State::Deleted => "deleted",
        }
    }

    /// From a column whose check constraint allows only our words; what is unknown is not shown.
    pub fn from_column(word: &str) -> State {
        match word {
            "visible" => State::Visible,
            "held" => State::Held,
            "deleted" => State::Deleted,
            _ => State::Hidden,
        }
    }
}

/// What the site knows of an account that is about to comment.
#[derive(Clone, Copy, Debug)]
pub struct Trust {
    /// May decide about comments under this post: never waits for approval.
    pub moderates: bool,
    /// Has a comment on this site that another account has approved and readers see.
    pub known: bool,
}

/// The state of a new comment. `None`: the post takes no comments.
pub fn first_state(policy: CommentPolicy, trust: Trust) -> Option<State> {
    match policy {
        CommentPolicy::Off => None,
        CommentPolicy::Members => Some(State::Visible),
        CommentPolicy::FirstHeld if trust.moderates || trust.known => Some(State::Visible),
        CommentPolicy::AllHeld if trust.moderates => Some(State::Visible),
        CommentPolicy::FirstHeld | CommentPolicy::AllHeld => Some(State::Held),
    }
}

/// Whether the author can still change the text. What was decided about stays as it was decided:
/// an approval is for the words that were read.
pub fn open_for_edit(
    state: State,
    decided: bool,
    created_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> bool {
    matches!(state, State::Visible | State::Held) && !decided && now - created_at < EDIT_WINDOW
}

/// What an author or moderator does with a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModerationAction {
    Approve,
    Hide,
    Delete,
    /// Leaves a reported comment as it is.
    Keep,
}

impl ModerationAction {
    pub const ALL: [ModerationAction; 4] = [
        ModerationAction::Approve,
        ModerationAction::Keep,
        ModerationAction::Hide,
        ModerationAction::Delete,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            ModerationAction::Approve => "approve",
            ModerationAction::Hide => "hide",
            ModerationAction::Delete => "delete",
            ModerationAction::Keep => "keep",
        }
    }

    pub fn parse(word: &str) -> Option<ModerationAction> {
        ModerationAction::ALL
            .into_iter()
            .find(|d| d.as_str() == word)
    }

    pub fn label(self) -> Message {
        match self {
            ModerationAction::Approve => text::comments_decision_approve(),
            ModerationAction::Hide => text::comments_decision_hide(),
            ModerationAction::Delete => text::comments_decision_delete(),
            ModerationAction::Keep => text::comments_decision_keep(),
        }
    }

    /// What takes something away from its author is explained to its author.
    pub fn needs_reason(self) -> bool {
        matches!(self, ModerationAction::Hide | ModerationAction::Delete)
    }

    /// The state after the decision.
    ///
    /// # Errors
    /// A sentence, when the decision makes no sense for the present state.
    pub fn apply(self, from: State) -> Result<State, Message> {
        match (self, from) {
            // Reports outlive a comment that its author deleted: they are settled, and it stays as it is.
            (ModerationAction::Keep, State::Deleted) => Ok(State::Deleted),
            (_, State::Deleted) => Err(text::comments_already_deleted()),
            (ModerationAction::Approve, _) => Ok(State::Visible),
            (ModerationAction::Hide, _) => Ok(State::Hidden),
            (ModerationAction::Delete, _) => Ok(State::Deleted),
            (ModerationAction::Keep, State::Visible) => Ok(State::Visible),
            (ModerationAction::Keep, _) => Err(text::comments_nothing_to_keep()),
        }
    }

    /// Puts something else in the place of an earlier decision. Keeping does too: it would leave the author who keeps
    /// as the one who decided. Deleting does not: an author can always take words from under their own post.
    pub fn overrules(self) -> bool {
        self != ModerationAction::Delete
    }

    /// What the settled reports say about it.
    pub fn outcome(self) -> &'static str {
        match self {
            ModerationAction::Approve | ModerationAction::Keep => "kept",
            ModerationAction::Hide => "hidden",
            ModerationAction::Delete => "deleted",
        }
    }

    pub fn audit_act(self) -> &'static str {
        match self {
            ModerationAction::Approve => "comment.approve",
            ModerationAction::Hide => "comment.hide",
            ModerationAction::Delete => "comment.delete",
            ModerationAction::Keep => "comment.keep",
        }
    }
}

/// Why a reader reports a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportReason {
    Spam,
    Abuse,
    Illegal,
    OffTopic,
    Other,
}

impl ReportReason {
    pub const ALL: [ReportReason; 5] = [
        ReportReason::Spam,
        ReportReason::Abuse,
        ReportReason::Illegal,
        ReportReason::OffTopic,
        ReportReason::Other,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            ReportReason::Spam => "spam",
            ReportReason::Abuse => "abuse",
            ReportReason::Illegal => "illegal",
            ReportReason::OffTopic => "off_topic",
            ReportReason::Other => "other",
        }
    }

    pub fn parse(word: &str) -> Option<ReportReason> {
        ReportReason::ALL.into_iter().find(|g| g.as_str() == word)
    }

    pub fn label(self) -> Message {
        match self {
            ReportReason::Spam => text::comments_reason_spam(),
            ReportReason::Abuse => text::comments_reason_abuse(),
            ReportReason::Illegal => text::comments_reason_illegal(),
            ReportReason::OffTopic => text::comments_reason_off_topic(),
            ReportReason::Other => text::comments_reason_other(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRANGER: Trust = Trust {
        moderates: false,
        known: false,
    };
    const KNOWN: Trust = Trust {
        moderates: false,
        known: true,
    };
    const TRUSTED: Trust = Trust {
        moderates: true,
        known: false,
    };

    #[test]
    fn policies_decide_who_waits() {
        use CommentPolicy::*;
        use State::{Held, Visible};
        for (policy, stranger, known, trusted) in [
            (Off, None, None, None),
            (Members, Some(Visible), Some(Visible), Some(Visible)),
            (FirstHeld, Some(Held), Some(Visible), Some(Visible)),
            (AllHeld, Some(Held), Some(Held), Some(Visible)),
        ] {
            assert_eq!(
                first_state(policy, STRANGER),
                stranger,
                "{policy:?}, stranger"
            );
            assert_eq!(first_state(policy, KNOWN), known, "{policy:?}, known");
            assert_eq!(first_state(policy, TRUSTED), trusted, "{policy:?}, trusted");
        }
    }

    #[test]
    fn the_edit_window_closes_by_time_and_by_decision() {
        let posted = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let after = |seconds| posted + TimeDelta::seconds(seconds);
        assert!(open_for_edit(
            State::Visible,
            false,
            posted,
            after(14 * 60 + 59)
        ));
        assert!(!open_for_edit(
            State::Visible,
            false,
            posted,
            after(15 * 60)
        ));
        assert!(open_for_edit(State::Held, false, posted, after(1)));
        assert!(!open_for_edit(State::Visible, true, posted, after(1)));
        assert!(!open_for_edit(State::Hidden, false, posted, after(1)));
        assert!(!open_for_edit(State::Deleted, false, posted, after(1)));
    }

    #[test]
    fn decisions_lead_to_states() {
        use State::*;
        for (decision, visible, held, hidden) in [
            (
                ModerationAction::Approve,
                Ok(Visible),
                Ok(Visible),
                Ok(Visible),
            ),
            (ModerationAction::Hide, Ok(Hidden), Ok(Hidden), Ok(Hidden)),
            (
                ModerationAction::Delete,
                Ok(Deleted),
                Ok(Deleted),
                Ok(Deleted),
            ),
            (ModerationAction::Keep, Ok(Visible), Err(()), Err(())),
        ] {
            let deleted = if decision == ModerationAction::Keep {
                Ok(Deleted)
            } else {
                Err(())
            };
            for (from, to) in [
                (Visible, visible),
                (Held, held),
                (Hidden, hidden),
                (Deleted, deleted),
            ] {
                assert_eq!(
                    decision.apply(from).map_err(|_| ()),
                    to,
                    "{decision:?} of {from:?}"
                );
            }
        }
    }

    #[test]
    fn words_survive_the_column_and_the_form() {
        for state in [State::Visible, State::Held, State::Hidden, State::Deleted] {
            assert_eq!(State::from_column(state.as_str()), state);
        }
        assert_eq!(State::from_column("something new"), State::Hidden);
        for decision in ModerationAction::ALL {
            assert_eq!(ModerationAction::parse(decision.as_str()), Some(decision));
        }
        for reason in ReportReason::ALL {
            assert_eq!(ReportReason::parse(reason.as_str()), Some(reason));
        }
        assert_eq!(ModerationAction::parse("Approve"), None);
    }
}
