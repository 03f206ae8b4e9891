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

mod answer_at_once;
mod circuit_breaker;
mod compression;
pub mod counters;
mod early_refresh;
mod entry;
mod expiry;
mod failed;
mod feed_connection;
mod feed_health;
mod feed_position;
mod feed_rows;
mod freshness;
pub mod http;
pub mod invalidation_feed;
mod lifetimes;
mod load;
mod loaded;
mod metrics;
mod outcome;
mod prune;
mod public;
mod purge_status;
mod queries;
mod reading;
mod render_durations;
mod representation;
mod single_flight;
mod slot;
mod storing;
mod weight;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::Semaphore;

pub use entry::Entry;
pub use expiry::expires_at;
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

use crate::db::{CacheTag, Db};

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

    fn check(&self, entry: &Entry, now: Instant) -> Freshness {
        let versions = &self.0.db.invalidations().versions;
        Freshness::of(entry, now, versions, &self.0.feed, &self.0.lifetimes)
    }
}
