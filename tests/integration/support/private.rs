//! A site with its private database: the built program on a data directory of its own.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use masthead::db::embedded::{DATABASE, Role};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions};

use super::{PASSWORD, Response, TempDir, free_port, served};

/// Ends with this value.
pub struct Private {
    pub port: u16,
    process: Option<Child>,
    dir: TempDir,
}

impl Private {
    /// A place where nothing is yet.
    pub fn unstarted() -> Private {
        Private {
            port: free_port(),
            process: None,
            dir: TempDir::new(),
        }
    }

    /// Serves, with settings as environment variables.
    pub async fn started(mut self, settings: &[(&str, &str)]) -> Private {
        let listen = format!("127.0.0.1:{}", self.port);
        let log = File::create(self.dir.0.join("log")).unwrap();
        let mut program = self.program(&[
            "serve",
            "--listen",
            &listen,
            "--site-url",
            "http://blog.example",
        ]);
        self.process = Some(
            program
                .envs(settings.iter().copied())
                .stderr(log)
                .spawn()
                .unwrap(),
        );
        super::until("it serves", Duration::from_secs(60), async || {
            let ended = self.process.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none(), "{}", self.log());
            self.answer("/readyz")
                .is_some_and(|answer| answer.status == 200)
        })
        .await;
        self
    }

    /// Ends, and its database with it.
    pub fn stopped(mut self) -> Private {
        self.end();
        self
    }

    /// Ends by signal 9, as by a crash; its database ends with it.
    pub fn killed(mut self) -> Private {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
        self
    }

    fn end(&mut self) {
        if let Some(mut process) = self.process.take() {
            // Its database ends before it.
            let _ = kill_process(Pid::from_child(&process), Signal::TERM);
            let _ = process.wait();
        }
    }

    fn answer(&self, path: &str) -> Option<Response> {
        served::exchange(self.port, "GET", path, "", b"")
    }

    /// A command on this data directory.
    pub fn command(&self, arguments: &[&str]) -> Output {
        self.program(arguments)
            .stderr(Stdio::piped())
            .stdout(Stdio::piped())
            .output()
            .unwrap()
    }

    /// The owner, as `masthead user create` makes one.
    pub fn make_owner(&self) {
        let password = self.dir.0.join("password");
        std::fs::write(&password, format!("{PASSWORD}\n")).unwrap();
        let arguments = [
            "user",
            "create",
            "olga",
            "--email",
            "olga@example.org",
            "--role",
            "owner",
            "--password-stdin",
        ];
        let made = self
            .program(&arguments)
            .stdin(File::open(password).unwrap())
            .status()
            .unwrap();
        assert!(made.success());
    }

    fn program(&self, arguments: &[&str]) -> Command {
        let mut program = Command::new(env!("CARGO_BIN_EXE_masthead"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("MASTHEAD_")
                && name != "MASTHEAD_POSTGRES_BIN_DIR"
            {
                program.env_remove(name);
            }
        }
        program
            .args(arguments)
            .arg("--data-dir")
            .arg(self.dir.0.join("data"));
        program
            .env("MASTHEAD_ARGON2_MEMORY_KIB", "7168")
            .env("MASTHEAD_WORKERS", "2")
            .current_dir(&self.dir.0);
        program.stdin(File::open("/dev/null").unwrap());
        program
    }

    /// Backs the site up while it serves, as docs/backup.md says.
    pub fn dump(&self, form: &str, name: &str) -> String {
        let file = self.dir.0.join(name);
        let mut program = Command::new("pg_dump");
        program
            .arg("-h")
            .arg(self.socket_dir())
            .args(["-U", "postgres", "--format", form, "--file"])
            .arg(&file)
            .arg(DATABASE);
        assert!(program.status().unwrap().success());
        file.display().to_string()
    }

    /// Tells the database something, as superuser.
    pub async fn tell(&self, statement: &str) {
        let options = PgConnectOptions::new_without_pgpass()
            .socket(self.socket_dir())
            .port(5432);
        let mut conn = options
            .username(Role::Superuser.name())
            .database(DATABASE)
            .connect()
            .await
            .unwrap();
        sqlx::query(AssertSqlSafe(statement))
            .execute(&mut conn)
            .await
            .unwrap();
    }

    fn socket_dir(&self) -> PathBuf {
        self.dir.0.join("data/postgres/run")
    }

    pub fn dir(&self) -> &Path {
        &self.dir.0
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.0.join("log")).unwrap_or_default()
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        self.end();
    }
}
