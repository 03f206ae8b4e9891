//! Dead letters, and how the queue is doing: what operators ask.

use sqlx::postgres::PgConnection;

use super::queries::dead_letters::{self as queries, DeadLetter, Health, PendingJobs};
use super::queries::is_migrated;
use crate::db::{Result, Tx};

/// The oldest 500 dead letters.
///
/// # Errors
///
/// When the database refuses or is gone.
pub async fn failed(conn: &mut PgConnection) -> Result<Vec<DeadLetter>> {
    queries::failed(conn).await
}

/// What is not done, by kind.
///
/// # Errors
///
/// When the database refuses or is gone.
pub async fn pending(conn: &mut PgConnection) -> Result<Vec<PendingJobs>> {
    queries::pending(conn).await
}

/// Lets a dead letter begin again. False when there is no such dead letter.
///
/// # Errors
///
/// When the database refuses or is gone.
pub async fn retry(tx: &mut Tx, id: i64) -> Result<bool> {
    Ok(queries::retry(tx, Some(id)).await? == 1)
}

/// Lets all dead letters begin again; gives how many there were.
///
/// # Errors
///
/// When the database refuses or is gone.
pub async fn retry_all(tx: &mut Tx) -> Result<u64> {
    queries::retry(tx, None).await
}

/// `None` where the table of jobs was not made yet.
///
/// # Errors
///
/// When the database refuses or is gone.
pub async fn health(conn: &mut PgConnection) -> Result<Option<Health>> {
    match is_migrated(conn).await? {
        true => queries::health(conn).await.map(Some),
        false => Ok(None),
    }
}
