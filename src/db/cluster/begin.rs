//! Begins a transaction on the primary.

use std::time::{Duration, Instant};

use super::acquire::{FIRST_ANSWER, is_broken_connection, while_known};
use super::first_probe::first_probe;
use super::pool::Conn;
use super::router::{Cluster, LOOK_EVERY};
use super::server::Server;
use super::server_state::ServerState;
use crate::db::admission;
use crate::db::{DbError, Result};

impl Cluster {
    /// Begins on the primary. A server that was made a replica since the last probe says so here, before anything
    /// is written, and the new primary is asked once.
    pub(in crate::db) async fn begin(&self) -> Result<Conn> {
        if self.switches().read_only {
            return Err(unavailable("the site is switched to reading only"));
        }
        first_probe(self).await;
        let _waiting = self.waits.begin(admission::priority());
        for _ in 0..2 {
            let server = self.primary_or_fail()?;
            if server.state().read_only {
                return Err(unavailable("the primary is switched to reading only"));
            }
            let begun = Box::pin(begin_on(server));
            match while_known(server, ServerState::takes_changes, begun).await {
                Ok(conn) => return Ok(conn),
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
        Err(unavailable("no server takes changes"))
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
}

fn unavailable(why: &'static str) -> DbError {
    DbError::Unavailable(sqlx::Error::Io(std::io::Error::other(why)))
}

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
