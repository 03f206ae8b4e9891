//! Authors: accounts that have listed posts.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;

use crate::db::Result;
use crate::features::accounts::key_of;
use crate::features::posts::{Byline, post_path};
use crate::messages::text;

/// Authors on a page of the list. The query reads one more, and says how many as a number, as those of lists do.
pub const PER_WRITERS_PAGE: usize = 60;
const _: () = assert!(
    PER_WRITERS_PAGE + 1 == 61,
    "the query of writers says `limit 61`"
);

/// An author with the newest of their listed posts.
pub struct Writer {
    pub author: Byline,
    pub bio: String,
    pub newest_title: String,
    pub newest_path: String,
    pub newest_at: DateTime<Utc>,
    pub newest_language: String,
}

impl Writer {
    pub fn shown_title(&self) -> &str {
        if self.newest_title.is_empty() {
            text::posts_untitled().words()
        } else {
            &self.newest_title
        }
    }
}

/// Authors who have listed posts, in the order in which they joined, after the one with this username. Jumps from author to
/// author along the index of their lists: accounts that only read cost nothing.
pub async fn writers(conn: &mut PgConnection, after: Option<&str>) -> Result<Vec<Writer>> {
    let rows = sqlx::query!(
        r#"with recursive writer (id) as (
               (select user_id from listed_posts_by_author
                where user_id > coalesce((select id from users where username_key = $1), 0)
                order by user_id limit 1)
               union all
               select (select l.user_id from listed_posts_by_author l where l.user_id > writer.id order by l.user_id limit 1)
               from writer where writer.id is not null)
           select u.username as "username!", u.name as "name!", u.avatar_id, u.bio as "bio!", p.title as "title!", p.slug as "slug!",
                  p.owner as "owner!", p.published_at as "published_at!", p.language as "language!"
           from (select id from writer where id is not null limit 61) w
           join lateral (select username, name, avatar_id, bio from users join user_profiles on user_id = id
                         where id = w.id limit 1) u on true
           join lateral (select post_id from listed_posts_by_author where user_id = w.id
                         order by listed_at desc, post_id desc limit 1) l on true
           join public_posts p on p.id = l.post_id
           order by w.id"#,
        after.map(key_of),
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Writer {
            author: Byline {
                username: row.username,
                name: row.name,
                avatar_id: row.avatar_id,
            },
            bio: row.bio,
            newest_title: row.title,
            newest_path: post_path(&row.owner, &row.slug),
            newest_at: row.published_at,
            newest_language: row.language,
        })
        .collect())
}
