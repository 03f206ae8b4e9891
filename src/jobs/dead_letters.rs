//! Dead letters, and how the queue is doing: what operators ask.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::queries::{dead_letters as queries, is_migrated};
use crate::db::{Result, Tx};

/// A job that failed as often as it may.
#[derive(Clone, Debug)]
pub struct DeadLetter {
    pub id: i64,
    pub kind: String,
    pub attempts: i16,
    pub created_at: DateTime<Utc>,
    /// Of the last attempt.
    pub error: String,
    pub correlation_id: Option<Uuid>,
}

/// How the queue is doing.
#[derive(Clone, Copy, Debug)]
pub struct Health {
    /// Dead letters.
    pub failed: i64,
    /// How long the job has waited that should have been taken first; much more than a second means that no worker runs.
    pub oldest_runnable: Option<Duration>,
}

/// The oldest 500 dead letters.
///
/// # Errors
///
/// When the database refuses or is gone.
pub async fn failed(conn: &mut PgConnection) -> Result<Vec<DeadLetter>> {
    queries::failed(conn).await
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
