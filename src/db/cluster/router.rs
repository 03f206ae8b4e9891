//! All servers of the cluster, and which of them is asked.
//!
//! With one server nothing here costs anything: it is asked. With replicas, reads go to one that has provably come far
//! enough, else to the primary in a bounded number; changes go to the primary of the newest timeline, and to no other.

use std::hash::BuildHasher;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};

use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use tokio::sync::OwnedSemaphorePermit;

use super::clock::Clock;
use super::freshness::{ReadFrom, ReadRequirement};
use super::history::History;
use super::metrics::Counters;
use super::monitor;
use super::pool::Conn;
use super::position::Position;
use super::retry_budget::RetryBudget;
use super::server::{Server, ServerState};
use super::switches::{ReplicaReads, Switches};
use super::waits::Waits;
use crate::db::admission;
use crate::db::admission::{AdmissionQueue, FrontQueue, Permit, Priority, Rejected};
use crate::db::{DbError, PoolSizes, Result};

/// A read that needs a position waits so long for a replica to come there (measured: 99 % do within 79 ms under
/// 1,900 transactions a second, nearly all within 6 ms when idle).
const WAIT: Duration = Duration::from_millis(50);
const LOOK_EVERY: Duration = Duration::from_millis(4);
/// A connection is there in a fraction of this, or something is the matter.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// A read that failed on this many servers goes to the primary.
const MAX_FAILOVERS: u32 = 2;
/// How long a read that no replica could answer waits for one of the primary's fallback permits.
const FALLBACK_TIMEOUT: Duration = Duration::from_millis(500);

pub(in crate::db) struct Cluster {
    pub(in crate::db) all: Vec<Arc<Server>>,
    switches: RwLock<Switches>,
    pub(in crate::db) counters: Counters,
    pub(in crate::db) waits: Waits,
    /// Tells this process from others in the choice of a replica.
    order: foldhash::fast::RandomState,
    failovers: Mutex<RetryBudget>,
    pub(in crate::db) admission: Arc<FrontQueue>,
    pub(in crate::db) history: Arc<History>,
    pub(in crate::db) clock: Clock,
    /// Every server has answered or failed one probe. Before, nothing is asked of any.
    probed: AtomicBool,
    probing: tokio::sync::Mutex<()>,
    /// The monitor runs.
    pub(in crate::db) watched: AtomicBool,
}

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
    pub(in crate::db) fn new(
        first: &PgConnectOptions,
        replicas: &[PgConnectOptions],
        sizes: PoolSizes,
        switches: Switches,
    ) -> Self {
        let alone = replicas.is_empty();
        let (history, admission) = (Arc::default(), Arc::default());
        let server = |options: &PgConnectOptions| {
            Arc::new(Server::new(
                options.clone(),
                sizes,
                alone,
                &history,
                &admission,
            ))
        };
        let all = std::iter::once(first).chain(replicas).map(server).collect();
        Cluster {
            all,
            switches: RwLock::new(switches),
            counters: Counters::default(),
            waits: Waits::default(),
            order: foldhash::fast::RandomState::default(),
            failovers: Mutex::default(),
            admission,
            history,
            clock: Clock::default(),
            probed: AtomicBool::new(false),
            probing: tokio::sync::Mutex::default(),
            watched: AtomicBool::new(false),
        }
    }

    pub(in crate::db) fn switches(&self) -> Switches {
        *self.switches.read().unwrap_or_else(|e| e.into_inner())
    }

    fn reads_no_replica(&self) -> bool {
        self.switches().replica_reads == ReplicaReads::Off
    }

    /// For the next probe and the next read. What was kept out for flapping is judged again.
    pub(in crate::db) fn switch(&self, switches: Switches) {
        *self.switches.write().unwrap_or_else(|e| e.into_inner()) = switches;
        for server in &self.all {
            server.learn(|known| known.kept_out_until = None, "");
        }
    }

    pub(in crate::db) fn is_single(&self) -> bool {
        self.all.len() == 1
    }

    /// Probes every server, once in the life of a process, before anything is asked of one: the first in the order of
    /// the settings may be an old primary that came back after a fail-over. Where none has answered and no monitor runs,
    /// the next caller probes again.
    pub(in crate::db) async fn first_probe(&self) {
        if self.has_probed() {
            return;
        }
        let _one = self.probing.lock().await;
        if self.has_probed() {
            return;
        }
        monitor::probe_all(self).await;
        let answered = self
            .all
            .iter()
            .any(|server| server.state().role.is_some() || server.state().refused.is_some());
        if answered || self.watched.load(Ordering::Acquire) {
            self.probed.store(true, Ordering::Release);
        }
    }

    pub(in crate::db) fn has_probed(&self) -> bool {
        self.probed.load(Ordering::Acquire)
    }

    /// The server that takes changes: of the newest timeline, so that an old primary that comes back after a fail-over
    /// is not written to. None before the first probe.
    pub(in crate::db) fn primary(&self) -> Option<&Arc<Server>> {
        let newest = self.newest_timeline();
        self.all.iter().find(|server| {
            let known = server.state();
            known.answers_fresh() && known.position.is_some_and(|at| at.timeline >= newest)
        })
    }

    /// The same, or that there is none just now: known at once, not after the wait for a connection.
    pub(in crate::db) fn primary_or_fail(&self) -> Result<&Arc<Server>> {
        self.primary().ok_or_else(|| {
            DbError::Unavailable(sqlx::Error::Io(std::io::Error::other("no primary answers")))
        })
    }

    /// Whether changes are possible as far as is known.
    pub(in crate::db) fn takes_changes(&self) -> bool {
        !self.switches().read_only
            && self
                .primary()
                .is_some_and(|server| server.state().takes_changes())
    }

    /// Whether any server answers.
    pub(in crate::db) fn any_answers(&self) -> bool {
        self.all.iter().any(|server| server.state().reachable)
    }

    pub(in crate::db) fn newest_timeline(&self) -> u32 {
        self.history.timeline()
    }

    /// A connection for a read that is as fresh as `reading` asks.
    pub(in crate::db) async fn checkout(&self, reading: &ReadRequirement) -> Result<Checkout> {
        self.first_probe().await;
        let _waiting = self.waits.begin(reading.priority());
        if self.is_single() {
            let server = &self.all[0];
            if !server.state().reachable || server.state().refused.is_some() {
                return Err(self
                    .primary_or_fail()
                    .err()
                    .unwrap_or(DbError::Unavailable(sqlx::Error::PoolClosed)));
            }
            let _permit = permit(&server.read_queue, reading.priority()).await?;
            let conn =
                unless_gone(server, Box::pin(server.read.acquire(server.read_wait()))).await?;
            return Ok(Checkout {
                conn,
                at: ReadFrom::Primary,
                server: 0,
                _permit,
                _fallback: None,
                _busy: UnderWay::with(server),
            });
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

    /// The replica to ask, if one may be asked.
    async fn replica_for(&self, reading: &ReadRequirement) -> Option<usize> {
        if self.reads_no_replica() || reading.failovers() >= MAX_FAILOVERS {
            return None;
        }
        let candidates = self.candidates(reading);
        if candidates.is_empty() {
            return None;
        }
        let Some(needed) = reading.needed() else {
            return Some(self.less_busy(&candidates));
        };
        if needed.timeline != self.newest_timeline() {
            Counters::one(&self.counters.timeline_mismatches);
            Counters::one(&self.counters.position_on_primary);
            return None;
        }
        let there = |index: &usize| self.all[*index].state().covers(needed);
        if let Some(index) = candidates.iter().copied().find(|index| there(index)) {
            Counters::one(&self.counters.position_on_replica);
            return Some(index);
        }
        if let Some(index) = self.first_to_come_to(&candidates, needed).await {
            Counters::one(&self.counters.position_after_wait);
            return Some(index);
        }
        Counters::one(&self.counters.position_on_primary);
        None
    }

    /// Replicas that may be asked, in this process's order for this reader.
    fn candidates(&self, reading: &ReadRequirement) -> Vec<usize> {
        let mut found: Vec<usize> = (0..self.all.len())
            .filter(|index| !reading.avoids(*index))
            .filter(|index| self.all[*index].state().serves_readers())
            .collect();
        // Rendezvous hashing: each process has an order of its own, and a server that leaves the rotation changes nothing among the others.
        found.sort_by_key(|index| self.order.hash_one(index));
        found
    }

    /// The less busy one of the first two.
    fn less_busy(&self, candidates: &[usize]) -> usize {
        let busy = |index: usize| self.all[index].reads_under_way();
        match candidates {
            [first, second, ..] if busy(*second) < busy(*first) => *second,
            [first, ..] => *first,
            [] => 0,
        }
    }

    /// Waits a moment until a replica has replayed so far, and says which.
    async fn first_to_come_to(&self, candidates: &[usize], needed: Position) -> Option<usize> {
        let each = candidates
            .iter()
            .map(|index| Box::pin(self.comes_to(*index, needed)));
        let first = futures_util::future::select_ok(each);
        tokio::time::timeout(self.farthest(WAIT * 2, 2), first)
            .await
            .ok()?
            .ok()
            .map(|(index, _)| index)
    }

    async fn comes_to(&self, index: usize, needed: Position) -> Result<usize> {
        let server = &self.all[index];
        let until = Instant::now() + server.round_trip.allow(WAIT, 1);
        let mut conn = Box::pin(server.read.acquire(server.read_wait())).await?;
        loop {
            let at = monitor::replayed(&mut conn).await?;
            server.learn(|known| known.has_replayed(at), "");
            if server.state().covers(needed) {
                conn.release();
                return Ok(index);
            }
            if Instant::now() >= until {
                return Err(DbError::Unavailable(sqlx::Error::PoolTimedOut));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
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

    /// Whether one more read may move; none while there is too much to do anyway.
    pub(in crate::db) fn may_fail_over(&self) -> bool {
        let reads = self.counters.replica.load(Ordering::Relaxed)
            + self.counters.primary.load(Ordering::Relaxed);
        !self.is_overloaded()
            && self
                .failovers
                .lock()
                .unwrap_or_else(|e| e.into_inner())
                .allows(reads)
    }

    /// Whether more is asked than can be answered, so that work without a waiting request should be left.
    pub(in crate::db) fn is_overloaded(&self) -> bool {
        self.all
            .iter()
            .any(|server| server.read_queue.is_overloaded())
    }

    /// Whether a request for a page should wait in front of the site: at every server that would be asked the queue is full.
    pub(in crate::db) fn is_full(&self, priority: Priority) -> bool {
        let is_full = |server: &Arc<Server>| server.read_queue.is_full(priority);
        let primary = || self.primary().is_some_and(is_full);
        if self.is_single() {
            return is_full(&self.all[0]);
        }
        let mut replicas = self
            .all
            .iter()
            .filter(|server| server.state().serves_readers())
            .peekable();
        if replicas.peek().is_none() || self.reads_no_replica() {
            primary()
        } else {
            replicas.all(is_full)
        }
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

    /// A limit that holds at the farthest server that answers.
    pub(in crate::db) fn farthest(&self, limit: Duration, round_trips: u32) -> Duration {
        let answering = self.all.iter().filter(|server| server.state().reachable);
        answering
            .map(|server| server.round_trip.allow(limit, round_trips))
            .max()
            .unwrap_or(limit)
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
