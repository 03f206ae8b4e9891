//! What is done for accounts outside requests.

use serde::{Deserialize, Serialize};

use crate::db::{Db, Result};
use crate::features::accounts::queries;
use crate::jobs::{Job, JobSpec};

const BATCH: i64 = 1000;

/// Removes sessions that ended, which nothing reads any more, and old counts of refused sign-ins.
#[derive(Debug, Serialize, Deserialize)]
pub struct PruneSessions {}

impl Job for PruneSessions {
    const SPEC: JobSpec = JobSpec::named("sessions.prune");
}

/// In transactions that stay short, however many there are.
pub async fn prune_sessions(db: &Db) -> Result<()> {
    loop {
        let mut tx = db.begin().await?;
        let sessions = queries::delete_ended_sessions(&mut tx, BATCH).await?;
        let failures = queries::delete_old_failures(&mut tx, BATCH).await?;
        tx.commit().await?;
        if sessions.max(failures) < BATCH.unsigned_abs() {
            return Ok(());
        }
    }
}
