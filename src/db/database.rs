//! [`Db`]: the databases of this process, from which every connection and every transaction comes.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use tokio::sync::Notify;

use super::admission::{Priority, Rejected};
use super::audit;
use super::cluster::freshness::ReadRequirement;
use super::cluster::metrics;
use super::cluster::pool::PoolSizes;
use super::cluster::position::Position;
use super::cluster::router::Cluster;
use super::cluster::switches::Switches;
use super::commit::{CacheTag, InvalidatedTags, Invalidations};
use super::conn::{FreshConn, ReadConn};
use super::error::Result;
use super::options::direct_options;
use super::tx::{Outbox, Tx};
use crate::metrics::Registry;

/// The databases of this process. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pub(super) cluster: Arc<Cluster>,
    pub(super) invalidations: Arc<Invalidations>,
    outbox: Option<Outbox>,
    enqueued: Arc<Notify>,
}

/// Connections of a process outside its pools: two for the invalidation feed, one for probes.
pub const DIRECT_CONNECTIONS: u32 = 3;

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

    /// After a read failed with `error`: whether it is worth trying again (see [`super::cluster::fail_over`]).
    pub fn fails_over(
        &self,
        reading: &ReadRequirement,
        error: &(dyn std::error::Error + 'static),
    ) -> bool {
        self.cluster.fails_over(reading, error)
    }

    /// The same after a read that did not come back in time.
    pub fn fails_over_after_silence(&self, reading: &ReadRequirement) -> bool {
        self.cluster.fails_over_after_silence(reading)
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
        let conn = self.cluster.begin().await?;
        Ok(Tx {
            conn: Some(conn),
            invalidated: InvalidatedTags::default(),
            acts: audit::Acts::default(),
            earlier: None,
            wakes_workers: false,
            outbox: self.outbox,
            cluster: self.cluster.clone(),
            invalidations: self.invalidations.clone(),
            enqueued: self.enqueued.clone(),
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
