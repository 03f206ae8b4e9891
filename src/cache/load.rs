//! Runs the handler of a page until what it read is as new as what this node knows of.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Cache;
use super::entry::{Entry, LoadContext};
use super::expiry;
use super::loaded::{Load, Loaded};
use super::outcome::{CacheOutcome, Served};
use super::public::{LoadError, Public};
use crate::db::{Position, ReadFrom, ReadRequirement};

/// A page must be there by then (the limit of a page, less what its request needs besides).
pub(super) const LIMIT: Duration = Duration::from_millis(4500);
/// A replica that has not answered by then may be frozen: the next one is asked. Pages take some milliseconds.
const TIMEOUT: Duration = Duration::from_millis(1000);
/// A page whose tags change all the time is read on the primary in the end.
const ATTEMPTS: u32 = 3;

impl Cache {
    /// A page that shows at least everything up to `needed` and every change that this node has heard of.
    ///
    /// # Errors
    ///
    /// The error of the last server that was asked.
    pub(super) async fn load(
        &self,
        key: &str,
        load: &Load,
        needed: Option<Position>,
    ) -> Result<Loaded, LoadError> {
        let began = Instant::now();
        let result = match tokio::time::timeout(LIMIT, self.load_anywhere(load, needed)).await {
            Ok(result) => result,
            Err(_) => Err(LoadError::too_slow(LIMIT.as_secs_f64())),
        };
        self.0.render_durations.observe(&result, began.elapsed());
        match &result {
            Ok(_) => self.0.breaker.record_success(),
            Err(fault) if fault.is_overloaded() => {}
            Err(fault) => self.0.breaker.record_failure(key, fault),
        }
        result
    }

    async fn load_anywhere(
        &self,
        load: &Load,
        needed: Option<Position>,
    ) -> Result<Loaded, LoadError> {
        let reading = Arc::new(ReadRequirement::at_least(needed));
        let db = &self.0.db;
        let mut attempts = 0;
        loop {
            match load_with_timeout(load, &reading, db.allow(TIMEOUT, 4)).await {
                None if db.fails_over_after_silence(&reading) => {}
                None => return Err(LoadError::too_slow(TIMEOUT.as_secs_f64())),
                // Ends: a server that was left is not asked again.
                Some(Err(fault)) if db.fails_over(&reading, fault.cause.as_ref().as_ref()) => {}
                Some(Err(fault)) => return Err(fault),
                Some(Ok(public)) => {
                    let public = public.with_missing_tags(&self.0.missing_tags);
                    let Some(required_position) = self.required_position(&public, reading.at())
                    else {
                        return Ok(self.loaded(public, reading.at()));
                    };
                    attempts += 1;
                    self.0.counters.read_again.one();
                    reading.again(if attempts < ATTEMPTS {
                        required_position
                    } else {
                        Position::UNKNOWN
                    });
                }
            }
        }
    }

    /// How new the page would have to be; none where it is new enough.
    fn required_position(&self, public: &Public, at: ReadFrom) -> Option<Position> {
        let tags = crate::db::CacheTag::hashes(&public.tags);
        let versions = &self.0.db.invalidations().versions;
        versions.required_position(&tags, at)
    }

    /// Nothing is heard of changes while no primary is there.
    fn loaded(&self, public: Public, at: ReadFrom) -> Loaded {
        let public = if at != ReadFrom::Primary && !self.0.db.has_primary() {
            public.not_shared()
        } else {
            public
        };
        Loaded { public, at }
    }
}

/// The handler's answer; none if a replica keeps it waiting.
async fn load_with_timeout(
    load: &Load,
    reading: &Arc<ReadRequirement>,
    patience: Duration,
) -> Option<Result<Public, LoadError>> {
    let began = Instant::now();
    let mut work = Box::pin(expiry::tracking(load(reading.clone())));
    loop {
        if let Ok((answer, expires)) = tokio::time::timeout(patience, &mut work).await {
            return Some(answer.map(|public| Public { expires, ..public }));
        }
        // The primary is waited for: there is no other server to ask.
        if reading.is_on_replica() && began.elapsed() >= patience {
            return None;
        }
    }
}

impl Cache {
    /// Makes the page without storing it, from a database that shows everything up to `needed`.
    ///
    /// # Errors
    ///
    /// The error of the load.
    pub async fn load_uncached(
        &self,
        key: &str,
        route: &'static str,
        load: Load,
        needed: Option<Position>,
    ) -> Result<Served, LoadError> {
        let requested = self.requested();
        self.0.counters.misses.one();
        let Loaded { public, at } = self.load(key, &load, needed).await?;
        let public = public.not_kept();
        let context = LoadContext {
            key,
            route,
            load,
            generation: requested.generation,
            at,
            began: requested.at,
            before: None,
        };
        let entry = Arc::new(self.entry(public, context));
        Ok(Served {
            outcome: CacheOutcome::Miss {
                cost: entry.took,
                stored: false,
            },
            entry,
        })
    }

    pub(super) async fn load_once(
        &self,
        key: &str,
        route: &'static str,
        load: Load,
        before: Option<&Entry>,
    ) -> Result<Arc<Entry>, LoadError> {
        self.0.counters.misses.one();
        self.load_entry(key, route, load, before).await
    }

    /// A page that shows at least what `before` shows.
    pub(super) async fn load_entry(
        &self,
        key: &str,
        route: &'static str,
        load: Load,
        before: Option<&Entry>,
    ) -> Result<Arc<Entry>, LoadError> {
        let began = Instant::now();
        let generation = self.0.db.invalidations().versions.generation();
        let Loaded { public, at } = self.load(key, &load, self.since(before)).await?;
        let context = LoadContext {
            key,
            route,
            load,
            generation,
            at,
            began,
            before,
        };
        Ok(Arc::new(self.entry(public, context)))
    }

    /// A page never goes back behind the one that it follows, nor behind what was changed of it since.
    pub(super) fn since(&self, before: Option<&Entry>) -> Option<Position> {
        let before = before?;
        let shown = match before.at {
            ReadFrom::Replica(position) => Some(position),
            ReadFrom::Primary => None,
        };
        shown.max(
            self.0
                .db
                .invalidations()
                .versions
                .newest_position(&before.tags),
        )
    }

    pub(super) fn entry(&self, public: Public, context: LoadContext<'_>) -> Entry {
        Entry::new(
            public,
            context,
            &self.0.lifetimes,
            &(self.0.missing)(),
            &self.0.resident,
            self.0.db.now().into(),
        )
    }
}
