//! The database room: connections, transactions, migrations, ids, keyset cursors, the audit log and the
//! private Postgres of the default run.
//!
//! Ask [`Db`] for what the work needs: [`Db::read`] for public pages (a connection that cannot write, of a replica
//! where there is one that is new enough), [`Db::fresh`] for reads that must see the newest state (sessions,
//! permissions, the editor), [`Db::begin`] for every change, which names what readers will see differently
//! ([`Tx::touch`]). Reading queries take `&mut PgConnection`, writing ones take `&mut Tx`, so a write on a read
//! connection does not compile, and the server refuses it besides.
//!
//! `hosts` knows which server is asked, `monitor` looks at them, a [`Position`] says how new something is.

// The one room that may hold a driver's pool.
#![expect(clippy::disallowed_types)]

mod admission;
pub mod audit;
mod budget;
mod change;
mod clock;
mod constraint;
pub mod cursor;
pub mod embedded;
mod fence;
pub mod grants;
pub mod history;
mod host;
mod hosts;
mod ids;
pub mod inspect;
mod mark;
mod metrics;
pub mod migrate;
mod monitor;
mod pool;
pub mod position;
mod reading;
mod round_trip;
mod savepoint;
mod tag;
mod take_down;
mod turns;
mod unplaced;

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgPool};

use history::{HistoryId, Refusal, SiteHistory};
use host::Host;
use hosts::{Hosts, Lent, is_broken_connection};
use metrics::Counters;
use pool::Conn;
use turns::Turn;

pub use admission::Rejected;
pub use change::{
    CHANNEL, Changes, Outbox, Touched, announce_changes, announce_now, noting_writes,
};
pub use constraint::OnConstraint;
pub use fence::{Fences, Standing};
pub use host::Role;
pub use hosts::Emergency;
pub use ids::{passing_id, public_id};
pub use mark::prune_marks;
pub use monitor::watch;
pub use position::Position;
pub use reading::{At, Reading};
pub use tag::Tag;
pub use turns::{Priority, with_priority};

/// Why no connection or no answer was to be had.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The database cannot be reached or all connections stayed busy: try again later.
    #[error("the database is not available")]
    Unavailable(#[source] sqlx::Error),
    /// More is asked of the database than it can do, and others came first: try again later.
    #[error("the database has too much to do")]
    Overrun,
    /// Everything else: a broken query, a broken invariant.
    #[error("the database refused")]
    Refused(#[source] sqlx::Error),
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        if is_away(&error) {
            DbError::Unavailable(error)
        } else {
            DbError::Refused(error)
        }
    }
}

/// Whether the database, and not the question, is what failed, so that trying again in a moment can help.
pub fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => true,
        sqlx::Error::Database(e) => e.code().is_some_and(|c| passes(&c)),
        _ => false,
    }
}

/// Whether trying again in a moment can help: 57P0x shutting down or starting up, 08xxx connection lost,
/// 53xxx out of resources, 40xxx serialisation and deadlock, 55P03 a lock not had in time, 57014 a statement
/// too slow, 25P03 a transaction idle too long, 25006 a primary that became a standby.
fn passes(code: &str) -> bool {
    ["57P", "08", "53", "40"]
        .iter()
        .any(|class| code.starts_with(class))
        || matches!(code, "55P03" | "57014" | "25P03" | "25006")
}

pub type Result<T, E = DbError> = std::result::Result<T, E>;

/// The databases of this process. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    hosts: Arc<Hosts>,
    changes: Arc<Changes>,
    outbox: Option<Outbox>,
}

/// A connection on which the server refuses every write (`default_transaction_read_only`), also where it is the
/// primary's: a misrouted write fails on every laptop, not first in production.
pub struct ReadConn(Lent);

/// A read on the primary, for what must never be old: sessions, permissions, the author's own text.
pub struct FreshConn(
    Conn,
    #[expect(dead_code, reason = "given back with the connection")] Turn,
);

/// An open transaction on the primary. Dropped without [`Tx::commit`], nothing of it remains.
pub struct Tx {
    /// None only while it is consumed.
    conn: Option<Conn>,
    touched: Touched,
    /// What [`audit::record`] was told: written with the rest that every transaction writes at its end.
    acts: audit::Acts,
    /// Of the parts that are done, where it has parts.
    earlier: Option<savepoint::Earlier>,
    db: Db,
}

/// Sizes of the pools of one process for each server, in connections.
#[derive(Clone, Copy, Debug)]
pub struct PoolSizes {
    pub write: u32,
    pub fresh: u32,
    pub read: u32,
}

/// Connections of a process outside its pools: two to hear of changes, one to look at the server.
pub const DIRECT_CONNECTIONS: u32 = 3;

/// What is possible just now, as far as the servers were looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    Whole,
    /// No primary, or switched to reading only: nothing can be saved and nobody be recognised.
    ReadOnly,
    /// No server answers.
    Away,
}

impl Db {
    /// Opens the pools without connecting yet: a site must start while its database is away.
    pub fn open(
        primary: &PgConnectOptions,
        replicas: &[PgConnectOptions],
        sizes: PoolSizes,
        emergency: Emergency,
    ) -> Self {
        Db {
            hosts: Arc::new(Hosts::new(primary, replicas, sizes, emergency)),
            changes: Arc::default(),
            outbox: None,
        }
    }

    /// Remembers in this file which history of the database the site is on, and refuses servers of others.
    pub fn remember_history_in(self, file: PathBuf) -> Self {
        self.hosts.history.keep_in(file);
        self
    }

    /// Waits until every server has answered or failed one look, two seconds at most. Everything that asks a server does
    /// so by itself.
    pub async fn look_first(&self) {
        self.hosts.look_first().await;
    }

    /// Whether the server that `options` lead to is a primary that the site must not write to.
    ///
    /// # Errors
    ///
    /// When it does not answer.
    pub async fn refusal_of(&self, options: &PgConnectOptions) -> Result<Option<Refusal>> {
        let mut conn = options.connect().await?;
        let (found, role) = history::identify(&mut conn).await?;
        conn.close().await?;
        Ok(if role == Role::Primary {
            self.hosts.history.judge(found, role)
        } else {
            None
        })
    }

    /// Primaries that are refused for their history, with their names.
    pub fn refused_primaries(&self) -> Vec<(String, Refusal)> {
        let refused = |host: &Arc<Host>| Some((host.name.clone(), host.known().refused?));
        self.hosts
            .all
            .iter()
            .filter_map(refused)
            .filter(|(_, refusal)| refusal.role == Role::Primary)
            .collect()
    }

    /// What is known of the site's history.
    pub fn history(&self) -> SiteHistory {
        self.hosts.history.known()
    }

    /// Goes on with a history, whatever was before, and looks at all servers again.
    ///
    /// # Errors
    ///
    /// When it cannot be remembered.
    pub async fn accept_history(&self, id: HistoryId) -> std::io::Result<()> {
        self.hosts.history.accept(id)?;
        monitor::look_at_all(&self.hosts).await;
        Ok(())
    }

    /// Takes that back.
    ///
    /// # Errors
    ///
    /// When it cannot be remembered.
    pub fn put_history_back(&self, history: SiteHistory) -> std::io::Result<()> {
        self.hosts.history.put(history)
    }

    /// The time by the primary's clock, as far as it is known: for what nodes must agree on.
    pub fn now(&self) -> DateTime<Utc> {
        self.hosts.clock.now()
    }

    /// Other emergency switches from now on.
    pub fn switch(&self, emergency: Emergency) {
        self.hosts.switch(emergency);
    }

    /// Adds `outbox` to every transaction that changes what readers see.
    pub fn with_outbox(self, outbox: Option<Outbox>) -> Self {
        Db { outbox, ..self }
    }

    /// What this process knows of changes.
    pub fn changes(&self) -> &Changes {
        &self.changes
    }

    /// For what shows one thing: at least as new as every change of it that is known here.
    pub fn reading_of(&self, tag: &Tag) -> Reading {
        Reading::at_least(
            self.changes
                .fences
                .newest(&Tag::hashes(std::slice::from_ref(tag))),
        )
    }

    /// A connection for public pages: of a replica that is as new as `reading` asks, else of the primary.
    ///
    /// # Errors
    ///
    /// Unavailable when no server can be had within about a second.
    pub async fn read(&self, reading: &Reading) -> Result<ReadConn> {
        let lent = self.hosts.lend(reading).await?;
        reading.answered(lent.host, lent.at);
        Ok(ReadConn(lent))
    }

    /// After a read failed with `error`: whether it is worth trying again. On another server, if it was a replica's; what
    /// broke its connection puts it out for everybody. Once more on the primary, whose connection may have been a dead one
    /// of before a restart.
    pub fn moves_on(&self, reading: &Reading, error: &(dyn std::error::Error + 'static)) -> bool {
        let Some(error) = sqlx_error(error) else {
            return false;
        };
        let code = error
            .as_database_error()
            .and_then(|e| e.code())
            .unwrap_or_default();
        let conflict = code.starts_with("40");
        let broken = is_broken_connection(error);
        let Some(host) = reading.replica() else {
            if broken && let Some(primary) = self.hosts.primary() {
                primary.doubt_connections();
            }
            return broken && reading.tries_primary_again();
        };
        let broken = broken || matches!(error, sqlx::Error::PoolTimedOut);
        if conflict {
            Counters::one(&self.hosts.counters.conflicts);
        }
        if broken {
            self.hosts.all[host].suspect(&error.to_string());
        }
        let moves = (conflict || broken) && self.hosts.may_move();
        if moves {
            Counters::one(&self.hosts.counters.moved);
            reading.moved_from(host);
        }
        moves
    }

    /// The same after a read that did not come back in time.
    pub fn moves_on_after_silence(&self, reading: &Reading) -> bool {
        let Some(host) = reading.replica() else {
            return false;
        };
        self.hosts.all[host].suspect("a read did not come back in time");
        if !self.hosts.may_move() {
            return false;
        }
        Counters::one(&self.hosts.counters.moved);
        reading.moved_from(host);
        true
    }

    /// A connection that sees every commit acknowledged so far.
    pub async fn fresh(&self) -> Result<FreshConn> {
        let (conn, turn) = self.hosts.lend_fresh().await?;
        Ok(FreshConn(conn, turn))
    }

    /// One question to the primary that sees every commit acknowledged so far, in one round trip. It may be asked twice.
    pub async fn ask_fresh<T>(
        &self,
        question: impl AsyncFn(&mut PgConnection) -> Result<T>,
    ) -> Result<T> {
        self.hosts.ask_fresh(question).await
    }

    /// Begins a change, read committed.
    pub async fn begin(&self) -> Result<Tx> {
        let (conn, _) = self.hosts.begin().await?;
        Ok(Tx {
            conn: Some(conn),
            touched: Touched::default(),
            acts: audit::Acts::default(),
            earlier: None,
            db: self.clone(),
        })
    }

    /// A limit for something that takes so many round trips to the primary, wherever that is.
    pub fn allow(&self, limit: Duration, round_trips: u32) -> Duration {
        self.hosts.farthest(limit, round_trips)
    }

    /// Where the primary's log ended when it was last looked at.
    pub fn end_of_log(&self) -> Option<Position> {
        self.hosts.primary().and_then(|host| host.known().position)
    }

    /// Whether so many wait for connections that a request for a page has to be admitted first ([`Db::admit`]).
    pub fn is_full(&self, priority: Priority) -> bool {
        self.hosts.is_full(priority)
    }

    /// Waits until there is room in the queue for connections.
    ///
    /// # Errors
    ///
    /// There was none for too long, or too many wait already.
    pub async fn admit(&self, priority: Priority) -> Result<(), Rejected> {
        self.hosts
            .admission
            .wait(priority, || !self.is_full(priority))
            .await
    }

    /// Whether more is asked than can be answered.
    pub fn is_overrun(&self) -> bool {
        self.hosts.is_overrun()
    }

    /// Whether there is a server that would take changes.
    pub fn has_primary(&self) -> bool {
        self.hosts.primary().is_some()
    }

    /// Waits until a server takes changes, and says which.
    pub async fn primary_found(&self) -> PgConnectOptions {
        self.look_first().await;
        loop {
            if let Some(primary) = self
                .hosts
                .primary()
                .filter(|host| host.known().takes_changes())
            {
                return primary.options.clone();
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Waits until the server of `options` is not the primary any more.
    pub async fn primary_lost(&self, options: &PgConnectOptions) {
        let place = |options: &PgConnectOptions| {
            (
                options.get_host().to_owned(),
                options.get_port(),
                options.get_socket().cloned(),
            )
        };
        while self
            .hosts
            .primary()
            .is_some_and(|primary| place(&primary.options) == place(options))
        {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Whether some server answers that has every migration of this version.
    pub async fn is_up_to_date(&self) -> bool {
        let asked = async {
            let mut conn = self.read(&Reading::any()).await?;
            inspect::migrations(&mut conn).await
        };
        asked
            .await
            .is_ok_and(|migrations| migrations.waiting.is_empty())
    }

    /// What is possible just now.
    pub fn condition(&self) -> Condition {
        if self.hosts.takes_changes() || !self.hosts.has_looked() {
            Condition::Whole
        } else if self.hosts.any_answers() {
            Condition::ReadOnly
        } else {
            Condition::Away
        }
    }

    /// Servers, pools and reads in the text format of Prometheus.
    pub fn metrics(&self) -> String {
        let mut text = metrics::metrics(&self.hosts);
        text.push_str(&self.changes.metrics());
        text
    }

    /// A connection of its own to the primary, outside the pools, for what stays on one connection for as long as the
    /// process lives. Its commits may be lost with the server: nothing that anybody wrote goes over it.
    pub async fn direct(&self, name: &str) -> Result<PgConnection> {
        self.hosts
            .direct(|options| direct_options(options, name))
            .await
    }

    /// The same as a pool, for what wants one.
    pub fn one_connection(&self, name: &str) -> Result<PgPool> {
        let primary = self.hosts.primary_or_fail()?;
        Ok(PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(1))
            .connect_lazy_with(direct_options(&primary.options, name)))
    }

    /// Waits for connections in use to come back, then closes all.
    pub async fn close(&self) {
        for host in &self.hosts.all {
            host.close().await;
        }
    }
}

fn direct_options(options: &PgConnectOptions, name: &str) -> PgConnectOptions {
    with_settings(
        options,
        name,
        &[("statement_timeout", "2s"), ("synchronous_commit", "off")],
    )
}

/// The database's own error behind ours.
fn sqlx_error<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a sqlx::Error> {
    let mut error = Some(error);
    while let Some(e) = error {
        if let Some(found) = e.downcast_ref::<sqlx::Error>() {
            return Some(found);
        }
        error = e.source();
    }
    None
}

/// Reads a `postgres://` address, with the password that `~/.pgpass` has for it. What the first call found is kept: a
/// process that has left root since then may not read that file any more.
pub fn parse_url(url: &str) -> std::result::Result<PgConnectOptions, sqlx::Error> {
    static KNOWN: Mutex<BTreeMap<String, PgConnectOptions>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap_or_else(|e| e.into_inner());
    if let Some(options) = known.get(url) {
        return Ok(options.clone());
    }
    let options = PgConnectOptions::from_str(url)?;
    known.insert(url.to_owned(), options.clone());
    Ok(options)
}

fn with_settings(
    options: &PgConnectOptions,
    pool: &str,
    extra: &[(&str, &str)],
) -> PgConnectOptions {
    options
        .clone()
        .application_name(&format!("masthead/{pool}"))
        .options([
            ("lock_timeout", "1s"),
            ("idle_in_transaction_session_timeout", "10s"),
        ])
        .options(extra.iter().copied())
}

impl Tx {
    /// For imports and other bulk work: a statement may take a minute, and the transaction may wait ten
    /// minutes for the next one.
    pub async fn allow_long_work(&mut self) -> Result<()> {
        let settings = "set local statement_timeout = '60s'; set local idle_in_transaction_session_timeout = '10min'";
        sqlx::raw_sql(settings).execute(&mut **self).await?;
        Ok(())
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

impl ReadConn {
    /// Gives the connection back when everything that was asked on it was answered: then the next page need not ask
    /// whether it can be used.
    pub fn release(self) {
        self.0.release();
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

macro_rules! lends_a_connection {
    ($($name:ident ($($field:tt)+)),*) => {$(
        impl Deref for $name {
            type Target = PgConnection;
            fn deref(&self) -> &PgConnection { &self.$($field)+ }
        }
        impl DerefMut for $name {
            fn deref_mut(&mut self) -> &mut PgConnection { &mut self.$($field)+ }
        }
    )*};
}
lends_a_connection!(ReadConn(0.conn), FreshConn(0));
