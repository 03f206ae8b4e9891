//! The real binary on a data directory of its own: started, killed in every way, started again.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use masthead::db::embedded::{DATABASE, Durability, EmbeddedConfig, EmbeddedPostgres, Role};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};

use super::client::Client;
use crate::support::{TempDir, free_port};

/// A start may have to replay a log on a busy machine; longer than this it hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// One site: what is left of it is ended and removed with this value.
pub struct Site {
    pub port: u16,
    app: Option<Child>,
    dir: TempDir,
}

impl Site {
    pub fn new() -> Site {
        Site {
            port: free_port(),
            app: None,
            dir: TempDir::new(),
        }
    }

    pub fn data_dir(&self) -> PathBuf {
        self.dir.0.join("data")
    }

    pub fn visitor(&self) -> Client {
        Client::new(self.port)
    }

    /// Starts `masthead serve` and waits for its first page; gives how long that took.
    pub fn start(&mut self) -> Duration {
        self.start_with(|_| {})
    }

    /// The same with other settings.
    pub fn start_with(&mut self, change: impl FnOnce(&mut Command)) -> Duration {
        let log = OpenOptions::new()
            .append(true)
            .create(true)
            .open(self.log_path())
            .unwrap();
        let begun = Instant::now();
        let mut program = serve(&self.data_dir(), self.port);
        change(&mut program);
        self.app = Some(
            program
                .stdout(log.try_clone().unwrap())
                .stderr(log)
                .spawn()
                .unwrap(),
        );
        self.wait_for_a_page();
        begun.elapsed()
    }

    /// Waits until a page that needs the database answers with something else than 503: the front page comes from memory
    /// all the while. Once the port is open, the wait is one for the answer.
    pub fn wait_for_a_page(&mut self) {
        let begun = Instant::now();
        loop {
            match self.visitor().get("/login") {
                Ok(answer) if answer.status.as_u16() != 503 => return,
                _ => {}
            }
            let ended = self.app.as_mut().unwrap().try_wait().unwrap();
            assert!(
                ended.is_none() && begun.elapsed() < PATIENCE,
                "serve: {ended:?}\n{}",
                self.log()
            );
            std::thread::yield_now();
        }
    }

    pub fn kill_app_now(&self) {
        self.signal(Signal::KILL);
    }

    /// SIGTERM, as service managers stop a program.
    pub fn ask_to_end(&self) {
        self.signal(Signal::TERM);
    }

    /// SIGHUP.
    pub fn ask_to_read_settings(&self) {
        self.signal(Signal::HUP);
    }

    /// A command of the operator's on the site's data: whether it was done, and what it said.
    pub fn command(&self, arguments: &[&str], input: &str) -> (bool, String) {
        let program = serve(&self.data_dir(), self.port);
        let plain: Vec<_> = program.get_args().skip(1).map(ToOwned::to_owned).collect();
        let mut command = Command::new(program.get_program());
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
            .args(arguments)
            .args(plain)
            .current_dir(std::env::temp_dir());
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(input.as_bytes())
            .unwrap();
        let Output {
            status,
            stdout,
            stderr,
        } = child.wait_with_output().unwrap();
        (
            status.success(),
            String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap(),
        )
    }

    pub fn dir(&self) -> &Path {
        &self.dir.0
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(self.app.as_ref().unwrap()), signal).unwrap();
    }

    pub fn wait_for_end(&mut self) -> ExitStatus {
        self.app.take().unwrap().wait().unwrap()
    }

    pub fn app_pid(&self) -> u32 {
        self.app.as_ref().unwrap().id()
    }

    /// What the pid file of the private Postgres names, if there is one.
    pub fn postmaster(&self) -> Option<Pid> {
        let content =
            std::fs::read_to_string(self.data_dir().join("postgres/data/postmaster.pid")).ok()?;
        Pid::from_raw(content.lines().next()?.trim().parse().ok()?)
    }

    pub fn kill_postmaster(&self) {
        kill_process(self.postmaster().unwrap(), Signal::KILL).unwrap();
    }

    /// Kills a server process of Postgres that works for the site; Postgres then restarts all of them.
    pub fn kill_backend(&self) {
        let pid = self.ask(async |conn| {
            sqlx::query_scalar::<_, i32>(
                "select pid from pg_stat_activity where usename = 'masthead_app' order by random() limit 1",
            )
            .fetch_one(conn)
            .await
            .unwrap()
        });
        kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
    }

    /// Asks the site's database as superuser. Starts the database for that where the site does not run.
    pub fn ask<T>(&self, question: impl AsyncFnOnce(&mut PgConnection) -> T) -> T {
        let bin_dir = std::env::var_os("MASTHEAD_POSTGRES_BIN_DIR").map(PathBuf::from);
        let base_dir = self.data_dir().join("postgres");
        let config = EmbeddedConfig {
            base_dir,
            bin_dir,
            durability: Durability::Durable,
            copy_of: None,
        };
        let server = EmbeddedPostgres::start_or_join(&config).unwrap();
        let options: PgConnectOptions = server.connect_options(Role::Superuser, DATABASE);
        let answer = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(async {
                let mut conn = options.connect().await.unwrap();
                let answer = question(&mut conn).await;
                conn.close().await.unwrap();
                answer
            });
        server.stop().unwrap();
        answer
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    fn log_path(&self) -> PathBuf {
        self.dir.0.join("serve.log")
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if let Some(app) = &mut self.app {
            let _ = app.kill();
            let _ = app.wait();
        }
        // Told to go by the end of the app; it must not write into a directory that is being removed.
        let begun = Instant::now();
        while self.postmaster().is_some_and(is_running) && begun.elapsed() < PATIENCE {
            std::thread::yield_now();
        }
    }
}

pub fn is_running(pid: Pid) -> bool {
    std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()))
        .is_ok_and(|stat| !stat.contains(") Z "))
}

/// `masthead serve`, with nothing of the caller's settings but where Postgres is.
pub fn serve(data_dir: &Path, port: u16) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_masthead"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("MASTHEAD_") && name != "MASTHEAD_POSTGRES_BIN_DIR" {
            program.env_remove(name);
        }
    }
    program
        .args([
            "serve",
            "--listen",
            &format!("127.0.0.1:{port}"),
            "--data-dir",
        ])
        .arg(data_dir);
    program
        .env("MASTHEAD_ARGON2_MEMORY_KIB", "7168")
        .current_dir(std::env::temp_dir())
        .stdin(File::open("/dev/null").unwrap());
    program
}

/// What a start that must fail says, without colours: its exit code and its standard error.
pub fn refusal(mut command: Command) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = command.output().unwrap();
    (status.code(), String::from_utf8(stderr).unwrap())
}
