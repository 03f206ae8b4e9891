//! Stands between a site and a server of its database, and breaks what passes as the test says.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, UnixStream};

/// What happens to connections, old and new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Line {
    Whole,
    /// Cut when the site says COMMIT, before the server hears of it.
    CutBeforeCommit,
    /// Cut when the server has heard COMMIT and answered; the answer is lost.
    CutAfterCommit,
    /// Nothing passes any more, and nothing is closed.
    Silent,
}

/// Gone with this value, for new connections.
pub struct Proxy {
    port: u16,
    line: Arc<AtomicU8>,
    task: tokio::task::JoinHandle<()>,
}

impl Proxy {
    /// In front of the server that listens at `to`.
    pub async fn start(to: &PgConnectOptions) -> Proxy {
        let socket = to.get_socket().unwrap().join(".s.PGSQL.5432");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let line = Arc::new(AtomicU8::new(Line::Whole as u8));
        let task = tokio::spawn(accept(listener, socket, line.clone()));
        Proxy { port, line, task }
    }

    /// The same database by way of the proxy.
    pub fn options(&self, to: &PgConnectOptions) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(self.port)
            .ssl_mode(sqlx::postgres::PgSslMode::Disable)
            .username(to.get_username())
            .database(to.get_database().unwrap())
    }

    pub fn set(&self, line: Line) {
        self.line.store(line as u8, Ordering::SeqCst);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, socket: PathBuf, line: Arc<AtomicU8>) {
    while let Ok((client, _)) = listener.accept().await {
        let (socket, line) = (socket.clone(), line.clone());
        tokio::spawn(async move {
            let Ok(server) = UnixStream::connect(socket).await else { return };
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = server.into_split();
            tokio::select! {
                () = pass(from_client, to_server, &line, true) => {}
                () = pass(from_server, to_client, &line, false) => {}
            }
        });
    }
}

/// Until one side ends or the line is cut.
async fn pass(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, line: &AtomicU8, asks: bool) {
    let mut bytes = vec![0; 65_536];
    // Set by what the site asked, looked at when the server answers: both directions of one connection share a task.
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        let now = line.load(Ordering::SeqCst);
        let commits = asks && bytes[..count].windows(7).any(|part| part.eq_ignore_ascii_case(b"COMMIT\0"));
        if now == Line::Silent as u8 {
            std::future::pending::<()>().await;
        }
        if commits && now == Line::CutBeforeCommit as u8 {
            line.store(Line::Whole as u8, Ordering::SeqCst);
            return;
        }
        if to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
        if commits && now == Line::CutAfterCommit as u8 {
            line.store(Line::Whole as u8, Ordering::SeqCst);
            // The server has it all; it commits although nobody is there to hear of it.
            let _ = to.shutdown().await;
            return;
        }
    }
}
