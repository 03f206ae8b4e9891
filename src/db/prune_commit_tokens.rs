//! Deletes commit tokens that no commit needs any more.

use super::{Db, Result};

/// Rows of one transaction that prunes.
const PRUNED_AT_ONCE: i64 = 10_000;

/// Deletes commit tokens older than a day. Says whether there may be more.
///
/// # Errors
///
/// When the database fails.
pub async fn prune_commit_tokens(db: &Db) -> Result<bool> {
    let mut conn = db.cluster.begin().await?;
    let done = sqlx::query!(
        "delete from commit_marks where id in (
             select id from commit_marks where at < now() - interval '1 day' order by at limit $1)",
        PRUNED_AT_ONCE,
    )
    .execute(&mut *conn)
    .await?;
    sqlx::raw_sql("commit").execute(&mut *conn).await?;
    conn.release();
    Ok(i64::try_from(done.rows_affected()).unwrap_or(i64::MAX) >= PRUNED_AT_ONCE)
}
