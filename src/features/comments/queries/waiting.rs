//! How much waits in the queue.

use sqlx::postgres::PgConnection;

use crate::db::Result;

/// How much waits, counted to a hundred and no further.
pub struct Waiting {
    pub held: i64,
    pub reported: i64,
}

pub async fn waiting(conn: &mut PgConnection, viewer: i64, everything: bool) -> Result<Waiting> {
    if everything {
        waiting_on_site(conn, viewer).await
    } else {
        waiting_for_author(conn, viewer).await
    }
}

async fn waiting_on_site(conn: &mut PgConnection, viewer: i64) -> Result<Waiting> {
    Ok(sqlx::query_as!(
        Waiting,
        r#"select (select count(*) from (
                       select 1 from comments c
                       where c.state = 'held' and (select deleted_at is null from posts where id = c.post_id)
                       limit 100) h) as "held!",
                  (select count(*) from (
                       select distinct r.comment_id from reports r join comments c on c.id = r.comment_id
                       where r.resolved_at is null and c.author_id <> $1
                         and (select deleted_at is null from posts where id = c.post_id)
                       order by r.comment_id limit 100) r) as "reported!""#,
        viewer,
    )
    .fetch_one(conn)
    .await?)
}

async fn waiting_for_author(conn: &mut PgConnection, viewer: i64) -> Result<Waiting> {
    Ok(sqlx::query_as!(
        Waiting,
        r#"select (select count(*) from (
                       select 1 from comment_queue q
                       where q.user_id = $1 and q.kind = 'held' and (select deleted_at is null from posts where id = q.post_id)
                       limit 100) h) as "held!",
                  (select count(*) from (
                       select distinct q.comment_id from comment_queue q
                       where q.user_id = $1 and q.kind = 'reported'
                         and (select deleted_at is null from posts where id = q.post_id)
                       order by q.comment_id limit 100) r) as "reported!""#,
        viewer,
    )
    .fetch_one(conn)
    .await?)
}
