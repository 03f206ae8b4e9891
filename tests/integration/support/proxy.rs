//! Stands between a site and a server of its database, and breaks what passes as the test says.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;

use super::wire::{RoundTrips, Talk};

/// What happens to connections, old and new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    Whole,
    /// Cut when the site says COMMIT, before the server hears of it.
    CutBeforeCommit,
    /// Cut when the server has heard COMMIT; its answer is lost.
    CutAfterCommit,
    /// Nothing passes any more, and nothing is closed.
    Silent,
    /// New connections get no answer; those that are open go on.
    Unopened,
    /// All are cut, and new ones too.
    Down,
    /// Each answer comes so many milliseconds late.
    Slow(u64),
    /// Once the site has said COMMIT, every answer comes so many milliseconds late.
    SlowAfterCommit(u64),
}

/// Gone with this value, for new connections.
pub struct Proxy {
    port: u16,
    way: Arc<Way>,
    task: tokio::task::JoinHandle<()>,
}

struct Way {
    line: Mutex<Line>,
    to: Mutex<PathBuf>,
    /// Goes up when everything that is connected is to be cut.
    cuts: watch::Sender<u64>,
    trips: RoundTrips,
}

impl Proxy {
    /// In front of the server that listens at `to`.
    pub async fn start(to: &PgConnectOptions) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (line, to) = (Mutex::new(Line::Whole), Mutex::new(socket(to)));
        let way = Arc::new(Way {
            line,
            to,
            cuts: watch::Sender::new(0),
            trips: RoundTrips::default(),
        });
        let task = tokio::spawn(accept(listener, way.clone()));
        Proxy { port, way, task }
    }

    /// The same on a thread of its own, for tests that wait for another process. It lasts as long as the tests do.
    pub fn start_apart(to: &PgConnectOptions) -> Proxy {
        let (sender, receiver) = std::sync::mpsc::channel();
        let to = to.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async move {
                sender.send(Proxy::start(&to).await).unwrap();
                std::future::pending::<()>().await;
            });
        });
        receiver.recv().unwrap()
    }

    /// The same database by way of the proxy.
    pub fn options(&self, to: &PgConnectOptions) -> PgConnectOptions {
        at_port(self.port, to)
    }

    /// As an address for the settings.
    pub fn url(&self, to: &PgConnectOptions) -> String {
        let (user, database) = (to.get_username(), to.get_database().unwrap());
        format!(
            "postgres://{user}@127.0.0.1:{}/{database}?sslmode=disable",
            self.port
        )
    }

    pub fn set(&self, line: Line) {
        *self.way.line.lock().unwrap() = line;
        if line == Line::Down {
            self.cut();
        }
    }

    /// Leads to another server from now on.
    pub fn lead_to(&self, to: &PgConnectOptions) {
        *self.way.to.lock().unwrap() = socket(to);
        self.cut();
    }

    /// Lets everything pass again; connections on which something was held back are cut.
    pub fn mend(&self) {
        self.set(Line::Whole);
        self.cut();
    }

    /// What has gone to and fro on the connections that serve requests.
    pub fn trips(&self) -> &RoundTrips {
        &self.way.trips
    }

    fn cut(&self) {
        self.way.cuts.send_modify(|cuts| *cuts += 1);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The same role and database at a port of this machine.
pub(super) fn at_port(port: u16, to: &PgConnectOptions) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .host("127.0.0.1")
        .port(port)
        .ssl_mode(PgSslMode::Disable)
        .username(to.get_username())
        .database(to.get_database().unwrap())
}

fn socket(to: &PgConnectOptions) -> PathBuf {
    to.get_socket().unwrap().join(".s.PGSQL.5432")
}

async fn accept(listener: TcpListener, way: Arc<Way>) {
    while let Ok((client, _)) = listener.accept().await {
        match way.line() {
            Line::Down => {}
            Line::Unopened => drop(tokio::spawn(hold(client, way.clone()))),
            _ => drop(tokio::spawn(connect(client, way.clone()))),
        }
    }
}

async fn hold(client: TcpStream, way: Arc<Way>) {
    let _ = way.cuts.subscribe().changed().await;
    drop(client);
}

async fn connect(client: TcpStream, way: Arc<Way>) {
    let mut cuts = way.cuts.subscribe();
    let to = way.to.lock().unwrap().clone();
    let Ok(server) = UnixStream::connect(to).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let talk = way.trips.talk();
    tokio::select! {
        () = pass(from_client, to_server, &way, &talk, true) => {}
        () = pass(from_server, to_client, &way, &talk, false) => {}
        _ = cuts.changed() => {}
    }
}

/// Until one side ends or the line is cut.
async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    way: &Way,
    talk: &Talk,
    asks: bool,
) {
    let mut bytes = vec![0; 65_536];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        if asks {
            talk.asked(&bytes[..count]);
        } else {
            talk.answered(&bytes[..count]);
        }
        let commits = asks && bytes[..count].windows(7).any(is_commit);
        let line = way.line();
        match line {
            Line::Silent => std::future::pending().await,
            Line::Slow(milliseconds) if !asks => {
                tokio::time::sleep(Duration::from_millis(milliseconds)).await
            }
            Line::SlowAfterCommit(milliseconds) if commits => way.set(Line::Slow(milliseconds)),
            Line::CutBeforeCommit if commits => return way.mend(),
            _ => {}
        }
        if to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
        if commits && line == Line::CutAfterCommit {
            way.mend();
            // The server has it all; it commits although nobody is there to hear of it.
            let _ = to.shutdown().await;
            return;
        }
    }
}

/// Alone, or followed by what is asked after it in the same message.
fn is_commit(part: &[u8]) -> bool {
    part.eq_ignore_ascii_case(b"COMMIT\0") || part.eq_ignore_ascii_case(b"COMMIT;")
}

impl Way {
    fn line(&self) -> Line {
        *self.line.lock().unwrap()
    }

    fn set(&self, line: Line) {
        *self.line.lock().unwrap() = line;
    }

    fn mend(&self) {
        self.set(Line::Whole);
    }
}
