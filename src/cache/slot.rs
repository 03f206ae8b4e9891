//! What a key of the map holds, and until when.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::entry::Entry;
use super::failed::Failed;

/// What a key holds.
#[derive(Clone)]
pub(super) enum Slot {
    Page(Arc<Entry>),
    Failed(Arc<Failed>),
}

impl Slot {
    pub(super) fn bytes(&self) -> u64 {
        match self {
            Slot::Page(entry) => entry.bytes(),
            Slot::Failed(failed) => failed.bytes(),
        }
    }

    /// When it has no more use.
    fn until(&self) -> Instant {
        match self {
            Slot::Page(entry) => entry.hard_at,
            Slot::Failed(failed) => failed.keep_until(),
        }
    }
}

pub(super) struct Expiry;

impl moka::Expiry<Arc<str>, Slot> for Expiry {
    fn expire_after_create(&self, _: &Arc<str>, slot: &Slot, at: Instant) -> Option<Duration> {
        Some(slot.until().saturating_duration_since(at))
    }

    fn expire_after_update(
        &self,
        _: &Arc<str>,
        slot: &Slot,
        at: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(slot.until().saturating_duration_since(at))
    }
}
