//! What is deleted for its age: posts that lay in the trash for thirty days, and versions that no reader has seen.

use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::db::{Result, Tx};
use crate::features::posts::model::PostId;

/// A post that is there no longer.
pub struct DeletedPost {
    pub kind: String,
    pub public_id: Uuid,
    pub title: String,
}

/// Deletes posts that lay in the trash for thirty days, the oldest first, at most `limit`, with everything of them. A page that has
/// others below it stays: these would lose their place.
pub async fn delete_old_trash(tx: &mut Tx, limit: i64) -> Result<Vec<DeletedPost>> {
    Ok(sqlx::query_as!(
        DeletedPost,
        "with old as (
             select p.id from posts p cross join site s
             where p.deleted_at < now() - interval '30 days' and s.ages_from < now() - interval '30 days'
               and not exists (select from posts below where below.parent_id = p.id)
             order by p.deleted_at limit $1 for update of p skip locked)
         delete from posts using old where posts.id = old.id returning posts.kind, posts.public_id, posts.title",
        limit
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// The highest key of a post.
pub async fn last_post(conn: &mut PgConnection) -> Result<PostId> {
    Ok(
        sqlx::query_scalar!(r#"select coalesce(max(id), 0) as "id!" from posts"#)
            .fetch_one(conn)
            .await?,
    )
}

/// Of the posts with keys after `from` up to `to`, deletes versions older than thirty days that readers never got: the newest of each
/// hour stays, and after ninety days the newest of each day. What is the text of a post now stays whatever its age. How many are gone.
pub async fn thin_versions(tx: &mut Tx, from: PostId, to: PostId) -> Result<u64> {
    let gone = sqlx::query!(
        "with old as (
             select r.id, row_number() over (
                        partition by r.post_id, r.saved_at < now() - interval '90 days',
                                     date_trunc(case when r.saved_at < now() - interval '90 days' then 'day' else 'hour' end,
                                                r.saved_at at time zone 'UTC')
                        order by r.number desc) as place
             from revisions r join posts p on p.id = r.post_id left join post_bodies b on b.post_id = p.id cross join site s
             where r.post_id > $1 and r.post_id <= $2 and not r.published
               and r.number < p.version and r.number is distinct from b.revision_number
               and r.saved_at < now() - interval '30 days' and s.ages_from < now() - interval '30 days')
         delete from revisions using old where revisions.id = old.id and old.place > 1",
        from,
        to
    )
    .execute(&mut **tx)
    .await?;
    Ok(gone.rows_affected())
}
