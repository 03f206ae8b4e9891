//! The private PostgreSQL of the default run and of the test suite: installed server programs, run as a child of
//! this process, reachable only over a socket in a directory of mode 0700.
//!
//! [`EmbeddedPostgres::start`] does everything: it finds the programs (`binaries`), chooses and locks the base
//! directory (`directory`), hands over from root to another user (`account`), creates the cluster with its two
//! roles and the database `masthead` when there is none (`cluster`), rewrites the settings (`settings`), starts
//! the server and waits until it takes connections (`process`). A crash of either process needs no care: the next
//! start waits for what is left of the old server and PostgreSQL replays its log.
//!
//! The base directory holds `data` (the cluster), `run` (the socket), `lock` (held while a Masthead uses it) and
//! `postgres.log`. [`Replicated`] is several of them, for developers and tests: a primary and streaming replicas.
//! Two rules for callers:
//!
//! - The server is told to shut down when the **thread** that called `start` ends, because that is what Linux
//!   binds the death signal to. Call it from `main` before the async runtime is built, or use
//!   [`EmbeddedPostgres::start_on_own_thread`]; never call it from a thread pool. A site uses
//!   [`WatchedPostgres`], which also starts the server again when it ends unasked.
//! - Close the connection pools before [`EmbeddedPostgres::stop`], so that no query is cut off.

mod account;
mod binaries;
mod cluster;
mod directory;
mod error;
mod incoming;
mod log;
mod process;
mod replicated;
mod settings;
mod socket;
mod watch;

use std::{
    path::{Path, PathBuf},
    sync::mpsc,
};

use sqlx::postgres::{PgConnectOptions, PgSslMode};

pub use account::Account;
pub use error::EmbeddedError;
pub use incoming::Incoming;
pub use replicated::{PRIMARY, Replicated};
pub use settings::Durability;
pub use watch::WatchedPostgres;

/// Created with the cluster; owned by [`Role::Owner`].
pub const DATABASE: &str = "masthead";

/// Where a private database is, and how it is run.
#[derive(Clone, Debug)]
pub struct EmbeddedConfig {
    /// Created when missing; its parents too. Must be empty, new, or the base directory of an earlier start.
    pub base_dir: PathBuf,
    /// Where `initdb` and `postgres` are; `None` searches the usual places and then `PATH`.
    pub bin_dir: Option<PathBuf>,
    /// What it survives.
    pub durability: Durability,
    /// The socket directory of a running server: where there is no database yet, it begins as a copy of that one and
    /// follows it as a streaming replica. `None` makes a new database.
    pub copy_of: Option<PathBuf>,
}

/// A role of the private cluster, each with a socket connection that asks for no password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everything, in every database. Only for the test suite and repairs.
    Superuser,
    /// Owns the database `masthead` and runs migrations.
    Owner,
    /// Serves requests: may connect, and may do what migrations grant to it.
    App,
}

impl Role {
    /// The role's name in PostgreSQL, for `GRANT` and connection URLs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Superuser => "postgres",
            Self::Owner => "masthead_owner",
            Self::App => "masthead_app",
        }
    }
}

/// What there is for a private database, before anything is started.
#[derive(Clone, Debug)]
pub struct Look {
    /// Where the database is or would be, after [`EmbeddedPostgres::relocated_from`].
    pub base_dir: PathBuf,
    /// The major version that wrote the cluster; `None` where there is none yet.
    pub cluster: Option<String>,
    /// Where the programs are that a start would use, and their major version.
    pub bin_dir: PathBuf,
    /// Of `bin_dir`; a cluster starts only with the version that wrote it.
    pub major: u32,
}

/// Finds the place and the programs that [`EmbeddedPostgres::start`] would use. Creates and starts nothing.
///
/// # Errors
///
/// As `start`, for what it finds out before it touches the directory.
pub fn look(config: &EmbeddedConfig) -> Result<Look, EmbeddedError> {
    let place = directory::Place::choose(&config.base_dir)?;
    let cluster = place.cluster_version()?;
    let binaries = binaries::find(config.bin_dir.as_deref(), cluster.as_deref())?;
    Ok(Look {
        base_dir: place.base,
        cluster,
        bin_dir: binaries.dir,
        major: binaries.major,
    })
}

/// Makes the place ready as root, for a process that is about to become the account which the database belongs to: with
/// what comes back that account finds everything that a start needs. `None` for an ordinary user, who needs nothing.
///
/// # Errors
///
/// As [`EmbeddedPostgres::start`], for what concerns the directory.
pub fn hand_over(config: &EmbeddedConfig) -> Result<Option<HandedOver>, EmbeddedError> {
    let place = directory::Place::choose(&config.base_dir)?;
    // Before anything is touched, as a start does.
    binaries::find(
        config.bin_dir.as_deref(),
        place.cluster_version()?.as_deref(),
    )?;
    // The lock is given back here and taken again by the start.
    let home = place.claim()?;
    let Some(account) = home.account.clone() else {
        return Ok(None);
    };
    home.give_away()?;
    let config = EmbeddedConfig {
        base_dir: home.base.clone(),
        ..config.clone()
    };
    Ok(Some(HandedOver {
        config,
        account,
        relocated_from: home.relocated_from.clone(),
    }))
}

/// What [`hand_over`] has made ready.
#[derive(Debug)]
pub struct HandedOver {
    /// With the place where the database really is.
    pub config: EmbeddedConfig,
    /// Whom it belongs to.
    pub account: Account,
    /// The directory asked for, where the database's user could not enter it: tell the operator.
    pub relocated_from: Option<PathBuf>,
}

/// A running private server. Dropping it stops the server, unless it was joined; [`EmbeddedPostgres::stop`] also
/// says whether that worked.
#[derive(Debug)]
pub struct EmbeddedPostgres {
    base_dir: PathBuf,
    relocated_from: Option<PathBuf>,
    socket_dir: PathBuf,
    pid: u32,
    /// `None` when another process runs the server.
    own: Option<Own>,
    /// Its end tells the thread of `start_on_own_thread` that it may go.
    _thread_leave: Option<mpsc::Sender<()>>,
}

/// Dropped in this order: the server first, the lock on the directory last.
#[derive(Debug)]
struct Own {
    postmaster: process::Postmaster,
    _socket_dir: socket::SocketDir,
    _home: directory::Home,
}

impl EmbeddedPostgres {
    /// Blocks until the server takes connections: about a second or two for a new database, a tenth of a second for
    /// an existing one, and up to minutes when a long log has to be replayed after a crash.
    ///
    /// The server ends with the calling thread; see the module's description.
    ///
    /// # Errors
    ///
    /// Every variant of [`EmbeddedError`] but `CannotStop` and `NoThread`. An existing database is left as it was.
    pub fn start(config: &EmbeddedConfig) -> Result<Self, EmbeddedError> {
        let place = directory::Place::choose(&config.base_dir)?;
        let binaries = binaries::find(
            config.bin_dir.as_deref(),
            place.cluster_version()?.as_deref(),
        )?;
        let home = place.claim()?;
        prepare_cluster(&home, &binaries, config)?;
        settings::write(&home, &home.data_dir(), config.durability)?;
        let socket_dir = socket::SocketDir::create(&home)?;
        let postmaster = process::Postmaster::start(&home, &binaries, &socket_dir)?;
        Ok(Self {
            base_dir: home.base.clone(),
            relocated_from: home.relocated_from.clone(),
            socket_dir: socket_dir.path.clone(),
            pid: postmaster.pid(),
            own: Some(Own {
                postmaster,
                _socket_dir: socket_dir,
                _home: home,
            }),
            _thread_leave: None,
        })
    }

    /// Like [`EmbeddedPostgres::start`], but uses the server of another Masthead that is running on the same
    /// directory: for commands such as `masthead user create` beside a serving site. That server is not stopped
    /// with the returned value, and it may go away at any time.
    ///
    /// # Errors
    ///
    /// As `start`; `AlreadyRunning` when the other Masthead holds the directory but has no server ready within
    /// 15 seconds.
    pub fn start_or_join(config: &EmbeddedConfig) -> Result<Self, EmbeddedError> {
        match Self::start(config) {
            Err(EmbeddedError::AlreadyRunning { base_dir, pid }) => {
                let server =
                    process::wait_for_running(&base_dir.join("data")).ok_or_else(|| {
                        EmbeddedError::AlreadyRunning {
                            base_dir: base_dir.clone(),
                            pid,
                        }
                    })?;
                Ok(Self {
                    relocated_from: directory::Place::choose(&config.base_dir)?.relocated_from,
                    base_dir,
                    socket_dir: server.socket_dir,
                    pid: server.pid,
                    own: None,
                    _thread_leave: None,
                })
            }
            result => result,
        }
    }

    /// Like [`EmbeddedPostgres::start`], on a thread of its own that lives as long as the returned value: for
    /// callers whose thread may end before the server shall, such as a single test of many that share a server.
    ///
    /// # Errors
    ///
    /// As `start`, and `NoThread` when the system allows no further thread.
    pub fn start_on_own_thread(config: &EmbeddedConfig) -> Result<Self, EmbeddedError> {
        let config = config.clone();
        let (answer, answered) = mpsc::channel();
        let (leave, may_leave) = mpsc::channel::<()>();
        std::thread::Builder::new()
            .name("embedded-postgres".to_owned())
            .spawn(move || {
                if answer.send(Self::start(&config)).is_ok() {
                    // Nothing is ever sent: this returns when the other end is dropped.
                    let _ = may_leave.recv();
                }
            })
            .map_err(|source| EmbeddedError::NoThread { source })?;
        let mut started = answered
            .recv()
            .expect("the thread answers before it ends, because start does not panic")?;
        started._thread_leave = Some(leave);
        Ok(started)
    }

    /// Options for one role and database over the private socket. Add pool and statement limits as needed.
    pub fn connect_options(&self, role: Role, database: &str) -> PgConnectOptions {
        options(self.socket_dir(), role, database)
    }

    /// Whether the server is there. One that was joined is taken to be.
    fn is_running(&mut self) -> bool {
        self.own
            .as_mut()
            .is_none_or(|own| own.postmaster.is_running())
    }

    /// The directory with the socket, for `psql -h` and other tools of PostgreSQL.
    pub fn socket_dir(&self) -> &Path {
        &self.socket_dir
    }

    /// Where the database really is, with links resolved; see [`EmbeddedPostgres::relocated_from`].
    pub fn base_dir(&self) -> &Path {
        &self.base_dir
    }

    /// The directory asked for, when it could not be used: as root, with a path that the database's user cannot
    /// enter, the database lies in `/var/lib/masthead/` under a name made from that path. Tell the operator.
    pub fn relocated_from(&self) -> Option<&Path> {
        self.relocated_from.as_deref()
    }

    /// The server's log, which also gets every statement that takes longer than 250 ms, without its values. The one
    /// before it lies beside it as `postgres.log.1`; neither gets much longer than 10 MB.
    pub fn log_path(&self) -> PathBuf {
        directory::log_path(&self.base_dir)
    }

    /// The process that accepts connections; its death ends the server.
    pub fn postmaster_pid(&self) -> u32 {
        self.pid
    }

    /// Ends all sessions and shuts the server down, keeping everything committed; normally well under a second,
    /// at most a minute. Leaves a joined server alone.
    ///
    /// # Errors
    ///
    /// `CannotStop` when the server takes no signal or survives all of them.
    pub fn stop(mut self) -> Result<(), EmbeddedError> {
        match self.own.take() {
            Some(mut own) => own.postmaster.stop(),
            None => Ok(()),
        }
    }
}

fn options(socket_dir: &Path, role: Role, database: &str) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .socket(socket_dir)
        // Named, because sqlx would otherwise take it from the environment.
        .port(5432)
        .ssl_mode(PgSslMode::Disable)
        .username(role.name())
        .database(database)
}

impl Drop for Own {
    fn drop(&mut self) {
        // There is no caller left to tell; those that want to know use `stop`, after which this does nothing.
        let _ = self.postmaster.stop();
    }
}

/// Creates the cluster when there is none. Asks again under the lock, since another Masthead may just have done it.
fn prepare_cluster(
    home: &directory::Home,
    binaries: &binaries::Binaries,
    config: &EmbeddedConfig,
) -> Result<(), EmbeddedError> {
    match home.cluster_version()? {
        None => match &config.copy_of {
            Some(source) => cluster::copy(home, binaries, source),
            None => cluster::create(home, binaries, config.durability),
        },
        Some(version) if version == binaries.major.to_string() => Ok(()),
        Some(cluster) => Err(EmbeddedError::VersionMismatch {
            data_dir: home.data_dir(),
            cluster,
            bin_dir: binaries.dir.clone(),
            installed: binaries.major,
        }),
    }
}
