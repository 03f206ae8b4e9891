//! Where a run of the tests keeps everything that it writes: one directory in memory or the system's temporary one, which goes
//! with the run, however that ends.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

const PREFIX: &str = "masthead-tests-";

/// Waits until the run has ended (its input is a pipe that nobody else holds), gives what it has started some seconds to
/// end as well (the databases do that by themselves), ends the rest, and removes the directory.
const WATCHDOG: &str = r#"
cat >/dev/null
left() { for p in /proc/[0-9]*; do case $(tr '\0' ' ' 2>/dev/null <"$p/cmdline") in *"$1"/*) echo "${p#/proc/}";; esac; done; }
for _ in 1 2 3 4 5 6 7 8 9 10; do [ -z "$(left "$1" | grep -vx $$)" ] && break; sleep 1; done
left "$1" | grep -vx $$ | xargs -r kill -9 2>/dev/null
rm -rf -- "$1"
"#;

/// The directory of this run.
pub fn of_this_run() -> &'static Path {
    static RUN: OnceLock<(PathBuf, Child)> = OnceLock::new();
    &RUN.get_or_init(|| {
        sweep();
        let path = base().join(format!("{PREFIX}{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        passable(&path);
        let watchdog = watch(&path);
        (path, watchdog)
    })
    .0
}

/// Each test has a database, of some hundred files: to make and remove so many takes a disk longer than all that tests do with
/// them. A machine with little memory keeps them on the disk all the same.
fn base() -> PathBuf {
    const NEEDED: u64 = 8 << 30;
    let memory = Path::new("/dev/shm");
    let left = rustix::fs::statvfs(memory).map_or(0, |fs| fs.f_bavail * fs.f_frsize);
    if left.min(available_memory()) < NEEDED {
        return std::env::temp_dir();
    }
    memory.to_owned()
}

/// In bytes; 0 where the system does not say.
fn available_memory() -> u64 {
    let told = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = told
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    kilobytes
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
        * 1024
}

/// Ctrl-C, which ends the run, must not end it too.
fn watch(path: &Path) -> Child {
    let mut watchdog = Command::new("sh");
    watchdog
        .args(["-c", WATCHDOG, "sh"])
        .arg(path)
        .current_dir("/")
        .process_group(0);
    watchdog
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Removes what runs left behind whose machine went down.
fn sweep() {
    for entry in fs::read_dir(base()).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let pid = name
            .strip_prefix(PREFIX)
            .or_else(|| name.strip_prefix("masthead-cluster-"));
        if pid.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Servers run as other users where the tests run as root.
fn passable(path: &Path) {
    fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
}

/// A directory that any user may pass through, removed at the end of the test. Its path is short: a socket's has at most
/// 107 bytes.
pub struct TempDir(pub PathBuf);

impl TempDir {
    pub fn new() -> TempDir {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let path = of_this_run().join(NEXT.fetch_add(1, Ordering::Relaxed).to_string());
        fs::create_dir(&path).unwrap();
        passable(&path);
        TempDir(path)
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
