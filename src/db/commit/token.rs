//! Commit tokens: by which a commit is recognised when its answer was lost with the connection.
//!
//! The number of the transaction would not do: a server that crashed before the commit was flushed gives the same number
//! to another one, and says of it that it was committed. So each transaction that writes leaves a row with a random id in
//! `commit_marks`. To learn the outcome, the same row is inserted again: that waits for a transaction that is still under
//! way, finds the row of one that was committed, and otherwise takes its place, so that it cannot be committed afterwards.

use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::db::Result;
use crate::db::cluster::counters::Counters;
use crate::db::cluster::router::Cluster;

/// A request waits so long for the outcome of its commit.
const PATIENCE: Duration = Duration::from_secs(3);
const ASK_EVERY: Duration = Duration::from_millis(100);

/// The token of one transaction.
#[derive(Clone, Copy, Debug)]
pub(in crate::db) struct CommitToken(Uuid);

/// What became of a commit.
pub(in crate::db) enum Outcome {
    Committed,
    /// It did not happen, and cannot happen any more.
    Undone,
    /// No primary answered in time.
    Unknown,
}

impl CommitToken {
    #[expect(
        clippy::disallowed_methods,
        reason = "never stored in an index for long, so it needs no order"
    )]
    pub(in crate::db) fn new() -> CommitToken {
        CommitToken(Uuid::new_v4())
    }

    /// For the statement that leaves it.
    pub(in crate::db) fn id(self) -> Uuid {
        self.0
    }

    /// Asks the primary, as soon as there is one, what became of the commit whose answer was lost.
    pub(in crate::db) async fn outcome(self, cluster: &Cluster) -> Outcome {
        let until = Instant::now() + PATIENCE;
        loop {
            match tokio::time::timeout(PATIENCE, self.is_committed(cluster)).await {
                Ok(Ok(true)) => {
                    tracing::warn!("the answer to a commit was lost; it had happened");
                    return Outcome::Committed;
                }
                Ok(Ok(false)) => return Outcome::Undone,
                _ if Instant::now() >= until => break,
                _ => tokio::time::sleep(ASK_EVERY).await,
            }
        }
        Counters::one(&cluster.counters.commits_unknown);
        tracing::error!(token = %self.0, "what became of a commit is not known");
        Outcome::Unknown
    }

    /// Settles it: true, or never.
    pub(in crate::db) async fn is_committed(self, cluster: &Cluster) -> Result<bool> {
        let mut conn = cluster.begin().await?;
        let placed = sqlx::query!(
            "insert into commit_marks (id) values ($1) on conflict do nothing",
            self.0
        )
        .execute(&mut *conn)
        .await?;
        sqlx::raw_sql("commit").execute(&mut *conn).await?;
        conn.release();
        Ok(placed.rows_affected() == 0)
    }
}
