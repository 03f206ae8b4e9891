//! Probes every server twice a second, on a connection of its own: what it is, how far it has come, whether reads may
//! go there.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::Context;
use sqlx::postgres::PgConnection;
use tokio::task::JoinHandle;

use super::probe::{self, Probe, Prober};
use super::role::Role;
use super::rotation;
use super::router::Cluster;
use super::server::Server;
use crate::db::diagnostics;
use crate::db::diagnostics::Pooler;
use crate::db::{Db, Result};

use crate::jitter;

const PROBE_EVERY: Duration = Duration::from_millis(500);
/// The primary writes a commit this often, so that the time since the last replayed one means something when nothing
/// else is written.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// Watches every server until the tasks are aborted.
pub fn watch(db: &Db) -> Vec<JoinHandle<()>> {
    db.cluster.watched.store(true, Ordering::Release);
    (0..db.cluster.all.len())
        .map(|index| tokio::spawn(follow(db.cluster.clone(), index)))
        .collect()
}

async fn follow(cluster: Arc<Cluster>, index: usize) {
    let server = &cluster.all[index];
    // The first one was probed before anything was asked of it.
    if index != 0 {
        until_answers_are_its_own(server).await;
    }
    let mut watch = ServerWatch {
        cluster: &cluster,
        index,
        server,
        connecting: Slowly::default(),
        conn: None,
        nearest: Duration::ZERO,
        beaten: Instant::now(),
    };
    loop {
        if watch.connect().await {
            watch.look().await;
            for pool in server.pools() {
                pool.prune();
            }
        }
        pause(server).await;
    }
}

/// Behind a pooler in transaction mode, what a probe says is another server's as soon as the pooler sends it there.
async fn until_answers_are_its_own(server: &Arc<Server>) {
    let mut checking = Slowly::default();
    loop {
        let options = server.options.clone();
        match checking
            .done_within(probe::ANSWER * 4, || async move {
                Ok(diagnostics::pooler(&options).await?)
            })
            .await
        {
            Some(Ok(Pooler::Transaction)) => rotation::fail(
                server,
                true,
                "a pooler in transaction mode stands before it (see doctor)",
            ),
            Some(Ok(Pooler::None | Pooler::Session)) => return,
            Some(Err(error)) => rotation::fail(server, rotation::is_gone(&error), "no connection"),
            None => rotation::fail(server, false, "no answer in time"),
        }
        pause(server).await;
    }
}

/// One server from probe to probe.
struct ServerWatch<'a> {
    cluster: &'a Cluster,
    index: usize,
    server: &'a Arc<Server>,
    connecting: Slowly<(Prober, Duration)>,
    conn: Option<Prober>,
    /// The way there as it was when it was shortest: what comes to it later is slowness and no distance.
    nearest: Duration,
    beaten: Instant,
}

impl ServerWatch<'_> {
    /// Whether there is a connection to probe on.
    async fn connect(&mut self) -> bool {
        if self.conn.is_some() {
            return true;
        }
        let server = self.server;
        match self
            .connecting
            .done_within(server.round_trip.allow(probe::ANSWER, 4), || {
                probe::connect(server.clone())
            })
            .await
        {
            Some(Ok((connected, took))) => {
                self.conn = Some(connected);
                self.nearest = took;
                return true;
            }
            Some(Err(error)) => {
                server.doubt_connections();
                rotation::fail(server, rotation::is_gone(&error), &format!("{error:#}"));
            }
            None => rotation::fail(server, false, "no answer in time"),
        }
        false
    }

    async fn look(&mut self) {
        let server = self.server;
        let began = Instant::now();
        match tokio::time::timeout(
            server.round_trip.allow(probe::ANSWER, 4),
            probe::probe(&mut self.conn),
        )
        .await
        {
            Ok(Ok(probe)) => self.learn(&probe, began.elapsed()).await,
            Ok(Err(error)) => {
                self.conn = None;
                server.doubt_connections();
                rotation::fail(server, rotation::is_gone(&error), &format!("{error:#}"));
            }
            Err(_) => {
                self.conn = None;
                rotation::fail(server, false, "no answer in time");
            }
        }
    }

    async fn learn(&mut self, probe: &Probe, took: Duration) {
        // The first probe on a connection prepares its question.
        let slow = (took > rotation::SLOW + self.nearest * 2).then_some("it answers slowly");
        self.nearest = self.nearest.min(took);
        self.server.round_trip.measured(took);
        rotation::observe(self.cluster, probe).await;
        rotation::record(self.cluster, self.index, probe, slow);
        // What a role or a database sets counts for new sessions only.
        if probe.read_only || probe.read_only_for_others {
            self.conn = None;
        }
        if probe.role == Role::Primary
            && !self.cluster.is_single()
            && self.beaten.elapsed() >= HEARTBEAT
        {
            self.beaten = Instant::now();
            if let Some(prober) = self.conn.as_mut() {
                let limit = self.server.round_trip.allow(probe::ANSWER, 4);
                let _ = tokio::time::timeout(limit, beat(&mut prober.conn)).await;
            }
        }
    }
}

/// Until the next probe.
async fn pause(server: &Server) {
    tokio::select! {
        () = tokio::time::sleep(jitter::around(PROBE_EVERY, 0.2)) => {}
        () = server.probe.notified() => {}
    }
}

/// Something that takes many round trips and goes on while it counts as late: what is begun again each time is never done
/// where the server is far away.
struct Slowly<T>(Option<JoinHandle<anyhow::Result<T>>>);

impl<T> Default for Slowly<T> {
    fn default() -> Self {
        Slowly(None)
    }
}

impl<T: Send + 'static> Slowly<T> {
    /// None while it is not done.
    async fn done_within<F>(
        &mut self,
        limit: Duration,
        begin: impl FnOnce() -> F,
    ) -> Option<anyhow::Result<T>>
    where
        F: Future<Output = anyhow::Result<T>> + Send + 'static,
    {
        let task = self.0.get_or_insert_with(|| {
            let work = begin();
            tokio::spawn(async {
                tokio::time::timeout(probe::MOST, work)
                    .await
                    .context("no answer in time")?
            })
        });
        let done = tokio::time::timeout(limit, task).await.ok()?;
        self.0 = None;
        Some(done.context("it broke").flatten())
    }
}

impl<T> Drop for Slowly<T> {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

async fn beat(conn: &mut PgConnection) -> Result<()> {
    sqlx::query_scalar!(r#"select pg_logical_emit_message(true, 'masthead', '')::text as "lsn!""#)
        .fetch_one(conn)
        .await?;
    Ok(())
}
