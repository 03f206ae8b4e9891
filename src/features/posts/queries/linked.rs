//! Posts as other posts link to them.

use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::db::Result;

/// Which of these, counted from 1, lead to nothing that readers can get: a post by its present or former author and address, or
/// where it has one by its id.
pub async fn lead_nowhere(
    conn: &mut PgConnection,
    authors: &[String],
    slugs: &[String],
    ids: &[Option<Uuid>],
) -> Result<Vec<i64>> {
    Ok(sqlx::query_scalar!(
        r#"select a.place as "place!"
           from unnest($1::text[], $2::text[], $3::uuid[]) with ordinality as a (author, slug, id, place)
           where case when a.id is not null then not exists (select from public_posts p where p.public_id = a.id)
                 else not exists (
                    with person as (
                        select id from users where username_key = a.author
                        union select user_id from username_history where username_key = a.author),
                    known as (
                        select id from posts where owner_id in (select id from person) and slug = lower(a.slug) and kind = 'post'
                        union select post_id from slug_history where owner_id in (select id from person) and slug = lower(a.slug))
                    select from public_posts p where p.id in (select id from known)) end"#,
        authors,
        slugs,
        ids as &[Option<Uuid>]
    )
    .fetch_all(conn)
    .await?)
}
