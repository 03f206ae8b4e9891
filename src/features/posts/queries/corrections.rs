//! Corrections of public posts.

use crate::db::{Result, Tx};
use crate::features::posts::model::PostId;

/// `version` corrects the other, which readers had until then.
pub async fn insert_correction(
    tx: &mut Tx,
    post: PostId,
    (version, corrects): (i32, i32),
    remark: &str,
    shows_difference: bool,
) -> Result<()> {
    sqlx::query!(
        "insert into corrections (post_id, version, corrects, remark, shows_difference) values ($1, $2, $3, $4, $5)",
        post,
        version,
        corrects,
        remark,
        shows_difference
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
