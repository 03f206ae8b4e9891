//! What may be done with a page that was found.

use std::sync::atomic::Ordering;
use std::time::Instant;

use super::entry::Entry;
use super::feed_health::FeedHealth;
use super::lifetimes::Lifetimes;
use crate::db::{TagVersions, Validity};
use crate::jitter;

/// What to do with a page that was found.
pub(super) enum Freshness {
    Fresh,
    /// Fresh, and to be made again in the background.
    Due,
    /// To be made again first; good enough if that fails.
    Stale,
    /// Taken down: never to be shown.
    Purged,
}

impl Freshness {
    /// Of an entry whose tags, age and feed are looked at, in this order.
    pub(super) fn of(
        entry: &Entry,
        now: Instant,
        versions: &TagVersions,
        feed: &FeedHealth,
        lifetimes: &Lifetimes,
    ) -> Freshness {
        if let Some(outdated) = Freshness::of_tags(entry, versions) {
            return outdated;
        }
        let age = now.saturating_duration_since(entry.loaded_at);
        if !feed.vouches_for(age) || now >= entry.hard_at {
            return Freshness::Stale;
        }
        Freshness::before_hard_end(entry, now, lifetimes)
    }

    /// `None` where nothing that the page shows has changed.
    fn of_tags(entry: &Entry, versions: &TagVersions) -> Option<Freshness> {
        let generation = versions.generation();
        if entry.checked.load(Ordering::Relaxed) == generation {
            return None;
        }
        match versions.validity(&entry.tags, entry.generation) {
            Validity::Fresh => {
                entry.checked.store(generation, Ordering::Relaxed);
                None
            }
            Validity::Stale => Some(Freshness::Stale),
            Validity::Purged => Some(Freshness::Purged),
        }
    }

    fn before_hard_end(entry: &Entry, now: Instant, lifetimes: &Lifetimes) -> Freshness {
        if now < entry.soft_at {
            return if is_due(entry, now) {
                Freshness::Due
            } else {
                Freshness::Fresh
            };
        }
        // There was no request for long: what an invalidation may have missed is not carried on, and waiting once costs little.
        if now.saturating_duration_since(entry.soft_at) > lifetimes.soft
            || entry.status != actix_web::http::StatusCode::OK
        {
            return Freshness::Stale;
        }
        Freshness::Due
    }
}

/// The rule of Vattani, Chierichetti and Lowenstein (VLDB 2015) with beta 1: at `-cost * ln(random)` before the
/// expiry, so that slow pages begin earlier and no two nodes at once.
fn is_due(entry: &Entry, now: Instant) -> bool {
    let left = entry.soft_at.saturating_duration_since(now);
    // Twenty times the cost is a chance of one in 500 million: not worth a random number.
    if left > entry.cost.saturating_mul(20) {
        return false;
    }
    let random: f64 = jitter::fraction().max(f64::MIN_POSITIVE);
    left < entry.cost.mul_f64(-random.ln())
}
