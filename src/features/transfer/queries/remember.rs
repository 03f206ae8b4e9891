//! What is remembered of documents that were imported, and the addresses of another site that lead to their posts.

use chrono::{DateTime, Utc};

use crate::db::{Result, Tx};
use crate::features::posts::PostId;

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
