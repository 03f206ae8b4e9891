//! Connections for reading, on a replica that is fresh enough or on the primary.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;

use super::acquire::{permit, unless_gone};
use super::counters::Counters;
use super::first_probe::first_probe;
use super::freshness::{ReadFrom, ReadRequirement};
use super::pool::Conn;
use super::router::Cluster;
use super::server::Server;
use crate::db::admission::Permit;
use crate::db::{DbError, Result};

/// How long a read that no replica could answer waits for one of the primary's fallback permits.
const FALLBACK_TIMEOUT: Duration = Duration::from_millis(500);

/// A connection for reading, and where it leads.
pub(in crate::db) struct Checkout {
    pub(in crate::db) conn: Conn,
    pub(in crate::db) at: ReadFrom,
    pub(in crate::db) server: usize,
    _permit: Permit,
    _fallback: Option<OwnedSemaphorePermit>,
    _busy: UnderWay,
}

impl Checkout {
    pub(in crate::db) fn release(self) {
        self.conn.release();
    }
}

/// Counts a read under way.
struct UnderWay(Arc<Server>);

impl UnderWay {
    fn with(server: &Arc<Server>) -> UnderWay {
        server.busy.fetch_add(1, Ordering::Relaxed);
        UnderWay(server.clone())
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Cluster {
    /// A connection for a read that is as fresh as `reading` asks.
    pub(in crate::db) async fn checkout(&self, reading: &ReadRequirement) -> Result<Checkout> {
        first_probe(self).await;
        let _waiting = self.waits.begin(reading.priority());
        if self.is_single() {
            return self.checkout_only_one(reading).await;
        }
        while let Some(index) = self.replica_for(reading).await {
            if let Some(checkout) = self.checkout_replica(index, reading).await? {
                return Ok(checkout);
            }
        }
        self.checkout_primary(reading).await
    }

    /// Where there is no other server, whatever it is.
    async fn checkout_only_one(&self, reading: &ReadRequirement) -> Result<Checkout> {
        let server = &self.all[0];
        if !server.state().reachable || server.state().refused.is_some() {
            return Err(self
                .primary_or_fail()
                .err()
                .unwrap_or(DbError::Unavailable(sqlx::Error::PoolClosed)));
        }
        let _permit = permit(&server.read_queue, reading.priority()).await?;
        let conn = unless_gone(server, Box::pin(server.read.acquire(server.read_wait()))).await?;
        Ok(Checkout {
            conn,
            at: ReadFrom::Primary,
            server: 0,
            _permit,
            _fallback: None,
            _busy: UnderWay::with(server),
        })
    }

    /// None where another one has to be chosen.
    async fn checkout_replica(
        &self,
        index: usize,
        reading: &ReadRequirement,
    ) -> Result<Option<Checkout>> {
        let server = &self.all[index];
        // From before the connection: what it shows is at least that.
        let Some(position) = server.state().position else {
            reading.avoid(index);
            return Ok(None);
        };
        let _permit = permit(&server.read_queue, reading.priority()).await?;
        match Box::pin(server.read.acquire(server.read_wait())).await {
            Ok(conn) => {
                Counters::one(&self.counters.replica);
                Ok(Some(Checkout {
                    conn,
                    at: ReadFrom::Replica(position),
                    server: index,
                    _permit,
                    _fallback: None,
                    _busy: UnderWay::with(server),
                }))
            }
            Err(error) => {
                self.leave(index, reading, &error);
                Ok(None)
            }
        }
    }

    /// Leaves a replica that gave no connection. Why it gave none decides whether it is ejected or only probed.
    fn leave(&self, index: usize, reading: &ReadRequirement, error: &sqlx::Error) {
        let server = &self.all[index];
        // None in time: this node may be too busy to open one, and the server as well as before. A server that is silent is
        // found by the next probe.
        if matches!(error, sqlx::Error::PoolTimedOut) {
            server.probe.notify_one();
        } else {
            server.eject(&error.to_string());
        }
        reading.avoid(index);
        Counters::one(&self.counters.failovers);
    }

    /// In a bounded number where replicas should have answered.
    async fn checkout_primary(&self, reading: &ReadRequirement) -> Result<Checkout> {
        let server = self.primary_or_fail()?;
        let _fallback = if self.reads_no_replica() {
            None
        } else {
            self.fallback_permit(server).await?
        };
        Counters::one(&self.counters.primary);
        let index = self.index_of(server);
        let _permit = permit(&server.read_queue, reading.priority()).await?;
        let conn = unless_gone(server, Box::pin(server.read.acquire(server.read_wait()))).await?;
        reading.avoid(index);
        Ok(Checkout {
            conn,
            at: ReadFrom::Primary,
            server: index,
            _permit,
            _fallback,
            _busy: UnderWay::with(server),
        })
    }

    async fn fallback_permit(&self, server: &Server) -> Result<Option<OwnedSemaphorePermit>> {
        let permit = server.fallback_permits.clone().acquire_owned();
        match tokio::time::timeout(FALLBACK_TIMEOUT, permit).await {
            Ok(permit) => Ok(permit.ok()),
            Err(_) => {
                Counters::one(&self.counters.fallback_rejected);
                Err(DbError::Overloaded)
            }
        }
    }
}
