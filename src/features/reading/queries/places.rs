//! Where a text is now that was asked for elsewhere: by its id, a former address, or in other letters.

use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::db::Result;
use crate::features::accounts::key_of;
use crate::web::route_words::YieldingList;

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

/// Whether a page, or the way to a text that was imported from there, has the address of this list.
pub async fn is_kept(conn: &mut PgConnection, list: &YieldingList) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from public_posts where kind = 'page' and page_path = $1)
               or exists (select from redirects r join public_posts p on p.id = r.post_id where lower(r.path) = $2) as "kept!""#,
        list.word,
        list.path,
    )
    .fetch_one(conn)
    .await?)
}
