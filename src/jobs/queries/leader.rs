//! Locks, the lead, and the ticks of the schedule.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;

use super::interval;
use crate::db::Result;

/// A number of our own, so that no other lock of the application is meant.
const LOCKS: i32 = 0x6d61_7374;

pub(in crate::jobs) async fn try_lock(conn: &mut PgConnection, name: &str) -> Result<bool> {
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
pub(in crate::jobs) async fn end_when_silent(
    conn: &mut PgConnection,
    after: Duration,
) -> Result<()> {
    let milliseconds = after.as_millis().to_string();
    sqlx::query("select set_config('idle_session_timeout', $1, false)")
        .bind(milliseconds)
        .execute(conn)
        .await?;
    Ok(())
}

pub(in crate::jobs) async fn keep_alive(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("select").execute(conn).await?;
    Ok(())
}

/// Begins a new epoch, once the lease of the one before is over.
pub(in crate::jobs) async fn take_lead(
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
pub(in crate::jobs) async fn renew_lead(
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
pub(in crate::jobs) async fn still_leads(
    conn: &mut PgConnection,
    name: &str,
    epoch: i64,
) -> Result<bool> {
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
pub(in crate::jobs) async fn due_tick(
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
pub(in crate::jobs) async fn claim_tick(
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
