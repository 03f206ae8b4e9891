//! Tags that readers can see: those that a listed post has.

use sqlx::postgres::PgConnection;

use crate::db::Result;
use crate::features::posts::tag_key;
use crate::markdown;

#[derive(Clone)]
pub struct Tag {
    pub id: i64,
    pub name: String,
    pub slug: String,
    pub post_count: i32,
}

/// A line of the index of tags.
pub struct TagLine {
    pub tag: Tag,
    /// May be empty.
    pub description: String,
}

/// A tag, as its own pages need it.
pub struct TagHere {
    pub tag: Tag,
    /// Stands in the ids of its feeds, wherever they are now.
    pub feed_slug: String,
    /// What it is about. May be empty.
    pub description: String,
}

/// The tag that an address means: the one that stands there, or stood there before, or is called so, or is written in
/// another case. Only one that readers can see.
pub async fn tag_at(conn: &mut PgConnection, typed: &str) -> Result<Option<TagHere>> {
    let row = sqlx::query!(
        r#"select t.id, t.name, t.slug, t.post_count, coalesce(t.feed_slug, t.slug) as "feed_slug!",
                  coalesce(t.description, '') as "description!"
           from tags f join tags t on t.id = coalesce(f.leads_to, f.id)
           where (f.slug = any($1) or f.name_key = $2) and t.post_count > 0
           order by coalesce(array_position($1, f.slug) = 1, false) desc, coalesce(f.name_key = $2, false) desc,
                    array_position($1, f.slug)
           limit 1"#,
        &[typed.to_owned(), markdown::slug(typed), markdown::ascii_slug(typed)],
        tag_key(typed),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|r| TagHere {
        tag: Tag {
            id: r.id,
            name: r.name,
            slug: r.slug,
            post_count: r.post_count,
        },
        feed_slug: r.feed_slug,
        description: r.description,
    }))
}

/// The most used tags.
pub async fn tags(conn: &mut PgConnection, limit: i64) -> Result<Vec<Tag>> {
    Ok(sqlx::query_as!(
        Tag,
        "select id, name, slug, post_count from tags where post_count > 0 order by post_count desc, slug limit $1",
        limit,
    )
    .fetch_all(conn)
    .await?)
}

/// Tags on the page of all. The query says how many as a number.
pub const TAGS_LISTED: usize = 1_000;

/// The most used tags with what they are about.
pub async fn tag_lines(conn: &mut PgConnection) -> Result<Vec<TagLine>> {
    const _: () = assert!(TAGS_LISTED == 1_000, "the query says `limit 1000`");
    let rows = sqlx::query!(
        r#"select id, name, slug, post_count, coalesce(description, '') as "description!"
           from tags where post_count > 0 order by post_count desc, slug limit 1000"#
    )
    .fetch_all(conn)
    .await?;
    let lines = rows.into_iter().map(|row| TagLine {
        tag: Tag {
            id: row.id,
            name: row.name,
            slug: row.slug,
            post_count: row.post_count,
        },
        description: row.description,
    });
    Ok(lines.collect())
}
