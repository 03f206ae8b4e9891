//! The database room: connections, transactions, migrations, ids, keyset cursors, the audit log and the
//! private Postgres of the default run.
//!
//! Ask [`Db`] for what the work needs: [`Db::read`] for public pages (a connection that cannot write),
//! [`Db::fresh`] for reads that must see the newest state (sessions, permissions, the editor), [`Db::begin`]
//! for every change, which names what readers will see differently ([`Tx::touch`]). Reading queries take `&mut PgConnection`, writing ones take `&mut Tx`, so a write on a
//! read connection does not compile, and the server refuses it besides.

pub mod audit;
mod change;
mod constraint;
pub mod cursor;
pub mod embedded;
mod fence;
mod ids;
pub mod inspect;
pub mod migrate;
mod tag;

use std::ops::{Deref, DerefMut};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgPool, Postgres, Transaction};

pub use change::{CHANNEL, Changes, Outbox, Touched, announce_changes, announce_now};
pub use constraint::OnConstraint;
pub use fence::{Fences, Standing};
pub use ids::{passing_id, public_id};
pub use tag::Tag;

/// Why no connection or no answer was to be had.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The database cannot be reached or all connections stayed busy: try again later.
    #[error("the database is not available")]
    Unavailable(#[source] sqlx::Error),
    /// Everything else: a broken query, a broken invariant.
    #[error("the database refused")]
    Refused(#[source] sqlx::Error),
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        let gone = match &error {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => true,
            sqlx::Error::Database(e) => e.code().is_some_and(|c| passes(&c)),
            _ => false,
        };
        if gone { DbError::Unavailable(error) } else { DbError::Refused(error) }
    }
}

/// Whether trying again in a moment can help: 57P0x shutting down or starting up, 08xxx connection lost,
/// 53xxx out of resources, 40xxx serialisation and deadlock, 55P03 a lock not had in time, 57014 a statement
/// too slow, 25P03 a transaction idle too long, 25006 a primary that became a standby.
fn passes(code: &str) -> bool {
    ["57P", "08", "53", "40"].iter().any(|class| code.starts_with(class)) || matches!(code, "55P03" | "57014" | "25P03" | "25006")
}

pub type Result<T, E = DbError> = std::result::Result<T, E>;

/// The pools of this process. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    write: PgPool,
    read: PgPool,
    options: PgConnectOptions,
    changes: Arc<Changes>,
    outbox: Option<Outbox>,
}

/// A connection on which the server refuses every write (`default_transaction_read_only`), also where
/// both pools point at one server: a misrouted write fails on every laptop, not first in production.
pub struct ReadConn(PoolConnection<Postgres>);

/// A read on the primary, for what must never be old: sessions, permissions, the author's own text.
pub struct FreshConn(PoolConnection<Postgres>);

/// An open transaction on the primary. Dropped without [`Tx::commit`], nothing of it remains.
pub struct Tx {
    tx: Transaction<'static, Postgres>,
    touched: Touched,
    db: Db,
}

/// Sizes of the pools of one process, in connections.
#[derive(Clone, Copy, Debug)]
pub struct PoolSizes {
    pub write: u32,
    pub read: u32,
}

/// A connection that was used within this time is taken to be alive (rule A10).
const RESTED: Duration = Duration::from_secs(1);

impl Db {
    /// Opens both pools without connecting yet: a site must start while its database is away.
    pub fn open(options: &PgConnectOptions, sizes: PoolSizes) -> Self {
        let pool = |size: u32, wait: Duration| {
            PgPoolOptions::new()
                .max_connections(size)
                .acquire_timeout(wait)
                // Asking each connection whether it lives doubles the round trips of a small query.
                .test_before_acquire(false)
                .before_acquire(|conn, rest| {
                    Box::pin(async move {
                        if rest.idle_for > RESTED {
                            conn.ping().await?;
                        }
                        Ok(true)
                    })
                })
                .max_lifetime(Duration::from_secs(30 * 60))
                .idle_timeout(Duration::from_secs(5 * 60))
        };
        let write = with_settings(options, "write", &[("statement_timeout", "5s")]);
        let read = [
            ("statement_timeout", "2s"),
            ("default_transaction_read_only", "on"),
            // Planning a page's query costs several times its execution, and no plan here depends on the values asked for.
            ("plan_cache_mode", "force_generic_plan"),
            ("jit", "off"),
        ];
        let read = with_settings(options, "read", &read);
        Db {
            write: pool(sizes.write, Duration::from_millis(2000)).connect_lazy_with(write),
            read: pool(sizes.read, Duration::from_millis(1000)).connect_lazy_with(read),
            options: options.clone(),
            changes: Arc::default(),
            outbox: None,
        }
    }

    /// Adds `outbox` to every transaction that changes what readers see.
    pub fn with_outbox(self, outbox: Option<Outbox>) -> Self {
        Db { outbox, ..self }
    }

    /// What this process knows of changes.
    pub fn changes(&self) -> &Changes {
        &self.changes
    }

    /// A connection for public pages. May one day be a replica's, so it can be a moment behind.
    pub async fn read(&self) -> Result<ReadConn> {
        Ok(ReadConn(self.read.acquire().await?))
    }

    /// A connection that sees every commit acknowledged so far.
    pub async fn fresh(&self) -> Result<FreshConn> {
        Ok(FreshConn(self.write.acquire().await?))
    }

    /// Begins a change, read committed.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(Tx { tx: self.write.begin().await?, touched: Touched::default(), db: self.clone() })
    }

    /// A connection of its own, outside the pools, for what stays on one connection for as long as the process lives.
    /// Its commits may be lost with the server: nothing that anybody wrote goes over it.
    pub async fn direct(&self, name: &str) -> Result<PgConnection> {
        Ok(self.direct_options(name).connect().await?)
    }

    /// The same as a pool, for what wants one.
    pub fn one_connection(&self, name: &str) -> PgPool {
        PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(1))
            .connect_lazy_with(self.direct_options(name))
    }

    fn direct_options(&self, name: &str) -> PgConnectOptions {
        with_settings(&self.options, name, &[("statement_timeout", "2s"), ("synchronous_commit", "off")])
    }

    /// Waits for connections in use to come back, then closes all.
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}

/// Reads a `postgres://` address.
pub fn parse_url(url: &str) -> std::result::Result<PgConnectOptions, sqlx::Error> {
    PgConnectOptions::from_str(url)
}

fn with_settings(options: &PgConnectOptions, pool: &str, extra: &[(&str, &str)]) -> PgConnectOptions {
    options
        .clone()
        .application_name(&format!("masthead/{pool}"))
        .options([("lock_timeout", "1s"), ("idle_in_transaction_session_timeout", "10s")])
        .options(extra.iter().copied())
}

impl Tx {
    /// For imports and other bulk work: a statement may take a minute, and the transaction may wait ten
    /// minutes for the next one.
    pub async fn allow_long_work(&mut self) -> Result<()> {
        sqlx::query("set local statement_timeout = '60s'").execute(&mut **self).await?;
        sqlx::query("set local idle_in_transaction_session_timeout = '10min'").execute(&mut **self).await?;
        Ok(())
    }
}

macro_rules! lends_a_connection {
    ($($name:ident $field:tt),*) => {$(
        impl Deref for $name {
            type Target = PgConnection;
            fn deref(&self) -> &PgConnection { &self.$field }
        }
        impl DerefMut for $name {
            fn deref_mut(&mut self) -> &mut PgConnection { &mut self.$field }
        }
    )*};
}
lends_a_connection!(ReadConn 0, FreshConn 0, Tx tx);
