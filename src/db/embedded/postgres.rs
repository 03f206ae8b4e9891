//! A private server from its start to its end.

use std::path::{Path, PathBuf};
use std::sync::mpsc;

use sqlx::postgres::PgConnectOptions;

use super::config::EmbeddedConfig;
use super::connection::{Role, options};
use super::error::EmbeddedError;
use super::{binaries, cluster, directory, pid_file, process, settings, socket};

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
    /// The server ends with the calling thread; see [`super`].
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
                    pid_file::wait_for_running(&base_dir.join("data")).ok_or_else(|| {
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
    pub(super) fn is_running(&mut self) -> bool {
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
