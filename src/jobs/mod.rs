//! The jobs room: work that is done outside the request that asked for it, by the library graphile_worker on
//! tables in the same database (schema `graphile_worker`).
//!
//! **To add a kind of job**: a struct with what it needs to know, `impl Job` with its [`Kind`], a line in
//! `app/worker.rs` that says who does it. Ask for it with [`enqueue`] inside the transaction that causes it: the job is
//! there if and only if that transaction commits. It may run twice (a process can die after the work and before it
//! says so), so doing it again must do no harm. For a schedule, add a line to `schedule` in `app/worker.rs` as well.
//!
//! **What happens to a job that fails** (error, panic, or longer than [`Kind::time_limit`]): it is tried again after a
//! random time between nothing and 2 s, 4 s, 8 s … up to 1 h ([`Backoff`]). The library has a backoff of its own,
//! without chance in it, and writes that first; its hook that runs right after moves the job to our time
//! (`run::try_again`). Should the process die between the two, the library's time stands. After
//! [`Kind::max_attempts`] (12) the row stays as a dead letter with its last error: `masthead jobs dead`, and
//! `masthead jobs replay` to begin again. A job whose process dies comes back after a minute and has lost an attempt,
//! so that one which kills its process does not do so for ever.
//!
//! **How soon a job is taken**: within half a second, the time between two polls. The library can also be woken by
//! `NOTIFY`, but that makes commits wait for each other (`make prove` measures it), so we add jobs without.
//!
//! **Who runs what**: every process with a [`Worker`] takes jobs, each kind [`Kind::at_once`] at a time, so that a slow
//! kind holds up no other. Scheduled jobs are enqueued by one process only, the leader (`leader.rs`). Work that takes
//! hours is a chain of short jobs, each of which asks for the next ([`enqueue_once`]), so that a stop waits for seconds;
//! where only one process may do it at a time, it holds a [`Lease`].
//!
//! The payload carries correlation id and transaction id of the request that asked ([`Ids`]); the log lines of the job
//! have them in their span.

// The library that it stands on wants a pool of its own.
#![expect(clippy::disallowed_types)]

mod backoff;
mod dead;
mod leader;
mod lease;
mod migrate;
mod purge;
mod queries;
mod run;
mod worker;

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

pub use backoff::Backoff;
pub use dead::{DeadLetter, Health, dead, health, replay, replay_all};
pub use leader::Scheduled;
pub use lease::Lease;
pub use migrate::{MigrateError, migrate};
pub use purge::{PurgeCdn, PurgesLeft, enqueue_purge, purges_left};
pub use queries::release_all;
pub use run::Handlers;
pub use worker::{CONNECTIONS, Worker};

use crate::db::{DbError, Result, Tx};

/// What one job has to know. Its fields are stored as JSON, together with [`Ids`].
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    const KIND: Kind;
}

/// How a kind of job is treated.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// `noun.verb`. Stands in stored rows: a renamed kind orphans what waits under the old name.
    pub name: &'static str,
    /// How many of them one process does at the same time.
    pub at_once: usize,
    pub max_attempts: i16,
    pub backoff: Backoff,
    /// Longer than this counts as failed.
    pub time_limit: Duration,
}

impl Kind {
    /// One at a time, twelve attempts, a minute each.
    pub const fn named(name: &'static str) -> Kind {
        Kind {
            name,
            at_once: 1,
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

/// Adds a job to the transaction that `conn` is in, to be done at once or some time after.
///
/// # Errors
///
/// When the database refuses or is gone.
pub async fn enqueue<J: Job>(
    conn: &mut PgConnection,
    job: &J,
    ids: Ids,
    after: Duration,
) -> Result<()> {
    queries::add(conn, &J::KIND, &payload(job, ids)?, &[after]).await
}

/// Adds a job of which one is enough: it takes the place of one that waits. One that is being done stays.
///
/// # Errors
///
/// When the database refuses or is gone.
pub async fn enqueue_once<J: Job>(tx: &mut Tx, job: &J, ids: Ids) -> Result<()> {
    queries::add_by_library(
        tx,
        &J::KIND,
        &payload(job, ids)?,
        Duration::ZERO,
        Some(J::KIND.name),
    )
    .await
}

/// Whether a job of this kind waits or is being done. Before there are tables for jobs, none does.
///
/// # Errors
///
/// When the database refuses or is gone.
pub async fn is_waiting<J: Job>(conn: &mut PgConnection) -> Result<bool> {
    Ok(queries::is_migrated(conn).await? && queries::is_waiting(conn, &J::KIND).await?)
}

fn payload<J: Job>(job: &J, ids: Ids) -> Result<serde_json::Value> {
    serde_json::to_value(Envelope { job, ids })
        .map_err(|error| DbError::Refused(sqlx::Error::Encode(error.into())))
}
