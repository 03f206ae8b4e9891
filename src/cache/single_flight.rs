//! Single flight: a page that is missing or stale is made once for all requests that wait for it (request coalescing, the
//! guard against a stampede).

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use moka::ops::compute::Op;

use super::load::{LIMIT, Loaded};
use super::{
    Cache, CacheOutcome, Entry, Freshness, Load, LoadContext, LoadError, Public, Served, Slot,
};
use crate::db::{Position, ReadFrom, Validity};
use crate::jitter;

/// A request with a stale copy to show waits no longer; the page is made all the same, for the next one.
const TIMEOUT: Duration = Duration::from_millis(1500);
/// After a failure a key is left alone for this long, doubled each time, up to the second.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));
/// The number of failures is remembered for so long beyond that.
const REMEMBERED: Duration = Duration::from_secs(30);
/// Before the first answer of a page that a CDN keeps for an hour.
const COMPRESS_TIMEOUT: Duration = Duration::from_millis(500);

/// When a request came, and what had been changed by then: a page that was read later is new enough for it, whatever
/// is changed while it waits. Without this a page that changes all the time would be made once for each waiting
/// request, one after the other.
#[derive(Clone, Copy)]
pub(super) struct RequestedAt {
    at: Instant,
    generation: u64,
}

/// A key whose page could not be made.
pub(super) struct Failed {
    copy: Option<Arc<Entry>>,
    fault: LoadError,
    attempts: u32,
    at: Instant,
    until: Instant,
    /// From before the attempt. What changes afterwards is a reason to try again at once.
    generation: u64,
    /// How often the breaker had closed by then: once it closes again, the key is tried at once.
    closings_before: u64,
    weight: u64,
}

impl Failed {
    pub(super) fn bytes(&self) -> u64 {
        self.weight
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

impl Cache {
    pub(super) fn requested(&self) -> RequestedAt {
        RequestedAt {
            generation: self.0.db.invalidations().versions.generation(),
            at: Instant::now(),
        }
    }

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
                cost: entry.cost,
                stored: false,
            },
            entry,
        })
    }

    /// Waits for the page, or for so long as there is patience. The load goes on without the requests that wait: a reader
    /// who leaves does not take it along.
    pub(super) async fn get_or_load(
        &self,
        key: &str,
        route: &'static str,
        load: Load,
    ) -> Result<Served, LoadError> {
        let copy = match self.0.map.get(key).await {
            Some(Slot::Page(entry)) => Some(entry),
            Some(Slot::Failed(failed)) => failed.copy.clone(),
            None => None,
        };
        let requested = self.requested();
        let making = tokio::spawn(self.clone().fill(key.into(), route, load, requested));
        let limit = if copy.is_some() {
            TIMEOUT
        } else {
            LIMIT + COMPRESS_TIMEOUT
        };
        match tokio::time::timeout(limit, making).await {
            Ok(Ok(served)) => served,
            Ok(Err(panicked)) => Err(LoadError {
                unavailable: false,
                cause: Arc::new(panicked.into()),
            }),
            Err(_) => self.fall_back(copy.as_ref(), &LoadError::too_slow(limit.as_secs_f64())),
        }
    }

    /// Makes the page under the key's lock. The second request finds what the first one made.
    async fn fill(
        self,
        key: Arc<str>,
        route: &'static str,
        load: Load,
        requested: RequestedAt,
    ) -> Result<Served, LoadError> {
        let mut outcome = None;
        let result = &mut outcome;
        let this = &self;
        let name = key.clone();
        this.0
            .map
            .entry(key.clone())
            .and_compute_with(move |present| async move {
                let (op, served) = this
                    .resolve(
                        present.map(|e| e.into_value()),
                        &name,
                        route,
                        load,
                        requested,
                    )
                    .await;
                *result = Some(served);
                op
            })
            .await;
        let served = outcome.expect("the computation ran: moka calls it exactly once")?;
        if self.0.compress_first
            && matches!(served.outcome, CacheOutcome::Miss { .. })
            && !served.entry.compressed
        {
            return Ok(self.compress_first_answer(key, served).await);
        }
        Ok(served)
    }

    /// What to do about a key, now that no other request can: what to store, and what to answer.
    async fn resolve(
        &self,
        slot: Option<Slot>,
        key: &str,
        route: &'static str,
        load: Load,
        requested: RequestedAt,
    ) -> (Op<Slot>, Result<Served, LoadError>) {
        let (copy, attempts) = match &slot {
            Some(Slot::Page(entry)) => match self.check(entry, Instant::now()) {
                Freshness::Fresh | Freshness::Due => return (Op::Nop, Ok(self.collapsed(entry))),
                Freshness::Stale if is_new_enough(entry, requested) => {
                    return (Op::Nop, Ok(self.collapsed(entry)));
                }
                Freshness::Stale => (Some(entry.clone()), 0),
                Freshness::Purged => (None, 0),
            },
            Some(Slot::Failed(failed)) => {
                if failed.at >= requested.at || self.is_backing_off(failed) {
                    return (Op::Nop, self.fall_back(failed.copy.as_ref(), &failed.fault));
                }
                (failed.copy.clone(), failed.attempts)
            }
            None => (None, 0),
        };
        if let Some(fault) = self.0.breaker.check() {
            // Refused without a try, so it does not count as one.
            return (Op::Nop, self.fall_back(copy.as_ref(), &fault));
        }
        match self.load_once(key, route, load, copy.as_deref()).await {
            Ok(entry) => {
                let op = self.store(&entry, slot.as_ref()).await;
                let outcome = CacheOutcome::Miss {
                    cost: entry.cost,
                    stored: matches!(op, Op::Put(_)),
                };
                (
                    op,
                    Ok(Served {
                        outcome: self.in_time(&entry, outcome),
                        entry,
                    }),
                )
            }
            Err(fault) => {
                let answer = self.fall_back(copy.as_ref(), &fault);
                (
                    Op::Put(Slot::Failed(Arc::new(
                        self.failed(key, copy, fault, attempts, requested),
                    ))),
                    answer,
                )
            }
        }
    }

    fn collapsed(&self, entry: &Arc<Entry>) -> Served {
        self.0.counters.collapsed.one();
        Served {
            outcome: self.in_time(entry, CacheOutcome::Collapsed),
            entry: entry.clone(),
        }
    }

    /// A page that was superseded while it was made is right for requests from before, and for no others: a shared
    /// cache whose purge has gone by must not keep it.
    fn in_time(&self, entry: &Entry, outcome: CacheOutcome) -> CacheOutcome {
        match self
            .0
            .db
            .invalidations()
            .versions
            .validity(&entry.tags, entry.generation)
        {
            Validity::Fresh => outcome,
            _ => CacheOutcome::Superseded,
        }
    }

    fn is_backing_off(&self, failed: &Failed) -> bool {
        let changed = failed.copy.as_ref().is_some_and(|copy| {
            self.0
                .db
                .invalidations()
                .versions
                .validity(&copy.tags, failed.generation)
                != Validity::Fresh
        });
        Instant::now() < failed.until
            && !changed
            && failed.closings_before == self.0.breaker.closings()
    }

    fn failed(
        &self,
        key: &str,
        copy: Option<Arc<Entry>>,
        fault: LoadError,
        attempts: u32,
        requested: RequestedAt,
    ) -> Failed {
        let now = Instant::now();
        // Requests that waited get the same answer; one that comes now may be luckier.
        let (attempts, until) = if fault.is_overloaded() {
            (0, now)
        } else {
            (attempts + 1, now + back_off(attempts))
        };
        Failed {
            weight: 512 + 3 * key.len() as u64 + copy.as_ref().map_or(0, |copy| copy.bytes()),
            copy,
            fault,
            attempts,
            at: now,
            until,
            generation: requested.generation,
            closings_before: self.0.breaker.closings(),
        }
    }

    async fn load_once(
        &self,
        key: &str,
        route: &'static str,
        load: Load,
        before: Option<&Entry>,
    ) -> Result<Arc<Entry>, LoadError> {
        self.0.counters.misses.one();
        let began = Instant::now();
        let generation = self.0.db.invalidations().versions.generation();
        let Loaded { public, at } = self.load(key, &load, self.since(before)).await?;
        Ok(Arc::new(self.entry(
            public,
            LoadContext {
                key,
                route,
                load,
                generation,
                at,
                began,
                before,
            },
        )))
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

    /// The old copy, unless what it shows was taken down or it is past its time.
    fn fall_back(&self, copy: Option<&Arc<Entry>>, fault: &LoadError) -> Result<Served, LoadError> {
        let showable = copy.filter(|copy| {
            let now = Instant::now();
            now < copy.hard_at && !matches!(self.check(copy, now), Freshness::Purged)
        });
        match showable {
            Some(copy) => {
                self.0.counters.stale.one();
                Ok(Served {
                    entry: copy.clone(),
                    outcome: CacheOutcome::Stale,
                })
            }
            None => {
                self.0.counters.failed.one();
                Err(fault.clone())
            }
        }
    }

    pub(super) async fn store(&self, entry: &Arc<Entry>, before: Option<&Slot>) -> Op<Slot> {
        let leaves = before.map_or(0, Slot::bytes);
        if entry.kept && self.has_room(leaves).await {
            return Op::Put(Slot::Page(entry.clone()));
        }
        if entry.kept {
            self.0.counters.refused.one();
        }
        if before.is_some() {
            Op::Remove
        } else {
            Op::Nop
        }
    }

    /// Whether what is resident now, with the page to be stored and without what it replaces, is inside the limit.
    async fn has_room(&self, leaves: u64) -> bool {
        let fits = || self.resident().saturating_sub(leaves) <= self.0.limit;
        if !fits() {
            self.0.map.run_pending_tasks().await;
        }
        fits()
    }

    async fn compress_first_answer(&self, key: Arc<str>, served: Served) -> Served {
        let compressing = async {
            let _turn = self.0.compressions.acquire().await.ok()?;
            self.replace_compressed(key, served.entry.clone()).await
        };
        match tokio::time::timeout(COMPRESS_TIMEOUT, compressing).await {
            Ok(Some(entry)) => Served {
                outcome: self.in_time(&entry, served.outcome),
                entry,
            },
            _ => served,
        }
    }

    /// Begins to compress a page that is asked for again: of those that are asked for once, a crawler's, nothing would
    /// be gained. Few at a time, since the cores belong to the readers; the others get their turn at a later hit.
    pub(super) fn compress(&self, key: &str, entry: &Arc<Entry>) {
        if entry.compressing.swap(true, Ordering::AcqRel) {
            return;
        }
        let Ok(permit) = self.0.compressions.clone().try_acquire_owned() else {
            entry.compressing.store(false, Ordering::Release);
            return;
        };
        let (this, key, entry) = (self.clone(), Arc::<str>::from(key), entry.clone());
        tokio::spawn(async move {
            this.replace_compressed(key, entry).await;
            drop(permit);
        });
    }

    /// Puts the compressed forms beside the plain one. Takes some milliseconds.
    pub(super) async fn replace_compressed(
        &self,
        key: Arc<str>,
        entry: Arc<Entry>,
    ) -> Option<Arc<Entry>> {
        let (plain, resident, name) = (entry.clone(), self.0.resident.clone(), key.clone());
        let compressed = tokio::task::spawn_blocking(move || plain.compressed(&name, &resident))
            .await
            .ok()?;
        let compressed = Arc::new(compressed);
        let stored = compressed.clone();
        self.0
            .map
            .entry(key)
            .and_compute_with(|present| async move {
                match present.map(|e| e.into_value()) {
                    Some(Slot::Page(now)) if Arc::ptr_eq(&now, &entry) => {
                        let before = Slot::Page(now);
                        self.store(&stored, Some(&before)).await
                    }
                    // Replaced or evicted meanwhile.
                    _ => Op::Nop,
                }
            })
            .await;
        Some(compressed)
    }
}

/// Whether a page was read after the request came, or after everything that was changed by then.
fn is_new_enough(entry: &Entry, requested: RequestedAt) -> bool {
    let began = entry
        .loaded_at
        .checked_sub(entry.took)
        .unwrap_or(entry.loaded_at);
    began >= requested.at
        || entry.generation >= requested.generation && entry.loaded_at >= requested.at
}

fn back_off(attempts: u32) -> Duration {
    let (least, most) = BACK_OFF;
    let wait = (least * 2u32.saturating_pow(attempts.min(10))).min(most);
    jitter::around(wait, 0.25)
}
