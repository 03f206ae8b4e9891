//! From a kind of job to the function that does it, with what surrounds each attempt: span and time limit.

use std::future::ready;
use std::sync::Arc;

use anyhow::Context;
use futures_util::future::BoxFuture;
use serde_json::Value;

use super::job::{Envelope, Job, JobSpec};
use super::metrics::{AttemptDurations, Metrics};

type Work = dyn Fn(Value) -> BoxFuture<'static, anyhow::Result<()>> + Send + Sync;

/// Which function does which kind of job.
#[derive(Default)]
pub struct Handlers {
    pub(super) all: Vec<Handler>,
    pub(super) metrics: Arc<Metrics>,
}

pub(super) struct Handler {
    pub(super) spec: JobSpec,
    work: Arc<Work>,
    durations: Arc<AttemptDurations>,
}

impl Handlers {
    /// Handlers whose attempts are measured there.
    pub fn measured(metrics: Arc<Metrics>) -> Handlers {
        Handlers {
            all: Vec::new(),
            metrics,
        }
    }

    /// Says how a kind of job is done. What the work needs is brought along by the closure.
    #[must_use]
    pub fn on<J: Job, F: Future<Output = anyhow::Result<()>> + Send + 'static>(
        mut self,
        work: impl Fn(J) -> F + Send + Sync + 'static,
    ) -> Handlers {
        let work = move |payload| -> BoxFuture<'static, anyhow::Result<()>> {
            match serde_json::from_value::<Envelope<J>>(payload) {
                Ok(Envelope { job, .. }) => Box::pin(work(job)),
                Err(error) => Box::pin(ready(Err(error).context("its payload cannot be read"))),
            }
        };
        self.all.push(Handler {
            spec: J::SPEC,
            work: Arc::new(work),
            durations: self.metrics.of(J::SPEC.name),
        });
        self
    }
}

impl Handler {
    /// One attempt: gives the reason where it failed. To be run as a task of its own, which catches a panic.
    pub(super) fn attempt(
        &self,
        payload: Value,
    ) -> impl Future<Output = Result<(), String>> + Send + 'static {
        let (limit, work) = (self.spec.time_limit, self.work.clone());
        let durations = self.durations.clone();
        async move {
            let attempt = durations.begin();
            let done = match tokio::time::timeout(limit, work(payload)).await {
                Ok(done) => done.map_err(|error| format!("{error:#}")),
                Err(_) => Err(format!("took longer than {limit:?}")),
            };
            let took = attempt.end(done.is_ok());
            if done.is_ok() {
                tracing::info!(duration_ms = took.as_secs_f64() * 1000.0, "job done");
            }
            done
        }
    }
}
