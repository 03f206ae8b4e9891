//! Connections that are handed out: for a read, on a replica or the primary; for a change; for what waits for nothing.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use tokio::sync::OwnedSemaphorePermit;

use super::freshness::{ReadFrom, ReadRequirement};
use super::metrics::Counters;
use super::pool::Conn;
use super::router::{Cluster, LOOK_EVERY};
use super::server::{Server, ServerState};
use crate::db::admission;
use crate::db::admission::{AdmissionQueue, Permit, Priority, Rejected};
use crate::db::{DbError, Result};

/// How long a read that no replica could answer waits for one of the primary's fallback permits.
const FALLBACK_TIMEOUT: Duration = Duration::from_millis(500);
/// A connection is there in a fraction of this, or something is the matter.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

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
        self.first_probe().await;
        let _waiting = self.waits.begin(reading.priority());
        if self.is_single() {
            return self.checkout_only_one(reading).await;
        }
        loop {
            let Some(index) = self.replica_for(reading).await else {
                break;
            };
            let server = &self.all[index];
            // From before the connection: what it shows is at least that.
            let Some(position) = server.state().position else {
                reading.avoid(index);
                continue;
            };
            let _permit = permit(&server.read_queue, reading.priority()).await?;
            match Box::pin(server.read.acquire(server.read_wait())).await {
                Ok(conn) => {
                    Counters::one(&self.counters.replica);
                    let _busy = UnderWay::with(server);
                    return Ok(Checkout {
                        conn,
                        at: ReadFrom::Replica(position),
                        server: index,
                        _permit,
                        _fallback: None,
                        _busy,
                    });
                }
                Err(error) => {
                    // No connection in time: this node may be too busy to open one, and the server as well as before. A
                    // server that is silent is found by the next probe.
                    if matches!(error, sqlx::Error::PoolTimedOut) {
                        server.probe.notify_one();
                    } else {
                        server.eject(&error.to_string());
                    }
                    reading.avoid(index);
                    Counters::one(&self.counters.failovers);
                }
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

    /// In a bounded number where replicas should have answered.
    async fn checkout_primary(&self, reading: &ReadRequirement) -> Result<Checkout> {
        let server = self.primary_or_fail()?;
        let _fallback = match self.reads_no_replica() {
            true => None,
            false => {
                match tokio::time::timeout(
                    FALLBACK_TIMEOUT,
                    server.fallback_permits.clone().acquire_owned(),
                )
                .await
                {
                    Ok(permit) => permit.ok(),
                    Err(_) => {
                        Counters::one(&self.counters.fallback_rejected);
                        return Err(DbError::Overloaded);
                    }
                }
            }
        };
        Counters::one(&self.counters.primary);
        let index = self
            .all
            .iter()
            .position(|other| Arc::ptr_eq(other, server))
            .unwrap_or_default();
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

    /// Sees every commit acknowledged so far.
    pub(in crate::db) async fn checkout_fresh(&self) -> Result<(Conn, Permit)> {
        self.first_probe().await;
        let server = self.primary_or_fail()?;
        let _waiting = self.waits.begin(admission::priority());
        let permit = permit(&server.fresh_queue, admission::priority()).await?;
        let tested = async {
            server
                .fresh
                .acquire(server.fresh_wait())
                .await?
                .tested(server.fresh_wait())
                .await
        };
        Ok((
            while_known(server, ServerState::answers_fresh, Box::pin(tested)).await?,
            permit,
        ))
    }

    /// The same for one question, which is asked again on another connection if that was dead: so nothing is asked
    /// beforehand whether it is alive.
    pub(in crate::db) async fn ask_fresh<T>(
        &self,
        question: impl AsyncFn(&mut PgConnection) -> Result<T>,
    ) -> Result<T> {
        self.first_probe().await;
        let server = self.primary_or_fail()?;
        let waiting = self.waits.begin(admission::priority());
        let _permit = permit(&server.fresh_queue, admission::priority()).await?;
        let mut conn = while_known(
            server,
            ServerState::answers_fresh,
            Box::pin(server.fresh.acquire(server.fresh_wait())),
        )
        .await?;
        drop(waiting);
        if conn.is_untested() {
            match tokio::time::timeout(
                server.round_trip.allow(FIRST_ANSWER, 4),
                question(&mut conn),
            )
            .await
            {
                Ok(Err(error)) if is_broken(&error) => {}
                Err(_) => {}
                Ok(answer) => {
                    conn.release();
                    return answer;
                }
            }
            server.doubt_connections();
            conn = while_known(
                server,
                ServerState::answers_fresh,
                Box::pin(conn.another(server.fresh_wait())),
            )
            .await?;
        }
        let answer = question(&mut conn).await;
        if answer.is_ok() {
            conn.release();
        }
        answer
    }

    /// Begins on the primary. A server that was made a replica since the last probe says so here, before anything
    /// is written, and the new primary is asked once.
    pub(in crate::db) async fn begin(&self) -> Result<(Conn, usize)> {
        if self.switches().read_only {
            return Err(DbError::Unavailable(sqlx::Error::Io(
                std::io::Error::other("the site is switched to reading only"),
            )));
        }
        self.first_probe().await;
        let _waiting = self.waits.begin(admission::priority());
        for _ in 0..2 {
            let server = self.primary_or_fail()?;
            if server.state().read_only {
                return Err(DbError::Unavailable(sqlx::Error::Io(
                    std::io::Error::other("the primary is switched to reading only"),
                )));
            }
            let index = self
                .all
                .iter()
                .position(|other| Arc::ptr_eq(other, server))
                .unwrap_or_default();
            match while_known(
                server,
                ServerState::takes_changes,
                Box::pin(begin_on(server)),
            )
            .await
            {
                Ok(conn) => return Ok((conn, index)),
                Err(_) if !server.state().answers_fresh() => {
                    tracing::warn!(
                        server = server.name,
                        "this server is not the primary any more"
                    );
                    self.probe_again().await;
                }
                Err(error) => {
                    server.probe.notify_one();
                    return Err(error.into());
                }
            }
        }
        Err(DbError::Unavailable(sqlx::Error::Io(
            std::io::Error::other("no server takes changes"),
        )))
    }

    async fn probe_again(&self) {
        for server in &self.all {
            server.probe.notify_one();
        }
        let until = Instant::now() + self.farthest(Duration::from_millis(500), 2);
        while self.primary().is_none() && Instant::now() < until {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// A connection outside the pools.
    pub(in crate::db) async fn direct(
        &self,
        options: impl Fn(&PgConnectOptions) -> PgConnectOptions,
    ) -> Result<PgConnection> {
        self.first_probe().await;
        Ok(options(&self.primary_or_fail()?.options).connect().await?)
    }
}

/// A connection that rested answers its first statement within this time, or another one is asked.
const FIRST_ANSWER: Duration = Duration::from_millis(500);

/// Begins on a connection that may be untested; a dead one is found by this, before anything is written.
async fn begin_on(server: &Server) -> Result<Conn, sqlx::Error> {
    let wait = server.write_wait();
    let mut conn = server.write.acquire(wait).await?;
    if conn.is_untested() {
        match tokio::time::timeout(
            server.round_trip.allow(FIRST_ANSWER, 4),
            sqlx::raw_sql(BEGIN).execute(&mut *conn),
        )
        .await
        {
            Ok(Ok(_)) => return Ok(conn),
            Ok(Err(error)) if !is_broken_connection(&error) => return Err(error),
            // Without an answer it may be in the middle of anything.
            _ => conn = conn.another(wait).await?,
        }
    }
    sqlx::raw_sql(BEGIN).execute(&mut *conn).await?;
    Ok(conn)
}

const BEGIN: &str = "begin";

fn is_broken(error: &DbError) -> bool {
    match error {
        DbError::Unavailable(error) | DbError::Refused(error) => is_broken_connection(error),
        DbError::Overloaded => false,
    }
}

/// Whether the connection, and not the question or the server's state, is what failed.
pub(in crate::db) fn is_broken_connection(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(error) => error
            .code()
            .is_some_and(|code| ["57P", "08"].iter().any(|c| code.starts_with(c))),
        _ => false,
    }
}

/// What the driver does to get a connection. Boxed by its caller: it takes kilobytes, every future around it would hold
/// it once or twice, and futures are copied on their way outwards.
type Getting<'a, T> = Pin<Box<dyn Future<Output = Result<T, sqlx::Error>> + Send + 'a>>;

/// The pool goes on trying to connect until its time is up. A server that is gone is noticed sooner by the monitor.
async fn unless_gone<T>(server: &Server, getting: Getting<'_, T>) -> Result<T, sqlx::Error> {
    while_known(server, |known| known.reachable, getting).await
}

/// The same for a server that must also be `fit` for what it is asked.
async fn while_known<T>(
    server: &Server,
    fit: fn(&ServerState) -> bool,
    mut getting: Getting<'_, T>,
) -> Result<T, sqlx::Error> {
    loop {
        if let Ok(got) =
            tokio::time::timeout(server.round_trip.allow(LOOK_AGAIN, 2), &mut getting).await
        {
            return got;
        }
        if !fit(&server.state()) {
            return Err(sqlx::Error::Io(std::io::Error::other(
                "the database server does not answer, or takes no changes",
            )));
        }
        server.probe.notify_one();
    }
}

async fn permit(queue: &AdmissionQueue, priority: Priority) -> Result<Permit> {
    queue
        .acquire(priority)
        .await
        .map_err(|Rejected| DbError::Overloaded)
}
