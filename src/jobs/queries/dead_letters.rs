//! What operators ask of the queue.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::db::{Result, Tx};

pub(in crate::jobs) async fn failed(conn: &mut PgConnection) -> Result<Vec<DeadLetter>> {
    let rows = sqlx::query!(
        r#"select id, kind, attempts, created_at, coalesce(last_error, '') as "error!",
                  payload ->> 'correlation_id' as correlation_id
           from jobs where failed_at is not null order by id limit 500"#
    )
    .fetch_all(conn)
    .await?;
    let letters = rows.into_iter().map(|row| DeadLetter {
        id: row.id,
        kind: row.kind,
        attempts: row.attempts,
        created_at: row.created_at,
        error: row.error,
        correlation_id: row.correlation_id.and_then(|id| id.parse().ok()),
    });
    Ok(letters.collect())
}

/// Without dead letters. A lease that ran out is due as well.
pub(in crate::jobs) async fn pending(conn: &mut PgConnection) -> Result<Vec<PendingJobs>> {
    Ok(sqlx::query_as!(
        PendingJobs,
        r#"select kind,
                  count(*) filter (where leased_until >= statement_timestamp()) as "running!",
                  count(*) filter (where leased_until < statement_timestamp()
                                   or (worker is null and run_at <= statement_timestamp())) as "due!",
                  count(*) filter (where worker is null and run_at > statement_timestamp()) as "later!",
                  min(run_at) filter (where worker is null and run_at > statement_timestamp()) as next_at,
                  (array_agg(last_error order by id desc) filter (where last_error is not null))[1] as error
           from jobs where failed_at is null group by kind order by kind"#
    )
    .fetch_all(conn)
    .await?)
}

/// All, where none is named.
pub(in crate::jobs) async fn retry(tx: &mut Tx, id: Option<i64>) -> Result<u64> {
    let retried = sqlx::query!(
        "update jobs set failed_at = null, attempts = 0, run_at = clock_timestamp()
         where failed_at is not null and ($1::bigint is null or id = $1)",
        id,
    )
    .execute(&mut **tx)
    .await?;
    Ok(retried.rows_affected())
}

pub(in crate::jobs) async fn health(conn: &mut PgConnection) -> Result<Health> {
    let row = sqlx::query!(
        r#"select (select count(*) from jobs where failed_at is not null) as "failed!",
                  -- A lease that ran out waits as well, since then, for a worker that takes it up.
                  extract(epoch from clock_timestamp() - least(
                      (select min(run_at) from jobs
                       where worker is null and failed_at is null and run_at <= statement_timestamp()),
                      (select min(leased_until) from jobs
                       where worker is not null and leased_until < statement_timestamp())))::float8 as waited"#
    )
    .fetch_one(conn)
    .await?;
    let seconds = |seconds: f64| Duration::from_secs_f64(seconds.max(0.0));
    Ok(Health {
        failed: row.failed,
        oldest_runnable: row.waited.map(seconds),
    })
}

/// A job that failed as often as it may.
#[derive(Clone, Debug)]
pub struct DeadLetter {
    /// For `masthead jobs retry`.
    pub id: i64,
    /// [`JobSpec::name`](crate::jobs::JobSpec::name), also one that this binary does not know any more.
    pub kind: String,
    /// How often it was tried.
    pub attempts: i16,
    /// When it was enqueued, by the clock of the database.
    pub created_at: DateTime<Utc>,
    /// Of the last attempt.
    pub error: String,
    /// The request that enqueued it: its log lines have it.
    pub correlation_id: Option<Uuid>,
}

/// Jobs of one kind that are not done.
#[derive(Clone, Debug)]
pub struct PendingJobs {
    /// [`JobSpec::name`](crate::jobs::JobSpec::name), also one that this binary does not know.
    pub kind: String,
    /// Held by a worker.
    pub running: i64,
    /// To be done now.
    pub due: i64,
    /// To be done later, at `next_at` the first.
    pub later: i64,
    /// By the clock of the database.
    pub next_at: Option<DateTime<Utc>>,
    /// Of the last attempt of one that is tried again.
    pub error: Option<String>,
}

/// How the queue is doing.
#[derive(Clone, Copy, Debug)]
pub struct Health {
    /// Dead letters.
    pub failed: i64,
    /// How long the job has waited that should have been taken first; much more than a second means that no worker runs.
    pub oldest_runnable: Option<Duration>,
}
