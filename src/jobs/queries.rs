//! All SQL of the room. What concerns our own tables is checked while compiling; the tables of the library are made by
//! the library, so queries on them are not. Its functions are used where there is one.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::Row;
use sqlx::postgres::{PgConnection, PgPool, types::PgInterval};
use uuid::Uuid;

use super::Kind;
use super::dead::{DeadLetter, Health, reason};
use crate::db::{Result, Tx};

pub(super) const SCHEMA: &str = "graphile_worker";

/// A number of our own, so that no other lock of the application is meant.
const LOCKS: i32 = 0x6d61_7374;

pub(super) async fn is_migrated(conn: &mut PgConnection) -> Result<bool> {
    Ok(
        sqlx::query_scalar("select to_regclass('graphile_worker.jobs') is not null")
            .fetch_one(conn)
            .await?,
    )
}

/// Adds the job once for each wait, without the notification that the library sends: commits with one wait for each
/// other, and no worker listens (see `worker`). Waits count from this moment: a long transaction would eat up others.
pub(super) async fn add(
    conn: &mut PgConnection,
    kind: &Kind,
    payload: &Value,
    waits: &[Duration],
) -> Result<()> {
    let added = sqlx::query(
        "insert into graphile_worker._private_jobs (task_id, payload, max_attempts, run_at)
         select id, $2::json, $3, clock_timestamp() + wait
         from graphile_worker._private_tasks, unnest($4::interval[]) as wait where identifier = $1",
    )
    .bind(kind.name)
    .bind(payload)
    .bind(kind.max_attempts)
    .bind(waits.iter().copied().map(interval).collect::<Vec<_>>())
    .execute(&mut *conn)
    .await?;
    if added.rows_affected() == 0 {
        // The first of its kind, which the library's function makes known.
        for wait in waits {
            add_by_library(conn, kind, payload, *wait, None).await?;
        }
    }
    Ok(())
}

/// A key keeps a second job with the same one from being added while the first waits.
pub(super) async fn add_by_library(
    conn: &mut PgConnection,
    kind: &Kind,
    payload: &Value,
    wait: Duration,
    key: Option<&str>,
) -> Result<()> {
    sqlx::query(
        "select from graphile_worker.add_job(
             identifier => $1::text, payload => $2::json, max_attempts => $3::int, job_key => $4::text,
             run_at => clock_timestamp() + $5)",
    )
    .bind(kind.name)
    .bind(payload)
    .bind(i32::from(kind.max_attempts))
    .bind(key)
    .bind(interval(wait))
    .execute(conn)
    .await?;
    Ok(())
}

/// Jobs of a kind that a business action asked for and that are not done, dead ones included.
pub(super) async fn left(
    conn: &mut PgConnection,
    kind: &Kind,
    transaction_id: Uuid,
) -> Result<i64> {
    let count = sqlx::query_scalar(
        "select count(*) from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
         where t.identifier = $1 and j.payload ->> 'transaction_id' = $2",
    )
    .bind(kind.name)
    .bind(transaction_id.to_string())
    .fetch_one(conn)
    .await?;
    Ok(count)
}

/// The same, of those whose time has come, or came and did not succeed.
pub(super) async fn due(conn: &mut PgConnection, kind: &Kind, transaction_id: Uuid) -> Result<i64> {
    let count = sqlx::query_scalar(
        "select count(*) from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
         where t.identifier = $1 and j.payload ->> 'transaction_id' = $2 and (j.attempts > 0 or j.run_at <= now())",
    )
    .bind(kind.name)
    .bind(transaction_id.to_string())
    .fetch_one(conn)
    .await?;
    Ok(count)
}

/// Moves a job that no worker has to another time.
pub(super) async fn postpone(pool: &PgPool, id: i64, wait: Duration) -> Result<()> {
    sqlx::query("select from graphile_worker.reschedule_jobs(array[$1::bigint], run_at => clock_timestamp() + $2)")
        .bind(id)
        .bind(interval(wait))
        .execute(pool)
        .await?;
    Ok(())
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
    let mut released = 0;
    for statement in [
        "update graphile_worker._private_jobs set locked_at = null, locked_by = null where locked_at is not null",
        "update graphile_worker._private_job_queues set locked_at = null, locked_by = null where locked_at is not null",
    ] {
        released += sqlx::query(statement)
            .execute(&mut *conn)
            .await?
            .rows_affected();
    }
    Ok(released)
}

pub(super) async fn dead(conn: &mut PgConnection) -> Result<Vec<DeadLetter>> {
    let rows = sqlx::query(
        "select j.id, t.identifier, j.attempts, j.created_at, coalesce(j.last_error, ''), j.payload ->> 'correlation_id'
         from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
         where j.attempts >= j.max_attempts and j.locked_at is null
         order by j.id limit 500",
    )
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| Ok(dead_letter(row)?)).collect()
}

fn dead_letter(row: &sqlx::postgres::PgRow) -> sqlx::Result<DeadLetter> {
    Ok(DeadLetter {
        id: row.try_get(0)?,
        kind: row.try_get(1)?,
        attempts: row.try_get(2)?,
        created_at: row.try_get(3)?,
        error: reason(row.try_get(4)?),
        correlation_id: row
            .try_get::<Option<String>, _>(5)?
            .and_then(|id| id.parse().ok()),
    })
}

pub(super) async fn replay(tx: &mut Tx, id: Option<i64>) -> Result<i64> {
    let count = sqlx::query_scalar(
        "select count(*) from graphile_worker.reschedule_jobs(
             array(select id from graphile_worker.jobs
                   where attempts >= max_attempts and locked_at is null and ($1::bigint is null or id = $1)),
             run_at => clock_timestamp(), attempts => 0)",
    )
    .bind(id)
    .fetch_one(&mut **tx)
    .await?;
    Ok(count)
}

pub(super) async fn health(conn: &mut PgConnection) -> Result<Health> {
    let row = sqlx::query(
        "select count(*) filter (where attempts >= max_attempts and locked_at is null),
                extract(epoch from clock_timestamp() - min(run_at) filter (
                    where attempts < max_attempts and locked_at is null and run_at <= clock_timestamp()))::float8
         from graphile_worker.jobs",
    )
    .fetch_one(conn)
    .await?;
    let waited: Option<f64> = row.try_get(1)?;
    Ok(Health {
        dead: row.try_get(0)?,
        oldest_runnable: waited.map(|seconds| Duration::from_secs_f64(seconds.max(0.0))),
    })
}

pub(super) async fn try_lock(conn: &mut PgConnection, name: &str) -> Result<bool> {
    // Distinct names could share a hash; then one process has both, which is slower and not wrong.
    Ok(sqlx::query_scalar!(
        r#"select pg_try_advisory_lock($1, hashtext($2)) as "locked!""#,
        LOCKS,
        name
    )
    .fetch_one(conn)
    .await?)
}

/// Lets the server end the session, and its locks, when nothing is heard of it for that long.
pub(super) async fn end_when_silent(conn: &mut PgConnection, after: Duration) -> Result<()> {
    let milliseconds = after.as_millis().to_string();
    sqlx::query("select set_config('idle_session_timeout', $1, false)")
        .bind(milliseconds)
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn keep_alive(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("select").execute(conn).await?;
    Ok(())
}

/// Whether a job of this kind waits or is being done.
pub(super) async fn is_waiting(conn: &mut PgConnection, kind: &Kind) -> Result<bool> {
    let waiting = sqlx::query_scalar(
        "select exists (select from graphile_worker.jobs where task_identifier = $1 and attempts < max_attempts
                        or task_identifier = $1 and locked_at is not null)",
    );
    Ok(waiting.bind(kind.name).fetch_one(conn).await?)
}

/// Begins a new epoch, once the lease of the one before is over.
pub(super) async fn take_lead(
    conn: &mut PgConnection,
    name: &str,
    node: &str,
    lease: Duration,
) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar!(
        "insert into leaders (name, node, epoch, until) values ($1, $2, 1, clock_timestamp() + $3)
         on conflict (name) do update set node = excluded.node, epoch = leaders.epoch + 1, until = excluded.until
         where leaders.until <= clock_timestamp()
         returning epoch",
        name,
        node,
        interval(lease),
    )
    .fetch_optional(conn)
    .await?)
}

/// Puts the end of the lease so far from now; no time ends it. False when another process leads, or the lease ran out.
pub(super) async fn renew_lead(
    conn: &mut PgConnection,
    name: &str,
    epoch: i64,
    lease: Duration,
) -> Result<bool> {
    let renewed = sqlx::query!(
        "update leaders set until = clock_timestamp() + $3 where name = $1 and epoch = $2 and until > clock_timestamp()",
        name,
        epoch,
        interval(lease),
    )
    .execute(conn)
    .await?;
    Ok(renewed.rows_affected() == 1)
}

/// Whether the writes of this epoch still count. No other process takes over before the transaction ends.
pub(super) async fn still_leads(conn: &mut PgConnection, name: &str, epoch: i64) -> Result<bool> {
    let row = sqlx::query!(
        r#"select true as "leads!" from leaders where name = $1 and epoch = $2 and until > clock_timestamp() for share"#,
        name,
        epoch,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}

/// The tick that has begun and was not enqueued yet. Only reads: asked every second, and nearly always in vain.
pub(super) async fn due_tick(
    conn: &mut PgConnection,
    name: &str,
    every: Duration,
) -> Result<Option<DateTime<Utc>>> {
    Ok(sqlx::query_scalar!(
        r#"select now.tick as "tick!" from date_bin($2, clock_timestamp(), 'epoch'::timestamptz) as now (tick)
           where not exists (select from schedule_ticks done where done.name = $1 and done.tick >= now.tick)"#,
        name,
        interval(every),
    )
    .fetch_optional(conn)
    .await?)
}

/// False when another process has it, or a later one.
pub(super) async fn claim_tick(
    conn: &mut PgConnection,
    name: &str,
    tick: DateTime<Utc>,
) -> Result<bool> {
    let claimed = sqlx::query!(
        "insert into schedule_ticks as ticks (name, tick) values ($1, $2)
         on conflict (name) do update set tick = excluded.tick where ticks.tick < excluded.tick",
        name,
        tick,
    )
    .execute(conn)
    .await?;
    Ok(claimed.rows_affected() == 1)
}

/// The library secures its tables by rows and admits only the owner: the statements that admit this role as well.
pub(super) async fn missing_policies(
    conn: &mut PgConnection,
    app_role: &str,
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "select format('create policy %I on %s to %I using (true) with check (true)', 'serves as ' || rolname, secured, rolname)
         from pg_roles, (select oid::regclass as secured from pg_class
                         where relnamespace = to_regnamespace('graphile_worker') and relrowsecurity) as tables
         where rolname = $1 and rolname <> current_user
           and not exists (select from pg_policy where polrelid = secured and pg_roles.oid = any (polroles))",
    )
    .bind(app_role)
    .fetch_all(conn)
    .await
}

fn interval(duration: Duration) -> PgInterval {
    PgInterval {
        months: 0,
        days: 0,
        microseconds: i64::try_from(duration.as_micros()).unwrap_or(i64::MAX),
    }
}
