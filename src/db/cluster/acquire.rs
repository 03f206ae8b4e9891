//! Waits for a connection, and no longer than its server can be expected to answer.

use std::pin::Pin;
use std::time::Duration;

use super::server::Server;
use super::server_state::ServerState;
use crate::db::admission::{AdmissionQueue, Permit, Priority, Rejected};
use crate::db::{DbError, Result};

/// A connection is there in a fraction of this, or something is the matter.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// A connection that rested answers its first statement within this time, or another one is asked.
pub(super) const FIRST_ANSWER: Duration = Duration::from_millis(500);

/// Waits in the queue of a pool.
pub(super) async fn permit(queue: &AdmissionQueue, priority: Priority) -> Result<Permit> {
    queue
        .acquire(priority)
        .await
        .map_err(|Rejected| DbError::Overloaded)
}

/// What the driver does to get a connection. Boxed by its caller: it takes kilobytes, every future around it would hold
/// it once or twice, and futures are copied on their way outwards.
pub(super) type Getting<'a, T> = Pin<Box<dyn Future<Output = Result<T, sqlx::Error>> + Send + 'a>>;

/// The pool goes on trying to connect until its time is up. A server that is gone is noticed sooner by the monitor.
pub(super) async fn unless_gone<T>(
    server: &Server,
    getting: Getting<'_, T>,
) -> Result<T, sqlx::Error> {
    while_known(server, |known| known.reachable, getting).await
}

/// The same for a server that must also be `fit` for what it is asked.
pub(super) async fn while_known<T>(
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
