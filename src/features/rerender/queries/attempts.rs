//! Notes of texts whose rendering has begun, by which one that ends processes is found.

use std::collections::HashMap;

use uuid::Uuid;

use crate::db::{Result, Tx};

/// How many other processes left a note of these texts. A text without one is not in it.
pub async fn attempts(
    tx: &mut Tx,
    kind: &str,
    ids: &[i64],
    process: Uuid,
) -> Result<HashMap<i64, i32>> {
    let rows = sqlx::query!(
        "select text_id, attempts from render_attempts where kind = $1 and text_id = any($2) and process <> $3",
        kind,
        ids,
        process
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.text_id, row.attempts))
        .collect())
}

/// Notes that this process begins to render them. What it began before has not ended it, so that counts no more.
pub async fn begin_attempts(tx: &mut Tx, kind: &str, ids: &[i64], process: Uuid) -> Result<()> {
    sqlx::query!(
        r#"insert into render_attempts as a (kind, text_id, process, attempts) select $1, id, $3, 1 from unnest($2::bigint[]) id
           on conflict (kind, text_id) do update
           set attempts = case when a.process = $3 then 1 else a.attempts + 1 end, process = $3"#,
        kind,
        ids,
        process
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes the notes away.
pub async fn end_attempts(tx: &mut Tx, kind: &str, ids: &[i64]) -> Result<()> {
    sqlx::query!(
        "delete from render_attempts where kind = $1 and text_id = any($2)",
        kind,
        ids
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Once nothing is left: notes of texts that were given up, and of those deleted or saved after the end of a process.
pub async fn forget_attempts(tx: &mut Tx) -> Result<()> {
    sqlx::query!("delete from render_attempts")
        .execute(&mut **tx)
        .await?;
    Ok(())
}
