//! A private server that comes back by itself.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;

use super::connection::options;
use super::{EmbeddedConfig, EmbeddedError, EmbeddedPostgres, Role};

/// How soon an ended server is noticed, and the pause between two tries to start it again.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// A private server on a thread of its own that starts it again when it ends unasked (killed, out of memory):
/// the site answers 503 meanwhile and needs no operator. Dropping it leaves the server to its thread; call
/// [`WatchedPostgres::stop`].
#[derive(Debug)]
pub struct WatchedPostgres {
    base_dir: PathBuf,
    relocated_from: Option<PathBuf>,
    socket_dir: PathBuf,
    leave: mpsc::Sender<()>,
    thread: JoinHandle<Result<(), EmbeddedError>>,
}

impl WatchedPostgres {
    /// As [`EmbeddedPostgres::start`], but the calling thread may end.
    ///
    /// # Errors
    ///
    /// As `start`, and `NoThread` when the system allows no further thread.
    pub fn start(config: &EmbeddedConfig) -> Result<Self, EmbeddedError> {
        let config = config.clone();
        let (answer, answered) = mpsc::channel();
        let (leave, may_leave) = mpsc::channel::<()>();
        let thread = std::thread::Builder::new()
            .name("private-database".to_owned())
            .spawn(move || {
                let server = match EmbeddedPostgres::start(&config) {
                    Ok(server) => server,
                    Err(error) => {
                        // The caller waits for this; it cannot have gone.
                        let _ = answer.send(Err(error));
                        return Ok(());
                    }
                };
                let place = (
                    server.base_dir().to_owned(),
                    server.relocated_from().map(Path::to_owned),
                    server.socket_dir().to_owned(),
                );
                let _ = answer.send(Ok(place));
                watch(&config, server, &may_leave)
            })
            .map_err(|source| EmbeddedError::NoThread { source })?;
        let (base_dir, relocated_from, socket_dir) = answered
            .recv()
            .expect("the thread answers before it ends, because start does not panic")?;
        Ok(WatchedPostgres {
            base_dir,
            relocated_from,
            socket_dir,
            leave,
            thread,
        })
    }

    /// As [`EmbeddedPostgres::connect_options`].
    pub fn connect_options(&self, role: Role, database: &str) -> PgConnectOptions {
        options(&self.socket_dir, role, database)
    }

    /// As [`EmbeddedPostgres::base_dir`].
    pub fn base_dir(&self) -> &Path {
        &self.base_dir
    }

    /// As [`EmbeddedPostgres::relocated_from`].
    pub fn relocated_from(&self) -> Option<&Path> {
        self.relocated_from.as_deref()
    }

    /// As [`EmbeddedPostgres::stop`].
    ///
    /// # Errors
    ///
    /// As `stop`.
    pub fn stop(self) -> Result<(), EmbeddedError> {
        drop(self.leave);
        self.thread.join().unwrap_or(Ok(()))
    }
}

/// Until the other end of `may_leave` is dropped.
fn watch(
    config: &EmbeddedConfig,
    mut server: EmbeddedPostgres,
    may_leave: &mpsc::Receiver<()>,
) -> Result<(), EmbeddedError> {
    while let Err(RecvTimeoutError::Timeout) = may_leave.recv_timeout(LOOK_EVERY) {
        if server.is_running() {
            continue;
        }
        tracing::error!(log = %server.log_path().display(), "the private database ended; starting it again");
        // Its lock and its socket go first: the next start takes them.
        drop(server);
        server = loop {
            match EmbeddedPostgres::start(config) {
                Ok(server) => break server,
                Err(error) => {
                    tracing::error!(error = %error, "the private database does not start; trying again")
                }
            }
            if !matches!(
                may_leave.recv_timeout(LOOK_EVERY),
                Err(RecvTimeoutError::Timeout)
            ) {
                return Ok(());
            }
        };
        tracing::info!("the private database is back");
    }
    server.stop()
}
