//! What the cache did so far.

use crate::metrics::{Counter, Scrape};

macro_rules! counters {
    ($($(#[doc = $doc:literal])+ $field:ident = $name:literal;)+) => {
        /// Every counter of the cache.
        #[derive(Debug, Default)]
        pub struct Counters { $($(#[doc = $doc])+ pub $field: Counter),+ }

        impl Counters {
            pub(super) fn collect(&self, scrape: &mut Scrape<'_>) {
                $(scrape.counter($name, concat!($($doc),+).trim(), self.$field.get());)+
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
