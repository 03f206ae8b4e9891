//! Looking at jobs from outside: dead letters, and whether any worker runs.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::queries;
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
    pub dead: i64,
    /// How long the job has waited that should have been taken first; much more than a second means that no worker runs.
    pub oldest_runnable: Option<Duration>,
}

/// The oldest 500 dead letters.
///
/// # Errors
///
/// When the database refuses or is gone.
pub async fn dead(conn: &mut PgConnection) -> Result<Vec<DeadLetter>> {
    queries::dead(conn).await
}

/// Lets a dead letter begin again. False when there is no such dead letter.
///
/// # Errors
///
/// When the database refuses or is gone.
pub async fn replay(tx: &mut Tx, id: i64) -> Result<bool> {
    Ok(queries::replay(tx, Some(id)).await? == 1)
}

/// Lets all dead letters begin again; gives how many there were.
///
/// # Errors
///
/// When the database refuses or is gone.
pub async fn replay_all(tx: &mut Tx) -> Result<i64> {
    queries::replay(tx, None).await
}

/// `None` where the tables for jobs were not made yet.
///
/// # Errors
///
/// When the database refuses or is gone.
pub async fn health(conn: &mut PgConnection) -> Result<Option<Health>> {
    match queries::is_migrated(conn).await? {
        true => queries::health(conn).await.map(Some),
        false => Ok(None),
    }
}

/// The library stores errors as Rust prints them for debugging.
pub(super) fn reason(stored: &str) -> String {
    let inner = stored
        .strip_prefix("TaskError(")
        .and_then(|rest| rest.strip_suffix(')'))
        .unwrap_or(stored);
    serde_json::from_str(inner).unwrap_or_else(|_| inner.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_read_as_they_were_given() {
        assert_eq!(
            reason(r#"TaskError("the CDN said \"no\"\nand hung up")"#),
            "the CDN said \"no\"\nand hung up"
        );
        assert_eq!(reason("WorkerCrashed"), "WorkerCrashed");
        assert_eq!(reason(r#"TaskPanic("index 1")"#), r#"TaskPanic("index 1")"#);
    }
}
