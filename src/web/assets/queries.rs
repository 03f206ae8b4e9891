use sqlx::postgres::PgConnection;

use crate::db::{Result, Tx};

/// A file of another version.
pub struct OtherAsset {
    pub content_type: String,
    pub bytes: Vec<u8>,
    pub brotli: Option<Vec<u8>>,
}

pub async fn find(conn: &mut PgConnection, name: &str) -> Result<Option<OtherAsset>> {
    Ok(sqlx::query_as!(
        OtherAsset,
        "select content_type, bytes, brotli from assets where name = $1",
        name
    )
    .fetch_optional(conn)
    .await?)
}

/// Marks files as in use; gives those that are there. In the order of their names, as every node does it.
pub async fn mark_used(tx: &mut Tx, names: &[String]) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        "with there as (select name from assets where name = any($1) order by name for update)
         update assets set last_used_at = now() from there where assets.name = there.name returning assets.name",
        names,
    )
    .fetch_all(&mut **tx)
    .await?)
}

pub async fn insert(
    tx: &mut Tx,
    name: &str,
    content_type: &str,
    bytes: &[u8],
    brotli: Option<&[u8]>,
) -> Result<()> {
    sqlx::query!(
        "insert into assets (name, content_type, bytes, brotli) values ($1, $2, $3, $4) on conflict (name) do nothing",
        name,
        content_type,
        bytes,
        brotli,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Keeps a file that is not embedded: until it is removed, or for as long as it is marked as used.
pub async fn keep(
    tx: &mut Tx,
    name: &str,
    content_type: &str,
    bytes: &[u8],
    until_removed: bool,
) -> Result<()> {
    sqlx::query!(
        "insert into assets (name, content_type, bytes, last_used_at)
         values ($1, $2, $3, case when $4 then 'infinity' else now() end)
         on conflict (name) do update set last_used_at = excluded.last_used_at",
        name,
        content_type,
        bytes,
        until_removed,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn remove(tx: &mut Tx, name: &str) -> Result<()> {
    sqlx::query!("delete from assets where name = $1", name)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Forgets what no version has used for thirty days.
pub async fn prune(tx: &mut Tx) -> Result<()> {
    sqlx::query!("delete from assets where last_used_at < now() - interval '30 days'")
        .execute(&mut **tx)
        .await?;
    Ok(())
}
