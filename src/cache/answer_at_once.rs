//! Whether a request is answered by what lies under its key, once it has the key's lock.

use std::sync::Arc;
use std::time::Instant;

use super::Cache;
use super::entry::Entry;
use super::failed::Failed;
use super::freshness::Freshness;
use super::outcome::{CacheOutcome, Served};
use super::public::LoadError;
use super::slot::Slot;
use crate::db::Validity;

/// When a request came, and what had been changed by then: a page that was read later is new enough for it, whatever
/// is changed while it waits. Without this a page that changes all the time would be made once for each waiting
/// request, one after the other.
#[derive(Clone, Copy)]
pub(super) struct RequestedAt {
    pub(super) at: Instant,
    pub(super) generation: u64,
}

/// What to do for a request that has the key's lock.
pub(super) enum Next {
    Answer(Result<Served, LoadError>),
    Load {
        /// Shown if the load fails.
        copy: Option<Arc<Entry>>,
        /// That failed before.
        attempts: u32,
    },
}

impl Cache {
    pub(super) fn requested(&self) -> RequestedAt {
        RequestedAt {
            generation: self.0.db.invalidations().versions.generation(),
            at: Instant::now(),
        }
    }

    /// Whether what lies under the key answers the request, or the page has to be made.
    pub(super) fn answer_at_once(&self, slot: Option<&Slot>, requested: RequestedAt) -> Next {
        match slot {
            Some(Slot::Page(entry)) => match self.check(entry, Instant::now()) {
                Freshness::Fresh | Freshness::Due => Next::Answer(Ok(self.collapsed(entry))),
                Freshness::Stale if is_new_enough(entry, requested) => {
                    Next::Answer(Ok(self.collapsed(entry)))
                }
                Freshness::Stale => Next::load(Some(entry.clone()), 0),
                Freshness::Purged => Next::load(None, 0),
            },
            Some(Slot::Failed(failed))
                if failed.at >= requested.at || self.is_backing_off(failed) =>
            {
                Next::Answer(self.fall_back(failed.copy.as_ref(), &failed.fault))
            }
            Some(Slot::Failed(failed)) => Next::load(failed.copy.clone(), failed.attempts),
            None => Next::load(None, 0),
        }
    }

    fn collapsed(&self, entry: &Arc<Entry>) -> Served {
        self.0.counters.collapsed.one();
        Served {
            outcome: self.in_time(entry, CacheOutcome::Collapsed),
            entry: entry.clone(),
        }
    }

    fn is_backing_off(&self, failed: &Failed) -> bool {
        let changed = failed.copy.as_ref().is_some_and(|copy| {
            self.0
                .db
                .invalidations()
                .versions
                .validity(&copy.tags, failed.generation)
                != Validity::Fresh
        });
        Instant::now() < failed.until
            && !changed
            && failed.closings_before == self.0.breaker.closings()
    }
}

impl Next {
    fn load(copy: Option<Arc<Entry>>, attempts: u32) -> Next {
        Next::Load { copy, attempts }
    }
}

/// Whether a page was read after the request came, or after everything that was changed by then.
fn is_new_enough(entry: &Entry, requested: RequestedAt) -> bool {
    let began = entry
        .loaded_at
        .checked_sub(entry.took)
        .unwrap_or(entry.loaded_at);
    began >= requested.at
        || entry.generation >= requested.generation && entry.loaded_at >= requested.at
}
