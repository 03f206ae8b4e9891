//! The public addresses of the site, in ranges of database keys: a part of the sitemap stays the same while posts are added behind it.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;

use crate::db::Result;
use crate::features::posts::author_path;

/// What a part lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Posts and pages.
    Posts,
    Authors,
    Tags,
}

impl Section {
    pub const ALL: [Section; 3] = [Section::Posts, Section::Authors, Section::Tags];

    pub fn as_str(self) -> &'static str {
        match self {
            Section::Posts => "posts",
            Section::Authors => "authors",
            Section::Tags => "tags",
        }
    }
}

/// A range of database keys, the end not included.
#[derive(Clone, Copy, Debug)]
pub struct Keys {
    pub from: i64,
    pub before: i64,
}

impl Keys {
    pub const ALL: Keys = Keys {
        from: 0,
        before: i64::MAX,
    };
}

/// An address of the site.
pub struct Place {
    pub path: String,
    /// When what readers find there last changed, where that is known.
    pub changed_at: Option<DateTime<Utc>>,
}

/// Where the site begins, which no table holds.
pub fn front() -> Vec<Place> {
    vec![Place {
        path: "/".to_owned(),
        changed_at: None,
    }]
}

/// Whether the site has at most `limit` addresses. Looks at no more than `limit` rows of each index: posts and
/// authors are each at most as many as rows that list a post under an author.
pub async fn at_most(conn: &mut PgConnection, limit: i64) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select 2 * (select count(*) from (select from listed_posts_by_author_noted order by user_id limit $1::bigint + 1) a)
                  + (select count(*) from (select from posts where kind = 'page' limit $1::bigint + 1) p)
                  + (select count(*) from (select from tags where post_count > 0 order by post_count desc limit $1::bigint + 1) t) <= $1::bigint as "small!""#,
        limit,
    )
    .fetch_one(conn)
    .await?)
}

/// Numbers of the parts of a section that hold something, from 1. The first part of the posts also holds the
/// front page. One look into each range, which ends at the first row found.
pub async fn parts(conn: &mut PgConnection, section: Section, size: i64) -> Result<Vec<i64>> {
    Ok(match section {
        Section::Posts => {
            sqlx::query_scalar!(
                r#"select n + 1 as "number!" from generate_series(0, (select coalesce(max(id), 0) / $1::bigint from posts)) n
                   where n = 0 or exists (
                       select from public_posts where id >= n * $1 and id < (n + 1) * $1 and not unlisted)
                   order by n"#,
                size,
            )
            .fetch_all(conn)
            .await?
        }
        Section::Authors => {
            sqlx::query_scalar!(
                r#"select n + 1 as "number!" from generate_series(0, (select coalesce(max(id), 0) / $1::bigint from users)) n
                   where exists (select from listed_posts_by_author_noted where user_id >= n * $1 and user_id < (n + 1) * $1)
                   order by n"#,
                size,
            )
            .fetch_all(conn)
            .await?
        }
        Section::Tags => {
            sqlx::query_scalar!(
                r#"select n + 1 as "number!" from generate_series(0, (select coalesce(max(id), 0) / $1::bigint from tags)) n
                   where exists (select from tags where id >= n * $1 and id < (n + 1) * $1 and post_count > 0)
                   order by n"#,
                size,
            )
            .fetch_all(conn)
            .await?
        }
    })
}

/// The public addresses of a section whose keys lie in a range, by key.
pub async fn places(
    conn: &mut PgConnection,
    section: Section,
    keys: Keys,
    origin: &str,
) -> Result<Vec<Place>> {
    match section {
        Section::Posts => posts(conn, keys, origin).await,
        Section::Authors => authors(conn, keys).await,
        Section::Tags => tags(conn, keys).await,
    }
}

/// Without what appeared elsewhere first: a sitemap names canonical addresses only. Each owner is looked up (`offset 0`): joined
/// otherwise, all of them are read.
async fn posts(conn: &mut PgConnection, keys: Keys, origin: &str) -> Result<Vec<Place>> {
    Ok(sqlx::query_as!(
        Place,
        r#"select post_path(p.kind, p.page_path, u.username, p.slug) as "path!", p.changed_at
           from public_posts p cross join lateral (select username from users where id = p.owner_id offset 0) u
           where p.id >= $1 and p.id < $2 and not p.unlisted
             and (p.canonical_url = '' or starts_with(p.canonical_url, $3 || '/'))
           order by p.id"#,
        keys.from,
        keys.before,
        origin,
    )
    .fetch_all(conn)
    .await?)
}

/// Every author with a listed post; dated by the change of the newest one.
async fn authors(conn: &mut PgConnection, keys: Keys) -> Result<Vec<Place>> {
    let rows = sqlx::query!(
        r#"select u.username, (select p.changed_at from public_posts p where p.id = l.post_id) as changed_at
           from users u cross join lateral (
               select a.post_id from listed_posts_by_author_noted a where a.user_id = u.id
               order by a.listed_at desc, a.post_id desc limit 1) l
           where u.id >= $1 and u.id < $2
           order by u.id"#,
        keys.from,
        keys.before,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Place {
            path: author_path(&row.username),
            changed_at: row.changed_at,
        })
        .collect())
}

/// Every tag with a listed post; dated as the authors are.
async fn tags(conn: &mut PgConnection, keys: Keys) -> Result<Vec<Place>> {
    Ok(sqlx::query_as!(
        Place,
        r#"select '/t/' || t.slug as "path!",
                  (select p.changed_at from listed_posts_by_tag_noted pt join public_posts p on p.id = pt.post_id
                   where pt.tag_id = t.id
                   order by pt.listed_at desc, pt.post_id desc limit 1) as changed_at
           from tags t where t.id >= $1 and t.id < $2 and t.post_count > 0
           order by t.id"#,
        keys.from,
        keys.before,
    )
    .fetch_all(conn)
    .await?)
}
