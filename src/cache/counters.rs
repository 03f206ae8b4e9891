//! What the cache did so far, in the text format of Prometheus.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// A number that only grows. Each thread counts in a place of its own, on a line of the processor's cache of its own.
#[derive(Debug, Default)]
pub struct Counter([Shard; SHARDS]);

const SHARDS: usize = 8;

#[derive(Debug, Default)]
#[repr(align(128))]
struct Shard(AtomicU64);

static THREADS: AtomicUsize = AtomicUsize::new(0);
thread_local! {
    static SHARD: usize = THREADS.fetch_add(1, Ordering::Relaxed) % SHARDS;
}

impl Counter {
    pub fn add(&self, count: u64) {
        self.0[SHARD.with(|shard| *shard)]
            .0
            .fetch_add(count, Ordering::Relaxed);
    }

    pub fn one(&self) {
        self.add(1);
    }

    pub fn get(&self) -> u64 {
        self.0
            .iter()
            .map(|shard| shard.0.load(Ordering::Relaxed))
            .sum()
    }
}

macro_rules! counters {
    ($($(#[doc = $doc:literal])+ $field:ident = $name:literal;)+) => {
        /// Every counter of the cache.
        #[derive(Debug, Default)]
        pub struct Counters { $($(#[doc = $doc])+ pub $field: Counter),+ }

        impl Counters {
            /// Adds each counter to a scrape.
            pub fn write(&self, out: &mut String) {
                $(
                    let help = concat!($($doc),+).trim();
                    let _ = write!(out, "# HELP {0} {help}\n# TYPE {0} counter\n{0} {1}\n", $name, self.$field.get());
                )+
            }
        }
    };
}

counters! {
    /// Answers from memory.
    hits = "masthead_cache_hits_total";
    /// Of these, answers of 304: the reader had the bytes.
    not_modified = "masthead_cache_not_modified_total";
    /// Pages that were made because a request waited for them.
    misses = "masthead_cache_misses_total";
    /// Requests that waited for a page which another one was making.
    collapsed = "masthead_cache_collapsed_total";
    /// Answers with an old copy because no new one could be made.
    stale = "masthead_cache_stale_total";
    /// Requests that got an error because a page could not be made and no copy was there.
    failed = "masthead_cache_failed_total";
    /// Pages made early, while their copy was still good.
    refreshes = "masthead_cache_refreshes_total";
    /// Early refreshes that were left out because enough of them were under way.
    refreshes_skipped = "masthead_cache_refreshes_skipped_total";
    /// Refreshed pages that differed although no invalidation explains it.
    drift = "masthead_cache_drift_total";
    /// Pages that were not stored because the memory was full.
    refused = "masthead_cache_refused_total";
    /// Pages that were read again because the replica did not show a change yet.
    read_again = "masthead_cache_read_again_total";
    /// Rows of the table of invalidations that other nodes wrote and this one applied.
    invalidations = "masthead_cache_invalidations_total";
    /// Rows of another cluster that came with a restored dump and were removed.
    foreign = "masthead_cache_foreign_rows_total";
    /// Times that everything was given up because changes may have been missed.
    flushes = "masthead_cache_flushes_total";
    /// Times that the connection to the table of invalidations was lost.
    feed_disconnects = "masthead_invalidation_feed_disconnects_total";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_counter_is_written_once() {
        let counters = Counters::default();
        counters.hits.add(3);
        let mut text = String::new();
        counters.write(&mut text);
        assert!(
            text.contains(
                "# TYPE masthead_cache_hits_total counter\nmasthead_cache_hits_total 3\n"
            ),
            "{text}"
        );
        let names: Vec<_> = text
            .lines()
            .filter(|l| !l.starts_with('#'))
            .map(|l| l.split(' ').next().unwrap())
            .collect();
        assert_eq!(
            names.len(),
            names.iter().collect::<std::collections::HashSet<_>>().len()
        );
    }
}
