//! How connections of each pool are opened: what they are told and asked before they are used.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnection, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection, Row};

use super::history::{History, HistoryId};
use super::role::Role;

/// Connecting is several round trips, and goes on when its request has given up.
const CONNECT_WAIT: Duration = Duration::from_secs(10);

/// Said after connecting and not with it: a pooler such as PgBouncer refuses the parameter `options`.
const READ: &str = "set lock_timeout = '1s'; set idle_in_transaction_session_timeout = '10s'; set statement_timeout = '2s';
    set default_transaction_read_only = on; set jit = off;
    -- Planning a page's query costs several times its execution, and no plan here depends on the values asked for.
    set plan_cache_mode = force_generic_plan";
const FRESH: &str = "set lock_timeout = '1s'; set idle_in_transaction_session_timeout = '10s'; set statement_timeout = '2s';
    set default_transaction_read_only = on; set jit = off;
    select false";
/// Transactions begin without `read write`, which would overrule an operator who has switched writing off. A session that
/// has got this from its role or its database keeps it for life, so it is not kept.
const WRITE: &str = "set lock_timeout = '1s'; set idle_in_transaction_session_timeout = '10s'; set statement_timeout = '5s';
    set jit = off; set plan_cache_mode = force_generic_plan;
    select current_setting('default_transaction_read_only')::bool";
/// Goes behind the last question of these. A server becomes a replica, or another one comes to its address, only by way of
/// a new connection, so asking once for each is enough, and no time is left between two probes in which the wrong one could
/// be written to.
const HISTORY: &str = ", pg_is_in_recovery(), case when pg_is_in_recovery() then 0
        else ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int end";
const SYSTEM: &str = ", (select system_identifier from pg_control_system())";

/// For pages.
pub(super) fn read(size: u32) -> PgPoolOptions {
    pool(size).after_connect(|conn, _| {
        Box::pin(async { sqlx::raw_sql(READ).execute(conn).await.map(drop) })
    })
}

/// For sessions, permissions and the editor.
pub(super) fn fresh(size: u32, history: &Arc<History>) -> PgPoolOptions {
    of_the_primary(pool(size), FRESH, history)
}

/// For changes.
pub(super) fn write(size: u32, history: &Arc<History>) -> PgPoolOptions {
    of_the_primary(pool(size), WRITE, history)
}

/// Connections that are kept only where they lead to the primary of the site's history.
fn of_the_primary(
    pool: PgPoolOptions,
    settings: &'static str,
    history: &Arc<History>,
) -> PgPoolOptions {
    let history = history.clone();
    pool.after_connect(move |conn, _| {
        let history = history.clone();
        Box::pin(async move { check_primary(conn, settings, &history).await })
    })
}

async fn check_primary(
    conn: &mut PgConnection,
    settings: &'static str,
    history: &History,
) -> Result<(), sqlx::Error> {
    let asks_system = history.known().id.system.is_some();
    let system = if asks_system { SYSTEM } else { "" };
    let batch = format!("{settings}{HISTORY}{system}");
    // Made of the constants above.
    let said = sqlx::raw_sql(AssertSqlSafe(batch)).fetch_all(conn).await?;
    let Some(said) = said.last() else {
        return Err(sqlx::Error::RowNotFound);
    };
    let unfit = said.try_get::<bool, _>(0)? || said.try_get::<bool, _>(1)?;
    let system = if asks_system {
        Some(said.try_get(3)?)
    } else {
        None
    };
    let timeline = said.try_get::<i32, _>(2)?.cast_unsigned();
    match history.judge(HistoryId { system, timeline }, Role::Primary) {
        _ if unfit => Err(sqlx::Error::Protocol("the server takes no changes".into())),
        Some(refusal) => Err(sqlx::Error::Protocol(refusal.to_string())),
        None => Ok(()),
    }
}

fn pool(size: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(CONNECT_WAIT)
        .test_before_acquire(false)
        .before_acquire(|conn, _| {
            Box::pin(async move {
                conn.ping().await?;
                Ok(true)
            })
        })
        .max_lifetime(Duration::from_secs(30 * 60))
        .idle_timeout(Duration::from_secs(5 * 60))
}
