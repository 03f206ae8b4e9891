//! Pages for requests: from memory where they are fresh, else made.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Cache;
use super::entry::Entry;
use super::freshness::Freshness;
use super::loaded::Load;
use super::outcome::{CacheOutcome, Served};
use super::public::LoadError;
use super::slot::Slot;
use crate::db::Position;

/// For a change that was made on another node; telling of it takes about ten milliseconds.
const HEARD_WITHIN: Duration = Duration::from_millis(100);

impl Cache {
    /// The page under `key` if it can go out as it is: one lookup and a few comparisons. Counts as a hit.
    /// `now` is when the request came.
    pub async fn fresh(&self, key: &str, now: Instant) -> Option<Arc<Entry>> {
        let Some(Slot::Page(entry)) = self.0.map.get(key).await else {
            return None;
        };
        match self.check(&entry, now) {
            Freshness::Fresh => {}
            Freshness::Due => self.refresh(key, &entry),
            Freshness::Stale | Freshness::Purged => return None,
        }
        if !entry.compressed {
            self.compress(key, &entry);
        }
        self.0.counters.hits.one();
        Some(entry)
    }

    /// Whether there is something to show under `key`, be it old.
    pub async fn has_copy(&self, key: &str) -> bool {
        match self.0.map.get(key).await {
            Some(Slot::Page(_)) => true,
            Some(Slot::Failed(failed)) => failed.has_copy(),
            None => false,
        }
    }

    /// Whether a page that was found a moment ago may still go out, and is not due for a refresh.
    pub fn is_good(&self, entry: &Entry, now: Instant) -> bool {
        matches!(self.check(entry, now), Freshness::Fresh)
    }

    /// Whether a worker may hold on to a page that memory itself might give up: all that workers hold then is a small part
    /// of the limit.
    pub fn may_be_held(&self, entry: &Entry) -> bool {
        entry.is_finished() && entry.bytes() <= self.0.limit / 1024
    }

    /// The page under `key`, from memory or made by `load`. `route` is the pattern, for logs.
    ///
    /// # Errors
    ///
    /// The error of the load, if there is no copy that may be shown instead.
    pub async fn get(
        &self,
        key: &str,
        route: &'static str,
        load: Load,
    ) -> Result<Served, LoadError> {
        if let Some(entry) = self.fresh(key, Instant::now()).await {
            return Ok(Served {
                entry,
                outcome: CacheOutcome::Hit,
            });
        }
        if self.0.limit == 0 {
            return self.load_uncached(key, route, load, None).await;
        }
        self.get_or_load(key, route, load).await
    }

    /// [`Cache::get`] for a client that has made a change on another node, up to `wrote`: from memory only if this node has
    /// heard of it.
    ///
    /// # Errors
    ///
    /// As for [`Cache::get`].
    pub async fn get_after(
        &self,
        key: &str,
        route: &'static str,
        load: Load,
        wrote: Option<Position>,
    ) -> Result<Served, LoadError> {
        if wrote.is_none() || self.has_heard_all().await {
            return self.get(key, route, load).await;
        }
        match self.load_uncached(key, route, load.clone(), wrote).await {
            // No server can show the change now: better what was there before than nothing.
            Err(fault) if fault.unavailable => self.get(key, route, load).await,
            result => result,
        }
    }

    /// Whether memory shows what other nodes have changed until now.
    async fn has_heard_all(&self) -> bool {
        self.0.limit > 0
            && self
                .0
                .feed
                .caught_up(self.0.db.allow(HEARD_WITHIN, 4))
                .await
    }
}
