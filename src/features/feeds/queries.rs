use sqlx::postgres::PgConnection;

use crate::db::Result;
use crate::features::posts::{AuthorRow, Card, TagRow, bylines, tag_names};
use crate::features::reading::Scope;

/// A listed post with its whole text.
pub struct Row {
    pub card: Card,
    pub html: String,
    /// Where the text appeared first; empty when here.
    pub canonical_url: String,
}

macro_rules! entry_query {
    ($conn:expr, $from:tt, $($arg:expr),*) => {{
        let rows = sqlx::query!(
            r#"select p.id, p.public_id, p.title, p.slug, u.username as owner, p.description, p.language, p.cover_url, p.cover_alt,
                      p.minutes, p.comment_count, p.published_at as "published_at!", p.changed_at as "changed_at!",
                      array(select row(a.position, w.username, w.name, w.avatar_id)
                            from post_authors a join users w on w.id = a.user_id where a.post_id = p.id)
                          as "authors!: Vec<AuthorRow>",
                      array(select row(pt.position, t.name, t.slug)
                            from post_tags pt join tags t on t.id = pt.tag_id where pt.post_id = p.id)
                          as "tags!: Vec<TagRow>",
                      b.html, p.canonical_url "# + $from,
            $($arg),*
        )
        .fetch_all($conn)
        .await?;
        rows.into_iter()
            .map(|r| Row {
                card: Card {
                    id: r.id,
                    public_id: r.public_id,
                    title: r.title,
                    slug: r.slug,
                    owner: r.owner,
                    description: r.description,
                    language: r.language,
                    cover_url: r.cover_url,
                    cover_alt: r.cover_alt,
                    minutes: r.minutes,
                    comment_count: r.comment_count,
                    published_at: r.published_at,
                    changed_at: r.changed_at,
                    authors: bylines(r.authors),
                    tags: tag_names(r.tags),
                },
                html: r.html,
                canonical_url: r.canonical_url,
            })
            .collect()
    }};
}

/// The twenty newest listed posts of a scope, in one round trip: programs ask at least once a day, and nothing but an import
/// publishes more in between. Each arm walks one partial index backwards and stops. The limit is a number, not a parameter: a
/// plan that does not know it reads the whole table.
pub async fn entries(conn: &mut PgConnection, scope: Scope) -> Result<Vec<Row>> {
    Ok(match scope {
        Scope::Site => entry_query!(
            conn,
            "from (select id, listed_at from posts
                   where listed_at is not null order by listed_at desc, id desc limit 20) l
             join posts p on p.id = l.id join users u on u.id = p.owner_id join post_bodies b on b.post_id = p.id
             order by l.listed_at desc, p.id desc",
        ),
        Scope::Author(author) => entry_query!(
            conn,
            "from (select post_id, listed_at from post_authors
                   where user_id = $1 and listed_at is not null order by listed_at desc, post_id desc limit 20) l
             join posts p on p.id = l.post_id join users u on u.id = p.owner_id join post_bodies b on b.post_id = p.id
             order by l.listed_at desc, p.id desc",
            author
        ),
        Scope::Tag(tag) => entry_query!(
            conn,
            "from (select post_id, listed_at from post_tags
                   where tag_id = $1 and listed_at is not null order by listed_at desc, post_id desc limit 20) l
             join posts p on p.id = l.post_id join users u on u.id = p.owner_id join post_bodies b on b.post_id = p.id
             order by l.listed_at desc, p.id desc",
            tag
        ),
    })
}
