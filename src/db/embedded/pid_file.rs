//! What the files of process numbers say: which server runs, and which only seems to.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::error::{EmbeddedError, directory_error};
use super::socket::SocketDir;

/// How often a server is looked at that is about to start or to end.
pub(super) const POLL: Duration = Duration::from_millis(5);
/// How long the server of a killed Masthead may take to go down before we give up on the directory.
pub(super) const PREDECESSOR_PATIENCE: Duration = Duration::from_secs(15);

/// A server that takes connections, whichever process started it.
pub(super) struct Running {
    pub(super) pid: u32,
    pub(super) socket_dir: PathBuf,
}

/// What `pg_ctl -w` looks at: the pid file names the process in line 1 and the socket's directory in line 5, and
/// says in line 8 that the server takes connections.
pub(super) fn running(data_dir: &Path) -> Option<Running> {
    let content = std::fs::read(data_dir.join("postmaster.pid")).ok()?;
    let lines: Vec<&[u8]> = content.split(|byte| *byte == b'\n').collect();
    let ready = lines.get(7)?.trim_ascii() == b"ready";
    let pid = std::str::from_utf8(lines.first()?)
        .ok()?
        .trim()
        .parse()
        .ok()?;
    let socket_dir = PathBuf::from(OsStr::from_bytes(lines.get(4)?));
    ready.then_some(Running { pid, socket_dir })
}

/// For a server that another process is just starting.
pub(super) fn wait_for_running(data_dir: &Path) -> Option<Running> {
    let begun = Instant::now();
    loop {
        match running(data_dir).filter(|server| !is_no_server_of(data_dir, server.pid)) {
            None if begun.elapsed() < PREDECESSOR_PATIENCE => std::thread::sleep(POLL),
            result => return result,
        }
    }
}

/// PostgreSQL gives way for ever to any living process that a left-over pid file names. Two kinds are no server:
/// a stranger that got the same number after a reboot (a postmaster's working directory is its data directory),
/// and a dead one that a container without a reaping init keeps as a zombie. Remains of a real predecessor are
/// still noticed by its shared memory.
pub(super) fn remove_misleading(
    data_dir: &Path,
    socket_dir: &SocketDir,
) -> Result<bool, EmbeddedError> {
    let mut removed = false;
    for path in [data_dir.join("postmaster.pid"), socket_dir.lock_file()] {
        let pid = std::fs::read_to_string(&path)
            .ok()
            .and_then(|content| content.lines().next()?.trim().parse().ok());
        if pid.is_some_and(|pid| is_no_server_of(data_dir, pid)) {
            std::fs::remove_file(&path).map_err(directory_error("remove", &path))?;
            removed = true;
        }
    }
    Ok(removed)
}

fn is_no_server_of(data_dir: &Path, pid: u32) -> bool {
    let stranger = std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd != data_dir);
    // The state follows the name, which stands in brackets and may contain anything.
    let zombie = std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        stat.rsplit(')')
            .next()
            .is_some_and(|rest| rest.starts_with(" Z"))
    });
    stranger || zombie
}
