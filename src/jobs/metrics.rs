//! What workers of this process did, and how the queue is doing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::dead_letters::health;
use super::queries::dead_letters::Health;
use crate::db::Db;
use crate::metrics::{Histogram, Registry, Scrape};

/// In seconds: a purge, a batch, the longest that a job may take.
const BUCKETS: &[f64] = &[0.01, 0.05, 0.25, 1.0, 5.0, 15.0, 60.0, 300.0];

/// A scrape waits no longer for what it asks the database.
const PATIENCE: Duration = Duration::from_secs(1);

/// One for each process, whose workers come and go with the primary.
#[derive(Default)]
pub struct Metrics {
    kinds: Mutex<BTreeMap<&'static str, Arc<AttemptDurations>>>,
    health: Mutex<Option<Health>>,
}

/// Of one kind of job.
pub(super) struct AttemptDurations {
    success: Histogram,
    failure: Histogram,
}

/// An attempt under way. Counts as a failure where it panics; one that is broken off, to be given back, does not count.
pub(super) struct Attempt {
    durations: Arc<AttemptDurations>,
    began: Instant,
}

impl Metrics {
    /// Attempts by kind and outcome, dead letters and the oldest job that waits, for a scrape.
    pub fn register(self: &Arc<Self>, registry: &mut Registry) {
        let metrics = self.clone();
        registry.register(move |scrape| metrics.collect(scrape));
    }

    fn collect(&self, scrape: &mut Scrape<'_>) {
        let kinds = lock(&self.kinds).clone();
        scrape.histograms(
            "masthead_job_duration_seconds",
            "Time that an attempt at a job took, by kind and outcome.",
            |family| {
                for (kind, of_kind) in &kinds {
                    family.add(&[("kind", kind), ("outcome", "success")], &of_kind.success);
                    family.add(&[("kind", kind), ("outcome", "failure")], &of_kind.failure);
                }
            },
        );
        let health = *lock(&self.health);
        scrape.gauges("masthead_jobs_failed", "Dead letters.", |family| {
            if let Some(health) = health {
                family.add(&[], health.failed as f64);
            }
        });
        scrape.gauges(
            "masthead_jobs_oldest_wait_seconds",
            "How long the next due job has waited.",
            |family| {
                if let Some(health) = health {
                    let waits = health.oldest_runnable.unwrap_or_default();
                    family.add(&[], waits.as_secs_f64());
                }
            },
        );
    }

    /// Kinds are known from the start, so that the first failure of one is seen as a change.
    pub(super) fn of(&self, kind: &'static str) -> Arc<AttemptDurations> {
        let mut kinds = lock(&self.kinds);
        let new = || {
            Arc::new(AttemptDurations {
                success: Histogram::new(BUCKETS),
                failure: Histogram::new(BUCKETS),
            })
        };
        kinds.entry(kind).or_insert_with(new).clone()
    }

    /// Asks the database how the queue is doing, for the next scrape: whichever process does the jobs, and also where none does.
    /// Nothing is said of it where the answer does not come in time.
    pub async fn look(&self, db: &Db) {
        let asked = async { health(&mut *db.fresh().await?).await };
        let health = timeout(PATIENCE, asked).await;
        *lock(&self.health) = health.ok().and_then(Result::ok).flatten();
    }
}

impl AttemptDurations {
    pub(super) fn begin(self: &Arc<Self>) -> Attempt {
        Attempt {
            durations: self.clone(),
            began: Instant::now(),
        }
    }
}

impl Attempt {
    /// Gives how long it took.
    pub(super) fn end(self, succeeded: bool) -> Duration {
        let took = self.began.elapsed();
        if succeeded {
            self.durations.success.observe(took);
        } else {
            self.durations.failure.observe(took);
        }
        took
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if thread::panicking() {
            self.durations.failure.observe(self.began.elapsed());
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
