//! Which history the site is on, and whether a server has another one.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::db::cluster::role::Role;

/// What an operator does about a refused primary.
const ADVICE: &str = "if that is the history that the site shall go on with, run `masthead database accept-history` on each node";
/// And about a refused replica.
const ADVICE_REPLICA: &str = "let database_replicas name streaming replicas of the primary";

/// Names a history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryId {
    /// None where the serving role may not ask for it.
    #[serde(rename = "system_identifier")]
    pub system: Option<i64>,
    /// Counts promotions: a server that is promoted begins the next one (PostgreSQL manual, “Timelines”).
    pub timeline: u32,
}

impl fmt::Display for HistoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.system {
            Some(system) => write!(f, "system {system} on timeline {}", self.timeline),
            None => write!(f, "an unknown system on timeline {}", self.timeline),
        }
    }
}

/// What is remembered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteHistory {
    /// The newest that was seen, or the one that was accepted.
    #[serde(flatten)]
    pub id: HistoryId,
    /// Timelines up to this one were left behind when an older one was accepted: being newer, they would come back as soon
    /// as one of their servers does.
    #[serde(default)]
    abandoned_timeline: u32,
}

impl From<HistoryId> for SiteHistory {
    fn from(id: HistoryId) -> Self {
        SiteHistory {
            id,
            abandoned_timeline: 0,
        }
    }
}

impl SiteHistory {
    /// Whether a server must not be used.
    pub fn judge(self, found: HistoryId, role: Role) -> Option<Refusal> {
        let known = self.id;
        let other =
            matches!((known.system, found.system), (Some(known), Some(found)) if known != found);
        let older = found.timeline < known.timeline || self.has_abandoned(found.timeline);
        (other || (older && role == Role::Primary)).then_some(Refusal { found, known, role })
    }

    pub(super) fn has_abandoned(self, timeline: u32) -> bool {
        timeline > self.id.timeline && timeline <= self.abandoned_timeline
    }

    /// After a server has shown `found`.
    pub(super) fn after(self, found: HistoryId, role: Role) -> SiteHistory {
        let same = match (self.id.system, found.system) {
            (Some(known), Some(found)) => known == found,
            // A replica does not say which database this is: it may be the one with the wrong address.
            (None, Some(_)) => role == Role::Primary,
            (_, None) => true,
        };
        if !same || self.has_abandoned(found.timeline) {
            return self;
        }
        let timeline = self.id.timeline.max(found.timeline);
        SiteHistory {
            id: HistoryId {
                system: self.id.system.or(found.system),
                timeline,
            },
            ..self
        }
    }

    /// After an operator has accepted `id`.
    pub(super) fn accepting(self, id: HistoryId) -> SiteHistory {
        let left = if self.id.system == id.system {
            self.id.timeline.max(self.abandoned_timeline)
        } else {
            0
        };
        SiteHistory {
            id,
            abandoned_timeline: if left > id.timeline { left } else { 0 },
        }
    }
}

/// Why a server is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Of the server.
    pub found: HistoryId,
    /// Of the site.
    pub known: HistoryId,
    /// What the server is: a primary of an older timeline is refused, a replica only of another system.
    pub role: Role,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "its history is {}, and the site's is {}; {}",
            self.found,
            self.known,
            self.advice()
        )
    }
}

impl std::error::Error for Refusal {}

impl Refusal {
    /// What an operator can do about it, in words that can follow a semicolon.
    pub fn advice(&self) -> &'static str {
        if self.role == Role::Primary {
            ADVICE
        } else {
            ADVICE_REPLICA
        }
    }

    /// For the label of a metric.
    pub(in crate::db) fn is_of_another_system(&self) -> bool {
        self.found.system != self.known.system
    }
}
