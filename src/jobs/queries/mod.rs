//! All SQL of the room: adding jobs and asking for them here; what a worker does with them, dead letters and the leader in
//! files of their own.
//!
//! Times are the database's. `statement_timestamp()` stands where an index has to serve the comparison.

pub(super) mod dead_letters;
pub(super) mod leader;
pub(super) mod work;

use std::time::Duration;

use sqlx::postgres::{PgConnection, types::PgInterval};
use uuid::Uuid;

use super::job::NewJob;
use crate::db::{Result, Tx};

pub(super) async fn is_migrated(conn: &mut PgConnection) -> Result<bool> {
    let there = sqlx::query_scalar!(r#"select to_regclass('public.jobs') is not null as "there!""#);
    Ok(there.fetch_one(conn).await?)
}

/// Adds the job once for each wait. Waits count from this moment: a long transaction would eat up others.
pub(super) async fn add(tx: &mut Tx, job: &NewJob, waits: &[Duration]) -> Result<()> {
    let waits: Vec<PgInterval> = waits.iter().copied().map(interval).collect();
    sqlx::query!(
        "insert into jobs (kind, payload, priority, max_attempts, run_at)
         select $1, $2, $3, $4, clock_timestamp() + wait from unnest($5::interval[]) as wait",
        job.spec.name,
        job.payload,
        job.priority,
        job.spec.max_attempts,
        &waits,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Adds a job, or puts it in the place of the one that waits under this key.
pub(super) async fn add_unique(conn: &mut PgConnection, job: &NewJob, key: &str) -> Result<()> {
    sqlx::query!(
        "insert into jobs (kind, payload, priority, max_attempts, unique_key, run_at)
         values ($1, $2, $3, $4, $5, clock_timestamp())
         on conflict (kind, unique_key) where unique_key is not null and worker is null and failed_at is null
         do update set payload = excluded.payload, priority = excluded.priority, max_attempts = excluded.max_attempts,
                       run_at = excluded.run_at, created_at = excluded.created_at, attempts = 0, last_error = null",
        job.spec.name,
        job.payload,
        job.priority,
        job.spec.max_attempts,
        key,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether a job of this kind waits or is being done.
pub(super) async fn is_waiting(conn: &mut PgConnection, kind: &str) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        // Of the waiting ones as of a claim: without an order, all that wait may be read to find that none is of this kind.
        r#"select (select true from jobs where kind = $1 and worker is null and failed_at is null
                   order by priority, run_at limit 1) is not null
               or exists (select from jobs where kind = $1 and worker is not null)
               or exists (select from graphile_jobs() as old where old.kind = $1) as "waiting!""#,
        kind,
    )
    .fetch_one(conn)
    .await?)
}

/// Jobs of a kind that a business action asked for and that are not done, dead letters included: all, and those whose time
/// has come, or came and did not succeed.
pub(super) async fn purges_left(
    conn: &mut PgConnection,
    kind: &str,
    transaction_id: Uuid,
) -> Result<PurgesLeft> {
    Ok(sqlx::query_as!(
        PurgesLeft,
        r#"select count(*) as "all!", count(*) filter (where attempts > 0 or run_at <= statement_timestamp()) as "due!"
           from (select attempts, run_at from jobs where kind = $1 and payload ->> 'transaction_id' = $2
                 union all
                 select attempts, run_at from graphile_jobs() as old
                 where old.kind = $1 and old.payload ->> 'transaction_id' = $2) as left_over"#,
        kind,
        transaction_id.to_string(),
    )
    .fetch_one(conn)
    .await?)
}

/// Gives every job back that a worker holds; for a copy of a database, whose workers are elsewhere.
///
/// # Errors
///
/// When the database fails.
pub async fn release_all(conn: &mut PgConnection) -> Result<u64> {
    if !is_migrated(conn).await? {
        return Ok(0);
    }
    // Another with its key may wait.
    let released = sqlx::query!(
        "update jobs set worker = null, leased_until = null, unique_key = null where worker is not null"
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("select take_over_graphile_jobs(abandoned => true)")
        .fetch_one(conn)
        .await?;
    Ok(released.rows_affected())
}

pub(super) fn interval(duration: Duration) -> PgInterval {
    PgInterval {
        months: 0,
        days: 0,
        microseconds: i64::try_from(duration.as_micros()).unwrap_or(i64::MAX),
    }
}

/// Purges of a business action that the CDN has not taken yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PurgesLeft {
    /// It has to take these before it can be said that it shows nothing old.
    pub due: i64,
    /// All of them, with the ones for what was in flight.
    pub all: i64,
}
