//! What the cache counts and weighs, for a scrape.

use super::Cache;
use crate::metrics::{Registry, Scrape};

impl Cache {
    /// Counters, memory and the lag of the feed, for a scrape.
    pub fn register(&self, registry: &mut Registry) {
        let cache = self.clone();
        registry.register(move |scrape| cache.collect(scrape));
    }

    fn collect(&self, scrape: &mut Scrape<'_>) {
        self.0.counters.collect(scrape);
        self.0.render_durations.collect(scrape);
        scrape.gauge(
            "masthead_cache_resident_bytes",
            "Memory in use by pages.",
            self.resident() as f64,
        );
        scrape.gauge(
            "masthead_cache_limit_bytes",
            "Memory that pages may use.",
            self.0.limit as f64,
        );
        scrape.gauge(
            "masthead_cache_entries",
            "Pages in memory, about.",
            self.0.map.entry_count() as f64,
        );
        scrape.gauge(
            "masthead_invalidation_feed_lag_seconds",
            "Time since the table of invalidations was read; -1 is never.",
            self.0.feed.age().map_or(-1.0, |age| age.as_secs_f64()),
        );
    }
}
