//! Whether a pooler stands before the server, and how it hands out connections.

use std::collections::HashSet;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};

use crate::db::Result;

/// What stands between here and the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooler {
    /// Connections are the server's own.
    None,
    /// It hands out its own connections, each to one client at a time.
    Session,
    /// It gives a connection to another client after each transaction: statements that were prepared on one are then
    /// another session's, which gives wrong rows without an error.
    Transaction,
}

/// Whether something between here and the server hands out its own connections (PgBouncer and the like), and how.
///
/// A connection gets the process of another one while that is open (transaction mode), or of one that was closed (session
/// mode).
/// A pooler that is in use by others may escape; so it is tried a few times.
///
/// # Errors
///
/// When a connection is refused: some poolers refuse the settings that serving asks for.
pub async fn pooler(options: &PgConnectOptions) -> Result<Pooler> {
    let mut found = Pooler::None;
    let mut seen = HashSet::new();
    for _ in 0..3 {
        let mut first = options.connect().await?;
        let one = backend(&mut first).await?;
        let mut second = options.connect().await?;
        let two = backend(&mut second).await?;
        if two == one {
            return Ok(Pooler::Transaction);
        }
        second.close().await?;
        first.close().await?;
        // The pooler may hand out either of them, or wait with one until it has cleaned it.
        if !seen.insert(one) || !seen.insert(two) {
            found = Pooler::Session;
        }
    }
    Ok(found)
}

/// Without preparing anything: that is what goes wrong behind some poolers.
async fn backend(conn: &mut PgConnection) -> Result<i32> {
    use sqlx::Row;
    Ok(sqlx::raw_sql("select pg_backend_pid()")
        .fetch_one(conn)
        .await?
        .try_get(0)?)
}
