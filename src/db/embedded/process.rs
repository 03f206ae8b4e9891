//! The server as a child process: its start, readiness and end. `pid_file` tells whether it takes connections.

use std::{
    io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal};

use super::{
    binaries::Binaries,
    directory::Home,
    error::{EmbeddedError, directory_error},
    log::ServerLog,
    pid_file::{POLL, PREDECESSOR_PATIENCE, remove_misleading, running},
    socket::SocketDir,
};

/// Crash recovery replays at most about `max_wal_size`; a slow disk needs a minute or two for that.
const READY_PATIENCE: Duration = Duration::from_secs(300);
/// After this the fast shutdown is turned into an immediate one, which costs a crash recovery but no data.
const STOP_PATIENCE: Duration = Duration::from_secs(30);

/// Starts a program of PostgreSQL as the database user, apart from the terminal, and bound to this thread's life.
pub(super) fn spawn(
    home: &Home,
    mut command: Command,
    program: &Path,
    when_parent_dies: Signal,
) -> Result<Child, EmbeddedError> {
    // The caller's PGDATA, PGPORT or PGOPTIONS must not reach the server.
    command.env_clear().env("LC_ALL", "C").current_dir("/");
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    if let Some(account) = &home.account {
        command.uid(account.uid).gid(account.gid);
    }
    bind_to_parent(&mut command, when_parent_dies);
    command
        .spawn()
        .map_err(|source| match (&home.account, source.kind()) {
            (Some(account), _) if is_switch_failure(&source) => EmbeddedError::UserSwitchRefused {
                account: account.to_string(),
                source,
            },
            _ => EmbeddedError::CannotRun {
                program: program.to_owned(),
                source,
            },
        })
}

#[expect(
    unsafe_code,
    reason = "only a hook between fork and exec can ask for the death signal; the hook makes three system \
              calls and allocates nothing, which is what fork in a threaded process allows"
)]
fn bind_to_parent(command: &mut Command, when_parent_dies: Signal) {
    let parent = rustix::process::getpid();
    let hook = move || {
        // Ctrl-C goes to the whole group of the terminal; Masthead drains its requests before the database goes.
        rustix::process::setpgid(None, None)?;
        #[cfg(target_os = "linux")]
        rustix::process::set_parent_process_death_signal(Some(when_parent_dies))?;
        #[cfg(not(target_os = "linux"))]
        let _ = when_parent_dies;
        // A parent that died before the call above sends no signal any more.
        if rustix::process::getppid() != Some(parent) {
            return Err(io::Error::from(io::ErrorKind::Interrupted));
        }
        Ok(())
    };
    // SAFETY: the hook calls only async-signal-safe functions and touches no memory of other threads.
    unsafe {
        command.pre_exec(hook);
    }
}

/// EPERM and EINVAL come from a container with a single user number; exec itself fails with other codes.
fn is_switch_failure(error: &io::Error) -> bool {
    let code = error.raw_os_error();
    [rustix::io::Errno::PERM, rustix::io::Errno::INVAL]
        .iter()
        .any(|errno| code == Some(errno.raw_os_error()))
}

/// A server that has accepted connections at least once.
#[derive(Debug)]
pub(super) struct Postmaster {
    child: Child,
}

enum Attempt {
    Ready(Child),
    PredecessorStillThere { status: ExitStatus, tail: String },
}

impl Postmaster {
    pub(super) fn start(
        home: &Home,
        binaries: &Binaries,
        socket_dir: &SocketDir,
    ) -> Result<Self, EmbeddedError> {
        let begun = Instant::now();
        loop {
            match attempt(home, binaries, socket_dir)? {
                Attempt::Ready(child) => return Ok(Self { child }),
                Attempt::PredecessorStillThere { status, tail }
                    if begun.elapsed() > PREDECESSOR_PATIENCE =>
                {
                    return Err(EmbeddedError::DiedEarly {
                        status,
                        log: home.log_path(),
                        tail,
                    });
                }
                Attempt::PredecessorStillThere { .. } => {
                    if !remove_misleading(&home.data_dir(), socket_dir)? {
                        std::thread::sleep(10 * POLL);
                    }
                }
            }
        }
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Fast shutdown: sessions are ended, everything committed is kept. Does nothing when it has ended already.
    pub(super) fn stop(&mut self) -> Result<(), EmbeddedError> {
        let pid = self.child.id();
        let cannot_stop = |source| EmbeddedError::CannotStop { pid, source };
        for signal in [Signal::INT, Signal::QUIT] {
            if self.child.try_wait().map_err(cannot_stop)?.is_some() {
                return Ok(());
            }
            rustix::process::kill_process(Pid::from_child(&self.child), signal)
                .map_err(|errno| cannot_stop(errno.into()))?;
            let asked = Instant::now();
            while asked.elapsed() < STOP_PATIENCE {
                if self.child.try_wait().map_err(cannot_stop)?.is_some() {
                    return Ok(());
                }
                std::thread::sleep(POLL);
            }
        }
        Err(cannot_stop(io::ErrorKind::TimedOut.into()))
    }
}

fn attempt(
    home: &Home,
    binaries: &Binaries,
    socket_dir: &SocketDir,
) -> Result<Attempt, EmbeddedError> {
    let data_dir = home.data_dir();
    let (mut child, log) = launch(home, binaries, socket_dir)?;
    let begun = Instant::now();
    loop {
        if is_ready(&data_dir, child.id()) {
            return Ok(Attempt::Ready(child));
        }
        if let Some(status) = child
            .try_wait()
            .map_err(directory_error("watch the server in", &data_dir))?
        {
            return ended(status, home.log_path(), log.tail(true));
        }
        if begun.elapsed() > READY_PATIENCE {
            Postmaster { child }.stop()?;
            return Err(EmbeddedError::NotReady {
                seconds: READY_PATIENCE.as_secs(),
                tail: log.tail(false),
                log: home.log_path(),
            });
        }
        std::thread::sleep(POLL);
    }
}

fn launch(
    home: &Home,
    binaries: &Binaries,
    socket_dir: &SocketDir,
) -> Result<(Child, ServerLog), EmbeddedError> {
    let (log, for_stderr) = ServerLog::start(home)?;
    let for_stdout = for_stderr
        .try_clone()
        .map_err(directory_error("write", &home.log_path()))?;
    let program = binaries.postgres();
    let mut command = Command::new(&program);
    command
        .arg("-D")
        .arg(home.data_dir())
        .arg("-k")
        .arg(socket_dir.as_list_entry())
        .args(["-c", "listen_addresses=", "-p", "5432"])
        .stdin(Stdio::null())
        .stdout(for_stdout)
        .stderr(for_stderr);
    Ok((spawn(home, command, &program, Signal::INT)?, log))
}

/// `tail` is what the server wrote last.
fn ended(status: ExitStatus, log: PathBuf, tail: String) -> Result<Attempt, EmbeddedError> {
    if predecessor_is_in_the_way(&tail) {
        Ok(Attempt::PredecessorStillThere { status, tail })
    } else {
        Err(EmbeddedError::DiedEarly { status, log, tail })
    }
}

fn is_ready(data_dir: &Path, pid: u32) -> bool {
    running(data_dir).is_some_and(|server| server.pid == pid)
}

fn predecessor_is_in_the_way(log: &str) -> bool {
    // Of the cluster or of the socket.
    (log.contains("FATAL:  lock file \"") && log.contains("\" already exists"))
        || log.contains("pre-existing shared memory block")
}
