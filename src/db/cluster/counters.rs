//! Counters of where reads went; [`super::metrics`] shows them to a scrape.

use std::sync::atomic::{AtomicU64, Ordering};

/// Where reads went, since the start.
#[derive(Default)]
pub(in crate::db) struct Counters {
    pub(in crate::db) replica: AtomicU64,
    pub(in crate::db) primary: AtomicU64,
    /// Of those that needed a position: answered by a replica that was there, that came there while it was waited for, or
    /// by the primary.
    pub(in crate::db) position_on_replica: AtomicU64,
    pub(in crate::db) position_after_wait: AtomicU64,
    pub(in crate::db) position_on_primary: AtomicU64,
    pub(in crate::db) timeline_mismatches: AtomicU64,
    /// Reads that broke on one server and moved to another.
    pub(in crate::db) failovers: AtomicU64,
    pub(in crate::db) conflicts: AtomicU64,
    pub(in crate::db) fallback_rejected: AtomicU64,
    /// Commits whose outcome is not known.
    pub(in crate::db) commits_unknown: AtomicU64,
}

impl Counters {
    pub(in crate::db) fn one(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}
