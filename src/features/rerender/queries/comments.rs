//! Comments with the HTML of an older renderer, and their new HTML, written only over what was read.

use std::collections::HashSet;

use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::db::{Result, Tx};
use crate::features::rerender::batch::Place;
use crate::features::rerender::queries::column;
use crate::markdown::RENDERER_VERSION;

/// A comment with the HTML of an older renderer.
pub struct OlderComment {
    pub id: i64,
    pub renderer_version: i32,
    /// Grows with every change of its text.
    pub version: i32,
    /// How it is to be set.
    pub typography: String,
    pub markdown: String,
    pub html: String,
}

/// The next comments below a place: at most two hundred, and about two megabytes of them.
pub async fn older_comments(conn: &mut PgConnection, below: Place) -> Result<Vec<OlderComment>> {
    Ok(sqlx::query_as!(
        OlderComment,
        r#"select id as "id!", renderer_version as "renderer_version!", version as "version!",
                  post_typography(post_id) as "typography!", markdown as "markdown!",
                  html as "html!"
           from (select older.*, row_number() over downwards as number,
                        sum(octet_length(markdown) + octet_length(html)) over downwards as bytes
                 from (select id, post_id, renderer_version, version, markdown, html from comments
                       where (renderer_version, id) < ($1, $2)
                       order by renderer_version desc, id desc limit 200) older
                 window downwards as (order by renderer_version desc, id desc)) c
           where number = 1 or bytes <= 2000000
           order by renderer_version desc, id desc"#,
        below.renderer_version,
        below.id,
    )
    .fetch_all(conn)
    .await?)
}

pub struct LockedComment {
    pub id: i64,
    pub post_public_id: Uuid,
    pub is_visible: bool,
}

/// Those of these comments that nothing else changes just now, held until the transaction ends.
pub async fn lock_comments(tx: &mut Tx, ids: &[i64]) -> Result<Vec<LockedComment>> {
    Ok(sqlx::query_as!(
        LockedComment,
        r#"select c.id, p.public_id as post_public_id, (c.state = 'visible') as "is_visible!"
           from comments c join posts p on p.id = c.post_id
           where c.id = any($1) order by c.id for no key update of c skip locked"#,
        ids
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// What becomes of a comment.
pub struct RenewedComment {
    pub id: i64,
    pub renderer_version: i32,
    pub version: i32,
    pub typography: String,
    /// None where it stays as it is.
    pub html: Option<String>,
    /// Why nothing changes but that this renderer was asked.
    pub refusal: Option<String>,
}

/// Writes it over exactly the rows that were read; gives those that still were as they were read.
pub async fn write_comments(tx: &mut Tx, renewed: &[RenewedComment]) -> Result<HashSet<i64>> {
    let written = sqlx::query_scalar!(
        r#"with new as (
               select * from unnest($2::bigint[], $3::integer[], $4::integer[], $5::text[], $6::text[], $7::text[])
                   as new (id, renderer_version, version, html, refusal, typography)),
           body as (
               update comments c set html = coalesce(new.html, c.html), typography = new.typography,
                                     renderer_version = case when new.typography = post_typography(c.post_id) then $1::integer else 0 end
               from new where c.id = new.id and c.renderer_version = new.renderer_version and c.version = new.version
               returning c.id, c.markdown, new.refusal),
           taken_back as (
               delete from render_refusals r using body where r.comment_id = body.id and body.refusal is null),
           refused as (
               insert into render_refusals (comment_id, renderer_version, source, reason)
               select id, $1, md5(markdown), refusal from body where refusal is not null
               on conflict (comment_id) where comment_id is not null do update
               set renderer_version = excluded.renderer_version, source = excluded.source, reason = excluded.reason,
                   refused_at = excluded.refused_at)
           select id as "id!" from body"#,
        RENDERER_VERSION,
        &column(renewed, |comment| comment.id),
        &column(renewed, |comment| comment.renderer_version),
        &column(renewed, |comment| comment.version),
        &column(renewed, |comment| comment.html.as_deref()) as &[Option<&str>],
        &column(renewed, |comment| comment.refusal.as_deref()) as &[Option<&str>],
        &column(renewed, |comment| comment.typography.as_str()) as &[&str],
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(written.into_iter().collect())
}
