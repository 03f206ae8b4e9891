//! When pages are compressed: not at the first request, unless a shared cache would keep the long form.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use moka::ops::compute::Op;

use super::Cache;
use super::entry::Entry;
use super::outcome::Served;
use super::slot::Slot;

/// Before the first answer of a page that a CDN keeps for an hour.
pub(super) const COMPRESS_TIMEOUT: Duration = Duration::from_millis(500);

impl Cache {
    pub(super) async fn compress_first_answer(&self, key: Arc<str>, served: Served) -> Served {
        let compressing = async {
            let _turn = self.0.compressions.acquire().await.ok()?;
            self.replace_compressed(key, served.entry.clone()).await
        };
        match tokio::time::timeout(COMPRESS_TIMEOUT, compressing).await {
            Ok(Some(entry)) => Served {
                outcome: self.in_time(&entry, served.outcome),
                entry,
            },
            _ => served,
        }
    }

    /// Begins to compress a page that is asked for again: of those that are asked for once, a crawler's, nothing would
    /// be gained. Few at a time, since the cores belong to the readers; the others get their turn at a later hit.
    pub(super) fn compress(&self, key: &str, entry: &Arc<Entry>) {
        if entry.compressing.swap(true, Ordering::AcqRel) {
            return;
        }
        let Ok(permit) = self.0.compressions.clone().try_acquire_owned() else {
            entry.compressing.store(false, Ordering::Release);
            return;
        };
        let (this, key, entry) = (self.clone(), Arc::<str>::from(key), entry.clone());
        tokio::spawn(async move {
            this.replace_compressed(key, entry).await;
            drop(permit);
        });
    }

    /// Puts the compressed forms beside the plain one. Takes some milliseconds.
    pub(super) async fn replace_compressed(
        &self,
        key: Arc<str>,
        entry: Arc<Entry>,
    ) -> Option<Arc<Entry>> {
        let (plain, resident, name) = (entry.clone(), self.0.resident.clone(), key.clone());
        let compressed = tokio::task::spawn_blocking(move || plain.compressed(&name, &resident))
            .await
            .ok()?;
        let compressed = Arc::new(compressed);
        let stored = compressed.clone();
        self.0
            .map
            .entry(key)
            .and_compute_with(|present| async move {
                match present.map(|e| e.into_value()) {
                    Some(Slot::Page(now)) if Arc::ptr_eq(&now, &entry) => {
                        let before = Slot::Page(now);
                        self.store(&stored, Some(&before)).await
                    }
                    // Replaced or evicted meanwhile.
                    _ => Op::Nop,
                }
            })
            .await;
        Some(compressed)
    }
}
