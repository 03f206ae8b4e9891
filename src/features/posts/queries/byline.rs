//! Names that were not accepted: see the table `byline_requests`.

use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::db::{Result, Tx};
use crate::features::posts::model::PostId;

/// A name that stands in the byline, or would, and its place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub user_id: i64,
    pub position: i16,
}

/// A person who is asked, or has said no, as the editor names them.
pub struct AskedName {
    pub username: String,
    pub declined: bool,
}

/// A request as the person asked reads it.
pub struct BylineRequest {
    pub post_id: Uuid,
    pub title: String,
    pub asked_by: String,
}

/// Whether a person names others without asking them.
pub async fn names_directly(tx: &mut Tx, user_id: i64) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select role in ('editor', 'admin', 'owner') as "directly!" from users where id = $1"#,
        user_id
    )
    .fetch_one(&mut **tx)
    .await?)
}

/// Asks those in `asked`, and forgets those that are not in `named` any more.
pub async fn set_requests(
    tx: &mut Tx,
    post: PostId,
    named: &[i64],
    asked: &[Place],
    asked_by: i64,
) -> Result<()> {
    let (ids, positions): (Vec<i64>, Vec<i16>) = asked
        .iter()
        .map(|place| (place.user_id, place.position))
        .unzip();
    sqlx::query!(
        "with forgotten as (delete from byline_requests where post_id = $1 and user_id <> all($2))
         insert into byline_requests (post_id, user_id, position, asked_by)
         select $1, a.id, a.position, $5 from unnest($3::bigint[], $4::smallint[]) as a (id, position)
         on conflict (post_id, user_id) do update set position = excluded.position",
        post,
        named,
        &ids,
        &positions,
        asked_by,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Makes the person asked an author; the caller holds the post's lock and has seen the request.
pub async fn accept_request(tx: &mut Tx, post: PostId, user_id: i64) -> Result<()> {
    sqlx::query!(
        "with request as (delete from byline_requests where post_id = $1 and user_id = $2 returning position)
         insert into post_authors (post_id, user_id, position) select $1, $2, position from request
         on conflict (post_id, user_id) do nothing",
        post,
        user_id,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes the person off the authors and notes that they said no.
pub async fn decline(tx: &mut Tx, post: PostId, user_id: i64) -> Result<()> {
    sqlx::query!(
        "with gone as (delete from post_authors where post_id = $1 and user_id = $2 returning position)
         insert into byline_requests (post_id, user_id, position, asked_by, declined_at)
         select p.id, $2, coalesce((select position from gone), 0), p.owner_id, now() from posts p where p.id = $1
         on conflict (post_id, user_id) do update set declined_at = now()",
        post,
        user_id,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Those who are asked about a post, or have said no, in the order named.
pub async fn asked_names(conn: &mut PgConnection, post: PostId) -> Result<Vec<AskedName>> {
    Ok(sqlx::query_as!(
        AskedName,
        r#"select u.username, r.declined_at is not null as "declined!"
           from byline_requests r join users u on u.id = r.user_id
           where r.post_id = $1 and not exists (select 1 from post_authors a where a.post_id = $1 and a.user_id = r.user_id)
           order by r.position, r.user_id"#,
        post,
    )
    .fetch_all(conn)
    .await?)
}

/// What a person is asked, oldest first, at most twenty: the next come when these are answered. Posts in the trash ask nothing.
/// The limit is a number, so that no more are read than that: see `reading::queries::PER_PAGE`.
pub async fn open_requests(conn: &mut PgConnection, user_id: i64) -> Result<Vec<BylineRequest>> {
    Ok(sqlx::query_as!(
        BylineRequest,
        r#"select p.public_id as post_id,
                  case when p.title = '' then name_of_untitled(p.id, p.description) else p.title end as "title!",
                  w.username as asked_by
           from byline_requests r join posts p on p.id = r.post_id join users w on w.id = r.asked_by
           where r.user_id = $1 and r.declined_at is null and p.deleted_at is null
             and not exists (select 1 from post_authors a where a.post_id = r.post_id and a.user_id = $1)
           order by r.asked_at, r.post_id limit 20"#,
        user_id,
    )
    .fetch_all(conn)
    .await?)
}

/// Handle of the author who asks a person for their name.
pub async fn asked_by(
    conn: &mut PgConnection,
    post: PostId,
    user_id: i64,
) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!(
        "select w.username from byline_requests r join users w on w.id = r.asked_by where r.post_id = $1 and r.user_id = $2",
        post,
        user_id,
    )
    .fetch_optional(conn)
    .await?)
}
