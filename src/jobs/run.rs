//! From a kind of job to the function that does it, with what surrounds each run: span, time limit, backoff.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use futures_util::future::BoxFuture;
use graphile_worker::{
    FailureReason, IntoTaskHandlerResult, JobFail, JobFailContext, JobPermanentlyFail, JobRecovery,
    JobRecoveryResult, TaskHandler, WorkerContext, WorkerOptions,
};
use sqlx::PgPool;
use tracing::{Instrument, Span};

use super::dead::reason;
use super::{Envelope, Job, Kind, queries};

use crate::jitter;

/// Who does which kind of job.
#[derive(Default)]
pub struct Handlers(pub(super) Vec<Handler>);

pub(super) struct Handler {
    pub(super) kind: Kind,
    define: Box<dyn Fn(WorkerOptions) -> WorkerOptions + Send + Sync>,
}

impl Handlers {
    /// Says how a kind of job is done. What the work needs is brought along by the closure.
    #[must_use]
    pub fn on<J: Job, F: Future<Output = anyhow::Result<()>> + Send + 'static>(
        mut self,
        work: impl Fn(J) -> F + Send + Sync + 'static,
    ) -> Handlers {
        let work = Work(Arc::new(move |job| {
            Box::pin(work(job)) as BoxFuture<'static, _>
        }));
        let define = move |options: WorkerOptions| {
            options
                .define_job::<Envelope<J>>()
                .add_extension(work.clone())
        };
        self.0.push(Handler {
            kind: J::KIND,
            define: Box::new(define),
        });
        self
    }
}

impl Handler {
    /// The options of a worker that does nothing but this kind.
    pub(super) fn options(&self, pool: &PgPool) -> WorkerOptions {
        let (kind, pool_of_hook) = (self.kind, pool.clone());
        (self.define)(WorkerOptions::default())
            .schema(queries::SCHEMA)
            .pg_pool(pool.clone())
            .concurrency(kind.at_once)
            .on(JobFail, move |failed| {
                try_again(kind, pool_of_hook.clone(), failed)
            })
            .on(JobPermanentlyFail, async |failed| {
                let error = reason(&failed.error);
                span(&failed.job).in_scope(|| tracing::error!(error, "job is a dead letter now"));
            })
            .on(JobRecovery, async |interrupted| match interrupted.reason {
                // It may have killed its process: that was an attempt.
                FailureReason::WorkerCrashed => JobRecoveryResult::FailWithBackoff,
                _ => JobRecoveryResult::Default,
            })
    }
}

/// The library has written its own time by now; ours replaces it.
async fn try_again(kind: Kind, pool: PgPool, failed: JobFailContext) {
    let wait = kind
        .backoff
        .wait(*failed.job.attempts(), jitter::fraction());
    let postponed = queries::postpone(&pool, *failed.job.id(), wait).await;
    let _inside = span(&failed.job).entered();
    tracing::warn!(
        error = reason(&failed.error),
        wait_ms = wait.as_secs_f64() * 1000.0,
        "job failed and will be tried again"
    );
    if let Err(error) = postponed {
        tracing::warn!(
            error = format!("{:#}", anyhow::Error::from(error)),
            "the job waits as long as the library says"
        );
    }
}

/// A function that does jobs of one kind, found again by its type.
struct Work<J>(Arc<dyn Fn(J) -> BoxFuture<'static, anyhow::Result<()>> + Send + Sync>);

impl<J> Clone for Work<J> {
    fn clone(&self) -> Self {
        Work(self.0.clone())
    }
}

impl<J> fmt::Debug for Work<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Work")
    }
}

impl<J: Job> TaskHandler for Envelope<J> {
    const IDENTIFIER: &'static str = J::KIND.name;

    fn run(
        self,
        context: WorkerContext,
    ) -> impl Future<Output = impl IntoTaskHandlerResult> + Send + 'static {
        let span = span(context.job());
        async move { self.work(&context).await.map_err(Reason) }.instrument(span)
    }
}

impl<J: Job> Envelope<J> {
    async fn work(self, context: &WorkerContext) -> Result<(), String> {
        let begun = Instant::now();
        let work = context
            .get_ext::<Work<J>>()
            .ok_or("no handler for this kind of job")?;
        match tokio::time::timeout(J::KIND.time_limit, (work.0)(self.job)).await {
            Ok(done) => done.map_err(|error| format!("{error:#}"))?,
            Err(_) => return Err(format!("took longer than {:?}", J::KIND.time_limit)),
        }
        tracing::info!(
            duration_ms = begun.elapsed().as_secs_f64() * 1000.0,
            "job done"
        );
        Ok(())
    }
}

/// The library stores the debugging form of an error.
struct Reason(String);

impl fmt::Debug for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn span(job: &graphile_worker::Job) -> Span {
    let id = |name: &str| {
        job.payload()
            .get(name)
            .and_then(|id| id.as_str())
            .map(tracing::field::display)
    };
    tracing::info_span!(
        "job",
        job.kind = job.task_identifier(),
        job.id = job.id(),
        job.attempt = job.attempts(),
        correlation_id = id("correlation_id"),
        transaction_id = id("transaction_id"),
    )
}
