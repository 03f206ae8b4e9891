//! Pinned posts.

use crate::db::{Result, Tx};
use crate::features::posts::model::PostId;

/// What `page_of` is for the front page; else it is the key of an account.
pub const FRONT_PAGE: i64 = 0;

/// Pins a post on a page, and takes down what there is no room for.
pub async fn pin(tx: &mut Tx, page_of: i64, post: PostId) -> Result<()> {
    sqlx::query!(
        "with pinned as (
             insert into pinned_posts (page_of, post_id) values ($1, $2)
             on conflict (page_of, post_id) do update set pinned_at = now())
         delete from pinned_posts
         where page_of = $1 and post_id in (select post_id from pinned_posts where page_of = $1 and post_id <> $2
                                            order by pinned_at desc offset 2)",
        page_of,
        post,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn unpin(tx: &mut Tx, page_of: i64, post: PostId) -> Result<()> {
    sqlx::query!(
        "delete from pinned_posts where page_of = $1 and post_id = $2",
        page_of,
        post
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
