//! All servers of the cluster, and which of them is asked.
//!
//! With one server nothing here costs anything: it is asked. With replicas, reads go to one that has provably come far
//! enough, else to the primary in a bounded number; changes go to the primary of the newest timeline, and to no other.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};

use sqlx::postgres::PgConnectOptions;

use super::clock::Clock;
use super::counters::Counters;
use super::freshness::ReadRequirement;
use super::history::History;
use super::pool::PoolSizes;
use super::position::Position;
use super::probe;
use super::retry_budget::RetryBudget;
use super::server::Server;
use super::switches::{ReplicaReads, Switches};
use super::waits::Waits;
use crate::db::admission::{FrontQueue, Priority};
use crate::db::{DbError, Result};

/// A read that needs a position waits so long for a replica to come there (measured: 99 % do within 79 ms under
/// 1,900 transactions a second, nearly all within 6 ms when idle).
const WAIT: Duration = Duration::from_millis(50);
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(4);
/// A read that failed on this many servers goes to the primary.
const MAX_FAILOVERS: u32 = 2;

pub(in crate::db) struct Cluster {
    pub(in crate::db) all: Vec<Arc<Server>>,
    switches: RwLock<Switches>,
    pub(in crate::db) counters: Counters,
    pub(in crate::db) waits: Waits,
    /// Tells this process from others in the choice of a replica.
    order: foldhash::fast::RandomState,
    failovers: Mutex<RetryBudget>,
    pub(in crate::db) front: Arc<FrontQueue>,
    pub(in crate::db) history: Arc<History>,
    pub(in crate::db) clock: Clock,
    /// Every server has answered or failed one probe. Before, nothing is asked of any.
    pub(super) probed: AtomicBool,
    pub(super) probing: tokio::sync::Mutex<()>,
    /// The monitor runs.
    pub(in crate::db) watched: AtomicBool,
}

impl Cluster {
    pub(in crate::db) fn new(
        first: &PgConnectOptions,
        replicas: &[PgConnectOptions],
        sizes: PoolSizes,
        switches: Switches,
    ) -> Self {
        let alone = replicas.is_empty();
        let (history, front) = (Arc::default(), Arc::default());
        let server = |options: &PgConnectOptions| {
            Arc::new(Server::new(options.clone(), sizes, alone, &history, &front))
        };
        let all = std::iter::once(first).chain(replicas).map(server).collect();
        Cluster {
            all,
            switches: RwLock::new(switches),
            counters: Counters::default(),
            waits: Waits::default(),
            order: foldhash::fast::RandomState::default(),
            failovers: Mutex::default(),
            front,
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

    pub(super) fn reads_no_replica(&self) -> bool {
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

    pub(super) fn index_of(&self, server: &Arc<Server>) -> usize {
        self.all
            .iter()
            .position(|other| Arc::ptr_eq(other, server))
            .unwrap_or_default()
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

    /// The replica to ask, if one may be asked.
    pub(super) async fn replica_for(&self, reading: &ReadRequirement) -> Option<usize> {
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
            let at = probe::replayed(&mut conn).await?;
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

    /// A limit that holds at the farthest server that answers.
    pub(in crate::db) fn farthest(&self, limit: Duration, round_trips: u32) -> Duration {
        let answering = self.all.iter().filter(|server| server.state().reachable);
        answering
            .map(|server| server.round_trip.allow(limit, round_trips))
            .max()
            .unwrap_or(limit)
    }
}
