//! What may be stored: nothing beyond the limit of memory.

use std::sync::Arc;

use moka::ops::compute::Op;

use super::Cache;
use super::entry::Entry;
use super::slot::Slot;

impl Cache {
    pub(super) async fn store(&self, entry: &Arc<Entry>, before: Option<&Slot>) -> Op<Slot> {
        let leaves = before.map_or(0, Slot::bytes);
        if entry.kept && self.has_room(leaves).await {
            return Op::Put(Slot::Page(entry.clone()));
        }
        if entry.kept {
            self.0.counters.refused.one();
        }
        if before.is_some() {
            Op::Remove
        } else {
            Op::Nop
        }
    }

    /// Whether what is resident now, with the page to be stored and without what it replaces, is inside the limit.
    pub(super) async fn has_room(&self, leaves: u64) -> bool {
        let fits = || self.resident().saturating_sub(leaves) <= self.0.limit;
        if !fits() {
            self.0.map.run_pending_tasks().await;
        }
        fits()
    }
}
