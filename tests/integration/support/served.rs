//! `masthead serve` itself on the database of a test, behind a port.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpMessage;
use actix_web::test::TestRequest;
use futures_util::StreamExt;
use rustix::process::{Pid, Signal, kill_process};

use super::shared_cache::parse;
use super::{Response, TempDir, TestApp, wait_until};

/// Longer than this it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Ends with this value.
pub struct Served {
    pub port: u16,
    process: Child,
    dir: Arc<TempDir>,
}

impl Served {
    /// Starts another node of a site, with settings as environment variables, and waits for its first page.
    pub fn start(app: &TestApp, port: u16, settings: &[(&str, &str)]) -> Served {
        Served::start_at(app, port, settings, "/robots.txt")
    }

    /// The same with the program of another release.
    pub fn start_release(
        app: &TestApp,
        program: &Path,
        port: u16,
        settings: &[(&str, &str)],
    ) -> Served {
        let dir = Arc::new(TempDir::new());
        let log = File::create(dir.0.join("log")).unwrap();
        Served::launch(
            Command::new(program),
            app.database_urls(),
            port,
            settings,
            "/robots.txt",
            (dir, log.into()),
        )
    }

    /// The same, and waits until this path is answered.
    pub fn start_at(app: &TestApp, port: u16, settings: &[(&str, &str)], path: &str) -> Served {
        let dir = Arc::new(TempDir::new());
        let log = File::create(dir.0.join("log")).unwrap();
        Served::launch(
            this_release(),
            app.database_urls(),
            port,
            settings,
            path,
            (dir, log.into()),
        )
    }

    /// The same process once more, with what it has left in its data directory.
    pub fn start_again(mut self, app: &TestApp, settings: &[(&str, &str)], path: &str) -> Served {
        self.kill();
        let log = File::create(self.dir.0.join("log")).unwrap();
        Served::launch(
            this_release(),
            app.database_urls(),
            self.port,
            settings,
            path,
            (self.dir.clone(), log.into()),
        )
    }

    /// The same with a log that nobody reads.
    pub fn start_unread(app: &TestApp, port: u16, settings: &[(&str, &str)]) -> Served {
        Served::launch(
            this_release(),
            app.database_urls(),
            port,
            settings,
            "/robots.txt",
            (Arc::new(TempDir::new()), Stdio::piped()),
        )
    }

    /// A node on the database with these addresses, for the serving role and for the owner.
    pub fn start_on(urls: (String, String), port: u16, settings: &[(&str, &str)]) -> Served {
        let dir = Arc::new(TempDir::new());
        let log = File::create(dir.0.join("log")).unwrap();
        Served::launch(
            this_release(),
            urls,
            port,
            settings,
            "/robots.txt",
            (dir, log.into()),
        )
    }

    fn launch(
        mut program: Command,
        urls: (String, String),
        port: u16,
        settings: &[(&str, &str)],
        path: &str,
        (dir, log): (Arc<TempDir>, Stdio),
    ) -> Served {
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("MASTHEAD_") {
                program.env_remove(name);
            }
        }
        let (serving, owner) = urls;
        program
            .args([
                "serve",
                "--listen",
                &format!("127.0.0.1:{port}"),
                "--site-url",
                "http://blog.example",
                "--data-dir",
            ])
            .arg(dir.0.join("data"))
            .env("MASTHEAD_DATABASE_URL", serving)
            .env("MASTHEAD_MIGRATION_DATABASE_URL", owner)
            .env("MASTHEAD_ARGON2_MEMORY_KIB", "7168")
            .env("MASTHEAD_WORKERS", "2")
            .env("MASTHEAD_RUN_AS", account_of_the_cluster())
            .envs(settings.iter().copied())
            .current_dir(&dir.0)
            .stdin(File::open("/dev/null").unwrap());
        let process = program.stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let mut served = Served { port, process, dir };
        served.wait_until_it_answers(path);
        served
    }

    fn wait_until_it_answers(&mut self, path: &str) {
        wait_until(|| {
            if exchange(self.port, "GET", path, "", b"").is_some_and(|answer| answer.status == 200)
            {
                return Ok(());
            }
            let ended = self.process.try_wait().unwrap();
            assert!(ended.is_none(), "{ended:?}\n{}", self.log());
            Err(self.log())
        });
    }

    /// Dies at once, with all its connections.
    pub fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// SIGTERM.
    pub fn ask_to_end(&self) {
        kill_process(Pid::from_child(&self.process), Signal::TERM).unwrap();
    }

    /// SIGHUP.
    pub fn ask_to_read_settings(&self) {
        kill_process(Pid::from_child(&self.process), Signal::HUP).unwrap();
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    pub fn wait_for_end(&mut self) -> ExitStatus {
        self.process.wait().unwrap()
    }

    pub fn data_dir(&self) -> PathBuf {
        self.dir.0.join("data")
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.0.join("log")).unwrap_or_default()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.kill();
    }
}

/// For `run_as`, where the tests run as root: no other account can reach the socket of the test's cluster. Nothing means
/// `nobody`, as where the cluster has no account of its own.
pub fn account_of_the_cluster() -> &'static str {
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    if users.lines().any(|line| line.starts_with("postgres:")) {
        "postgres"
    } else {
        ""
    }
}

fn this_release() -> Command {
    Command::new(env!("CARGO_BIN_EXE_masthead"))
}

/// Sends what a test would otherwise hand to a site in this process.
pub async fn send(port: u16, request: TestRequest) -> Response {
    let mut request = request.to_request();
    let mut body = Vec::new();
    let mut payload = request.take_payload();
    while let Some(chunk) = payload.next().await {
        body.extend_from_slice(&chunk.unwrap());
    }
    let lines: String = request
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap()))
        .collect();
    exchange(
        port,
        request.method().as_str(),
        &request.uri().to_string(),
        &lines,
        &body,
    )
    .expect("an answer")
}

/// A form on a connection of its own, for tests that send many at once from threads. `None`: the node is gone.
pub fn send_form(port: u16, path: &str, cookie: &str, form: &[(&str, &str)]) -> Option<Response> {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let headers = format!(
        "Cookie: {cookie}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n",
        body.len()
    );
    exchange(port, "POST", path, &headers, body.as_bytes())
}

/// One request on a connection of its own. It blocks: whoever answers is another process.
pub(super) fn exchange(
    port: u16,
    method: &str,
    target: &str,
    headers: &str,
    body: &[u8],
) -> Option<Response> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let head = format!(
        "{method} {target} HTTP/1.1\r\nHost: blog.example\r\nConnection: close\r\n{headers}\r\n"
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body).ok()?;
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        // Refused before all of it was read.
        Err(error) if error.kind() != ErrorKind::ConnectionReset => None,
        _ => parse(&bytes),
    }
}
