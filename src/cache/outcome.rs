//! Where an answer comes from.

use std::sync::Arc;
use std::time::Duration;

use super::entry::Entry;

/// Where an answer comes from, as `Cache-Status` says it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CacheOutcome {
    /// From memory, and fresh.
    Hit,
    /// Made for this request.
    Miss {
        /// The time that its load took.
        cost: Duration,
        /// Whether later requests find it in memory.
        stored: bool,
    },
    /// Made for another request that was waited for.
    Collapsed,
    /// An old copy, since no new one could be made.
    Stale,
    /// Made for this request or one before it, and changed meanwhile: for no later request.
    Superseded,
}

/// A page, and where it comes from.
pub struct Served {
    /// What to answer.
    pub entry: Arc<Entry>,
    /// For `Cache-Status` (RFC 9211).
    pub outcome: CacheOutcome,
}
