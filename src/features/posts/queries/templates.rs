//! Drafts that are templates.

use crate::db::{Result, Tx};
use crate::features::posts::model::PostId;

/// How many templates an account has outside of the trash. Another transaction that asks waits until this one ends.
pub async fn lock_templates(tx: &mut Tx, owner_id: i64) -> Result<i64> {
    sqlx::query!(
        "select id from users where id = $1 for no key update",
        owner_id
    )
    .fetch_optional(&mut **tx)
    .await?;
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from posts where owner_id = $1 and is_template and status = 'draft' and deleted_at is null"#,
        owner_id
    );
    Ok(count.fetch_one(&mut **tx).await?)
}

pub async fn set_template(tx: &mut Tx, post: PostId, is_template: bool) -> Result<()> {
    sqlx::query!(
        "update posts set is_template = $2 where id = $1",
        post,
        is_template
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
