//! One Postgres server: its pools, its queues, and what is known of it ([`ServerState`]).

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::sync::{Notify, Semaphore};

use super::history::{History, Refusal};
use super::pool::{Pool, PoolSizes};
use super::pool_options;
use super::round_trip::RoundTrip;
use super::server_state::ServerState;
use crate::db::admission::AdmissionQueue;
use crate::db::admission::FrontQueue;

/// How long a read waits for a connection where another server could answer, and where none could.
const READ_WAIT: (Duration, Duration) = (Duration::from_millis(250), Duration::from_millis(1000));
/// A save is worth waiting for.
const WRITE_WAIT: Duration = Duration::from_millis(2000);
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
        let opened = |pool: PgPoolOptions, name: &str| {
            let options = options
                .clone()
                .application_name(&format!("masthead/{name}"));
            Pool::new(pool.connect_lazy_with(options))
        };
        let round_trip = Arc::<RoundTrip>::default();
        Server {
            name,
            read: opened(pool_options::read(sizes.read), "read"),
            fresh: opened(pool_options::fresh(sizes.fresh, history), "fresh"),
            write: opened(pool_options::write(sizes.write, history), "write"),
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
            self.tell_refusal(after.refused);
        }
        if after.role != before.role {
            tracing::info!(server = self.name, role = ?after.role, was = ?before.role, "a database server has a role");
        }
        if after.in_rotation != before.in_rotation {
            self.tell_rotation(after.in_rotation, why);
        }
        if after.read_only != before.read_only {
            self.tell_read_only(after.read_only);
        }
        if after.reachable != before.reachable {
            self.tell_reachable(after.reachable, why);
        }
    }

    fn tell_refusal(&self, refused: Option<Refusal>) {
        let server = &self.name;
        match refused {
            Some(refusal) => {
                let kind = usize::from(refusal.is_of_another_system());
                self.refusals[kind].fetch_add(1, Ordering::Relaxed);
                tracing::error!(server, "this database server is refused: {refusal}");
            }
            None => tracing::warn!(server, "this database server is not refused any more"),
        }
    }

    fn tell_rotation(&self, in_rotation: bool, why: &str) {
        let server = &self.name;
        if in_rotation {
            tracing::info!(server, "replica in rotation");
        } else {
            tracing::warn!(server, why, "replica out of rotation");
        }
    }

    fn tell_read_only(&self, read_only: bool) {
        let server = &self.name;
        if read_only {
            tracing::warn!(
                server,
                "default_transaction_read_only is on: nothing is saved on this primary"
            );
        } else {
            tracing::info!(
                server,
                "default_transaction_read_only is off: this primary takes changes again"
            );
        }
    }

    fn tell_reachable(&self, reachable: bool, why: &str) {
        let server = &self.name;
        if reachable {
            tracing::warn!(server, "the database server answers again");
        } else {
            tracing::error!(server, why, "the database server does not answer");
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
