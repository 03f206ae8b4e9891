//! Folders that were imported: where they are, what they are called, and what they have brought.

use sqlx::postgres::PgConnection;

use crate::db::{Result, Tx};

/// A folder that was imported.
#[derive(Clone, Debug)]
pub struct SourceRow {
    pub id: i64,
    pub name: String,
    /// Whether a person gave the name.
    pub named: bool,
    pub key_prefix: String,
    pub root: String,
}

pub async fn source_at(conn: &mut PgConnection, root: &str) -> Result<Option<SourceRow>> {
    Ok(sqlx::query_as!(
        SourceRow,
        "select id, name, named, key_prefix, root from import_sources where md5(root) = md5($1) and root = $1",
        root
    )
    .fetch_optional(conn)
    .await?)
}

pub async fn source_named(conn: &mut PgConnection, name: &str) -> Result<Option<SourceRow>> {
    Ok(sqlx::query_as!(
        SourceRow,
        "select id, name, named, key_prefix, root from import_sources where name = $1",
        name
    )
    .fetch_optional(conn)
    .await?)
}

pub async fn has_prefix(conn: &mut PgConnection, prefix: &str) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select 1 from import_sources where key_prefix = $1) as "known!""#,
        prefix
    )
    .fetch_one(conn)
    .await?)
}

pub async fn has_sources(conn: &mut PgConnection) -> Result<bool> {
    Ok(
        sqlx::query_scalar!(r#"select exists (select 1 from import_sources) as "any!""#)
            .fetch_one(conn)
            .await?,
    )
}

/// `None` when another import has made it in the meantime.
pub async fn insert_source(
    tx: &mut Tx,
    name: &str,
    named: bool,
    prefix: &str,
    root: &str,
) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar!(
        "insert into import_sources (name, named, key_prefix, root) values ($1, $2, $3, $4) on conflict do nothing returning id",
        name,
        named,
        prefix,
        root
    )
    .fetch_optional(&mut **tx)
    .await?)
}

pub async fn update_source(
    tx: &mut Tx,
    id: i64,
    name: &str,
    named: bool,
    root: &str,
) -> Result<()> {
    sqlx::query!(
        "update import_sources set name = $2, named = $3, root = $4, imported_at = now() where id = $1",
        id,
        name,
        named,
        root
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// How many documents of a source are known, and how many of them have one of these keys.
pub async fn documents_in_common(
    conn: &mut PgConnection,
    source: i64,
    keys: &[String],
) -> Result<(i64, i64)> {
    let row = sqlx::query!(
        r#"select (select count(*) from import_documents where source_id = $1) as "known!",
                  (select count(*) from import_documents where source_id = $1 and import_key = any($2)) as "common!""#,
        source,
        keys,
    )
    .fetch_one(conn)
    .await?;
    Ok((row.known, row.common))
}

/// The source that brought most of these documents, and how many.
pub async fn most_copies(
    conn: &mut PgConnection,
    prints: &[Vec<u8>],
) -> Result<Option<(SourceRow, i64)>> {
    let row = sqlx::query!(
        r#"select s.id, s.name, s.named, s.key_prefix, s.root, count(*) as "count!"
           from import_documents d join import_sources s on s.id = d.source_id
           where d.fingerprint = any($1) group by s.id order by count(*) desc, s.id limit 1"#,
        prints,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|r| {
        let source = SourceRow {
            id: r.id,
            name: r.name,
            named: r.named,
            key_prefix: r.key_prefix,
            root: r.root,
        };
        (source, r.count)
    }))
}
