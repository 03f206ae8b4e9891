//! A key whose page could not be made, and when it is tried again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::entry::Entry;
use super::public::LoadError;
use crate::jitter;

/// After a failure a key is left alone for this long, doubled each time, up to the second.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// The number of failures is remembered for so long beyond that.
pub(super) const REMEMBERED: Duration = Duration::from_secs(30);

/// A key whose page could not be made.
pub(super) struct Failed {
    pub(super) copy: Option<Arc<Entry>>,
    pub(super) fault: LoadError,
    pub(super) attempts: u32,
    pub(super) at: Instant,
    pub(super) until: Instant,
    /// From before the attempt. What changes afterwards is a reason to try again at once.
    pub(super) generation: u64,
    /// How often the breaker had closed by then: once it closes again, the key is tried at once.
    pub(super) closings_before: u64,
    pub(super) key_bytes: u64,
}

impl Failed {
    /// Without a copy yet.
    pub(super) fn after(attempts: u32, key: &str, fault: LoadError) -> Failed {
        let now = Instant::now();
        // Requests that waited get the same answer; one that comes now may be luckier.
        let (attempts, until) = if fault.is_overloaded() {
            (0, now)
        } else {
            (attempts + 1, now + back_off(attempts))
        };
        Failed {
            copy: None,
            fault,
            attempts,
            at: now,
            until,
            generation: 0,
            closings_before: 0,
            key_bytes: key.len() as u64,
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        512 + 3 * self.key_bytes + self.copy.as_ref().map_or(0, |copy| copy.bytes())
    }

    pub(super) fn has_copy(&self) -> bool {
        self.copy.is_some()
    }

    pub(super) fn keep_until(&self) -> Instant {
        self.copy
            .as_ref()
            .map_or(self.until + REMEMBERED, |copy| copy.hard_at)
    }
}

fn back_off(attempts: u32) -> Duration {
    let (least, most) = BACK_OFF;
    let wait = (least * 2u32.saturating_pow(attempts.min(10))).min(most);
    jitter::around(wait, 0.25)
}
