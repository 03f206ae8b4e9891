//! What a server shows of its history.

use sqlx::postgres::PgConnection;

use super::site_history::HistoryId;
use crate::db::Result;
use crate::db::cluster::role::Role;

/// Which cluster a server is of: one made by `initdb` or from a dump is another, a copy or a promoted replica is the same.
/// None where the role may not ask.
///
/// # Errors
///
/// When the connection is gone.
pub async fn system_identifier(conn: &mut PgConnection) -> Result<Option<i64>> {
    let asked =
        sqlx::query_scalar!(r#"select system_identifier as "id!" from pg_control_system()"#)
            .fetch_one(conn)
            .await;
    Ok(permitted(asked)?)
}

/// What may be kept from a role by its operator.
pub(in crate::db) fn permitted<T>(answer: sqlx::Result<T>) -> sqlx::Result<Option<T>> {
    match answer {
        Err(sqlx::Error::Database(error)) if error.code().is_some_and(|code| code == "42501") => {
            Ok(None)
        }
        answer => answer.map(Some),
    }
}

/// What a server shows.
///
/// # Errors
///
/// When the connection is gone.
pub async fn identify(conn: &mut PgConnection) -> Result<(HistoryId, Role)> {
    let row = sqlx::query!(
        r#"select pg_is_in_recovery() as "standby!",
                  case when pg_is_in_recovery() then (select received_tli from pg_stat_wal_receiver)
                       else ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int end as timeline"#
    )
    .fetch_one(&mut *conn)
    .await?;
    let timeline = match row.timeline {
        Some(timeline) => timeline.cast_unsigned(),
        None => replayed_timeline(conn).await?.unwrap_or(0),
    };
    let role = if row.standby {
        Role::Replica
    } else {
        Role::Primary
    };
    Ok((
        HistoryId {
            system: system_identifier(conn).await?,
            timeline,
        },
        role,
    ))
}

/// The timeline of a replica that hears from no primary, as far as its last checkpoint tells.
async fn replayed_timeline(conn: &mut PgConnection) -> Result<Option<u32>> {
    let asked = sqlx::query_scalar!(
        r#"select greatest((select timeline_id from pg_control_checkpoint()),
                           (select min_recovery_end_timeline from pg_control_recovery())) as "timeline!""#
    )
    .fetch_one(conn)
    .await;
    Ok(permitted(asked)?.map(i32::cast_unsigned))
}
