//! Early refresh ("load leak" in this product's words) with comparison: pages that are asked for are rendered again in the
//! background before they expire (when: `freshness`), and each is compared with the one it replaces. A difference that no
//! invalidation explains means that a verb changes what readers see without saying so; it is counted and logged, and the
//! new page repairs it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use moka::ops::compute::Op;
use tokio::sync::OwnedSemaphorePermit;

use super::Cache;
use super::entry::Entry;
use super::slot::Slot;
use crate::db::Validity;

/// After a refresh that failed.
const PAUSE: Duration = Duration::from_secs(1);
/// How long a comparison waits until everything that was committed before has been read.
const CAUGHT_UP: Duration = Duration::from_secs(3);

impl Cache {
    /// Begins a refresh, unless one is under way or enough others are.
    pub(super) fn refresh(&self, key: &str, entry: &Arc<Entry>) {
        if entry.refreshing.swap(true, Ordering::AcqRel) {
            return;
        }
        if self.0.breaker.is_open() || self.0.db.is_overloaded() {
            entry.refreshing.store(false, Ordering::Release);
            return;
        }
        let Ok(permit) = self.0.refreshes.clone().try_acquire_owned() else {
            self.0.counters.refreshes_skipped.one();
            entry.refreshing.store(false, Ordering::Release);
            return;
        };
        let (this, key, entry) = (self.clone(), Arc::<str>::from(key), entry.clone());
        tokio::spawn(async move { this.refresh_with(permit, &key, &entry).await });
    }

    async fn refresh_with(&self, permit: OwnedSemaphorePermit, key: &Arc<str>, entry: &Arc<Entry>) {
        let compared = self.replace(key, entry).await;
        drop(permit);
        match compared {
            Some(new) => self.compare(key, entry, &new).await,
            None => {
                tokio::time::sleep(PAUSE).await;
                entry.refreshing.store(false, Ordering::Release);
            }
        }
    }

    async fn replace(&self, key: &Arc<str>, old: &Arc<Entry>) -> Option<Arc<Entry>> {
        self.0.counters.refreshes.one();
        let (route, load) = (old.route, old.load.clone());
        let new = self.load_entry(key, route, load, Some(old)).await.ok()?;
        self.put_in_place(key, new.clone()).await;
        if old.compressed && !new.compressed {
            self.replace_compressed(key.clone(), new.clone()).await;
        }
        Some(new)
    }

    async fn put_in_place(&self, key: &Arc<str>, new: Arc<Entry>) {
        self.0
            .map
            .entry(key.clone())
            .and_compute_with(|present| async move {
                match present.map(|e| e.into_value()) {
                    // Another request made a newer one meanwhile, or it was evicted: leave it so.
                    Some(Slot::Page(now)) if now.generation > new.generation => Op::Nop,
                    Some(slot) => self.store(&new, Some(&slot)).await,
                    None => Op::Nop,
                }
            })
            .await;
    }

    async fn compare(&self, key: &str, old: &Entry, new: &Entry) {
        if old.version() == new.version() {
            return;
        }
        // What the new page shows may have been committed by another node whose row is still on the way here.
        let heard_all = self.0.feed.caught_up(self.0.db.allow(CAUGHT_UP, 4)).await;
        if !heard_all || self.was_invalidated(old, new) {
            return;
        }
        self.0.counters.drift.one();
        tracing::error!(
            key,
            route = old.route,
            old = old.version().to_str().unwrap_or_default(),
            new = new.version().to_str().unwrap_or_default(),
            old_age_seconds = old.loaded_at.elapsed().as_secs_f64(),
            "a page changed without an invalidation"
        );
    }

    /// Whether a tag of either page was invalidated since the old one was made.
    fn was_invalidated(&self, old: &Entry, new: &Entry) -> bool {
        let versions = &self.0.db.invalidations().versions;
        [&old.tags, &new.tags]
            .into_iter()
            .any(|tags| versions.validity(tags, old.generation) != Validity::Fresh)
    }
}
