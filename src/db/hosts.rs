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

use super::admission::Admission;
use super::budget::Budget;
use super::clock::Clock;
use super::history::History;
use super::host::{Host, Known};
use super::metrics::Counters;
use super::pool::Conn;
use super::position::Position;
use super::reading::{At, Reading};
use super::turns::{self, Busy, Priority, Turn, Turns};
use super::{DbError, PoolSizes, Result, monitor};

/// A read that needs a position waits so long for a replica to come there (measured: 99 % do within 79 ms under
/// 1,900 transactions a second, nearly all within 6 ms when idle).
const WAIT: Duration = Duration::from_millis(50);
const LOOK_EVERY: Duration = Duration::from_millis(4);
/// A connection is there in a fraction of this, or something is the matter.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// A reader who has been to this many servers goes to the primary.
const MOVES: u32 = 2;
/// For the turn of a read on the primary that no replica could answer.
const REFUGE_WAIT: Duration = Duration::from_millis(500);

/// What operators switch on when something is on fire; each node by itself, at its start and while it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Emergency {
    /// Replicas may lag twice as far.
    pub double_lag: bool,
    /// Replicas may lag as far as they like.
    pub ignore_lag: bool,
    /// All reads go to the primary.
    pub primary_only: bool,
    /// Nothing is written.
    pub read_only: bool,
}

pub(super) struct Hosts {
    pub(super) all: Vec<Arc<Host>>,
    emergency: RwLock<Emergency>,
    pub(super) counters: Counters,
    /// Tells this process from others in the choice of a replica.
    order: foldhash::fast::RandomState,
    moves: Mutex<Budget>,
    pub(super) admission: Arc<Admission>,
    pub(super) history: Arc<History>,
    pub(super) clock: Clock,
    /// Every server has answered or failed one look. Before, nothing is asked of any.
    looked: AtomicBool,
    looking: tokio::sync::Mutex<()>,
    /// The monitor runs.
    pub(super) watched: AtomicBool,
}

/// A connection for reading, and where it leads.
pub(super) struct Lent {
    pub(super) conn: Conn,
    pub(super) at: At,
    pub(super) host: usize,
    _turn: Turn,
    _refuge: Option<OwnedSemaphorePermit>,
    _busy: UnderWay,
}

impl Lent {
    pub(super) fn release(self) {
        self.conn.release();
    }
}

/// Counts a read under way.
struct UnderWay(Arc<Host>);

impl UnderWay {
    fn with(host: &Arc<Host>) -> UnderWay {
        host.busy.fetch_add(1, Ordering::Relaxed);
        UnderWay(host.clone())
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Hosts {
    pub(super) fn new(
        first: &PgConnectOptions,
        replicas: &[PgConnectOptions],
        sizes: PoolSizes,
        emergency: Emergency,
    ) -> Self {
        let alone = replicas.is_empty();
        let (history, admission) = (Arc::default(), Arc::default());
        let host = |options: &PgConnectOptions| {
            Arc::new(Host::new(
                options.clone(),
                sizes,
                alone,
                &history,
                &admission,
            ))
        };
        let all = std::iter::once(first).chain(replicas).map(host).collect();
        Hosts {
            all,
            emergency: RwLock::new(emergency),
            counters: Counters::default(),
            order: foldhash::fast::RandomState::default(),
            moves: Mutex::default(),
            admission,
            history,
            clock: Clock::default(),
            looked: AtomicBool::new(false),
            looking: tokio::sync::Mutex::default(),
            watched: AtomicBool::new(false),
        }
    }

    pub(super) fn emergency(&self) -> Emergency {
        *self.emergency.read().unwrap_or_else(|e| e.into_inner())
    }

    /// For the next look and the next read. What was kept out for going in and out too often is judged anew.
    pub(super) fn switch(&self, emergency: Emergency) {
        *self.emergency.write().unwrap_or_else(|e| e.into_inner()) = emergency;
        for host in &self.all {
            host.learn(|known| known.kept_out_until = None, "");
        }
    }

    pub(super) fn is_alone(&self) -> bool {
        self.all.len() == 1
    }

    /// Looks at every server, once in the life of a process, before anything is asked of one: the first in the order of
    /// the settings may be an old primary that came back after a fail-over. Where none has answered and no monitor runs,
    /// the next caller looks again.
    pub(super) async fn look_first(&self) {
        if self.has_looked() {
            return;
        }
        let _one = self.looking.lock().await;
        if self.has_looked() {
            return;
        }
        monitor::look_at_all(self).await;
        let answered = self
            .all
            .iter()
            .any(|host| host.known().role.is_some() || host.known().refused.is_some());
        if answered || self.watched.load(Ordering::Acquire) {
            self.looked.store(true, Ordering::Release);
        }
    }

    pub(super) fn has_looked(&self) -> bool {
        self.looked.load(Ordering::Acquire)
    }

    /// The server that takes changes: of the newest timeline, so that an old primary that comes back after a fail-over
    /// is not written to. None before the first look.
    pub(super) fn primary(&self) -> Option<&Arc<Host>> {
        let newest = self.newest_timeline();
        self.all.iter().find(|host| {
            let known = host.known();
            known.answers_fresh() && known.position.is_some_and(|at| at.timeline >= newest)
        })
    }

    /// The same, or that there is none just now: known at once, not after the wait for a connection.
    pub(super) fn primary_or_fail(&self) -> Result<&Arc<Host>> {
        self.primary().ok_or_else(|| {
            DbError::Unavailable(sqlx::Error::Io(std::io::Error::other("no primary answers")))
        })
    }

    /// Whether changes are possible as far as is known.
    pub(super) fn takes_changes(&self) -> bool {
        !self.emergency().read_only
            && self
                .primary()
                .is_some_and(|host| host.known().takes_changes())
    }

    /// Whether any server answers.
    pub(super) fn any_answers(&self) -> bool {
        self.all.iter().any(|host| host.known().reachable)
    }

    pub(super) fn newest_timeline(&self) -> u32 {
        self.history.timeline()
    }

    /// A connection for a read that is as fresh as `reading` asks.
    pub(super) async fn lend(&self, reading: &Reading) -> Result<Lent> {
        self.look_first().await;
        if self.is_alone() {
            let host = &self.all[0];
            if !host.known().reachable || host.known().refused.is_some() {
                return Err(self
                    .primary_or_fail()
                    .err()
                    .unwrap_or(DbError::Unavailable(sqlx::Error::PoolClosed)));
            }
            let _turn = turn(&host.read_turns, reading.priority()).await?;
            let conn = unless_gone(host, Box::pin(host.read.acquire(host.read_wait()))).await?;
            return Ok(Lent {
                conn,
                at: At::Primary,
                host: 0,
                _turn,
                _refuge: None,
                _busy: UnderWay::with(host),
            });
        }
        loop {
            let Some(index) = self.replica_for(reading).await else {
                break;
            };
            let host = &self.all[index];
            // From before the connection: what it shows is at least that.
            let Some(position) = host.known().position else {
                reading.avoid(index);
                continue;
            };
            let _turn = turn(&host.read_turns, reading.priority()).await?;
            match Box::pin(host.read.acquire(host.read_wait())).await {
                Ok(conn) => {
                    Counters::one(&self.counters.replica);
                    let _busy = UnderWay::with(host);
                    return Ok(Lent {
                        conn,
                        at: At::Replica(position),
                        host: index,
                        _turn,
                        _refuge: None,
                        _busy,
                    });
                }
                Err(error) => {
                    host.suspect(&error.to_string());
                    reading.avoid(index);
                    Counters::one(&self.counters.moved);
                }
            }
        }
        self.lend_primary(reading).await
    }

    /// In a bounded number where replicas should have answered.
    async fn lend_primary(&self, reading: &Reading) -> Result<Lent> {
        let host = self.primary_or_fail()?;
        let _refuge = match self.emergency().primary_only {
            true => None,
            false => {
                match tokio::time::timeout(REFUGE_WAIT, host.refuge.clone().acquire_owned()).await {
                    Ok(turn) => turn.ok(),
                    Err(_) => {
                        Counters::one(&self.counters.refuge_full);
                        return Err(DbError::Overrun);
                    }
                }
            }
        };
        Counters::one(&self.counters.primary);
        let index = self
            .all
            .iter()
            .position(|other| Arc::ptr_eq(other, host))
            .unwrap_or_default();
        let _turn = turn(&host.read_turns, reading.priority()).await?;
        let conn = unless_gone(host, Box::pin(host.read.acquire(host.read_wait()))).await?;
        reading.avoid(index);
        Ok(Lent {
            conn,
            at: At::Primary,
            host: index,
            _turn,
            _refuge,
            _busy: UnderWay::with(host),
        })
    }

    /// The replica to ask, if one may be asked.
    async fn replica_for(&self, reading: &Reading) -> Option<usize> {
        if self.emergency().primary_only || reading.moves() >= MOVES {
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
            Counters::one(&self.counters.sticky_primary);
            return None;
        }
        let there = |index: &usize| self.all[*index].known().covers(needed);
        if let Some(index) = candidates.iter().copied().find(|index| there(index)) {
            Counters::one(&self.counters.sticky_first);
            return Some(index);
        }
        if let Some(index) = self.first_to_come_to(&candidates, needed).await {
            Counters::one(&self.counters.sticky_waited);
            return Some(index);
        }
        Counters::one(&self.counters.sticky_primary);
        None
    }

    /// Replicas that may be asked, in this process's order for this reader.
    fn candidates(&self, reading: &Reading) -> Vec<usize> {
        let mut found: Vec<usize> = (0..self.all.len())
            .filter(|index| !reading.avoids(*index))
            .filter(|index| self.all[*index].known().serves_readers())
            .collect();
        // Rendezvous hashing: each process has an order of its own, and who leaves changes nothing among the others.
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
        let host = &self.all[index];
        let until = Instant::now() + host.round_trip.allow(WAIT, 1);
        let mut conn = Box::pin(host.read.acquire(host.read_wait())).await?;
        loop {
            let at = monitor::replayed(&mut conn).await?;
            host.learn(|known| known.has_replayed(at), "");
            if host.known().covers(needed) {
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
    pub(super) async fn lend_fresh(&self) -> Result<(Conn, Turn)> {
        self.look_first().await;
        let host = self.primary_or_fail()?;
        let turn = turn(&host.fresh_turns, turns::priority()).await?;
        let tested = async {
            host.fresh
                .acquire(host.fresh_wait())
                .await?
                .tested(host.fresh_wait())
                .await
        };
        Ok((
            while_known(host, Known::answers_fresh, Box::pin(tested)).await?,
            turn,
        ))
    }

    /// The same for one question, which is asked again on another connection if that was dead: so nothing is asked
    /// beforehand whether it is alive.
    pub(super) async fn ask_fresh<T>(
        &self,
        question: impl AsyncFn(&mut PgConnection) -> Result<T>,
    ) -> Result<T> {
        self.look_first().await;
        let host = self.primary_or_fail()?;
        let _turn = turn(&host.fresh_turns, turns::priority()).await?;
        let mut conn = while_known(
            host,
            Known::answers_fresh,
            Box::pin(host.fresh.acquire(host.fresh_wait())),
        )
        .await?;
        if conn.is_untested() {
            match tokio::time::timeout(host.round_trip.allow(FIRST_ANSWER, 4), question(&mut conn))
                .await
            {
                Ok(Err(error)) if is_broken(&error) => {}
                Err(_) => {}
                Ok(answer) => {
                    conn.release();
                    return answer;
                }
            }
            host.doubt_connections();
            conn = while_known(
                host,
                Known::answers_fresh,
                Box::pin(conn.another(host.fresh_wait())),
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
    pub(super) fn may_move(&self) -> bool {
        let reads = self.counters.replica.load(Ordering::Relaxed)
            + self.counters.primary.load(Ordering::Relaxed);
        !self.is_overrun()
            && self
                .moves
                .lock()
                .unwrap_or_else(|e| e.into_inner())
                .allows(reads)
    }

    /// Whether more is asked than can be answered, so that nothing should be done that nobody waits for.
    pub(super) fn is_overrun(&self) -> bool {
        self.all.iter().any(|host| host.read_turns.is_overrun())
    }

    /// Whether a request for a page should wait before it is looked at: at every server that would be asked the row is full.
    pub(super) fn is_full(&self, priority: Priority) -> bool {
        let is_full = |host: &Arc<Host>| host.read_turns.is_full(priority);
        let primary = || self.primary().is_some_and(is_full);
        if self.is_alone() {
            return is_full(&self.all[0]);
        }
        let mut replicas = self
            .all
            .iter()
            .filter(|host| host.known().serves_readers())
            .peekable();
        if replicas.peek().is_none() || self.emergency().primary_only {
            primary()
        } else {
            replicas.all(is_full)
        }
    }

    /// Begins on the primary. A server that was made a replica since it was last looked at says so here, before anything
    /// is written, and the new primary is asked once.
    pub(super) async fn begin(&self) -> Result<(Conn, usize)> {
        if self.emergency().read_only {
            return Err(DbError::Unavailable(sqlx::Error::Io(
                std::io::Error::other("the site is switched to reading only"),
            )));
        }
        self.look_first().await;
        for _ in 0..2 {
            let host = self.primary_or_fail()?;
            if host.known().read_only {
                return Err(DbError::Unavailable(sqlx::Error::Io(
                    std::io::Error::other("the primary is switched to reading only"),
                )));
            }
            let index = self
                .all
                .iter()
                .position(|other| Arc::ptr_eq(other, host))
                .unwrap_or_default();
            match while_known(host, Known::takes_changes, Box::pin(begin_on(host))).await {
                Ok(conn) => return Ok((conn, index)),
                Err(_) if !host.known().answers_fresh() => {
                    tracing::warn!(host = host.name, "this server is not the primary any more");
                    self.look_again().await;
                }
                Err(error) => {
                    host.look.notify_one();
                    return Err(error.into());
                }
            }
        }
        Err(DbError::Unavailable(sqlx::Error::Io(
            std::io::Error::other("no server takes changes"),
        )))
    }

    /// A limit that holds at the farthest server that answers.
    pub(super) fn farthest(&self, limit: Duration, round_trips: u32) -> Duration {
        let answering = self.all.iter().filter(|host| host.known().reachable);
        answering
            .map(|host| host.round_trip.allow(limit, round_trips))
            .max()
            .unwrap_or(limit)
    }

    async fn look_again(&self) {
        for host in &self.all {
            host.look.notify_one();
        }
        let until = Instant::now() + self.farthest(Duration::from_millis(500), 2);
        while self.primary().is_none() && Instant::now() < until {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// A connection outside the pools.
    pub(super) async fn direct(
        &self,
        options: impl Fn(&PgConnectOptions) -> PgConnectOptions,
    ) -> Result<PgConnection> {
        self.look_first().await;
        Ok(options(&self.primary_or_fail()?.options).connect().await?)
    }
}

/// A connection that rested answers its first statement within this time, or another one is asked.
const FIRST_ANSWER: Duration = Duration::from_millis(500);

/// Begins on a connection that nobody has tested; a dead one is found by this, before anything is written.
async fn begin_on(host: &Host) -> Result<Conn, sqlx::Error> {
    let wait = host.write_wait();
    let mut conn = host.write.acquire(wait).await?;
    if conn.is_untested() {
        match tokio::time::timeout(
            host.round_trip.allow(FIRST_ANSWER, 4),
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
        DbError::Overrun => false,
    }
}

/// Whether the connection, and not the question or the server's state, is what failed.
pub(super) fn is_broken_connection(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(error) => error
            .code()
            .is_some_and(|code| ["57P", "08"].iter().any(|c| code.starts_with(c))),
        _ => false,
    }
}

/// What the driver does to get a connection. Boxed by who begins it: it takes kilobytes, every future around it would hold
/// it once or twice, and futures are copied on their way outwards.
type Getting<'a, T> = Pin<Box<dyn Future<Output = Result<T, sqlx::Error>> + Send + 'a>>;

/// The pool goes on trying to connect until its time is up. A server that is gone is noticed sooner by the monitor.
async fn unless_gone<T>(host: &Host, getting: Getting<'_, T>) -> Result<T, sqlx::Error> {
    while_known(host, |known| known.reachable, getting).await
}

/// The same for a server that must also be `fit` for what it is asked.
async fn while_known<T>(
    host: &Host,
    fit: fn(&Known) -> bool,
    mut getting: Getting<'_, T>,
) -> Result<T, sqlx::Error> {
    loop {
        if let Ok(got) =
            tokio::time::timeout(host.round_trip.allow(LOOK_AGAIN, 2), &mut getting).await
        {
            return got;
        }
        if !fit(&host.known()) {
            return Err(sqlx::Error::Io(std::io::Error::other(
                "the database server does not answer, or takes no changes",
            )));
        }
        host.look.notify_one();
    }
}

async fn turn(turns: &Turns, priority: Priority) -> Result<Turn> {
    turns.take(priority).await.map_err(|Busy| DbError::Overrun)
}
