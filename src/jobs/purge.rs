use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::enqueue::add;
use super::job::{Ids, Job, JobSpec};
use super::queries::{self, PurgesLeft};
use crate::db::{Result, Tx};

/// A page that was being made while the change was committed can reach the CDN after the first purge.
const FILL_IN_FLIGHT: Duration = Duration::from_secs(5);

/// Tells the CDN which tags are no longer true.
#[derive(Debug, Serialize, Deserialize)]
pub struct PurgeCdn {
    /// As they stand in the headers of pages.
    pub tags: Vec<String>,
    /// Nothing old may be shown any more, not even while the new page is fetched.
    pub hard: bool,
}

impl Job for PurgeCdn {
    const SPEC: JobSpec = JobSpec {
        concurrency: 4,
        ..JobSpec::named("cdn.purge")
    };

    /// What was taken down goes before what was edited: behind a CDN that was away, thousands may wait.
    fn priority(&self) -> i16 {
        if self.hard { -1 } else { 0 }
    }
}

/// Adds the purge to the caller's transaction, twice: at once, and again when a fill that was in flight has landed.
/// Only for sites that have a CDN.
///
/// # Errors
///
/// When the database refuses or is gone.
pub async fn enqueue_purge(
    tx: &mut Tx,
    tags: &[String],
    hard: bool,
    transaction_id: Option<Uuid>,
    correlation_id: Option<Uuid>,
) -> Result<()> {
    let purge = PurgeCdn {
        tags: tags.to_vec(),
        hard,
    };
    let ids = Ids {
        correlation_id,
        transaction_id,
    };
    add(tx, &purge, ids, &[Duration::ZERO, FILL_IN_FLIGHT]).await
}

/// Purges that nodes of an earlier release enqueued count as well.
///
/// # Errors
///
/// When the database refuses or is gone.
pub async fn purges_left(conn: &mut PgConnection, transaction_id: Uuid) -> Result<PurgesLeft> {
    queries::purges_left(conn, PurgeCdn::SPEC.name, transaction_id).await
}
