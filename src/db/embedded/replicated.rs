//! A primary with streaming replicas on this machine, and switches for everything that can happen to them: what
//! `masthead dev-cluster` runs and the tests break. Nothing for a site: its replicas belong on other machines.

use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal, kill_process};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use super::{DATABASE, Durability, EmbeddedConfig, EmbeddedError, EmbeddedPostgres, Role};
use crate::db::Result;

/// Number of the server that begins as the primary; the replicas follow.
pub const PRIMARY: usize = 0;

/// Servers by number. All end when this is dropped.
pub struct Replicated {
    base: PathBuf,
    bin_dir: Option<PathBuf>,
    durability: Durability,
    servers: Vec<Option<EmbeddedPostgres>>,
}

impl Replicated {
    /// A primary and as many replicas, each in a directory of its own below `base`; those that are there go on.
    ///
    /// # Errors
    ///
    /// As [`EmbeddedPostgres::start_on_own_thread`].
    pub fn start(
        base: &Path,
        bin_dir: Option<PathBuf>,
        durability: Durability,
        replicas: usize,
    ) -> Result<Self, EmbeddedError> {
        let mut cluster = Replicated {
            base: base.to_owned(),
            bin_dir,
            durability,
            servers: Vec::new(),
        };
        for number in 0..=replicas {
            cluster.servers.push(None);
            cluster.start_again(number)?;
        }
        Ok(cluster)
    }

    /// How many servers there are, with the primary.
    pub fn len(&self) -> usize {
        self.servers.len()
    }

    /// Never true: there is a primary.
    pub fn is_empty(&self) -> bool {
        self.servers.is_empty()
    }

    /// As [`EmbeddedPostgres::connect_options`]; also of a server that is down, in its old place.
    pub fn connect_options(&self, number: usize, role: Role) -> PgConnectOptions {
        super::connection::options(&self.socket_dir(number), role, DATABASE)
    }

    /// The address of a server for the setting `database_url` or `database_replicas`.
    pub fn url(&self, number: usize, role: Role) -> String {
        let host: String = url::form_urlencoded::byte_serialize(
            self.socket_dir(number).as_os_str().as_encoded_bytes(),
        )
        .collect();
        format!(
            "postgres:///{DATABASE}?host={host}&port=5432&user={}&sslmode=disable",
            role.name()
        )
    }

    /// A server that was killed, or the next one.
    ///
    /// # Errors
    ///
    /// As [`EmbeddedPostgres::start_on_own_thread`].
    pub fn start_again(&mut self, number: usize) -> Result<(), EmbeddedError> {
        // Its lock and its socket go first.
        self.servers[number] = None;
        let copy_of = (number != PRIMARY).then(|| self.socket_dir(PRIMARY));
        let base_dir = self.base_dir(number);
        let config = EmbeddedConfig {
            base_dir,
            bin_dir: self.bin_dir.clone(),
            durability: self.durability,
            copy_of,
        };
        self.servers[number] = Some(EmbeddedPostgres::start_on_own_thread(&config)?);
        Ok(())
    }

    /// Applies what it receives only so many milliseconds after it was committed.
    ///
    /// # Errors
    ///
    /// When the server does not answer, as for all switches that follow.
    pub async fn lag(&self, number: usize, milliseconds: u32) -> Result<()> {
        self.set(
            number,
            "recovery_min_apply_delay",
            &milliseconds.to_string(),
        )
        .await
    }

    /// Receives, and applies nothing.
    pub async fn pause(&self, number: usize) -> Result<()> {
        self.tell(number, "select pg_wal_replay_pause()").await
    }

    /// Applies again, from where [`Replicated::pause`] stopped.
    ///
    /// # Errors
    ///
    /// When the server does not answer.
    pub async fn resume(&self, number: usize) -> Result<()> {
        self.tell(number, "select pg_wal_replay_resume()").await
    }

    /// Makes a replica the primary. The others do not follow it by themselves: see [`Replicated::follow`].
    pub async fn promote(&self, number: usize) -> Result<()> {
        self.tell(number, "select pg_promote()").await
    }

    /// Lets a replica follow another server than before.
    pub async fn follow(&self, number: usize, primary: usize) -> Result<()> {
        let host = self.socket_dir(primary);
        self.set(
            number,
            "primary_conninfo",
            &format!("host={} port=5432 user=postgres", host.display()),
        )
        .await
    }

    /// The servers of which the primary waits for one before it acknowledges a commit; empty waits for none.
    pub async fn wait_for_any_of(&self, numbers: &[usize]) -> Result<()> {
        for number in numbers {
            // Replicas are told apart by this name.
            let source = self.socket_dir(PRIMARY);
            let conninfo = format!(
                "host={} port=5432 user=postgres application_name=r{number}",
                source.display()
            );
            self.set(*number, "primary_conninfo", &conninfo).await?;
        }
        let names: Vec<String> = numbers.iter().map(|number| format!("r{number}")).collect();
        let value = if names.is_empty() {
            String::new()
        } else {
            format!("ANY 1 ({})", names.join(", "))
        };
        self.set(PRIMARY, "synchronous_standby_names", &value).await
    }

    /// A setting of a server, without a restart.
    pub async fn set(&self, number: usize, name: &str, value: &str) -> Result<()> {
        let mut conn = self.connect(number).await?;
        let statement = format!("alter system set {name} = '{}'", value.replace('\'', "''"));
        sqlx::query(AssertSqlSafe(statement))
            .execute(&mut conn)
            .await?;
        sqlx::query("select pg_reload_conf()")
            .execute(&mut conn)
            .await?;
        Ok(conn.close().await?)
    }

    /// All its processes stand still, and connections stay open.
    pub fn freeze(&self, number: usize) {
        self.signal(number, Signal::STOP);
    }

    /// Ends [`Replicated::freeze`]: what was sent meanwhile is answered now.
    pub fn thaw(&self, number: usize) {
        self.signal(number, Signal::CONT);
    }

    /// `kill -9` for all its processes.
    pub fn kill(&mut self, number: usize) {
        self.signal(number, Signal::KILL);
        // Waits for the process and gives its lock back.
        self.servers[number] = None;
    }

    /// Lets the serving role see from which server a replica streams, which the monitor and `doctor` ask.
    ///
    /// # Errors
    ///
    /// When the primary does not answer.
    pub async fn show_replication_to_app_role(&self) -> Result<()> {
        self.tell(PRIMARY, "grant pg_read_all_stats to masthead_app")
            .await
    }

    /// Whether it was started and neither stopped nor killed since; a frozen one is up.
    pub fn is_up(&self, number: usize) -> bool {
        self.servers[number].is_some()
    }

    fn signal(&self, number: usize, signal: Signal) {
        let Some(server) = &self.servers[number] else {
            return;
        };
        let postmaster = server.postmaster_pid();
        // The postmaster first: it would start new ones for those that end.
        for pid in std::iter::once(postmaster).chain(children(postmaster)) {
            if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
                // One that has just ended by itself needs no signal.
                let _ = kill_process(pid, signal);
            }
        }
    }

    async fn tell(&self, number: usize, statement: &'static str) -> Result<()> {
        let mut conn = self.connect(number).await?;
        sqlx::query(statement).execute(&mut conn).await?;
        Ok(conn.close().await?)
    }

    async fn connect(&self, number: usize) -> Result<PgConnection> {
        Ok(self
            .connect_options(number, Role::Superuser)
            .connect()
            .await?)
    }

    fn base_dir(&self, number: usize) -> PathBuf {
        self.base.join(number.to_string())
    }

    fn socket_dir(&self, number: usize) -> PathBuf {
        match &self.servers.get(number) {
            Some(Some(server)) => server.socket_dir().to_owned(),
            _ => self.base_dir(number).join("run"),
        }
    }
}

impl Drop for Replicated {
    fn drop(&mut self) {
        // One that stands still could not be asked to end.
        for number in 0..self.servers.len() {
            self.thaw(number);
        }
    }
}

/// Processes that a process has started.
fn children(parent: u32) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|pid| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // After the name, which may hold anything, come the state and the parent.
        let after_name = stat
            .rsplit_once(") ")
            .map(|(_, rest)| rest.to_owned())
            .unwrap_or_default();
        after_name
            .split(' ')
            .nth(1)
            .is_some_and(|number| number == parent.to_string())
    })
    .collect()
}
