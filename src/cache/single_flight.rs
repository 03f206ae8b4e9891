//! Single flight: a page that is missing or stale is made once for all requests that wait for it (request coalescing, the
//! guard against a stampede).

use std::sync::Arc;
use std::time::{Duration, Instant};

use moka::ops::compute::Op;

use super::Cache;
use super::compression::COMPRESS_TIMEOUT;
use super::entry::Entry;
use super::failed::Failed;
use super::freshness::Freshness;
use super::load::LIMIT;
use super::loaded::Load;
use super::outcome::{CacheOutcome, Served};
use super::public::LoadError;
use super::slot::Slot;
use crate::db::Validity;

/// A request with a stale copy to show waits no longer; the page is made all the same, for the next one.
const TIMEOUT: Duration = Duration::from_millis(1500);

/// When a request came, and what had been changed by then: a page that was read later is new enough for it, whatever
/// is changed while it waits. Without this a page that changes all the time would be made once for each waiting
/// request, one after the other.
#[derive(Clone, Copy)]
pub(super) struct RequestedAt {
    pub(super) at: Instant,
    pub(super) generation: u64,
}

/// What to do for a request that has the key's lock.
enum Next {
    Answer(Result<Served, LoadError>),
    Load {
        /// Shown if the load fails.
        copy: Option<Arc<Entry>>,
        /// That failed before.
        attempts: u32,
    },
}

impl Next {
    fn load(copy: Option<Arc<Entry>>, attempts: u32) -> Next {
        Next::Load { copy, attempts }
    }
}

impl Cache {
    pub(super) fn requested(&self) -> RequestedAt {
        RequestedAt {
            generation: self.0.db.invalidations().versions.generation(),
            at: Instant::now(),
        }
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
        let (copy, attempts) = match self.answer_at_once(slot.as_ref(), requested) {
            Next::Answer(answer) => return (Op::Nop, answer),
            Next::Load { copy, attempts } => (copy, attempts),
        };
        if let Some(fault) = self.0.breaker.check() {
            // Refused without a try, so it does not count as one.
            return (Op::Nop, self.fall_back(copy.as_ref(), &fault));
        }
        match self.load_once(key, route, load, copy.as_deref()).await {
            Ok(entry) => {
                let op = self.store(&entry, slot.as_ref()).await;
                let outcome = CacheOutcome::Miss {
                    cost: entry.took,
                    stored: matches!(op, Op::Put(_)),
                };
                let outcome = self.in_time(&entry, outcome);
                (op, Ok(Served { entry, outcome }))
            }
            Err(fault) => {
                let answer = self.fall_back(copy.as_ref(), &fault);
                let failed = Failed {
                    copy,
                    generation: requested.generation,
                    closings_before: self.0.breaker.closings(),
                    ..Failed::after(attempts, key, fault)
                };
                (Op::Put(Slot::Failed(Arc::new(failed))), answer)
            }
        }
    }

    /// Whether what lies under the key answers the request, or the page has to be made.
    fn answer_at_once(&self, slot: Option<&Slot>, requested: RequestedAt) -> Next {
        match slot {
            Some(Slot::Page(entry)) => match self.check(entry, Instant::now()) {
                Freshness::Fresh | Freshness::Due => Next::Answer(Ok(self.collapsed(entry))),
                Freshness::Stale if is_new_enough(entry, requested) => {
                    Next::Answer(Ok(self.collapsed(entry)))
                }
                Freshness::Stale => Next::load(Some(entry.clone()), 0),
                Freshness::Purged => Next::load(None, 0),
            },
            Some(Slot::Failed(failed))
                if failed.at >= requested.at || self.is_backing_off(failed) =>
            {
                Next::Answer(self.fall_back(failed.copy.as_ref(), &failed.fault))
            }
            Some(Slot::Failed(failed)) => Next::load(failed.copy.clone(), failed.attempts),
            None => Next::load(None, 0),
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
    pub(super) fn in_time(&self, entry: &Entry, outcome: CacheOutcome) -> CacheOutcome {
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
