//! How far a node has read what others changed.

use std::time::Instant;

use uuid::Uuid;

use super::queries::Snapshot;

/// How far this node has read.
pub(super) struct FeedPosition {
    pub(super) node: Uuid,
    pub(super) name: String,
    /// What was seen already; none before the first round.
    pub(super) since: Option<Snapshot>,
    /// Take-downs that were applied and are not yet acknowledged.
    pub(super) unacknowledged: Vec<i64>,
    /// When this node last said that it lives.
    pub(super) alive: Option<Instant>,
    pub(super) system: Option<i64>,
    pub(super) timeline: Option<u32>,
}

impl FeedPosition {
    pub(super) fn at_start(node: Uuid, name: String) -> Self {
        Self {
            node,
            name,
            since: None,
            unacknowledged: Vec::new(),
            alive: None,
            system: None,
            timeline: None,
        }
    }
}
