//! What is left to render again, and what was refused, for `masthead doctor` and the job.

use sqlx::postgres::PgConnection;

use crate::db::Result;

/// Whether an older renderer than `version` made anything. Two looks at the ends of indexes, however much there is.
pub async fn is_left(conn: &mut PgConnection, version: i32) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select coalesce(least((select min(renderer_version) from post_bodies), (select min(renderer_version) from comments)) < $1,
                           false) as "left!""#,
        version
    )
    .fetch_one(conn)
    .await?)
}

/// What an older renderer made, each counted up to [`MOST_COUNTED`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// Pages with them.
    pub posts: i64,
    pub comments: i64,
}

/// As in the query below: a look must stay quick on any site.
pub const MOST_COUNTED: i64 = 1_000_000;

pub async fn left(conn: &mut PgConnection, version: i32) -> Result<Left> {
    Ok(sqlx::query_as!(
        Left,
        r#"select (select count(*) from (select from post_bodies where renderer_version < $1
                                         order by renderer_version limit 1000000) older) as "posts!",
                  (select count(*) from (select from comments where renderer_version < $1
                                         order by renderer_version limit 1000000) older) as "comments!""#,
        version
    )
    .fetch_one(conn)
    .await?)
}

/// A text that keeps the HTML of an older renderer.
#[derive(Clone, Debug)]
pub struct Refused {
    pub address: String,
    pub reason: String,
}

/// At most a hundred of posts and pages, and as many comments. A text that became another one since was rendered by its save.
pub async fn refused(conn: &mut PgConnection) -> Result<Vec<Refused>> {
    Ok(sqlx::query_as!(
        Refused,
        r#"select coalesce((select path from public_posts where id = p.id), '/p/' || p.public_id || '/edit') as "address!",
                  r.reason as "reason!"
           from (select id, post_id, source, reason from render_refusals where post_id is not null order by id desc limit 100) r
           join post_bodies b on b.post_id = r.post_id and md5(b.markdown) = r.source
           join posts p on p.id = b.post_id
           union all
           select '/comments/' || c.public_id, r.reason
           from (select id, comment_id, source, reason from render_refusals where comment_id is not null order by id desc limit 100) r
           join comments c on c.id = r.comment_id and md5(c.markdown) = r.source"#
    )
    .fetch_all(conn)
    .await?)
}
