//! Links to texts that are not public. Only the hash of a link's token is stored.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::guest_notes::LinkId;
use crate::db::{Result, Tx};
use crate::features::posts::model::PostId;

pub struct PreviewLink {
    pub public_id: Uuid,
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub allows_notes: bool,
    /// How many were left by it.
    pub notes: i64,
}

/// Those of a post that hold, the newest first.
pub async fn preview_links(conn: &mut PgConnection, post: PostId) -> Result<Vec<PreviewLink>> {
    Ok(sqlx::query_as!(
        PreviewLink,
        r#"select l.public_id, u.username as created_by, l.created_at, l.expires_at, l.allows_notes,
                  (select count(*) from guest_notes n where n.link_id = l.id) as "notes!"
           from preview_links l join users u on u.id = l.created_by
           where l.post_id = $1 and l.revoked_at is null and l.expires_at > now() order by l.id desc limit 100"#,
        post
    )
    .fetch_all(conn)
    .await?)
}

pub struct NewPreviewLink<'a> {
    pub public_id: Uuid,
    pub post: PostId,
    pub token_hash: &'a [u8],
    pub account: i64,
    pub days: i32,
    pub allows_notes: bool,
}

/// False where the post has `most` that hold. The post is locked.
pub async fn insert_preview_link(tx: &mut Tx, new: &NewPreviewLink<'_>, most: i64) -> Result<bool> {
    let done = sqlx::query!(
        "insert into preview_links (public_id, post_id, token_hash, created_by, expires_at, allows_notes)
         select $1, $2::bigint, $3, $4, now() + make_interval(days => $5), $7
         where (select count(*) from preview_links where post_id = $2 and revoked_at is null and expires_at > now()) < $6",
        new.public_id,
        new.post,
        new.token_hash,
        new.account,
        new.days,
        most,
        new.allows_notes
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// False where the post has no such link.
pub async fn revoke_preview_link(tx: &mut Tx, post: PostId, link: Uuid) -> Result<bool> {
    let done = sqlx::query!(
        "update preview_links set revoked_at = coalesce(revoked_at, now()) where post_id = $1 and public_id = $2",
        post,
        link
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The text that a link leads to.
pub struct SharedPreview {
    pub link: LinkId,
    pub link_public_id: Uuid,
    pub allows_notes: bool,
    pub post: Uuid,
    pub expires_at: DateTime<Utc>,
    /// It shows the text. What was public since the link was made, and is not any more, was taken back from its holders too.
    pub holds: bool,
}

/// By the hash of its token; none where it was revoked.
pub async fn shared_preview(
    conn: &mut PgConnection,
    token_hash: &[u8],
) -> Result<Option<SharedPreview>> {
    Ok(sqlx::query_as!(
        SharedPreview,
        r#"select l.id as link, l.public_id as link_public_id, l.allows_notes, p.public_id as post, l.expires_at,
                  l.expires_at > now() and (p.changed_at is null or p.changed_at < l.created_at) as "holds!"
           from preview_links l join posts p on p.id = l.post_id join users u on u.id = l.created_by
           -- It gives no more than the account that made it has now.
           where l.token_hash = $1 and l.revoked_at is null
             and (u.role in ('admin', 'owner') or u.role = 'editor' and p.kind = 'post'
                  or u.role <> 'reader' and p.kind = 'post'
                     and exists (select from post_authors a where a.post_id = p.id and a.user_id = u.id))"#,
        token_hash
    )
    .fetch_optional(conn)
    .await?)
}
