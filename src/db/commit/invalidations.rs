//! What this process knows of invalidations: the versions of tags, which rows of the table are its own, and what is still to be
//! told to other nodes.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

use super::invalidated_tags::InvalidatedTags;
use super::pinned::PinnedCommits;
use super::versions::TagVersions;
use crate::db::cluster::position::Position;
use crate::metrics::Scrape;

/// The invalidations that this process knows: its own at once, those of other nodes as the feed reads them.
#[derive(Default)]
pub struct Invalidations {
    /// When each tag was last changed.
    pub versions: TagVersions,
    /// Rows of this process whose tag versions are bumped already.
    bumped: Mutex<HashSet<i64>>,
    /// Something was committed of which the other nodes were not told yet.
    pub(in crate::db) unnotified: AtomicBool,
    /// Rung with it.
    pub(in crate::db) notify: Notify,
    pub(in crate::db) pinned: PinnedCommits,
}

impl Invalidations {
    /// Whether this process wrote a row of the table and has bumped its tag versions; asked once for each row. False while a
    /// commit is still under way: then the reader of the row bumps them first.
    pub fn was_bumped(&self, id: i64) -> bool {
        self.bumped
            .lock()
            .unwrap_or_else(|e| e.into_inner())
            .remove(&id)
    }

    /// Gives everything up: what happened before `position` is not known.
    pub fn reset(&self, position: Option<Position>) {
        self.bumped
            .lock()
            .unwrap_or_else(|e| e.into_inner())
            .clear();
        self.versions.bump_all(position);
    }

    pub(in crate::db) fn collect(&self, scrape: &mut Scrape<'_>) {
        self.pinned.collect(self.versions.pinned(), scrape);
    }

    /// Of this process: its tags are newer from here on, and the feed need not read the rows again.
    pub(in crate::db) fn bump(
        &self,
        invalidated: &InvalidatedTags,
        rows: Vec<i64>,
        position: Position,
    ) {
        self.versions.bump(
            invalidated.changed.iter(),
            invalidated.gone.iter(),
            Some(position),
        );
        self.bumped
            .lock()
            .unwrap_or_else(|e| e.into_inner())
            .extend(rows);
    }

    pub(in crate::db) fn notify(&self) {
        self.unnotified.store(true, Ordering::Release);
        self.notify.notify_one();
    }
}
