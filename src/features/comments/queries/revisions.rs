//! What a comment said before: see the table `comment_revisions`.

use serde::Deserialize;
use sqlx::postgres::PgConnection;

use crate::db::{Result, Tx};
use crate::features::comments::model::CommentId;

/// A comment as it was read at some time.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub struct Revision {
    /// Handle and name at that time.
    pub author: String,
    pub author_name: String,
    pub html: String,
}

/// Keeps the words of a locked comment as they are now.
pub async fn keep_revision(tx: &mut Tx, comment: CommentId) -> Result<()> {
    sqlx::query!(
        "insert into comment_revisions (comment_id, version, author, author_name, html)
         select c.id, c.version, u.username, u.name, c.html from comments c join users u on u.id = c.author_id where c.id = $1
         on conflict do nothing",
        comment,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Forgets them, unless a report about the comment is still open.
pub async fn forget_revisions(tx: &mut Tx, comment: CommentId) -> Result<()> {
    sqlx::query!(
        "delete from comment_revisions where comment_id = $1
         and not exists (select 1 from reports r where r.comment_id = $1 and r.resolved_at is null)",
        comment,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What the comment said at a version, where that is not what it says now.
pub async fn said_at(
    conn: &mut PgConnection,
    comment: CommentId,
    version: i32,
) -> Result<Option<Revision>> {
    Ok(sqlx::query_as!(
        Revision,
        "select v.author, v.author_name, v.html
         from comments c join users u on u.id = c.author_id
         join lateral (select * from comment_revisions r where r.comment_id = c.id and r.version >= $2 order by r.version limit 1) v
              on v.version < c.version and v.html <> c.html or (v.author, v.author_name) <> (u.username, u.name)
         where c.id = $1 and c.version > $2",
        comment,
        version,
    )
    .fetch_optional(conn)
    .await?)
}

/// What was reported and is still to be decided about, where that is not what the comment says now.
pub async fn reported_words(conn: &mut PgConnection, comment: CommentId) -> Result<Vec<Revision>> {
    Ok(sqlx::query_as!(
        Revision,
        "select v.author, v.author_name, v.html
         from comments c join users u on u.id = c.author_id join comment_revisions v on v.comment_id = c.id
         where c.id = $1 and (v.version < c.version and v.html <> c.html or (v.author, v.author_name) <> (u.username, u.name))
           and exists (select 1 from reports r where r.comment_id = c.id and r.resolved_at is null and r.version = v.version)
         order by v.version limit 10",
        comment,
    )
    .fetch_all(conn)
    .await?)
}

/// Forgets what no report keeps after a day, and words of deleted comments after thirty, however long their reports wait.
pub async fn prune_revisions(tx: &mut Tx, limit: i64) -> Result<u64> {
    let done = sqlx::query!(
        "delete from comment_revisions where (comment_id, version) in (
             select v.comment_id, v.version from comment_revisions v join comments c on c.id = v.comment_id
             where v.kept_at < now() - interval '1 day'
               and (c.state = 'deleted' and c.decided_at < now() - interval '30 days'
                    or not exists (select 1 from reports r where r.comment_id = v.comment_id and r.resolved_at is null))
             order by v.kept_at limit $1)",
        limit,
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected())
}
