//! Refused sign-ins, counted by minute and by account or network: a row for each attempt would let strangers fill the disk.

use uuid::Uuid;

use crate::db::{Result, Tx};

/// A refused sign-in.
pub struct Failure<'a> {
    /// The account that was named, if there is one.
    pub user_id: Option<i64>,
    /// The client's network.
    pub client: &'a str,
    pub reason: &'a str,
    pub correlation_id: Uuid,
}

/// Counts it in the row of its account, or network, and minute.
pub async fn count_failure(tx: &mut Tx, failure: Failure<'_>) -> Result<()> {
    let subject = match failure.user_id {
        Some(id) => format!("user:{id}"),
        None => format!("net:{}", failure.client),
    };
    sqlx::query!(
        "insert into sign_in_failures (minute, subject, user_id, client, reason, correlation_id)
         values (date_trunc('minute', now()), $1, $2, $3, $4, $5)
         on conflict (minute, subject) do update set failures = sign_in_failures.failures + 1, client = excluded.client",
        subject,
        failure.user_id,
        failure.client,
        failure.reason,
        failure.correlation_id,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Older than a quarter of a year; so many at most. Gives how many it were.
pub async fn delete_old_failures(tx: &mut Tx, limit: i64) -> Result<u64> {
    let done = sqlx::query!(
        "delete from sign_in_failures where (minute, subject) in
             (select minute, subject from sign_in_failures where minute < now() - interval '90 days' order by minute limit $1)",
        limit,
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected())
}
