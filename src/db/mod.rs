//! The database room: connections, transactions, migrations, ids, keyset cursors, the audit log and the
//! private Postgres of the default run.
//!
//! Ask [`Db`] for what the work needs: [`Db::read`] for public pages (a connection that cannot write, of a replica
//! where there is one that is new enough), [`Db::fresh`] for reads that must see the newest state (sessions,
//! permissions, the editor), [`Db::begin`] for every change, which names what readers will see differently
//! ([`Tx::invalidate`]). Reading queries take `&mut PgConnection`, writing ones take `&mut Tx`, so a write on a read
//! connection does not compile, and the server refuses it besides.
//!
//! [`cluster`] knows the servers and sends each read to one, `commit` invalidates what a transaction changed, a [`Position`]
//! says how new something is.

#![warn(missing_docs)]
// The one room that may hold a driver's pool.
#![expect(clippy::disallowed_types)]

mod admission;
pub mod audit;
pub mod cluster;
mod commit;
mod conn;
mod constraint;
pub mod cursor;
pub mod diagnostics;
pub mod embedded;
mod error;
pub mod grants;
pub mod migrate;
mod options;

mod tx;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgPool};
use tokio::sync::Notify;

use cluster::checkout::is_broken_connection;
use cluster::history::{self, HistoryId, Refusal, SiteHistory};
use cluster::metrics::{self, Counters};
use cluster::monitor;
use cluster::router::Cluster;
use cluster::server::Server;
use options::direct_options;

use crate::metrics::Registry;

pub use crate::ids::{fast_id, public_id};
pub use admission::{Priority, Rejected, with_priority};
pub use cluster::freshness::{ReadFrom, ReadRequirement};
pub use cluster::monitor::watch;
pub use cluster::position::Position;
pub use cluster::server::Role;
pub use cluster::switches::{ReplicaReads, Switches};
pub use commit::{
    CHANNEL, CacheTag, InvalidatedTags, Invalidations, Outbox, TagVersions, Validity, notify_peers,
    notify_peers_now, prune_commit_tokens, tracking_writes,
};
pub use conn::{FreshConn, ReadConn};
pub use constraint::OnConstraint;
pub use error::{DbError, Result, is_away};
pub use options::parse_url;

pub use tx::Tx;

/// The databases of this process. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    cluster: Arc<Cluster>,
    invalidations: Arc<Invalidations>,
    outbox: Option<Outbox>,
    enqueued: Arc<Notify>,
}

/// Sizes of the pools of one process for each server, in connections.
#[derive(Clone, Copy, Debug)]
pub struct PoolSizes {
    /// For changes, on the primary.
    pub write: u32,
    /// For reads that must see the newest state, on the primary.
    pub fresh: u32,
    /// For public pages, on each server.
    pub read: u32,
}

/// Connections of a process outside its pools: two for the invalidation feed, one for probes.
pub const DIRECT_CONNECTIONS: u32 = 3;

/// What is possible just now, as far as the last probes tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// A server takes changes; also before the first probe, when nothing is known to be wrong.
    ReadWrite,
    /// No primary, or switched to reading only: nothing can be saved and no session be read.
    ReadOnly,
    /// No server answers.
    Down,
}

impl Db {
    /// Opens the pools without connecting yet: a site must start while its database is away.
    pub fn open(
        primary: &PgConnectOptions,
        replicas: &[PgConnectOptions],
        sizes: PoolSizes,
        switches: Switches,
    ) -> Self {
        Db {
            cluster: Arc::new(Cluster::new(primary, replicas, sizes, switches)),
            invalidations: Arc::default(),
            outbox: None,
            enqueued: Arc::default(),
        }
    }

    /// Remembers in this file which history of the database the site is on, and refuses servers of others.
    pub fn remember_history_in(self, file: PathBuf) -> Self {
        self.cluster.history.keep_in(file);
        self
    }

    /// Waits until every server has answered or failed one probe, two seconds at most. Everything that asks a server does
    /// so by itself.
    pub async fn first_probe(&self) {
        self.cluster.first_probe().await;
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
            self.cluster.history.judge(found, role)
        } else {
            None
        })
    }

    /// Primaries that are refused for their history, with their names.
    pub fn refused_primaries(&self) -> Vec<(String, Refusal)> {
        let refused = |server: &Arc<Server>| Some((server.name.clone(), server.state().refused?));
        self.cluster
            .all
            .iter()
            .filter_map(refused)
            .filter(|(_, refusal)| refusal.role == Role::Primary)
            .collect()
    }

    /// What is known of the site's history.
    pub fn history(&self) -> SiteHistory {
        self.cluster.history.known()
    }

    /// Goes on with a history, whatever was before, and probes all servers again.
    ///
    /// # Errors
    ///
    /// When it cannot be remembered.
    pub async fn accept_history(&self, id: HistoryId) -> std::io::Result<()> {
        self.cluster.history.accept(id)?;
        monitor::probe_all(&self.cluster).await;
        Ok(())
    }

    /// Takes that back.
    ///
    /// # Errors
    ///
    /// When it cannot be remembered.
    pub fn put_history_back(&self, history: SiteHistory) -> std::io::Result<()> {
        self.cluster.history.put(history)
    }

    /// The time by the primary's clock, as far as it is known: for what nodes must agree on.
    pub fn now(&self) -> DateTime<Utc> {
        self.cluster.clock.now()
    }

    /// Obeys these from now on.
    pub fn switch(&self, switches: Switches) {
        self.cluster.switch(switches);
    }

    /// Adds `outbox` to every transaction that changes what readers see.
    pub fn with_outbox(self, outbox: Option<Outbox>) -> Self {
        Db { outbox, ..self }
    }

    /// Rung after each commit of this process that enqueued a job ([`Tx::wake_workers`]).
    pub fn enqueued(&self) -> Arc<Notify> {
        self.enqueued.clone()
    }

    /// What this process knows of changes.
    pub fn invalidations(&self) -> &Invalidations {
        &self.invalidations
    }

    /// For what shows one thing: at least as new as every change of it that is known here.
    pub fn requirement_of(&self, tag: &CacheTag) -> ReadRequirement {
        ReadRequirement::at_least(
            self.invalidations
                .versions
                .newest_position(&CacheTag::hashes(std::slice::from_ref(tag))),
        )
    }

    /// A connection for public pages: of a replica that is as new as `reading` asks, else of the primary.
    ///
    /// # Errors
    ///
    /// Unavailable when no server can be had within about a second.
    pub async fn read(&self, reading: &ReadRequirement) -> Result<ReadConn> {
        let checkout = self.cluster.checkout(reading).await?;
        reading.answered(checkout.server, checkout.at);
        Ok(ReadConn(checkout))
    }

    /// After a read failed with `error`: whether it is worth trying again. On another server, if it was a replica's; what
    /// broke its connection takes it out of rotation for all reads. Once more on the primary, whose connection may have been a dead one
    /// of before a restart.
    pub fn fails_over(
        &self,
        reading: &ReadRequirement,
        error: &(dyn std::error::Error + 'static),
    ) -> bool {
        let Some(error) = sqlx_error(error) else {
            return false;
        };
        let code = error
            .as_database_error()
            .and_then(|e| e.code())
            .unwrap_or_default();
        let conflict = code.starts_with("40");
        let broken = is_broken_connection(error);
        let Some(server) = reading.replica() else {
            if broken && let Some(primary) = self.cluster.primary() {
                primary.doubt_connections();
            }
            return broken && reading.tries_primary_again();
        };
        let broken = broken || matches!(error, sqlx::Error::PoolTimedOut);
        if conflict {
            Counters::one(&self.cluster.counters.conflicts);
        }
        if broken {
            self.cluster.all[server].eject(&error.to_string());
        }
        let moves = (conflict || broken) && self.cluster.may_fail_over();
        if moves {
            Counters::one(&self.cluster.counters.failovers);
            reading.failed_over_from(server);
        }
        moves
    }

    /// The same after a read that did not come back in time.
    pub fn fails_over_after_silence(&self, reading: &ReadRequirement) -> bool {
        let Some(server) = reading.replica() else {
            return false;
        };
        self.cluster.all[server].eject("a read did not come back in time");
        if !self.cluster.may_fail_over() {
            return false;
        }
        Counters::one(&self.cluster.counters.failovers);
        reading.failed_over_from(server);
        true
    }

    /// A connection that sees every commit acknowledged so far.
    pub async fn fresh(&self) -> Result<FreshConn> {
        let (conn, permit) = self.cluster.checkout_fresh().await?;
        Ok(FreshConn(conn, permit))
    }

    /// One question to the primary that sees every commit acknowledged so far, in one round trip. It may be asked twice.
    pub async fn ask_fresh<T>(
        &self,
        question: impl AsyncFn(&mut PgConnection) -> Result<T>,
    ) -> Result<T> {
        self.cluster.ask_fresh(question).await
    }

    /// Begins a change, read committed.
    pub async fn begin(&self) -> Result<Tx> {
        let (conn, _) = self.cluster.begin().await?;
        Ok(Tx {
            conn: Some(conn),
            invalidated: InvalidatedTags::default(),
            acts: audit::Acts::default(),
            earlier: None,
            wakes_workers: false,
            db: self.clone(),
        })
    }

    /// A limit for something that takes so many round trips to the primary, wherever that is.
    pub fn allow(&self, limit: Duration, round_trips: u32) -> Duration {
        self.cluster.farthest(limit, round_trips)
    }

    /// Where the primary's log ended when it was last probed.
    pub fn end_of_log(&self) -> Option<Position> {
        self.cluster
            .primary()
            .and_then(|server| server.state().position)
    }

    /// Whether so many wait for connections that a request for a page has to be admitted first ([`Db::admit`]).
    pub fn is_full(&self, priority: Priority) -> bool {
        self.cluster.is_full(priority)
    }

    /// Waits until there is room in the queue for connections.
    ///
    /// # Errors
    ///
    /// There was none for too long, or too many wait already.
    pub async fn admit(&self, priority: Priority) -> Result<(), Rejected> {
        let _waiting = self.cluster.waits.begin_admission();
        self.cluster
            .front
            .wait(priority, || !self.is_full(priority))
            .await
    }

    /// Whether more is asked than can be answered.
    pub fn is_overloaded(&self) -> bool {
        self.cluster.is_overloaded()
    }

    /// Whether there is a server that would take changes.
    pub fn has_primary(&self) -> bool {
        self.cluster.primary().is_some()
    }

    /// Waits until a server takes changes, and says which.
    pub async fn primary_found(&self) -> PgConnectOptions {
        self.first_probe().await;
        loop {
            if let Some(primary) = self
                .cluster
                .primary()
                .filter(|server| server.state().takes_changes())
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
            .cluster
            .primary()
            .is_some_and(|primary| place(&primary.options) == place(options))
        {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Whether some server answers that has every migration of this version.
    pub async fn is_up_to_date(&self) -> bool {
        let asked = async {
            let mut conn = self.read(&ReadRequirement::any()).await?;
            diagnostics::migrations(&mut conn).await
        };
        asked
            .await
            .is_ok_and(|migrations| migrations.waiting.is_empty())
    }

    /// What is possible just now.
    pub fn availability(&self) -> Availability {
        if self.cluster.takes_changes() || !self.cluster.has_probed() {
            Availability::ReadWrite
        } else if self.cluster.any_answers() {
            Availability::ReadOnly
        } else {
            Availability::Down
        }
    }

    /// Servers, pools and reads.
    pub fn register(&self, registry: &mut Registry) {
        let (cluster, invalidations) = (self.cluster.clone(), self.invalidations.clone());
        registry.register(move |scrape| {
            metrics::collect(&cluster, scrape);
            invalidations.collect(scrape);
        });
    }

    /// A connection of its own to the primary, outside the pools, for what stays on one connection for as long as the
    /// process lives. Its commits may be lost with the server: nothing that people wrote goes over it.
    pub async fn direct(&self, name: &str) -> Result<PgConnection> {
        self.cluster
            .direct(|options| direct_options(options, name))
            .await
    }

    /// The same as a pool, for what wants one.
    pub fn one_connection(&self, name: &str) -> Result<PgPool> {
        let primary = self.cluster.primary_or_fail()?;
        Ok(PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(1))
            .connect_lazy_with(direct_options(&primary.options, name)))
    }

    /// Waits for connections in use to come back, then closes all.
    pub async fn close(&self) {
        for server in &self.cluster.all {
            server.close().await;
        }
    }
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
