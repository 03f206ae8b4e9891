//! Documents that were imported: found by their keys, and remembered with the fingerprint by which a change is noticed.

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

/// What is to be remembered of a document that was imported.
pub struct Imported<'a> {
    pub key: &'a str,
    /// `None` in a dry run that would make the source.
    pub source_id: Option<i64>,
    pub post: PostId,
    pub fingerprint: &'a [u8],
    pub version: i32,
    pub visibility: &'a str,
    /// The day of the last change, as the old site told it, where that counts.
    pub changed_at: Option<DateTime<Utc>>,
}

/// What became of an address of another site.
pub struct Led {
    pub path: String,
    /// It leads to the post from now on.
    pub is_new: bool,
    /// It did so before.
    pub is_own: bool,
}

/// Remembers it with the post and beside it, and lets addresses of another site lead to the post. The first import of a path
/// keeps it.
pub async fn remember_document(
    tx: &mut Tx,
    document: &Imported<'_>,
    paths: &[String],
) -> Result<Vec<Led>> {
    Ok(sqlx::query_as!(
        Led,
        r#"with marked as (
               update posts set import_key = $1, import_hash = $4,
                   changed_at = case when $7::timestamptz is null then changed_at else greatest($7, published_at) end
               where id = $3),
           remembered as (
               insert into import_documents (import_key, source_id, post_id, fingerprint, version, visibility)
               select $1::text, $2::bigint, $3::bigint, $4::bytea, $5::integer, $6::text where $2 is not null
               on conflict (import_key) do update set source_id = excluded.source_id, post_id = excluded.post_id,
                   fingerprint = excluded.fingerprint, version = excluded.version, visibility = excluded.visibility),
           added as (
               insert into redirects (path, post_id) select path, $3 from unnest($8::text[]) as w (path) order by path
               on conflict (path) do nothing returning path)
           select w.path as "path!", added.path is not null as "is_new!",
                  exists (select from redirects r where r.path = w.path and r.post_id = $3) as "is_own!"
           from unnest($8) as w (path) left join added on added.path = w.path"#,
        document.key,
        document.source_id,
        document.post,
        document.fingerprint,
        document.version,
        document.visibility,
        document.changed_at,
        paths,
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// New posts, by columns, with what is to be remembered of their documents.
#[derive(Default)]
pub struct ImportedMany<'a> {
    pub source_id: Option<i64>,
    pub keys: Vec<&'a str>,
    pub posts: Vec<PostId>,
    pub fingerprints: Vec<&'a [u8]>,
    pub visibilities: Vec<&'a str>,
    /// Addresses of another site and the posts to which they are to lead, in the order in which they are given out.
    pub paths: Vec<&'a str>,
    pub leads_to: Vec<PostId>,
}

/// The same as [`remember_document`] for documents that were written together, each the first of its post. Gives which of the
/// addresses lead to which post from now on.
pub async fn remember_documents(
    tx: &mut Tx,
    documents: &ImportedMany<'_>,
) -> Result<Vec<(PostId, Led)>> {
    let rows = sqlx::query!(
        r#"with remembered as (
               insert into import_documents (import_key, source_id, post_id, fingerprint, version, visibility)
               select w.key, $1::bigint, w.post, w.print, 1, w.visibility
               from unnest($2::text[], $3::bigint[], $4::bytea[], $5::text[]) as w (key, post, print, visibility)
               where $1 is not null
               on conflict (import_key) do update set source_id = excluded.source_id, post_id = excluded.post_id,
                   fingerprint = excluded.fingerprint, version = excluded.version, visibility = excluded.visibility)
           insert into redirects (path, post_id)
           select distinct on (path) path, post
           from unnest($6::text[], $7::bigint[]) with ordinality as w (path, post, place) order by path, place
           on conflict (path) do nothing returning path, post_id"#,
        documents.source_id,
        &documents.keys as &[&str],
        &documents.posts,
        &documents.fingerprints as &[&[u8]],
        &documents.visibilities as &[&str],
        &documents.paths as &[&str],
        &documents.leads_to,
    )
    .fetch_all(&mut **tx)
    .await?;
    let led = |path| Led {
        path,
        is_new: true,
        is_own: false,
    };
    Ok(rows
        .into_iter()
        .map(|row| (row.post_id, led(row.path)))
        .collect())
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
