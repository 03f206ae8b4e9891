//! Documents that were imported: found by their keys, with the fingerprint by which a change is noticed.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::db::{Result, Tx};
use crate::features::posts::PostId;

/// A post that was imported before sources had rows of their own.
pub struct EarlierPost {
    pub import_key: String,
    pub title: String,
    pub published_at: Option<DateTime<Utc>>,
    /// SHA-256 of each text that it had.
    pub texts: Vec<Vec<u8>>,
}

pub async fn earlier_posts(conn: &mut PgConnection, keys: &[String]) -> Result<Vec<EarlierPost>> {
    Ok(sqlx::query_as!(
        EarlierPost,
        r#"select p.import_key as "import_key!", p.title, p.published_at,
                  array(select sha256(convert_to(r.markdown, 'UTF8')) from revisions r where r.post_id = p.id) as "texts!"
           from posts p where p.import_key = any($1)"#,
        keys,
    )
    .fetch_all(conn)
    .await?)
}

/// A document that is as the last import left it.
pub struct Untouched {
    pub path: String,
    pub is_published: bool,
    pub is_unlisted: bool,
}

/// Which of these documents are as the last import left them, by their keys. Left out are those that are new, have another
/// fingerprint, or were changed here.
pub async fn untouched(
    conn: &mut PgConnection,
    keys: &[String],
    prints: &[Vec<u8>],
) -> Result<HashMap<String, Untouched>> {
    let rows = sqlx::query!(
        r#"select d.import_key as "import_key!",
                  post_path(p.kind, p.page_path, u.username, p.slug) as "path!",
                  p.status = 'published' as "is_published!", p.unlisted as is_unlisted
           from unnest($1::text[], $2::bytea[]) as asked (key, print)
           -- Each of them by its key: joined otherwise, all documents are read.
           cross join lateral (select * from import_documents where import_key = asked.key offset 0) d
           join posts p on p.id = d.post_id join users u on u.id = p.owner_id
           where d.fingerprint = asked.print and p.import_hash = asked.print and p.import_key = asked.key
             and d.version = p.version and p.deleted_at is null
             and (p.status = 'published') = (d.visibility <> 'draft')"#,
        keys,
        prints,
    )
    .fetch_all(conn)
    .await?;
    let post = |path, is_published, is_unlisted| Untouched {
        path,
        is_published,
        is_unlisted,
    };
    Ok(rows
        .into_iter()
        .map(|r| (r.import_key, post(r.path, r.is_published, r.is_unlisted)))
        .collect())
}

/// Documents that an import has met before, of those that are to be written together.
pub struct Held(HashSet<String>);

impl Held {
    pub fn has(&self, key: &str) -> bool {
        self.0.contains(key)
    }
}

/// Says which documents were imported before, and holds their posts until the transaction ends.
pub async fn hold(tx: &mut Tx, keys: &[String]) -> Result<Held> {
    let known = sqlx::query_scalar!(
        r#"with held as materialized (
               select import_key from posts where import_key = any($1) order by id for update)
           select import_key as "key!" from held
           union all select import_key from import_documents where import_key = any($1)"#,
        keys,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(Held(known.into_iter().collect()))
}

/// What the last import made of a document.
pub struct ImportedDocument {
    pub source_id: i64,
    pub version: i32,
    pub visibility: String,
    /// No older version of this program, which writes no such rows, has imported it since.
    pub is_current: bool,
}

pub async fn imported_document(tx: &mut Tx, key: &str) -> Result<Option<ImportedDocument>> {
    Ok(sqlx::query_as!(
        ImportedDocument,
        r#"select d.source_id, d.version, d.visibility, coalesce(p.import_hash = d.fingerprint, false) as "is_current!"
           from import_documents d left join posts p on p.id = d.post_id where d.import_key = $1"#,
        key,
    )
    .fetch_optional(&mut **tx)
    .await?)
}

/// Whether an account did anything to a post since the command line saved it last. Without a trace of such a save: whether
/// the post is more than that first save.
pub async fn changed_by_an_account(tx: &mut Tx, post: Uuid, version: i32) -> Result<bool> {
    let row = sqlx::query!(
        r#"select max(id) filter (where actor_id is null and act = 'post.save') as imported,
                  max(id) filter (where actor_id is not null and act like 'post.%') as changed
           from audit_log where object_id = $1"#,
        post,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(match (row.imported, row.changed) {
        (Some(imported), changed) => changed > Some(imported),
        (None, changed) => changed.is_some() || version > 1,
    })
}

/// Whether readers find a public post only by its address.
pub async fn is_unlisted(tx: &mut Tx, post: PostId) -> Result<bool> {
    Ok(
        sqlx::query_scalar!("select unlisted from posts where id = $1", post)
            .fetch_one(&mut **tx)
            .await?,
    )
}
