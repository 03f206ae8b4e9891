//! The leader: the one process that enqueues scheduled jobs.
//!
//! It holds a session advisory lock on a connection of its own, and a lease in the table `leaders`: 10 s, renewed every
//! 3 s, by the clock of the database. A process that gets the lock waits for the end of the lease before it begins a new
//! epoch, so the longest time without a leader is 10 s and an attempt at the lock (3 s). A leader that is frozen loses its
//! connection, and with it the lock, because the server ends a session that is silent for a lease. What it wrote while
//! it slept is refused: everything a leader writes asks first whether its epoch is still the current one, in the same
//! transaction.
//!
//! A tick is a multiple of the schedule's interval since 1970. Each is enqueued once, by moving `schedule_ticks` in the
//! transaction that enqueues. Ticks without a leader are not made up for: the next run does their work.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};
use tokio::sync::{Notify, watch};
use tokio::time::timeout;

use super::job::{Ids, Job, NewJob};
use super::queries::{add_unique, leader as queries};
use crate::db::{DbError, Result, public_id};

const NAME: &str = "schedule";
const LEASE: Duration = Duration::from_secs(10);
const RENEW: Duration = Duration::from_secs(3);
const LOOK_FOR_TICKS: Duration = Duration::from_secs(1);
/// Longer than this the database does not answer; the lease must not run out over one question.
const PATIENCE: Duration = Duration::from_secs(3);

/// A job that is asked for by the clock.
pub struct Scheduled {
    every: Duration,
    name: &'static str,
    make: Box<dyn Fn() -> Result<NewJob> + Send + Sync>,
}

/// What the leader enqueues, and the bell that wakes the worker of its process.
pub(super) struct Schedule {
    pub(super) jobs: Vec<Scheduled>,
    pub(super) enqueued: Arc<Notify>,
}

impl Scheduled {
    /// The job, at every multiple of that time.
    pub fn every<J: Job>(every: Duration, job: J) -> Scheduled {
        // Every run is a flow of its own.
        let make = move || {
            NewJob::of(
                &job,
                Ids {
                    correlation_id: Some(public_id()),
                    transaction_id: None,
                },
            )
        };
        Scheduled {
            every,
            name: J::SPEC.name,
            make: Box::new(make),
        }
    }
}

/// Leads whenever no other process does, until it is told to stop.
pub(super) async fn keep_leading(
    database: PgConnectOptions,
    schedule: Schedule,
    mut stopped: watch::Receiver<bool>,
) {
    let node = node();
    let mut failing = false;
    while !*stopped.borrow() {
        if let Err(error) = candidate(&database, &node, &schedule, &mut stopped, &mut failing).await
        {
            if !failing {
                tracing::warn!(
                    error = format!("{:#}", anyhow::Error::from(error)),
                    "this node cannot lead; scheduled jobs wait if no other one does"
                );
            }
            failing = true;
        }
        pause(&mut stopped, RENEW).await;
    }
}

/// Waits for the lead and leads, on one connection. Returns when it is stopped or has lost the lead.
async fn candidate(
    database: &PgConnectOptions,
    node: &str,
    schedule: &Schedule,
    stopped: &mut watch::Receiver<bool>,
    failing: &mut bool,
) -> Result<()> {
    let mut conn = soon(async { Ok(connection(database).connect().await?) }).await?;
    *failing = false;
    while !soon(queries::try_lock(&mut conn, NAME)).await? {
        if pause(stopped, RENEW).await {
            return Ok(conn.close().await?);
        }
    }
    loop {
        if let Some(epoch) = soon(queries::take_lead(&mut conn, NAME, node, LEASE)).await? {
            tracing::info!(node, epoch, "became scheduler leader");
            lead(&mut conn, epoch, schedule, stopped).await?;
            return Ok(conn.close().await?);
        }
        if pause(stopped, LOOK_FOR_TICKS).await {
            return Ok(conn.close().await?);
        }
    }
}

/// The server ends the session, and its lock, when nothing is heard from here for as long as the lease.
fn connection(database: &PgConnectOptions) -> PgConnectOptions {
    database
        .clone()
        .application_name("masthead/leader")
        .options([
            ("idle_session_timeout", "10s"),
            ("idle_in_transaction_session_timeout", "5s"),
            ("statement_timeout", "2s"),
            ("lock_timeout", "1s"),
        ])
}

async fn lead(
    conn: &mut PgConnection,
    epoch: i64,
    schedule: &Schedule,
    stopped: &mut watch::Receiver<bool>,
) -> Result<()> {
    let mut renewed = Instant::now();
    loop {
        if renewed.elapsed() >= RENEW {
            if !soon(queries::renew_lead(conn, NAME, epoch, LEASE)).await? {
                tracing::warn!(epoch, "has lost the lead");
                return Ok(());
            }
            renewed = Instant::now();
        }
        for scheduled in &schedule.jobs {
            if soon(tick(conn, epoch, scheduled)).await? {
                schedule.enqueued.notify_one();
            }
        }
        if pause(stopped, LOOK_FOR_TICKS).await {
            soon(queries::renew_lead(conn, NAME, epoch, Duration::ZERO)).await?;
            return Ok(());
        }
    }
}

/// Enqueues the tick that has begun, if there is one and this epoch still leads. True where it did.
async fn tick(conn: &mut PgConnection, epoch: i64, scheduled: &Scheduled) -> Result<bool> {
    let name = scheduled.name;
    let Some(tick) = queries::due_tick(conn, name, scheduled.every).await? else {
        return Ok(false);
    };
    let mut tx = conn.begin().await?;
    let enqueues = queries::still_leads(&mut tx, NAME, epoch).await?
        && queries::claim_tick(&mut tx, name, tick).await?;
    if enqueues {
        let key = format!("{name}@{}", tick.timestamp());
        add_unique(&mut tx, &(scheduled.make)()?, &key).await?;
        tx.commit().await?;
    }
    Ok(enqueues)
}

/// True when it is time to stop.
async fn pause(stopped: &mut watch::Receiver<bool>, time: Duration) -> bool {
    timeout(time, stopped.wait_for(|stop| *stop)).await.is_ok()
}

async fn soon<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    timeout(PATIENCE, work).await.unwrap_or_else(|_| {
        Err(DbError::Unavailable(
            io::Error::from(io::ErrorKind::TimedOut).into(),
        ))
    })
}

/// Says to people which process it is; another one on the same machine gets another name.
fn node() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let unique = public_id().simple().to_string();
    format!(
        "{} process {} {}",
        host.trim(),
        std::process::id(),
        &unique[24..]
    )
}
