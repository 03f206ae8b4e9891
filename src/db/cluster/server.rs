//! One Postgres server: its pools, and what is known of it.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection, Row};
use tokio::sync::{Notify, Semaphore};

use super::history::{History, HistoryId, Refusal};
use super::pool::Pool;
use super::position::Position;
use super::round_trip::RoundTrip;
use crate::db::PoolSizes;
use crate::db::admission::AdmissionQueue;
use crate::db::admission::FrontQueue;

/// How long a read waits for a connection where another server could answer, and where none could.
const READ_WAIT: (Duration, Duration) = (Duration::from_millis(250), Duration::from_millis(1000));
/// A save is worth waiting for.
const WRITE_WAIT: Duration = Duration::from_millis(2000);
/// Connecting is several round trips, and goes on when its request has given up.
const CONNECT_WAIT: Duration = Duration::from_secs(10);

/// Round trips of a connection that is opened: TCP, TLS, a password, the settings.
const CONNECTING: u32 = 10;

/// One server of the cluster. The three pools are bulkheads: requests that flood one of them cannot take the connections of
/// the others.
pub(in crate::db) struct Server {
    /// `host:port`, for people.
    pub(in crate::db) name: String,
    pub(in crate::db) options: PgConnectOptions,
    /// For pages.
    pub(in crate::db) read: Arc<Pool>,
    /// For sessions, permissions and the editor. Only ever used on the primary.
    pub(in crate::db) fresh: Arc<Pool>,
    /// For changes. Only ever used on the primary.
    pub(in crate::db) write: Arc<Pool>,
    read_wait: Duration,
    pub(in crate::db) round_trip: Arc<RoundTrip>,
    pub(in crate::db) read_queue: AdmissionQueue,
    pub(in crate::db) fresh_queue: AdmissionQueue,
    /// Permits of reads that no replica could answer (a bulkhead): their loss must not take the primary along.
    pub(in crate::db) fallback_permits: Arc<Semaphore>,
    /// Reads under way.
    pub(in crate::db) busy: AtomicU32,
    /// Times that it was refused for its history, by whether it is of another cluster.
    pub(in crate::db) refusals: [AtomicU64; 2],
    /// Asks the monitor for a probe at once.
    pub(in crate::db) probe: Notify,
    known: Mutex<ServerState>,
}

/// What a server does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Takes changes.
    Primary,
    /// Replays the log of a primary; refuses changes.
    Replica,
}

/// What the monitor and the traffic found out.
#[derive(Clone, Copy, Debug)]
pub(in crate::db) struct ServerState {
    /// None before the first probe, and where it is of another cluster.
    pub(in crate::db) role: Option<Role>,
    /// It holds a history that the site has left.
    pub(in crate::db) refused: Option<Refusal>,
    /// The end of the log of a primary, the place up to which a replica has replayed.
    pub(in crate::db) position: Option<Position>,
    /// It answered when it was last asked.
    pub(in crate::db) reachable: bool,
    /// It is a primary on which `default_transaction_read_only` is on: an operator wants nothing to be written.
    pub(in crate::db) read_only: bool,
    /// Reads may go there.
    pub(in crate::db) in_rotation: bool,
    /// Bytes and time behind the primary, for replicas.
    pub(in crate::db) behind: Option<u64>,
    pub(in crate::db) lag: Option<Duration>,
    /// Probes in a row that went well, and that did not.
    pub(in crate::db) good: u32,
    pub(in crate::db) bad: u32,
    /// When it last entered the rotation.
    pub(in crate::db) in_rotation_since: Option<Instant>,
    /// Not before this.
    pub(in crate::db) kept_out_until: Option<Instant>,
    pub(in crate::db) transitions: u64,
}

impl Default for ServerState {
    fn default() -> Self {
        ServerState {
            role: None,
            refused: None,
            position: None,
            // Until the first probe.
            reachable: true,
            read_only: false,
            in_rotation: false,
            behind: None,
            lag: None,
            good: 0,
            bad: 0,
            in_rotation_since: None,
            kept_out_until: None,
            transitions: 0,
        }
    }
}

impl ServerState {
    /// Whether it shows everything up to `needed`.
    pub(in crate::db) fn covers(&self, needed: Position) -> bool {
        self.position.is_some_and(|here| here.covers(needed))
    }

    /// Whether it may be asked for what must never be old.
    pub(in crate::db) fn answers_fresh(&self) -> bool {
        self.reachable && self.role == Some(Role::Primary) && self.refused.is_none()
    }

    /// Whether it is a replica that answers readers.
    pub(in crate::db) fn serves_readers(&self) -> bool {
        self.in_rotation && self.role == Some(Role::Replica) && self.position.is_some()
    }

    /// Whether it lets something be written.
    pub(in crate::db) fn takes_changes(&self) -> bool {
        self.answers_fresh() && !self.read_only
    }

    /// It was asked how far it has replayed. On which timeline only a whole probe tells: one that has not followed a
    /// fail-over may have come as far in another history.
    pub(in crate::db) fn has_replayed(&mut self, lsn: u64) {
        if let Some(here) = &mut self.position {
            here.lsn = here.lsn.max(lsn);
        }
    }
}

impl Server {
    pub(in crate::db) fn new(
        options: PgConnectOptions,
        sizes: PoolSizes,
        alone: bool,
        history: &Arc<History>,
        admission: &Arc<FrontQueue>,
    ) -> Self {
        let name = match options.get_socket() {
            Some(socket) => socket.display().to_string(),
            None => format!("{}:{}", options.get_host(), options.get_port()),
        };
        let named = |pool: &str| {
            options
                .clone()
                .application_name(&format!("masthead/{pool}"))
        };
        let round_trip = Arc::<RoundTrip>::default();
        Server {
            name,
            read: Pool::new(
                pool(sizes.read)
                    .after_connect(|conn, _| {
                        Box::pin(async { sqlx::raw_sql(READ).execute(conn).await.map(drop) })
                    })
                    .connect_lazy_with(named("read")),
            ),
            fresh: Pool::new(
                of_the_primary(pool(sizes.fresh), FRESH, history).connect_lazy_with(named("fresh")),
            ),
            write: Pool::new(
                of_the_primary(pool(sizes.write), WRITE, history).connect_lazy_with(named("write")),
            ),
            read_wait: if alone { READ_WAIT.1 } else { READ_WAIT.0 },
            options,
            read_queue: AdmissionQueue::new(sizes.read, round_trip.clone(), admission.clone()),
            fresh_queue: AdmissionQueue::new(sizes.fresh, round_trip.clone(), Arc::default()),
            round_trip,
            fallback_permits: Arc::new(Semaphore::new((sizes.read / 4).max(1) as usize)),
            busy: AtomicU32::new(0),
            refusals: Default::default(),
            probe: Notify::new(),
            known: Mutex::default(),
        }
    }

    pub(in crate::db) fn state(&self) -> ServerState {
        *self.lock()
    }

    /// Changes what is known, and says to the log what of it matters to an operator.
    pub(in crate::db) fn learn(&self, change: impl FnOnce(&mut ServerState), why: &str) {
        let mut known = self.lock();
        let before = *known;
        change(&mut known);
        if known.in_rotation != before.in_rotation {
            known.transitions += 1;
            if known.in_rotation {
                known.in_rotation_since = Some(Instant::now());
            }
        }
        let after = *known;
        drop(known);
        self.tell(before, after, why);
    }

    fn tell(&self, before: ServerState, after: ServerState, why: &str) {
        if after.refused != before.refused {
            match after.refused {
                Some(refusal) => {
                    self.refusals[usize::from(refusal.is_of_another_system())]
                        .fetch_add(1, Ordering::Relaxed);
                    tracing::error!(
                        server = self.name,
                        "this database server is refused: {refusal}"
                    );
                }
                None => tracing::warn!(
                    server = self.name,
                    "this database server is not refused any more"
                ),
            }
        }
        if after.role != before.role {
            tracing::info!(server = self.name, role = ?after.role, was = ?before.role, "a database server has a role");
        }
        if after.in_rotation != before.in_rotation {
            if after.in_rotation {
                tracing::info!(server = self.name, "replica in rotation");
            } else {
                tracing::warn!(server = self.name, why, "replica out of rotation");
            }
        }
        if after.read_only != before.read_only {
            if after.read_only {
                tracing::warn!(
                    server = self.name,
                    "default_transaction_read_only is on: nothing is saved on this primary"
                );
            } else {
                tracing::info!(
                    server = self.name,
                    "default_transaction_read_only is off: this primary takes changes again"
                );
            }
        }
        if after.reachable != before.reachable {
            if after.reachable {
                tracing::warn!(server = self.name, "the database server answers again");
            } else {
                tracing::error!(
                    server = self.name,
                    why,
                    "the database server does not answer"
                );
            }
        }
    }

    /// How long a page waits for a connection, which may have to be opened.
    pub(in crate::db) fn read_wait(&self) -> Duration {
        self.round_trip.allow(self.read_wait, CONNECTING)
    }

    pub(in crate::db) fn fresh_wait(&self) -> Duration {
        self.round_trip.allow(READ_WAIT.1, CONNECTING)
    }

    pub(in crate::db) fn write_wait(&self) -> Duration {
        self.round_trip.allow(WRITE_WAIT, CONNECTING)
    }

    /// A connection of this server broke: those that rest may be as dead.
    pub(in crate::db) fn doubt_connections(&self) {
        for pool in self.pools() {
            pool.forget_idle();
        }
    }

    pub(in crate::db) fn pools(&self) -> [&Arc<Pool>; 3] {
        [&self.read, &self.fresh, &self.write]
    }

    /// One that broke under a reader is not asked again until it has passed three probes.
    pub(in crate::db) fn eject(&self, why: &str) {
        self.doubt_connections();
        self.learn(
            |known| {
                known.in_rotation = false;
                known.good = 0;
            },
            why,
        );
        self.probe.notify_one();
    }

    pub(in crate::db) fn reads_under_way(&self) -> u32 {
        self.busy.load(Ordering::Relaxed)
    }

    pub(in crate::db) async fn close(&self) {
        for pool in self.pools() {
            pool.close().await;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, ServerState> {
        self.known.lock().unwrap_or_else(|e| e.into_inner())
    }
}

/// Said after connecting and not with it: a pooler such as PgBouncer refuses the parameter `options`.
const READ: &str = "set lock_timeout = '1s'; set idle_in_transaction_session_timeout = '10s'; set statement_timeout = '2s';
    set default_transaction_read_only = on; set jit = off;
    -- Planning a page's query costs several times its execution, and no plan here depends on the values asked for.
    set plan_cache_mode = force_generic_plan";
const FRESH: &str = "set lock_timeout = '1s'; set idle_in_transaction_session_timeout = '10s'; set statement_timeout = '2s';
    set default_transaction_read_only = on; set jit = off;
    select false";
/// Transactions begin without `read write`, which would overrule an operator who has switched writing off. A session that
/// has got this from its role or its database keeps it for life, so it is not kept.
const WRITE: &str = "set lock_timeout = '1s'; set idle_in_transaction_session_timeout = '10s'; set statement_timeout = '5s';
    set jit = off; set plan_cache_mode = force_generic_plan;
    select current_setting('default_transaction_read_only')::bool";
/// Goes behind the last question of these. A server becomes a replica, or another one comes to its address, only by way of
/// a new connection, so asking once for each is enough, and no time is left between two probes in which the wrong one could
/// be written to.
const HISTORY: &str = ", pg_is_in_recovery(), case when pg_is_in_recovery() then 0
        else ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int end";
const SYSTEM: &str = ", (select system_identifier from pg_control_system())";

/// Connections that are kept only where they lead to the primary of the site's history.
fn of_the_primary(
    pool: PgPoolOptions,
    settings: &'static str,
    history: &Arc<History>,
) -> PgPoolOptions {
    let history = history.clone();
    pool.after_connect(move |conn, _| {
        let history = history.clone();
        Box::pin(async move {
            let asks_system = history.known().id.system.is_some();
            let batch = format!(
                "{settings}{HISTORY}{}",
                if asks_system { SYSTEM } else { "" }
            );
            // Made of the constants above.
            let said = sqlx::raw_sql(AssertSqlSafe(batch)).fetch_all(conn).await?;
            let Some(said) = said.last() else {
                return Err(sqlx::Error::RowNotFound);
            };
            let unfit = said.try_get::<bool, _>(0)? || said.try_get::<bool, _>(1)?;
            let system = if asks_system {
                Some(said.try_get(3)?)
            } else {
                None
            };
            let found = HistoryId {
                system,
                timeline: said.try_get::<i32, _>(2)?.cast_unsigned(),
            };
            match history.judge(found, Role::Primary) {
                _ if unfit => Err(sqlx::Error::Protocol("the server takes no changes".into())),
                Some(refusal) => Err(sqlx::Error::Protocol(refusal.to_string())),
                None => Ok(()),
            }
        })
    })
}

fn pool(size: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(CONNECT_WAIT)
        .test_before_acquire(false)
        .before_acquire(|conn, _| {
            Box::pin(async move {
                conn.ping().await?;
                Ok(true)
            })
        })
        .max_lifetime(Duration::from_secs(30 * 60))
        .idle_timeout(Duration::from_secs(5 * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_another_history_covers_nothing() {
        let at = |timeline, lsn| Position { timeline, lsn };
        let mut known = ServerState {
            position: Some(at(1, 5)),
            ..ServerState::default()
        };
        known.has_replayed(9);
        assert!(known.covers(at(1, 9)) && !known.covers(at(1, 10)) && !known.covers(at(2, 7)));
        known.has_replayed(3);
        assert!(
            known.covers(at(1, 9)),
            "an older answer that comes late takes nothing back"
        );
        let mut unknown = ServerState::default();
        unknown.has_replayed(9);
        assert!(!unknown.covers(at(1, 1)));
    }
}
