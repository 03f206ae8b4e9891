//! The table of invalidations, read on the primary: a replica would tell of changes late.

use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::db::{Result, Tx};

/// Changes that became visible since a place in the table, and the next place.
pub struct News {
    pub rows: Vec<Row>,
    pub next: i64,
}

pub struct Row {
    pub id: i64,
    pub tags: Vec<String>,
    pub gone: bool,
    pub xid: i64,
}

/// Rows of transactions from `from` on, in one snapshot with the place to go on from: the oldest transaction that
/// still runs. One that commits late is at or behind it, whatever its row's id, so none is skipped; rows between may
/// come twice.
pub async fn news(conn: &mut PgConnection, from: i64) -> Result<News> {
    let rows = sqlx::query!(
        r#"select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as "next!",
                  i.id as "id?", i.tags as "tags?", i.gone as "gone?", i.xid::text::bigint as "xid?"
           from (values (1)) one (n) left join cache_invalidations i on i.xid >= $1::bigint::text::xid8
           order by i.id"#,
        from,
    )
    .fetch_all(conn)
    .await?;
    let next = rows.first().map_or(from, |row| row.next);
    let rows = rows.into_iter().filter_map(|r| Some(Row { id: r.id?, tags: r.tags?, gone: r.gone?, xid: r.xid? })).collect();
    Ok(News { rows, next })
}

/// Which database this is: restored from a backup or made anew, it is another.
pub async fn system_identifier(conn: &mut PgConnection) -> Result<i64> {
    Ok(sqlx::query_scalar!(r#"select system_identifier as "id!" from pg_control_system()"#).fetch_one(conn).await?)
}

/// Says that this node is alive.
pub async fn say_alive(conn: &mut PgConnection, node: Uuid, name: &str) -> Result<()> {
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
    sqlx::query!("delete from cache_nodes where node = $1", node).execute(&mut **tx).await?;
    Ok(())
}

/// How a node answered to a take-down.
pub struct Answered {
    pub name: String,
    pub acknowledged: bool,
    /// Not heard of for more than ten seconds: it may show its old copies until it is back in touch.
    pub silent: bool,
}

/// The nodes that were there lately, and whether each has given up what the newest take-down of a business action
/// named. Nothing when that action took nothing down.
pub async fn answered(conn: &mut PgConnection, transaction_id: Uuid) -> Result<Option<Vec<Answered>>> {
    let newest = sqlx::query_scalar!(
        "select id from cache_invalidations where transaction_id = $1 and gone order by id desc limit 1",
        transaction_id,
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(newest) = newest else { return Ok(None) };
    let nodes = sqlx::query_as!(
        Answered,
        r#"select n.name, a.node is not null as "acknowledged!", n.seen_at < now() - interval '10 seconds' as "silent!"
           from cache_nodes n left join cache_acknowledgements a on a.node = n.node and a.invalidation_id = $1
           where n.seen_at > now() - interval '1 hour' order by n.name, n.node"#,
        newest,
    )
    .fetch_all(conn)
    .await?;
    Ok(Some(nodes))
}

/// Forgets what every node has read long ago, and nodes that are long gone.
pub async fn prune(tx: &mut Tx) -> Result<u64> {
    sqlx::query!("delete from cache_nodes where seen_at < now() - interval '1 day'").execute(&mut **tx).await?;
    let done = sqlx::query!("delete from cache_invalidations where at < now() - interval '1 day'").execute(&mut **tx).await?;
    Ok(done.rows_affected())
}
