//! A transaction on the primary: what it is, how it is given up. How it is committed stands in `commit`.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use sqlx::postgres::PgConnection;
use tokio::sync::Notify;

use super::audit;
use super::cluster::pool::Conn;
use super::cluster::router::Cluster;
use super::commit::{InvalidatedTags, Invalidations};
use super::{DbError, Result};

/// Work that goes into every transaction that invalidated something, before it commits: the purge of shared caches.
pub type Outbox = for<'a> fn(&'a mut Tx, &'a InvalidatedTags) -> BoxFuture<'a, Result<()>>;

/// An open transaction on the primary. Dropped without [`Tx::commit`], nothing of it remains.
pub struct Tx {
    /// None only while it is consumed.
    pub(super) conn: Option<Conn>,
    pub(super) invalidated: InvalidatedTags,
    /// What [`audit::record`] was told: written with the rest that every transaction writes at its end.
    pub(super) acts: audit::Acts,
    /// Of the parts that are done, where it has parts.
    pub(super) earlier: Option<Box<Earlier>>,
    /// See [`Tx::wake_workers`].
    pub(super) wakes_workers: bool,
    pub(super) outbox: Option<Outbox>,
    /// Asked what became of a commit whose answer was lost.
    pub(super) cluster: Arc<Cluster>,
    /// Told what the commit has changed.
    pub(super) invalidations: Arc<Invalidations>,
    /// Rung where it wakes workers.
    pub(super) enqueued: Arc<Notify>,
}

/// What the parts before the present one have invalidated and recorded.
#[derive(Default)]
pub(super) struct Earlier {
    pub(super) invalidated: InvalidatedTags,
    pub(super) acts: audit::Acts,
}

impl Tx {
    /// For imports and other bulk work: a statement may take a minute, and the transaction may wait ten
    /// minutes for the next one.
    pub async fn allow_long_work(&mut self) -> Result<()> {
        let settings = "set local statement_timeout = '60s'; set local idle_in_transaction_session_timeout = '10min'";
        sqlx::raw_sql(settings).execute(&mut **self).await?;
        Ok(())
    }

    /// Once this transaction is committed, the workers of this process look for jobs at once. Others find out by themselves.
    pub fn wake_workers(&mut self) {
        self.wakes_workers = true;
    }

    /// Takes everything back and frees its locks before this returns; those of a transaction that is only dropped may be
    /// held until after the next one began.
    pub async fn roll_back(mut self) -> Result<()> {
        let Some(mut conn) = self.conn.take() else {
            return Ok(());
        };
        // On its own: abandoned half-way, the connection would go back with the transaction open.
        let undone = tokio::spawn(async move {
            sqlx::raw_sql("rollback").execute(&mut *conn).await?;
            conn.release();
            Ok(())
        });
        undone.await.unwrap_or_else(|error| {
            Err(DbError::Refused(sqlx::Error::Io(std::io::Error::other(
                error,
            ))))
        })
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        let Some(mut conn) = self.conn.take() else {
            return;
        };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if sqlx::raw_sql("rollback").execute(&mut *conn).await.is_ok() {
                    conn.release();
                }
            });
        }
    }
}

const OPEN: &str = "the connection of a transaction is only taken out when that is consumed";

impl Deref for Tx {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        self.conn.as_ref().expect(OPEN)
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.conn.as_mut().expect(OPEN)
    }
}
