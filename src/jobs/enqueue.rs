//! Jobs in the transaction that causes them.

use std::time::Duration;

use sqlx::postgres::PgConnection;

use super::job::{Ids, Job, NewJob};
use super::queries;
use crate::db::{Result, Tx};

/// Adds a job to the transaction, to be done at once or some time after.
///
/// # Errors
///
/// When the database refuses or is gone.
pub async fn enqueue<J: Job>(tx: &mut Tx, job: &J, ids: Ids, after: Duration) -> Result<()> {
    add(tx, job, ids, &[after]).await
}

/// Adds a job of which one is enough: it takes the place of one that waits. One that is being done stays.
///
/// # Errors
///
/// When the database refuses or is gone.
pub async fn enqueue_once<J: Job>(tx: &mut Tx, job: &J, ids: Ids) -> Result<()> {
    tx.wake_workers();
    queries::add_unique(tx, &NewJob::of(job, ids)?, J::SPEC.name).await
}

/// Adds the job once for each wait.
pub(super) async fn add<J: Job>(tx: &mut Tx, job: &J, ids: Ids, waits: &[Duration]) -> Result<()> {
    tx.wake_workers();
    queries::add(tx, &NewJob::of(job, ids)?, waits).await
}

/// Whether a job of this kind waits or is being done. Before there is a table of jobs, none does.
///
/// # Errors
///
/// When the database refuses or is gone.
pub async fn is_waiting<J: Job>(conn: &mut PgConnection) -> Result<bool> {
    Ok(queries::is_migrated(conn).await? && queries::is_waiting(conn, J::SPEC.name).await?)
}
