//! The process's part in the work: one library worker for each kind of job, and the candidate for the lead.

use std::time::Duration;

use graphile_worker::{LocalQueueConfig, RefetchDelayConfig, WorkerRecoveryConfig};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::leader::{self, Scheduled};
use super::run::{Handler, Handlers};

/// Database connections that a [`Worker`] keeps at most, the leader's and the one of a lease with them.
pub const CONNECTIONS: u32 = POOL + 2;
const POOL: u32 = 6;
/// How soon a job is noticed.
const POLL: Duration = Duration::from_millis(500);
/// What a stop waits for; a job that takes longer is given back and loses no attempt.
const GRACE: Duration = Duration::from_secs(10);
const PAUSE_AFTER_AN_ERROR: Duration = Duration::from_secs(1);

/// Does jobs until it is stopped. Dropped instead, it breaks off, as a killed process would.
pub struct Worker {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    pool: PgPool,
}

impl Worker {
    /// Begins to do jobs, as the serving role. Needs no database yet: it waits for one, and goes on after a break.
    /// Must be called inside an async runtime.
    pub fn start(
        database: &PgConnectOptions,
        handlers: Handlers,
        schedule: Vec<Scheduled>,
    ) -> Worker {
        let pool = pool(database);
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for handler in handlers.0 {
            tasks.spawn(keep_working(handler, pool.clone(), stopped.clone()));
        }
        tasks.spawn(leader::keep_leading(database.clone(), schedule, stopped));
        Worker { stop, tasks, pool }
    }

    /// Takes no more jobs, lets those under way finish or gives them back, and hands over the lead.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
        self.pool.close().await;
    }
}

fn pool(database: &PgConnectOptions) -> PgPool {
    let options = database.clone().application_name("masthead/jobs").options([
        ("statement_timeout", "30s"),
        ("lock_timeout", "5s"),
        ("idle_in_transaction_session_timeout", "30s"),
    ]);
    PgPoolOptions::new()
        .max_connections(POOL)
        .acquire_timeout(Duration::from_secs(5))
        .max_lifetime(Duration::from_secs(30 * 60))
        .connect_lazy_with(options)
}

/// The library ends a worker at the first error of the database; this begins again.
async fn keep_working(handler: Handler, pool: PgPool, mut stopped: watch::Receiver<bool>) {
    let mut failing = false;
    while !*stopped.borrow() {
        let Err(error) = work(&handler, &pool, stopped.clone(), &mut failing).await else {
            return;
        };
        if !failing {
            tracing::warn!(
                job.kind = handler.kind.name,
                error = format!("{error:#}"),
                "no jobs are done at the moment"
            );
        }
        failing = true;
        let _ = tokio::time::timeout(PAUSE_AFTER_AN_ERROR, stopped.wait_for(|stop| *stop)).await;
    }
}

async fn work(
    handler: &Handler,
    pool: &PgPool,
    mut stopped: watch::Receiver<bool>,
    failing: &mut bool,
) -> anyhow::Result<()> {
    let stop = async move {
        let _ = stopped.wait_for(|stop| *stop).await;
    };
    let worker = handler
        .options(pool)
        .poll_interval(POLL)
        .use_notification_delivery(false)
        // Without one, a worker takes a single job at each look.
        .local_queue(
            LocalQueueConfig::default()
                .with_size(handler.kind.at_once)
                // It wakes itself at the end of each look. Only this delay keeps a queue that found nothing from looking
                // again at once, for ever: a third of a core in a site where nothing happens.
                .with_refetch_delay(
                    RefetchDelayConfig::default()
                        .with_duration(POLL)
                        .with_threshold(0),
                ),
        )
        .worker_recovery(
            WorkerRecoveryConfig::default()
                .enabled(true)
                .heartbeat_interval(Duration::from_secs(10))
                .sweep_interval(Duration::from_secs(15))
                .sweep_threshold(Duration::from_secs(60)),
        )
        .listen_os_shutdown_signals(false)
        .shutdown_signal(stop)
        .shutdown_grace_period(GRACE)
        .shutdown_interrupted_job_retry_delay(Duration::from_secs(1))
        .init()
        .await?;
    if std::mem::take(failing) {
        tracing::info!(job.kind = handler.kind.name, "jobs are done again");
    }
    Ok(worker.run().await?)
}
