//! What a worker does with jobs.

use std::time::Duration;

use serde_json::Value;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::interval;
use crate::db::Result;
use crate::jobs::Backoff;

/// Names a lease: the worker that ends it says which attempt it was, so that one which ran out and was given to
/// another process is left alone.
#[derive(Clone, Copy, Debug)]
pub(in crate::jobs) struct JobLease {
    pub id: i64,
    pub attempt: i16,
}

#[derive(Debug)]
pub(in crate::jobs) struct Claimed {
    pub id: i64,
    pub kind: String,
    pub payload: Value,
    pub attempts: i16,
}

impl Claimed {
    pub(in crate::jobs) fn lease(&self) -> JobLease {
        JobLease {
            id: self.id,
            attempt: self.attempts,
        }
    }
}

pub(in crate::jobs) struct Failure<'a> {
    pub lease: JobLease,
    pub error: &'a str,
}

pub(in crate::jobs) struct Failed {
    pub id: i64,
    /// Nothing where that was the last attempt.
    pub retried_after: Option<Duration>,
}

/// Deletes what is done, and leases what is due: at most so many jobs of each kind.
pub(in crate::jobs) async fn settle_and_claim(
    conn: &mut PgConnection,
    worker: Uuid,
    done: &[JobLease],
    (kinds, slots): (Vec<String>, Vec<i64>),
    lease: Duration,
) -> Result<Vec<Claimed>> {
    let (ids, attempts) = parts(done.iter());
    let claimed = sqlx::query_as!(
        Claimed,
        "with settled as (
             delete from jobs using unnest($1::bigint[], $2::smallint[]) as done (id, attempts)
             where jobs.id = done.id and jobs.attempts = done.attempts and jobs.worker = $3),
         due as (
             select next.id
             from unnest($4::text[], $5::bigint[]) as free (kind, slots),
                  lateral (select id from jobs
                           where jobs.kind = free.kind and worker is null and failed_at is null
                             and run_at <= statement_timestamp()
                           order by priority, run_at limit free.slots
                           for update skip locked) as next)
         update jobs set worker = $3, leased_until = clock_timestamp() + $6, attempts = attempts + 1
         where id = any(array(select due.id from due))
         returning id, kind, payload, attempts",
        &ids,
        &attempts,
        worker,
        &kinds,
        &slots,
        interval(lease),
    )
    .fetch_all(conn);
    Ok(claimed.await?)
}

/// The heartbeat.
pub(in crate::jobs) async fn renew(
    conn: &mut PgConnection,
    worker: Uuid,
    ids: &[i64],
    lease: Duration,
) -> Result<()> {
    sqlx::query!(
        "update jobs set leased_until = clock_timestamp() + $3 where id = any($1) and worker = $2",
        ids,
        worker,
        interval(lease),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Jobs of these kinds whose leases ran out.
pub(in crate::jobs) async fn expired(
    conn: &mut PgConnection,
    kinds: &[String],
) -> Result<Vec<Claimed>> {
    let expired = sqlx::query_as!(
        Claimed,
        "select id, kind, payload, attempts from jobs
         where kind = any($1) and worker is not null and leased_until < clock_timestamp()",
        kinds,
    )
    .fetch_all(conn);
    Ok(expired.await?)
}

/// Lets jobs that failed wait for their next attempt, or makes dead letters of them. Their leases are this worker's, or ran
/// out. The wait is random, from nothing to a bound that doubles with each attempt (see [`Backoff`]).
pub(in crate::jobs) async fn fail(
    conn: &mut PgConnection,
    worker: Uuid,
    failures: &[Failure<'_>],
    backoff: Backoff,
) -> Result<Vec<Failed>> {
    let (ids, attempts) = parts(failures.iter().map(|failure| &failure.lease));
    drop_superseded(conn, worker, &ids).await?;
    let errors: Vec<String> = failures
        .iter()
        .map(|failure| storable(failure.error))
        .collect();
    let rows = sqlx::query!(
        r#"update jobs set worker = null, leased_until = null, last_error = failure.error,
                  run_at = clock_timestamp() + random() * make_interval(secs =>
                      least($5::float8 * power(2::float8, least(greatest(jobs.attempts, 1) - 1, 100)), $6::float8)),
                  failed_at = case when jobs.attempts >= max_attempts then clock_timestamp() end,
                  unique_key = case when jobs.attempts < max_attempts then unique_key end
           from unnest($1::bigint[], $2::smallint[], $3::text[]) as failure (id, attempts, error)
           where jobs.id = failure.id and jobs.attempts = failure.attempts
             and (jobs.worker = $4 or jobs.leased_until < clock_timestamp())
           returning jobs.id, failed_at is not null as "dead!",
                     extract(epoch from run_at - clock_timestamp())::float8 as "wait!""#,
        &ids,
        &attempts,
        &errors,
        worker,
        backoff.base.as_secs_f64(),
        backoff.cap.as_secs_f64(),
    )
    .fetch_all(conn)
    .await?;
    let failed = rows.into_iter().map(|row| Failed {
        id: row.id,
        retried_after: (!row.dead).then(|| Duration::from_secs_f64(row.wait.max(0.0))),
    });
    Ok(failed.collect())
}

/// Gives jobs back that were not finished. No attempt is lost.
pub(in crate::jobs) async fn release(
    conn: &mut PgConnection,
    worker: Uuid,
    ids: &[i64],
) -> Result<()> {
    drop_superseded(conn, worker, ids).await?;
    sqlx::query!(
        "update jobs set worker = null, leased_until = null, attempts = attempts - 1,
                run_at = clock_timestamp() + interval '1 second'
         where id = any($1) and worker = $2",
        ids,
        worker,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Of one kind, a single job with a key may wait. Removes those whose place another has taken: one that waits, or a later one
/// that is leased, which may come back as well. Without it, two that died under one key would refuse each other, and the
/// statement that gives them back would fail for all.
async fn drop_superseded(conn: &mut PgConnection, worker: Uuid, ids: &[i64]) -> Result<()> {
    sqlx::query!(
        "delete from jobs
         where id = any($1) and (worker = $2 or leased_until < clock_timestamp()) and unique_key is not null
           and exists (select from jobs as next
                       where next.kind = jobs.kind and next.unique_key = jobs.unique_key
                         and next.worker is null and next.failed_at is null
                       union all
                       select from jobs as later
                       where later.kind = jobs.kind and later.unique_key = jobs.unique_key
                         and later.worker is not null and later.id > jobs.id)",
        ids,
        worker,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Moves jobs of earlier releases here; gives how many.
pub(in crate::jobs) async fn take_over(conn: &mut PgConnection, at_most: i64) -> Result<i64> {
    let moved = sqlx::query_scalar!(
        r#"select take_over_graphile_jobs(at_most => $1) as "moved!""#,
        at_most
    );
    Ok(moved.fetch_one(conn).await?)
}

fn parts<'a>(leases: impl Iterator<Item = &'a JobLease>) -> (Vec<i64>, Vec<i16>) {
    leases.map(|lease| (lease.id, lease.attempt)).unzip()
}

/// Postgres stores no NUL, and an error must not keep its job from being noted as failed.
fn storable(error: &str) -> String {
    error.replace('\0', "\u{fffd}")
}
