//! Posts that become public at a time to come.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::access::Actor;
use crate::db::{Result, Tx};
use crate::features::posts::model::PostId;

/// Plans a post for a time, which ends its review. `date`: the one that its author gave it.
pub async fn schedule(
    tx: &mut Tx,
    post: PostId,
    at: DateTime<Utc>,
    date: Option<DateTime<Utc>>,
    actor: &Actor,
) -> Result<()> {
    sqlx::query!(
        "with reviewed as (
             update submissions set ended_at = now(), ended_by = $4, outcome = 'published'
             where post_id = $1 and ended_at is null)
         update posts set status = 'scheduled', scheduled_for = $2, scheduled_date = $3 where id = $1",
        post,
        at,
        date,
        actor.id,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn unschedule(tx: &mut Tx, post: PostId) -> Result<()> {
    sqlx::query!(
        "update posts set status = 'draft', scheduled_for = null, scheduled_date = null where id = $1",
        post
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes down what `public_posts` says of a post whose time has come.
pub async fn note_publication(tx: &mut Tx, post: PostId) -> Result<()> {
    sqlx::query!(
        "with seen as (
             update revisions set published = true
             where post_id = $1 and number = (select revision_number from post_bodies where post_id = $1))
         update posts
         set status = 'published', published_at = coalesce(scheduled_date, published_at, scheduled_for),
             changed_at = scheduled_for, scheduled_for = null, scheduled_date = null,
             transaction_id = case when version = (select revision_number from post_bodies where post_id = $1) then null
                                   else transaction_id end
         where id = $1",
        post
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Posts whose time has come and is not noted, the first ones.
pub async fn due_posts(conn: &mut PgConnection, limit: i64) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        "select public_id from posts
         where status = 'scheduled' and deleted_at is null and scheduled_for <= now() order by scheduled_for limit $1",
        limit
    )
    .fetch_all(conn)
    .await?)
}
