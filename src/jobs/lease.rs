//! Work that one process does at a time, however many have a job for it.

use std::time::{Duration, Instant};

use sqlx::Connection;
use sqlx::postgres::PgConnection;

use super::queries::leader as queries;
use crate::db::{Db, Result};

const RENEW: Duration = Duration::from_secs(3);
/// A holder that is frozen, or whose machine is gone, is heard of no more.
const SILENCE: Duration = Duration::from_secs(30);

/// A session lock on a connection of its own: it ends with the process, and with a connection that is silent for too long. What
/// is written under it has to bear that another process has taken over meanwhile.
pub struct Lease {
    conn: PgConnection,
    renewed: Instant,
}

impl Lease {
    /// Nothing where another process holds it.
    ///
    /// # Errors
    ///
    /// When the database refuses or is gone.
    pub async fn take(db: &Db, name: &str) -> Result<Option<Lease>> {
        let mut conn = db.direct("lease").await?;
        queries::end_when_silent(&mut conn, SILENCE).await?;
        if queries::try_lock(&mut conn, name).await? {
            return Ok(Some(Lease {
                conn,
                renewed: Instant::now(),
            }));
        }
        conn.close().await?;
        Ok(None)
    }

    /// Does a piece of work, however long it takes.
    ///
    /// # Errors
    ///
    /// When the lease was lost with its connection; the work is dropped then.
    pub async fn hold<T>(&mut self, work: impl Future<Output = T>) -> Result<T> {
        let mut work = std::pin::pin!(work);
        loop {
            if self.renewed.elapsed() >= RENEW {
                queries::keep_alive(&mut self.conn).await?;
                self.renewed = Instant::now();
            }
            if let Ok(done) = tokio::time::timeout(RENEW, &mut work).await {
                return Ok(done);
            }
        }
    }

    /// Gives it to the next process at once.
    ///
    /// # Errors
    ///
    /// When the connection is gone, and the lease with it.
    pub async fn end(self) -> Result<()> {
        Ok(self.conn.close().await?)
    }
}
