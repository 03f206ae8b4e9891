//! What the queue shows: which comments, and a line for each.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::Revision;
use crate::features::comments::model::{CommentId, ReportReason, State};
use crate::features::posts::Byline;
use crate::messages::Message;

/// Which comments the queue shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    Held,
    Reported,
    Hidden,
    All,
}

impl Show {
    pub fn parse(word: &str) -> Option<Show> {
        Some(match word {
            "" | "held" => Show::Held,
            "reported" => Show::Reported,
            "hidden" => Show::Hidden,
            "all" => Show::All,
            _ => return None,
        })
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Show::Held => "held",
            Show::Reported => "reported",
            Show::Hidden => "hidden",
            Show::All => "all",
        }
    }
}

/// A report as those who decide read it.
#[derive(Clone, Debug, Deserialize)]
pub struct ReportLine {
    pub reason: String,
    pub details: String,
    pub reporter: String,
}

impl ReportLine {
    pub fn reason_label(&self) -> Message {
        ReportReason::parse(&self.reason)
            .unwrap_or(ReportReason::Other)
            .label()
    }
}

/// A comment in the queue, with what one must know to decide.
#[derive(Clone, Debug)]
pub struct QueueLine {
    pub id: CommentId,
    pub public_id: Uuid,
    pub author: Byline,
    pub mine: bool,
    pub post_title: String,
    pub post_path: String,
    pub post_public: bool,
    pub post_authors: Vec<i64>,
    pub html: String,
    pub version: i32,
    pub state: State,
    pub reason: String,
    pub created_at: DateTime<Utc>,
    /// The last decision was a moderator's.
    pub decided_by_staff: bool,
    /// Writer and HTML of the comment answered.
    pub answered: Option<(String, String)>,
    /// The first ten open reports; none of the viewer's own comments.
    pub reports: Vec<ReportLine>,
    pub report_count: i64,
    /// What was reported, where the comment says something else now.
    pub reported_words: Vec<Revision>,
}

impl QueueLine {
    /// An account does not decide about its own words.
    pub fn can_decide(&self) -> bool {
        !self.mine && (self.state != State::Deleted || self.report_count > 0)
    }
}
