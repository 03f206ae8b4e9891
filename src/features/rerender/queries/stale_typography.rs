//! Finds what was set under another choice than the one that is made now. It gets the number of no renderer, so that the next run
//! renders it again.

use sqlx::postgres::PgConnection;

use crate::db::{Result, Tx};

/// A text that is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Looked {
    pub id: i64,
    /// It was set under another choice.
    pub is_other: bool,
}

/// The next five hundred posts and pages below an id.
pub async fn look_at_posts(conn: &mut PgConnection, below: i64) -> Result<Vec<Looked>> {
    Ok(sqlx::query_as!(
        Looked,
        r#"select post_id as "id!", typography <> post_typography(post_id) as "is_other!"
           from (select post_id, typography from post_bodies where post_id < $1 order by post_id desc limit 500) b"#,
        below
    )
    .fetch_all(conn)
    .await?)
}

/// The next five hundred comments below an id.
pub async fn look_at_comments(conn: &mut PgConnection, below: i64) -> Result<Vec<Looked>> {
    Ok(sqlx::query_as!(
        Looked,
        r#"select id as "id!", typography <> post_typography(post_id) as "is_other!"
           from (select id, post_id, typography from comments where id < $1 order by id desc limit 500) c"#,
        below
    )
    .fetch_all(conn)
    .await?)
}

/// The next five hundred comments under a post.
pub async fn look_under_post(
    conn: &mut PgConnection,
    below: i64,
    post: i64,
) -> Result<Vec<Looked>> {
    Ok(sqlx::query_as!(
        Looked,
        r#"select id as "id!", typography <> post_typography(post_id) as "is_other!"
           from (select id, post_id, typography from comments
                 where post_id = $2 and id < $1 order by id desc limit 500) c"#,
        below,
        post
    )
    .fetch_all(conn)
    .await?)
}

/// Marks these posts. As saves and renderings lock them, the post comes first; what a save that was waited for has written is
/// rendered once more for nothing.
pub async fn mark_posts(tx: &mut Tx, ids: &[i64]) -> Result<()> {
    sqlx::query!(
        "select id from posts where id = any($1) order by id for no key update",
        ids
    )
    .fetch_all(&mut **tx)
    .await?;
    sqlx::query!(
        "update post_bodies set renderer_version = 0 where post_id = any($1) and renderer_version > 0",
        ids
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Marks these comments.
pub async fn mark_comments(tx: &mut Tx, ids: &[i64]) -> Result<()> {
    sqlx::query!(
        "select id from comments where id = any($1) order by id for no key update",
        ids
    )
    .fetch_all(&mut **tx)
    .await?;
    sqlx::query!(
        "update comments set renderer_version = 0 where id = any($1) and renderer_version > 0",
        ids
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
