//! How far away a server is. Limits that mean "something is the matter" are for a server beside the node; to each of them
//! comes what the way there takes, or a primary on another continent would count as away for ever.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A server that answers slowly is not far away: more than this is never added for one round trip.
const MOST: Duration = Duration::from_secs(1);

/// As measured lately; nothing before the first answer.
#[derive(Debug, Default)]
pub(in crate::db) struct RoundTrip(AtomicU64);

impl RoundTrip {
    /// One took so long. Shorter ones count at once, longer ones little by little: one late answer is no distance.
    pub(in crate::db) fn measured(&self, took: Duration) {
        let took = u64::try_from(took.min(MOST).as_micros()).unwrap_or(u64::MAX);
        let next = |known: u64| {
            if known == 0 || took < known {
                took
            } else {
                known + (took - known) / 8
            }
        };
        let _ = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |known| {
                Some(next(known))
            });
    }

    pub(in crate::db) fn get(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::Relaxed))
    }

    /// A limit for something that takes so many round trips.
    pub(in crate::db) fn allow(&self, limit: Duration, round_trips: u32) -> Duration {
        limit + self.get() * round_trips
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_grow_with_the_distance_and_not_with_one_late_answer() {
        let way = RoundTrip::default();
        let limit = Duration::from_millis(500);
        assert_eq!(way.allow(limit, 4), limit);
        way.measured(Duration::from_millis(150));
        assert_eq!(way.allow(limit, 4), Duration::from_millis(1100));
        way.measured(Duration::from_secs(60));
        assert_eq!(way.get(), Duration::from_micros(256_250));
        way.measured(Duration::from_millis(1));
        assert_eq!(way.allow(limit, 4), Duration::from_millis(504));
    }
}
