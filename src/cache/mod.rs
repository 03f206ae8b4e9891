//! Pages from memory: the final bytes of every public page and feed, never old and never another reader's.
//!
//! To make a page cacheable, let its handler return [`Public`] (through `web::public`); its parts are values without
//! session, cookies or headers, so nothing personal can be in them. Name in its tags (`cache_tags` of the features) whatever
//! it shows; a verb that changes that thing invalidates the tag in the transaction that changes it.
//!
//! | what | where |
//! |---|---|
//! | request coalescing: one load for many requests | `single_flight`, under moka's lock of the key |
//! | invalidation | [`crate::db::TagVersions`]: a page is fresh until a tag of it is newer than its read |
//! | invalidation by other nodes | [`invalidation_feed`]: the table `cache_invalidations`, read by every node |
//! | soft and hard TTL, and when a page is refreshed before them (XFetch) | `lifetimes`, `freshness` |
//! | refresh in the background, and comparison with the page before | `early_refresh` |
//! | a page whose load failed is left alone for a while | `failed` |
//! | compression, when a page turns out to be asked for | `compression` |
//! | the database is down | `circuit_breaker`; a stale copy, said in `Cache-Status`; never of what was taken down |
//! | headers | [`CachePolicy`] |
//! | memory | `weight`, `storing`: [`Cache::resident`] never exceeds what was configured |
//!
//! The fast path is [`Cache::fresh`]: one lookup. Nothing but this room may call moka: `get_with`, `insert` and
//! `invalidate` would store what a change has made old in the meantime.

#![warn(missing_docs)]

mod circuit_breaker;
mod compression;
pub mod counters;
mod early_refresh;
mod entry;
mod failed;
mod feed_health;
mod freshness;
pub mod http;
pub mod invalidation_feed;
mod lifetimes;
mod load;
mod loaded;
mod outcome;
mod prune;
mod public;
mod purge_status;
mod queries;
mod render_durations;
mod representation;
mod single_flight;
mod slot;
mod storing;
mod weight;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::Semaphore;

pub use entry::Entry;
pub use feed_health::FeedHealth;
pub use http::headers::{common_headers, in_header};
pub use http::policy::{CachePolicy, PURGED_SECONDS, UNPURGED_SECONDS};
pub use lifetimes::Lifetimes;
pub use loaded::Load;
pub use outcome::{CacheOutcome, Served};
pub use prune::PruneInvalidations;
pub use public::{LoadError, Public};
pub use purge_status::{PurgeStatus, purge_status};
pub use representation::Representation;

use circuit_breaker::CircuitBreaker;
use counters::Counters;
use freshness::Freshness;
use render_durations::RenderDurations;
use slot::{Expiry, Slot};

use crate::db::{CacheTag, Db, Position};
use crate::metrics::{Registry, Scrape};

/// For a change that was made on another node; telling of it takes about ten milliseconds.
const HEARD_WITHIN: Duration = Duration::from_millis(100);
/// Early refreshes at one time: a tenth of the connections for reading, and at least one.
const REFRESHES: usize = 1;

/// The pages of this process. Cheap to clone.
#[derive(Clone)]
pub struct Cache(Arc<Inner>);

struct Inner {
    map: moka::future::Cache<Arc<str>, Slot, foldhash::fast::RandomState>,
    /// Most bytes in memory; zero keeps nothing.
    limit: u64,
    resident: Arc<AtomicU64>,
    lifetimes: Lifetimes,
    /// Compress before the first answer, for shared caches that would keep the long form for an hour.
    compress_first: bool,
    /// The page that says that nothing is there.
    missing: MissingPage,
    missing_tags: Vec<CacheTag>,
    db: Db,
    feed: FeedHealth,
    breaker: CircuitBreaker,
    counters: Counters,
    render_durations: RenderDurations,
    refreshes: Arc<Semaphore>,
    compressions: Arc<Semaphore>,
}

/// Gives the page for what is missing, as it is at present.
pub type MissingPage = Box<dyn Fn() -> Bytes + Send + Sync>;

/// How a cache is made.
pub struct Settings {
    /// Most bytes of memory; zero switches the cache off.
    pub bytes: u64,
    /// How long pages are fresh, here and in shared caches.
    pub lifetimes: Lifetimes,
    /// Compress before the first answer: a shared cache would keep the long form for an hour.
    pub compress_first: bool,
    /// HTML of the page for what is missing, one copy for all.
    pub missing: MissingPage,
    /// What that page shows.
    pub missing_tags: Vec<CacheTag>,
}

impl Cache {
    /// An empty cache. It serves nothing older than `db` knows of, so it must be the database that its loads read.
    pub fn new(settings: Settings, db: Db) -> Self {
        // moka evicts in batches, a little late. The eighth below the limit is where that happens.
        let map = moka::future::Cache::builder()
            .max_capacity(settings.bytes / 8 * 7)
            .weigher(|_, slot: &Slot| u32::try_from(slot.bytes()).unwrap_or(u32::MAX))
            .expire_after(Expiry)
            .build_with_hasher(foldhash::fast::RandomState::default());
        Cache(Arc::new(Inner {
            map,
            limit: settings.bytes,
            resident: Arc::default(),
            lifetimes: settings.lifetimes,
            compress_first: settings.compress_first,
            missing: settings.missing,
            missing_tags: settings.missing_tags,
            db,
            feed: FeedHealth::default(),
            breaker: CircuitBreaker::default(),
            counters: Counters::default(),
            render_durations: RenderDurations::default(),
            refreshes: Arc::new(Semaphore::new(REFRESHES)),
            compressions: Arc::new(Semaphore::new(1)),
        }))
    }

    /// The page under `key` if it can go out as it is: one lookup and a few comparisons. Counts as a hit.
    /// `now` is when the request came.
    pub async fn fresh(&self, key: &str, now: Instant) -> Option<Arc<Entry>> {
        let Some(Slot::Page(entry)) = self.0.map.get(key).await else {
            return None;
        };
        match self.check(&entry, now) {
            Freshness::Fresh => {}
            Freshness::Due => self.refresh(key, &entry),
            Freshness::Stale | Freshness::Purged => return None,
        }
        if !entry.compressed {
            self.compress(key, &entry);
        }
        self.0.counters.hits.one();
        Some(entry)
    }

    /// Whether there is something to show under `key`, be it old.
    pub async fn has_copy(&self, key: &str) -> bool {
        match self.0.map.get(key).await {
            Some(Slot::Page(_)) => true,
            Some(Slot::Failed(failed)) => failed.has_copy(),
            None => false,
        }
    }

    /// Whether a page that was found a moment ago may still go out, and is not due for a refresh.
    pub fn is_good(&self, entry: &Entry, now: Instant) -> bool {
        matches!(self.check(entry, now), Freshness::Fresh)
    }

    /// Whether a worker may hold on to a page that memory itself might give up: all that workers hold then is a small part
    /// of the limit.
    pub fn may_be_held(&self, entry: &Entry) -> bool {
        entry.is_finished() && entry.bytes() <= self.0.limit / 1024
    }

    /// The page under `key`, from memory or made by `load`. `route` is the pattern, for logs.
    ///
    /// # Errors
    ///
    /// The error of the load, if there is no copy that may be shown instead.
    pub async fn get(
        &self,
        key: &str,
        route: &'static str,
        load: Load,
    ) -> Result<Served, LoadError> {
        if let Some(entry) = self.fresh(key, Instant::now()).await {
            return Ok(Served {
                entry,
                outcome: CacheOutcome::Hit,
            });
        }
        if self.0.limit == 0 {
            return self.load_uncached(key, route, load, None).await;
        }
        self.get_or_load(key, route, load).await
    }

    /// [`Cache::get`] for a client that has made a change on another node, up to `wrote`: from memory only if this node has
    /// heard of it.
    ///
    /// # Errors
    ///
    /// As for [`Cache::get`].
    pub async fn get_after(
        &self,
        key: &str,
        route: &'static str,
        load: Load,
        wrote: Option<Position>,
    ) -> Result<Served, LoadError> {
        let Some(wrote) = wrote else {
            return self.get(key, route, load).await;
        };
        if self.0.limit > 0
            && self
                .0
                .feed
                .caught_up(self.0.db.allow(HEARD_WITHIN, 4))
                .await
        {
            return self.get(key, route, load).await;
        }
        match self
            .load_uncached(key, route, load.clone(), Some(wrote))
            .await
        {
            // No server can show the change now: better what was there before than nothing.
            Err(fault) if fault.unavailable => self.get(key, route, load).await,
            result => result,
        }
    }

    /// Bytes in memory now, with what is still being sent.
    pub fn resident(&self) -> u64 {
        self.0.resident.load(Ordering::Relaxed)
    }

    /// Whether there is anything to show without a database.
    pub fn holds_pages(&self) -> bool {
        self.0.map.entry_count() > 0 || self.0.map.iter().next().is_some()
    }

    /// What shared caches are told, in seconds.
    pub fn shared_seconds(&self) -> u32 {
        self.0.lifetimes.shared_seconds
    }

    /// Hits, misses and the rest, since the start of the process.
    pub fn counters(&self) -> &Counters {
        &self.0.counters
    }

    /// How far this node has heard of the changes of others.
    pub fn feed(&self) -> &FeedHealth {
        &self.0.feed
    }

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

    fn check(&self, entry: &Entry, now: Instant) -> Freshness {
        let versions = &self.0.db.invalidations().versions;
        Freshness::of(entry, now, versions, &self.0.feed, &self.0.lifetimes)
    }
}
