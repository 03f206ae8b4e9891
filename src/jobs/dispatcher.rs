//! The loop of a worker. On one connection, one statement deletes what is done and claims what is due.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};
use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::handlers::Handlers;
use super::queries::work::{self as queries, Failure};
use super::running::Running;
use crate::db::{DbError, Result, public_id};
use crate::jitter;

/// How long a job is held for a process of which nothing is heard.
const LEASE: Duration = Duration::from_secs(60);
/// Often enough that a lease outlives heartbeats that do not get through.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often the queue of earlier releases is drained, and how much at a time.
const TAKE_OVER: Duration = Duration::from_secs(1);
const TAKEN_AT_ONCE: i64 = 1000;
/// Longer than this the database does not answer. What it was asked may have happened: leases that no process knows of run out.
const PATIENCE: Duration = Duration::from_secs(5);
/// What a stop waits for; a job that takes longer is given back and loses no attempt.
const GRACE: Duration = Duration::from_secs(10);
const LOST: &str = "the process that did it died, or lost the database for a minute";

pub(super) struct Dispatcher {
    /// Names this process in leases.
    worker: Uuid,
    database: PgConnectOptions,
    conn: Option<PgConnection>,
    running: Running,
    enqueued: Arc<Notify>,
    poll: Duration,
    renewed: Option<Instant>,
    taken_over: Option<Instant>,
    expired: Option<Instant>,
    failing: bool,
}

impl Dispatcher {
    pub(super) fn new(
        database: &PgConnectOptions,
        handlers: Handlers,
        enqueued: Arc<Notify>,
        poll: Duration,
    ) -> Dispatcher {
        Dispatcher {
            worker: public_id(),
            database: connection(database),
            conn: None,
            running: Running::new(handlers),
            enqueued,
            poll,
            renewed: None,
            taken_over: None,
            expired: None,
            failing: false,
        }
    }

    pub(super) async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        while !*stopped.borrow() {
            self.look(true).await;
            tokio::select! {
                _ = stopped.wait_for(|stop| *stop) => {}
                () = self.enqueued.notified() => {}
                Some(ended) = self.running.next_end() => self.running.note(ended),
                () = sleep(jitter::around(self.poll, 0.1)) => {}
            }
        }
        self.finish().await;
    }

    /// Lets jobs end, and gives back those that do not.
    async fn finish(&mut self) {
        let grace = async {
            while let Some(ended) = self.running.next_end().await {
                self.running.note(ended);
            }
        };
        let _ = timeout(GRACE, grace).await;
        self.running.note_ends();
        let unfinished = self.running.abort().await;
        self.look(false).await;
        let Some(mut conn) = self.conn.take() else {
            return;
        };
        let given_back = async {
            queries::release(&mut conn, self.worker, &unfinished).await?;
            Ok(conn.close().await?)
        };
        if let Err(error) = in_time(given_back).await {
            tracing::warn!(
                error = format!("{:#}", anyhow::Error::from(error)),
                "jobs were not given back; they come back within a minute"
            );
        }
    }

    /// A round, and what is said where it does not succeed.
    async fn look(&mut self, claims: bool) {
        self.running.note_ends();
        match in_time(self.round(claims)).await {
            Ok(()) if self.failing => {
                self.failing = false;
                tracing::info!("job worker recovered");
            }
            Ok(()) => {}
            Err(error) => {
                if !self.failing {
                    tracing::warn!(
                        error = format!("{:#}", anyhow::Error::from(error)),
                        "the job worker has trouble with the database"
                    );
                }
                self.failing = true;
            }
        }
    }

    /// The connection is kept only where all of it succeeds. The heartbeat comes first: jobs under way keep their leases where
    /// nothing can be claimed. Claims are next: a failure that cannot be noted, or a job that cannot be taken over, holds up no
    /// other.
    async fn round(&mut self, claims: bool) -> Result<()> {
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => self.database.connect().await?,
        };
        self.renew_leases(&mut conn).await?;
        let free = if claims {
            self.running.free()
        } else {
            (Vec::new(), Vec::new())
        };
        if !self.running.done.is_empty() || !free.0.is_empty() {
            let done = &self.running.done;
            let claimed =
                queries::settle_and_claim(&mut conn, self.worker, done, free, LEASE).await?;
            self.running.done.clear();
            claimed.into_iter().for_each(|job| self.running.begin(job));
        }
        self.end_expired(&mut conn).await?;
        self.report_failures(&mut conn).await?;
        if claims {
            self.take_over(&mut conn).await?;
        }
        self.conn = Some(conn);
        Ok(())
    }

    /// The heartbeat of this process.
    async fn renew_leases(&mut self, conn: &mut PgConnection) -> Result<()> {
        if is_due(self.renewed, HEARTBEAT) {
            queries::renew(conn, self.worker, &self.running.ids(), LEASE).await?;
            self.renewed = Some(Instant::now());
        }
        Ok(())
    }

    /// Ends the leases that no process renews.
    async fn end_expired(&mut self, conn: &mut PgConnection) -> Result<()> {
        if !is_due(self.expired, HEARTBEAT) {
            return Ok(());
        }
        for job in queries::expired(conn, &self.running.names()).await? {
            if !self.running.knows(job.lease())
                && let Some(held) = self.running.held(&job)
            {
                self.running.failed.push((held, LOST.to_owned()));
            }
        }
        self.expired = Some(Instant::now());
        Ok(())
    }

    async fn report_failures(&mut self, conn: &mut PgConnection) -> Result<()> {
        for (kind, handler) in self.running.handlers.iter().enumerate() {
            let of_kind = || {
                self.running
                    .failed
                    .iter()
                    .filter(|(held, _)| held.kind == kind)
            };
            let failures: Vec<Failure> = of_kind()
                .map(|(held, error)| Failure {
                    lease: held.lease,
                    error,
                })
                .collect();
            if failures.is_empty() {
                continue;
            }
            let noted = queries::fail(conn, self.worker, &failures, handler.spec.backoff).await?;
            for (held, error) in of_kind() {
                let failed = noted.iter().find(|failed| failed.id == held.lease.id);
                if let Some(failed) = failed {
                    held.span.in_scope(|| say(error, failed.retried_after));
                }
            }
        }
        self.running.failed.clear();
        Ok(())
    }

    /// Moves what earlier releases enqueued in a queue of their own.
    async fn take_over(&mut self, conn: &mut PgConnection) -> Result<()> {
        if is_due(self.taken_over, TAKE_OVER) {
            let moved = queries::take_over(conn, TAKEN_AT_ONCE).await?;
            self.taken_over = (moved < TAKEN_AT_ONCE).then(Instant::now);
        }
        Ok(())
    }
}

/// A commit that is lost with the server makes a job run once more, and no more than that.
fn connection(database: &PgConnectOptions) -> PgConnectOptions {
    database.clone().application_name("masthead/jobs").options([
        ("statement_timeout", "4s"),
        ("lock_timeout", "1s"),
        ("idle_in_transaction_session_timeout", "30s"),
        ("synchronous_commit", "off"),
    ])
}

fn is_due(last: Option<Instant>, every: Duration) -> bool {
    last.is_none_or(|last| last.elapsed() >= every)
}

fn say(error: &str, retried_after: Option<Duration>) {
    match retried_after {
        Some(wait) => tracing::warn!(
            error,
            wait_ms = wait.as_secs_f64() * 1000.0,
            "job failed and will be tried again"
        ),
        None => tracing::error!(error, "job is a dead letter now"),
    }
}

async fn in_time<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    timeout(PATIENCE, work).await.unwrap_or_else(|_| {
        Err(DbError::Unavailable(
            io::Error::from(io::ErrorKind::TimedOut).into(),
        ))
    })
}
