//! The jobs room: work that is done outside the request that asked for it. Table: `jobs`, a queue in the same database.
//!
//! **To add a kind of job**: a struct with what it needs to know, `impl Job` with its [`JobSpec`], a line in
//! `app/worker.rs` that says which function does it. Ask for it with [`enqueue`] inside the transaction that causes it: the
//! job is there if and only if that transaction commits (a **transactional outbox**). It may run twice (a process can die
//! after the work and before it says so: delivery is **at least once**), so doing it again must do no harm. For a schedule,
//! add a line to `schedule` in `app/worker.rs` as well.
//!
//! **How a job is claimed**: `for update skip locked`, so that workers do not wait for each other, by [`Job::priority`] and
//! then by time, as many of a kind as a process may do at once ([`JobSpec::concurrency`]): a slow kind holds up no other. The
//! claim counts an attempt and writes a **lease** of a minute into the row, during which no other worker sees it (a visibility
//! timeout); a heartbeat renews it. A job that is done is deleted by the statement that claims the next ones. A job whose
//! process died comes back when its lease is over and has lost an attempt, so that one which kills its process does not do so
//! for ever.
//!
//! **What happens to a job that fails** (error, panic, or longer than [`JobSpec::time_limit`]): it is tried again after a
//! random time between nothing and 2 s, 4 s, 8 s … up to 1 h ([`Backoff`]). After [`JobSpec::max_attempts`] (12) the row
//! stays as a **dead letter** with its last error: `masthead jobs failed`, and `masthead jobs retry` to begin again.
//!
//! **How soon a job is noticed**: at once in the process that enqueued it, whose commit wakes the worker
//! ([`Tx::wake_workers`]); elsewhere, and after a delay, by a look each half second. `NOTIFY` would tell all, but commits with
//! a notification wait for each other (`make prove` measures it).
//!
//! **Who runs what**: every process with a [`Worker`] takes jobs. Scheduled jobs are enqueued by one process only, the leader
//! (`leader.rs`). Work that takes hours is a chain of short jobs, each of which asks for the next ([`enqueue_once`]), so that
//! a stop waits for seconds; where only one process may do it at a time, it holds a [`Lease`].
//!
//! **Beside an earlier release**, which has a queue of its own in the schema `graphile_worker`, a worker drains both: once a
//! second it moves to `jobs` what no worker of that release will do (`take_over_graphile_jobs` in the migrations).
//!
//! **What is measured**: every attempt by kind and outcome, and every quarter of a minute the dead letters and how long the next
//! job waits ([`Metrics`]).
//!
//! The payload carries correlation id and transaction id of the request that asked ([`Ids`]); the log lines of the job
//! have them in their span.

mod backoff;
mod dead_letters;
mod dispatcher;
mod handlers;
mod leader;
mod lease;
mod metrics;
mod purge;
mod queries;
mod running;
mod worker;

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

pub use backoff::Backoff;
pub use dead_letters::{DeadLetter, Health, failed, health, retry, retry_all};
pub use handlers::Handlers;
pub use leader::Scheduled;
pub use lease::Lease;
pub use metrics::Metrics;
pub use purge::{PurgeCdn, PurgesLeft, enqueue_purge, purges_left};
pub use queries::release_all;
pub use worker::{CONNECTIONS, Worker};

use crate::db::{DbError, Result, Tx};

/// What one job has to know. Its fields are stored as JSON, together with [`Ids`].
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    const SPEC: JobSpec;

    /// Of the waiting jobs of a kind, the one with the lowest number is done first.
    fn priority(&self) -> i16 {
        0
    }
}

/// How a kind of job is treated.
#[derive(Clone, Copy, Debug)]
pub struct JobSpec {
    /// `noun.verb`. Stands in stored rows: a renamed kind orphans what waits under the old name.
    pub name: &'static str,
    /// How many of them one process does at the same time.
    pub concurrency: usize,
    pub max_attempts: i16,
    pub backoff: Backoff,
    /// Longer than this counts as failed.
    pub time_limit: Duration,
}

impl JobSpec {
    /// One at a time, twelve attempts, a minute each.
    pub const fn named(name: &'static str) -> JobSpec {
        JobSpec {
            name,
            concurrency: 1,
            max_attempts: 12,
            backoff: Backoff::DEFAULT,
            time_limit: Duration::from_secs(60),
        }
    }
}

/// The request and the business action that a job belongs to.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Ids {
    pub correlation_id: Option<Uuid>,
    pub transaction_id: Option<Uuid>,
}

/// Job and ids as they are stored.
#[derive(Serialize, Deserialize)]
struct Envelope<J> {
    #[serde(flatten)]
    job: J,
    #[serde(flatten)]
    ids: Ids,
}

/// Adds a job to the transaction, to be done at once or some time after.
///
/// # Errors
///
/// When the database refuses or is gone.
pub async fn enqueue<J: Job>(tx: &mut Tx, job: &J, ids: Ids, after: Duration) -> Result<()> {
    add(tx, job, ids, &[after]).await
}

/// Adds a job of which one is enough: it takes the place of one that waits. One that is being done stays.
///
/// # Errors
///
/// When the database refuses or is gone.
pub async fn enqueue_once<J: Job>(tx: &mut Tx, job: &J, ids: Ids) -> Result<()> {
    tx.wake_workers();
    queries::add_unique(tx, &NewJob::of(job, ids)?, J::SPEC.name).await
}

/// Adds the job once for each wait.
async fn add<J: Job>(tx: &mut Tx, job: &J, ids: Ids, waits: &[Duration]) -> Result<()> {
    tx.wake_workers();
    queries::add(tx, &NewJob::of(job, ids)?, waits).await
}

/// Whether a job of this kind waits or is being done. Before there is a table of jobs, none does.
///
/// # Errors
///
/// When the database refuses or is gone.
pub async fn is_waiting<J: Job>(conn: &mut PgConnection) -> Result<bool> {
    Ok(queries::is_migrated(conn).await? && queries::is_waiting(conn, J::SPEC.name).await?)
}

/// A job as it is stored.
struct NewJob {
    spec: JobSpec,
    priority: i16,
    payload: serde_json::Value,
}

impl NewJob {
    fn of<J: Job>(job: &J, ids: Ids) -> Result<NewJob> {
        let payload = serde_json::to_value(Envelope { job, ids })
            .map_err(|error| DbError::Refused(sqlx::Error::Encode(error.into())))?;
        Ok(NewJob {
            spec: J::SPEC,
            priority: job.priority(),
            payload,
        })
    }
}
