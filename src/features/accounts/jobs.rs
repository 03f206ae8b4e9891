//! What is done for accounts outside requests.

use serde::{Deserialize, Serialize};

use crate::db::{Db, Result};
use crate::features::accounts::queries;
use crate::jobs::{Job, Kind};

const BATCH: i64 = 1000;

/// Removes sessions that ended; nothing reads them any more.
#[derive(Debug, Serialize, Deserialize)]
pub struct PruneSessions {}

impl Job for PruneSessions {
    const KIND: Kind = Kind::named("sessions.prune");
}

/// In transactions that stay short, however many there are.
pub async fn prune_sessions(db: &Db) -> Result<()> {
    loop {
        let mut tx = db.begin().await?;
        let removed = queries::delete_ended_sessions(&mut tx, BATCH).await?;
        tx.commit().await?;
        if removed < BATCH.unsigned_abs() {
            return Ok(());
        }
    }
}
