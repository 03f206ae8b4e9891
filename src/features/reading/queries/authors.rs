//! Authors: accounts that have listed posts.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::db::Result;
use crate::features::posts::{Byline, naming, post_path};

/// Authors on a page of the list. The query reads one more, and says how many as a number, as those of lists do.
pub const AUTHORS_PER_PAGE: usize = 60;
const _: () = assert!(
    AUTHORS_PER_PAGE + 1 == 61,
    "the query of authors says `limit 61`"
);

/// An author with the newest post that readers may get.
pub struct ListedAuthor {
    pub author: Byline,
    pub bio: String,
    pub newest: NewestPost,
}

pub struct NewestPost {
    pub public_id: Uuid,
    pub path: String,
    pub title: String,
    pub description: String,
    pub language: String,
    pub published_at: DateTime<Utc>,
}

impl NewestPost {
    pub fn name(&self, zone: &Tz) -> Cow<'_, str> {
        naming::name(&self.title, &self.description, (&self.published_at, zone))
    }
}

/// A page of the list.
pub struct AuthorsHere {
    pub authors: Vec<ListedAuthor>,
    /// Public id of the last account on this page, when there are more.
    pub next: Option<Uuid>,
    /// The account behind it, with which the next page begins.
    pub behind: Option<i64>,
}

/// The account behind which a page of the list begins: only one that the list has.
pub async fn place_of_author(conn: &mut PgConnection, id: Uuid) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar!(
        "select id from users u where public_id = $1 and exists (select from listed_posts_by_author_noted where user_id = u.id)",
        id,
    )
    .fetch_optional(conn)
    .await?)
}

/// Authors in the order in which they joined, after an account. Jumps from author to author along the index of their lists:
/// accounts that only read cost nothing.
pub async fn authors_after(conn: &mut PgConnection, account: i64) -> Result<AuthorsHere> {
    let rows = sqlx::query!(
        r#"with recursive author (id) as (
               (select user_id from listed_posts_by_author_noted where user_id > $1 order by user_id limit 1)
               union all
               select (select l.user_id from listed_posts_by_author_noted l where l.user_id > author.id order by l.user_id limit 1)
               from author where author.id is not null)
           select a.id as "id!", u.public_id as "public_id!", u.username as "username!", u.name as "name!", u.avatar_id, u.bio as "bio!",
                  p.public_id as "post_id?", p.description as "description?",
                  case when p.title = '' then coalesce((select heading from post_bodies where post_id = p.id), '')
                       else p.title end as "title?",
                  p.slug as "slug?", p.owner as "owner?",
                  p.published_at as "published_at?", p.language as "language?"
           from (select id from author where id is not null limit 61) a
           join lateral (select public_id, username, name, avatar_id, bio from users join user_profiles on user_id = id
                         where id = a.id limit 1) u on true
           left join lateral (select l.post_id from listed_posts_by_author_noted l
                              where l.user_id = a.id and exists (select from public_posts where id = l.post_id)
                              order by l.listed_at desc, l.post_id desc limit 1) l on true
           left join public_posts p on p.id = l.post_id
           order by a.id"#,
        account,
    )
    .fetch_all(conn)
    .await?;
    let has_more = rows.len() > AUTHORS_PER_PAGE;
    let here = &rows[..rows.len().min(AUTHORS_PER_PAGE)];
    let next = here.last().filter(|_| has_more).map(|row| row.public_id);
    let behind = rows.get(AUTHORS_PER_PAGE).map(|row| row.id);
    let authors = rows.into_iter().take(AUTHORS_PER_PAGE).filter_map(|row| {
        Some(ListedAuthor {
            author: Byline {
                username: row.username,
                name: row.name,
                avatar_id: row.avatar_id,
            },
            bio: row.bio,
            newest: NewestPost {
                public_id: row.post_id?,
                path: post_path(&row.owner?, &row.slug?),
                title: row.title?,
                description: row.description?,
                language: row.language?,
                published_at: row.published_at?,
            },
        })
    });
    Ok(AuthorsHere {
        authors: authors.collect(),
        next,
        behind,
    })
}
