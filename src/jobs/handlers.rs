//! From a kind of job to the function that does it, with what surrounds each attempt: span and time limit.

use std::future::ready;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use futures_util::future::BoxFuture;
use serde_json::Value;

use super::{Envelope, Job, JobSpec};

type Work = dyn Fn(Value) -> BoxFuture<'static, anyhow::Result<()>> + Send + Sync;

/// Which function does which kind of job.
#[derive(Default)]
pub struct Handlers(pub(super) Vec<Handler>);

pub(super) struct Handler {
    pub(super) spec: JobSpec,
    work: Arc<Work>,
}

impl Handlers {
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
        self.0.push(Handler {
            spec: J::SPEC,
            work: Arc::new(work),
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
        async move {
            let begun = Instant::now();
            match tokio::time::timeout(limit, work(payload)).await {
                Ok(done) => done.map_err(|error| format!("{error:#}"))?,
                Err(_) => return Err(format!("took longer than {limit:?}")),
            }
            tracing::info!(
                duration_ms = begun.elapsed().as_secs_f64() * 1000.0,
                "job done"
            );
            Ok(())
        }
    }
}
