//! By what a commit can be recognised whose answer was lost with the connection (rule A9).

use std::time::{Duration, Instant};

use sqlx::postgres::PgConnection;

use super::{Db, DbError, Result};

/// Whoever waits for the answer waits for a few seconds at most.
const PATIENCE: Duration = Duration::from_secs(3);
const ASK_EVERY: Duration = Duration::from_millis(100);

/// The number of a transaction, on the timeline on which it means something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    xid: String,
    timeline: i32,
}

/// What the server says of a transaction.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Committed,
    Aborted,
    /// Still under way, or of another timeline, on which the number may be somebody else's.
    Unknown,
}

impl Mark {
    /// None for a transaction that has written nothing.
    pub(super) async fn of(conn: &mut PgConnection) -> Result<Option<Mark>> {
        let row = sqlx::query!(
            r#"select pg_current_xact_id_if_assigned()::text as xid,
                      ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int as "timeline!""#
        )
        .fetch_one(conn)
        .await?;
        Ok(row.xid.map(|xid| Mark { xid, timeline: row.timeline }))
    }

    /// Asks the primary, as soon as there is one, what became of the commit. `lost` is how its answer was lost.
    pub(super) async fn fate(&self, db: &Db, lost: sqlx::Error) -> Result<()> {
        let until = Instant::now() + PATIENCE;
        loop {
            match tokio::time::timeout(PATIENCE, self.ask(db)).await {
                Ok(Ok(Fate::Committed)) => {
                    tracing::warn!("the answer to a commit was lost; it had happened");
                    return Ok(());
                }
                Ok(Ok(Fate::Aborted)) => return Err(DbError::Unavailable(lost)),
                _ if Instant::now() >= until => break,
                _ => tokio::time::sleep(ASK_EVERY).await,
            }
        }
        db.hosts.counters.ambiguous.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        tracing::error!(xid = self.xid, "what became of a commit is not known");
        Err(DbError::Unavailable(lost))
    }

    async fn ask(&self, db: &Db) -> Result<Fate> {
        let mut conn = db.fresh().await?;
        let now = Mark::of_history(&mut conn).await?;
        if now != self.timeline {
            return Ok(Fate::Unknown);
        }
        let status = sqlx::query_scalar!("select pg_xact_status($1::text::xid8)", self.xid).fetch_one(&mut *conn).await?;
        Ok(match status.as_deref() {
            Some("committed") => Fate::Committed,
            Some("aborted") => Fate::Aborted,
            _ => Fate::Unknown,
        })
    }

    async fn of_history(conn: &mut PgConnection) -> Result<i32> {
        Ok(sqlx::query_scalar!(
            r#"select ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int as "timeline!""#
        )
        .fetch_one(conn)
        .await?)
    }
}
