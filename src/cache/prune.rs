//! The tables that tell of changes are short: what every node has read long ago is deleted, and so are old commit tokens.

use crate::db::{self, Db};
use crate::jobs::{Job, JobSpec};

use super::queries;

/// Forgets rows and nodes that are older than a day. Twice does no more than once.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct PruneInvalidations {}

impl Job for PruneInvalidations {
    const SPEC: JobSpec = JobSpec::named("cache.prune");
}

impl PruneInvalidations {
    /// Deletes in batches, each in a transaction of its own, until nothing old is left.
    ///
    /// # Errors
    ///
    /// When the database refuses or is gone; what was deleted stays deleted.
    pub async fn run(&self, db: &Db) -> anyhow::Result<()> {
        while db::prune_commit_tokens(db).await? {}
        loop {
            let mut tx = db.begin().await?;
            let count = queries::prune(&mut tx).await?;
            tx.commit().await?;
            tracing::info!(count, "old invalidations are forgotten");
            if count < queries::PRUNED_AT_ONCE {
                return Ok(());
            }
        }
    }
}
