//! Single flight: a page that is missing or stale is made once for all requests that wait for it (request coalescing, the
//! guard against a stampede).

use std::sync::Arc;
use std::time::{Duration, Instant};

use moka::ops::compute::Op;

use super::Cache;
use super::answer_at_once::{Next, RequestedAt};
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

impl Cache {
    /// Waits for the page, or for so long as there is patience. The load goes on without the requests that wait: a reader
    /// who leaves does not take it along.
    pub(super) async fn get_or_load(
        &self,
        key: &str,
        route: &'static str,
        load: Load,
    ) -> Result<Served, LoadError> {
        let copy = self.copy(key).await;
        let requested = self.requested();
        let making = tokio::spawn(self.clone().fill(key.into(), route, load, requested));
        let limit = patience(copy.is_some());
        match tokio::time::timeout(limit, making).await {
            Ok(Ok(served)) => served,
            Ok(Err(panicked)) => Err(LoadError {
                unavailable: false,
                cause: Arc::new(panicked.into()),
            }),
            Err(_) => self.fall_back(copy.as_ref(), &LoadError::too_slow(limit.as_secs_f64())),
        }
    }

    async fn copy(&self, key: &str) -> Option<Arc<Entry>> {
        match self.0.map.get(key).await {
            Some(Slot::Page(entry)) => Some(entry),
            Some(Slot::Failed(failed)) => failed.copy.clone(),
            None => None,
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

    /// The old copy, unless what it shows was taken down or it is past its time.
    pub(super) fn fall_back(
        &self,
        copy: Option<&Arc<Entry>>,
        fault: &LoadError,
    ) -> Result<Served, LoadError> {
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

fn patience(has_copy: bool) -> Duration {
    if has_copy {
        TIMEOUT
    } else {
        LIMIT + COMPRESS_TIMEOUT
    }
}
