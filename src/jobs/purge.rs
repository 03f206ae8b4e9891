use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::{Ids, Job, Kind, payload, queries};
use crate::db::Result;

/// A page that was being made while the change was committed can reach the CDN after the first purge.
const FILL_IN_FLIGHT: Duration = Duration::from_secs(5);

/// Tells the CDN which tags are no longer true.
#[derive(Debug, Serialize, Deserialize)]
pub struct PurgeCdn {
    pub tags: Vec<String>,
    /// Nothing old may be shown any more, not even while the new page is fetched.
    pub hard: bool,
}

impl Job for PurgeCdn {
    const KIND: Kind = Kind {
        at_once: 4,
        ..Kind::named("cdn.purge")
    };
}

/// Adds the purge to the caller's transaction, twice: at once, and again when a fill that was in flight has landed.
/// Only for sites that have a CDN.
///
/// # Errors
///
/// When the database refuses or is gone.
pub async fn enqueue_purge(
    conn: &mut PgConnection,
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
    queries::add(
        conn,
        &PurgeCdn::KIND,
        &payload(&purge, ids)?,
        &[Duration::ZERO, FILL_IN_FLIGHT],
    )
    .await
}

/// Purges of a business action that the CDN has not taken yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PurgesLeft {
    /// It has to take these before it can be said that it shows nothing old.
    pub due: i64,
    /// All of them, with the ones for what was in flight.
    pub all: i64,
}

pub async fn purges_left(conn: &mut PgConnection, transaction_id: Uuid) -> Result<PurgesLeft> {
    let due = queries::due(conn, &PurgeCdn::KIND, transaction_id).await?;
    Ok(PurgesLeft {
        due,
        all: queries::left(conn, &PurgeCdn::KIND, transaction_id).await?,
    })
}
