//! What is done for comments outside requests.

use serde::{Deserialize, Serialize};

use crate::db::{Db, Result};
use crate::features::comments::queries;
use crate::jobs::{Job, JobSpec};

const BATCH: i64 = 1000;

/// Forgets what comments said before, once nothing is to be decided about it.
#[derive(Debug, Serialize, Deserialize)]
pub struct PruneRevisions {}

impl Job for PruneRevisions {
    const SPEC: JobSpec = JobSpec::named("comments.prune");
}

/// In transactions that stay short, however many there are.
pub async fn prune_revisions(db: &Db) -> Result<()> {
    loop {
        let mut tx = db.begin().await?;
        let removed = queries::prune_revisions(&mut tx, BATCH).await?;
        tx.commit().await?;
        if removed < BATCH.unsigned_abs() {
            return Ok(());
        }
    }
}
