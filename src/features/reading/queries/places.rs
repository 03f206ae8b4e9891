//! Where a text is now that was asked for elsewhere: by its id, a former address, or in other letters.

use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::db::Result;
use crate::features::accounts::key_of;

/// Where a public post or page is now.
pub struct Place {
    pub path: String,
    pub public_id: Uuid,
    /// Handle of the owner, which may stand in the path.
    pub owner: String,
}

/// Where a public post or page is now, by its public id.
pub async fn path_of(conn: &mut PgConnection, id: Uuid) -> Result<Option<Place>> {
    Ok(sqlx::query_as!(
        Place,
        r#"select p.path as "path!", p.public_id as "public_id!", p.owner as "owner!"
           from public_posts p where p.public_id = $1"#,
        id,
    )
    .fetch_optional(conn)
    .await?)
}

/// Where a post is now that was known under another handle or slug, or that was asked for in other letters: slugs are lower
/// case, and links get capitals when they are typed. Only while it is public.
pub async fn moved_post(
    conn: &mut PgConnection,
    author: &str,
    slug: &str,
) -> Result<Option<Place>> {
    Ok(sqlx::query_as!(
        Place,
        r#"with person as (
               select id from users where username_key = $1
               union select user_id from username_history where username_key = $1),
           known as (
               select id from posts where owner_id in (select id from person) and slug = any($2) and kind = 'post'
               union select post_id from slug_history where owner_id in (select id from person) and slug = any($2))
           select p.path as "path!", p.public_id as "public_id!", p.owner as "owner!"
           from public_posts p where p.id in (select id from known) and p.kind = 'post'
           order by p.slug = ($2::text[])[1] desc, p.slug = ($2::text[])[2] desc limit 1"#,
        key_of(author),
        &[slug.to_owned(), slug.to_lowercase()],
    )
    .fetch_optional(conn)
    .await?)
}

/// Where an imported or former address leads, in whatever case it is written. Only to what is public.
pub async fn redirect(conn: &mut PgConnection, path: &str) -> Result<Option<Place>> {
    Ok(sqlx::query_as!(
        Place,
        r#"select p.path as "path!", p.public_id as "public_id!", p.owner as "owner!"
           from redirects r join public_posts p on p.id = r.post_id
           where lower(r.path) = lower($1)
           order by r.path = $1 desc, r.path limit 1"#,
        path,
    )
    .fetch_optional(conn)
    .await?)
}

/// Of these words, those that are addresses of pages, or lead to texts that were imported from there.
pub async fn kept_addresses(conn: &mut PgConnection, words: &[&str]) -> Result<Vec<String>> {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let paths: Vec<String> = words.iter().map(|word| format!("/{word}")).collect();
    Ok(sqlx::query_scalar!(
        r#"select page_path as "word!" from public_posts where kind = 'page' and page_path = any($1)
           union
           select substr(lower(r.path), 2) from redirects r join public_posts p on p.id = r.post_id
           where lower(r.path) = any($2)
           order by 1"#,
        &words,
        &paths,
    )
    .fetch_all(conn)
    .await?)
}
