//! The table of invalidations, read on the primary: a replica would tell of changes late.

use sqlx::Connection;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::db::{Position, Result, Tx};
use crate::jobs;

/// Changes that became visible since a snapshot, and the next one.
pub struct Batch {
    pub rows: Vec<Row>,
    /// There are rows of transactions that have not begun yet: they came with a dump of another cluster.
    pub foreign: bool,
    pub next: Snapshot,
    /// Behind everything in `rows`.
    pub position: Position,
}

/// Which transactions could be seen at a moment, in the text form of Postgres: `xmin:xmax:those still running`.
#[derive(Clone, Debug)]
pub struct Snapshot(String);

impl Snapshot {
    /// All transactions before this one had ended. Never goes back in one database.
    pub fn oldest(&self) -> u64 {
        self.0
            .split(':')
            .next()
            .and_then(|number| number.parse().ok())
            .unwrap_or(0)
    }
}

pub struct Row {
    pub id: i64,
    pub tags: Vec<String>,
    pub gone: bool,
}

/// The present.
pub async fn snapshot(conn: &mut PgConnection) -> Result<Snapshot> {
    let text = sqlx::query_scalar!(r#"select pg_current_snapshot()::text as "snapshot!""#)
        .fetch_one(conn)
        .await?;
    Ok(Snapshot(text))
}

/// Rows of transactions that could not be seen in `since` and can be now: each comes once, whatever its id, also when
/// its transaction was long under way.
pub async fn batch(conn: &mut PgConnection, since: &Snapshot) -> Result<Batch> {
    let rows = sqlx::query!(
        r#"select pg_current_snapshot()::text as "next!", (pg_current_wal_insert_lsn() - '0/0')::bigint as "lsn!",
                  ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int as "timeline!",
                  exists (select from cache_invalidations where xid >= pg_snapshot_xmax(pg_current_snapshot())) as "foreign!",
                  i.id as "id?", i.tags as "tags?", i.gone as "gone?"
           from (select $1::text::pg_snapshot as snapshot) since
           left join cache_invalidations i
                on i.xid >= pg_snapshot_xmin(since.snapshot) and i.xid < pg_snapshot_xmax(pg_current_snapshot())
                   and not pg_visible_in_snapshot(i.xid, since.snapshot)
           order by i.id"#,
        since.0,
    )
    .fetch_all(conn)
    .await?;
    // There is always one: the join is a left one. Both are the same in all rows.
    let Some(first) = rows.first() else {
        return Err(sqlx::Error::RowNotFound.into());
    };
    Ok(Batch {
        foreign: first.foreign,
        next: Snapshot(first.next.clone()),
        position: Position {
            timeline: first.timeline.cast_unsigned(),
            lsn: first.lsn.cast_unsigned(),
        },
        rows: rows
            .into_iter()
            .filter_map(|r| {
                Some(Row {
                    id: r.id?,
                    tags: r.tags?,
                    gone: r.gone?,
                })
            })
            .collect(),
    })
}

/// Says that this node is alive.
pub async fn heartbeat(conn: &mut PgConnection, node: Uuid, name: &str) -> Result<()> {
    sqlx::query!(
        "insert into cache_nodes (node, name) values ($1, $2) on conflict (node) do update set seen_at = now()",
        node,
        name,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Says that this node has given up its copies.
pub async fn acknowledge(conn: &mut PgConnection, node: Uuid, ids: &[i64]) -> Result<()> {
    sqlx::query!(
        "insert into cache_acknowledgements (invalidation_id, node)
         select i.id, $1 from cache_invalidations i where i.id = any($2) on conflict do nothing",
        node,
        ids,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Says that this node stops.
pub async fn leave(tx: &mut Tx, node: Uuid) -> Result<()> {
    sqlx::query!("delete from cache_nodes where node = $1", node)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Takes all other nodes off the list.
pub async fn forget_other_nodes(tx: &mut Tx, node: Uuid) -> Result<()> {
    sqlx::query!("delete from cache_nodes where node <> $1", node)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// How a node answered to a take-down.
pub struct Answered {
    pub name: String,
    pub acknowledged: bool,
    /// Not heard of for more than ten seconds: it may show its old copies until it is connected again.
    pub silent: bool,
}

/// The nodes that were there lately, and whether each has given up what the newest take-down of a business action
/// named. Nothing when that action took nothing down.
pub async fn answered(
    conn: &mut PgConnection,
    transaction_id: Uuid,
) -> Result<Option<Vec<Answered>>> {
    let Some(newest) = newest_take_down(conn, transaction_id).await? else {
        return Ok(None);
    };
    let nodes = sqlx::query_as!(
        Answered,
        r#"select n.name, a.node is not null as "acknowledged!", n.seen_at < now() - interval '10 seconds' as "silent!"
           from cache_nodes n left join cache_acknowledgements a on a.node = n.node and a.invalidation_id = $1
           where n.seen_at > now() - interval '10 minutes' order by n.name, n.node"#,
        newest,
    )
    .fetch_all(conn)
    .await?;
    Ok(Some(nodes))
}

async fn newest_take_down(conn: &mut PgConnection, transaction_id: Uuid) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar!(
        "select id from cache_invalidations where transaction_id = $1 and gone order by id desc limit 1",
        transaction_id,
    )
    .fetch_optional(conn)
    .await?)
}

/// Rows of one transaction that prunes.
pub const PRUNED_AT_ONCE: u64 = 10_000;

/// Forgets what every node has read long ago, and nodes that are long gone.
pub async fn prune(tx: &mut Tx) -> Result<u64> {
    sqlx::query!("delete from cache_nodes where seen_at < now() - interval '1 day'")
        .execute(&mut **tx)
        .await?;
    let done = sqlx::query!(
        "delete from cache_invalidations where id in (
             select id from cache_invalidations where at < now() - interval '1 day' order by at limit $1)",
        PRUNED_AT_ONCE as i64,
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected())
}

/// What was found and removed of another cluster.
pub struct Removed {
    pub from: i64,
    pub rows: u64,
}

/// Removes what another cluster has left behind, if the database came from one since this was last asked: a restored dump
/// brings numbers of transactions, nodes, leases and locks of jobs along, which mean something only there. Of several nodes
/// that ask at once, one does it.
///
/// # Errors
///
/// When the database fails; then everything is as it was.
pub async fn remove_foreign(conn: &mut PgConnection, system: i64) -> Result<Option<Removed>> {
    let known = sqlx::query_scalar!("select system_identifier from database_identity")
        .fetch_optional(&mut *conn)
        .await?;
    if known == Some(system) {
        return Ok(None);
    }
    let mut tx = conn.begin().await?;
    let moved = move_identity(&mut tx, system).await?;
    let removed = match (moved, known) {
        (Some(_), Some(from)) => Some(Removed {
            from,
            rows: delete_foreign_rows(&mut tx).await?,
        }),
        _ => None,
    };
    tx.commit().await?;
    Ok(removed)
}

/// Nothing where another node has done it already.
async fn move_identity(conn: &mut PgConnection, system: i64) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar!(
        r#"insert into database_identity as here (system_identifier) values ($1)
           on conflict (only_row) do update set system_identifier = excluded.system_identifier, since = now()
               where here.system_identifier <> excluded.system_identifier
           returning system_identifier"#,
        system,
    )
    .fetch_optional(conn)
    .await?)
}

async fn delete_foreign_rows(conn: &mut PgConnection) -> Result<u64> {
    // Every node begins with the present, so the changes of the last day tell it nothing.
    let changes = sqlx::query!("delete from cache_invalidations")
        .execute(&mut *conn)
        .await?
        .rows_affected();
    let nodes = sqlx::query!("delete from cache_nodes")
        .execute(&mut *conn)
        .await?
        .rows_affected();
    // The clock of that server may have been ahead of this one's.
    let leases = sqlx::query!(
        "update leaders set until = clock_timestamp() where until > clock_timestamp()"
    );
    let leases = leases.execute(&mut *conn).await?.rows_affected();
    let ticks = sqlx::query!("delete from schedule_ticks where tick > clock_timestamp()")
        .execute(&mut *conn)
        .await?;
    Ok(changes + nodes + leases + ticks.rows_affected() + jobs::release_all(conn).await?)
}

/// Removes changes of transactions that have not begun yet: of another cluster, where nothing else tells. A row that can
/// be read is of a transaction that has ended.
pub async fn remove_future(conn: &mut PgConnection) -> Result<u64> {
    let removed = sqlx::query!(
        "delete from cache_invalidations where xid >= pg_snapshot_xmax(pg_current_snapshot())"
    );
    Ok(removed.execute(conn).await?.rows_affected())
}
