//! What slow and greedy clients get, on the wire of a real node. Time is the subject here, so these tests take it:
//! all of the slow ones side by side.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use tokio::net::TcpSocket;

use crate::support::{Served, TestApp, free_port, until};

/// Far beyond every limit: reached only by a server that does not end what it should.
const PATIENCE: Duration = Duration::from_secs(60);
const FORM: &str = "POST /login HTTP/1.1\r\nHost: blog.example\r\nSec-Fetch-Site: same-origin\r\n\
                    Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 9000\r\n\r\n";

fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Everything until the server closes. A reset is an end, too.
fn rest(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    if let Err(error) = stream.read_to_end(&mut text) {
        assert_eq!(
            error.kind(),
            std::io::ErrorKind::ConnectionReset,
            "it was not closed"
        );
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// Sends the beginning, then one piece after each pause until the server has had enough or there is no more; gives
/// what it said until it closed, and when that was.
fn drip(
    port: u16,
    beginning: &str,
    piece: &[u8],
    pause: Duration,
    most: usize,
) -> (String, Duration) {
    let begun = Instant::now();
    let mut stream = connect(port);
    let mut writer = stream.try_clone().unwrap();
    writer.write_all(beginning.as_bytes()).unwrap();
    let piece = piece.to_vec();
    let dripping = thread::spawn(move || {
        for _ in 0..most {
            thread::sleep(pause);
            if writer.write_all(&piece).is_err() {
                return;
            }
        }
    });
    let said = rest(&mut stream);
    let took = begun.elapsed();
    drop(stream);
    dripping.join().unwrap();
    (said, took)
}

#[actix_web::test]
async fn who_is_slow_is_cut_off_and_who_is_not_is_served() {
    let app = TestApp::new().await;
    let served = Served::start(&app, free_port(), &[]);
    let port = served.port;
    let half = Duration::from_millis(500);
    let silent_head =
        thread::spawn(move || drip(port, "GET / HTTP/1.1\r\nHost: blog", b"", half, 0));
    let slow_head =
        thread::spawn(move || drip(port, "GET / HTTP/1.1\r\nHost: blog", b"x", half, 60));
    let silent_body = thread::spawn(move || drip(port, FORM, b"", half, 0));
    let slow_body = thread::spawn(move || drip(port, FORM, b"login=x", half, 60));
    // Six seconds for the whole, three times as fast as it must be.
    let steady = thread::spawn(move || {
        drip(
            port,
            &FORM.replace("HTTP/1.1\r\n", "HTTP/1.1\r\nConnection: close\r\n"),
            &[b'a'; 750],
            half,
            12,
        )
    });
    for (what, head) in [("silent", silent_head), ("slow", slow_head)] {
        let (said, took) = head.join().unwrap();
        assert!(
            said.is_empty() || said.starts_with("HTTP/1.1 408"),
            "{what} head: {said}"
        );
        assert!(took < Duration::from_secs(30), "{what} head: {took:?}");
    }
    for (what, body) in [("silent", silent_body), ("slow", slow_body)] {
        let (said, took) = body.join().unwrap();
        assert!(said.starts_with("HTTP/1.1 408"), "{what} body: {said}");
        assert!(
            said.to_ascii_lowercase()
                .contains("cache-control: private, no-store"),
            "{said}"
        );
        assert!(
            took > Duration::from_secs(5) && took < Duration::from_secs(30),
            "{what} body: {took:?}"
        );
    }
    let (said, took) = steady.join().unwrap();
    assert!(took > Duration::from_secs(5), "{took:?}");
    assert!(
        said.starts_with("HTTP/1.1 400"),
        "all of it was read, and is no form: {said}"
    );
}

#[actix_web::test]
async fn too_long_a_head_is_refused() {
    let app = TestApp::new().await;
    let served = Served::start(&app, free_port(), &[]);
    let asked = |path: &str, bytes: usize| {
        let mut stream = connect(served.port);
        let line = "a".repeat(bytes);
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: blog.example\r\nConnection: close\r\nCookie: theme={line}\r\n\r\n"
        );
        // One that is far too long is refused before all of it was read.
        let _ = stream.write_all(head.as_bytes());
        rest(&mut stream).split("\r\n").next().unwrap().to_owned()
    };
    assert_eq!(asked("/", 12_000), "HTTP/1.1 200 OK");
    for path in [
        "/login",
        "/settings",
        "/me.json",
        "/?utm_source=letter",
        "/@nobody",
    ] {
        assert_eq!(
            asked(path, 17_000),
            "HTTP/1.1 431 Request Header Fields Too Large",
            "{path}"
        );
    }
    let far = asked("/", 300_000);
    assert!(far.is_empty() || far.starts_with("HTTP/1.1 4"), "{far}");
}

/// A connection that stays, from an address of this machine, and has had an answer.
struct Kept(tokio::net::TcpStream);

impl Kept {
    /// None: it was closed instead of answered.
    async fn open(from: [u8; 4], port: u16) -> Option<Kept> {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from((from, 0))).unwrap();
        let stream = socket
            .connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
            .await
            .unwrap();
        let kept = Kept(stream);
        if kept.answers().await {
            Some(kept)
        } else {
            None
        }
    }

    async fn answers(&self) -> bool {
        if self
            .write(b"GET /robots.txt HTTP/1.1\r\nHost: blog.example\r\n\r\n")
            .await
            .is_none()
        {
            return false;
        }
        let mut seen = Vec::new();
        while !seen.ends_with(b"sitemap.xml\n") {
            let mut bytes = [0; 4096];
            match tokio::time::timeout(PATIENCE, self.0.readable())
                .await
                .expect("an answer or an end")
            {
                Ok(()) => match self.0.try_read(&mut bytes) {
                    Ok(0) => return false,
                    Ok(count) => seen.extend_from_slice(&bytes[..count]),
                    Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                    Err(_) => return false,
                },
                Err(_) => return false,
            }
        }
        true
    }

    async fn write(&self, bytes: &[u8]) -> Option<()> {
        self.0.writable().await.ok()?;
        (self.0.try_write(bytes).ok()? == bytes.len()).then_some(())
    }
}

#[actix_web::test]
async fn one_address_gets_a_hundred_connections_and_a_proxy_as_many_as_it_likes() {
    let app = TestApp::new().await;
    let served = Served::start(
        &app,
        free_port(),
        &[("MASTHEAD_TRUSTED_PROXIES", "127.0.0.3")],
    );
    let port = served.port;
    // The ones of the start are over when there is room for a hundred.
    let mut kept = Vec::new();
    until("a hundred connections", PATIENCE, async || {
        kept.extend(Kept::open([127, 0, 0, 1], port).await);
        kept.len() == 100
    })
    .await;
    for _ in 0..3 {
        assert!(
            Kept::open([127, 0, 0, 1], port).await.is_none(),
            "one too many was served"
        );
    }
    assert!(
        kept[0].answers().await && kept[99].answers().await,
        "those who were there suffer"
    );
    assert!(
        Kept::open([127, 0, 0, 2], port).await.is_some(),
        "another address suffers"
    );
    drop(kept.pop());
    let mut again = None;
    until("room again", PATIENCE, async || {
        again = Kept::open([127, 0, 0, 1], port).await;
        again.is_some()
    })
    .await;
    assert!(Kept::open([127, 0, 0, 1], port).await.is_none());
    let mut relayed = Vec::new();
    for number in 0..150 {
        relayed.push(
            Kept::open([127, 0, 0, 3], port)
                .await
                .unwrap_or_else(|| panic!("the proxy was refused at {number}")),
        );
    }
    for connection in &relayed {
        assert!(connection.answers().await);
    }
}

/// As docs/operating.md says to run a site: the proxy on this machine keeps a connection for each reader who waits.
#[actix_web::test]
async fn behind_a_proxy_on_this_machine_no_reader_is_one_too_many() {
    let app = TestApp::new().await;
    let served = Served::start(&app, free_port(), &[]);
    let mut kept = Vec::new();
    for number in 1..=130 {
        kept.push(
            Kept::open([127, 0, 0, 1], served.port)
                .await
                .unwrap_or_else(|| panic!("connection {number} was closed")),
        );
    }
    for connection in &kept {
        assert!(connection.answers().await);
    }
}

/// The form for signing in with so many bytes, of which so many are sent.
fn large_form(port: u16, bytes: usize, sent: usize) -> TcpStream {
    let mut stream = connect(port);
    let head = format!(
        "POST /login HTTP/1.1\r\nHost: blog.example\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {bytes}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&vec![b'a'; sent]).unwrap();
    stream
}

#[actix_web::test]
async fn large_forms_are_held_in_a_bounded_number() {
    let app = TestApp::new().await;
    let served = Served::start(&app, free_port(), &[]);
    let port = served.port;
    let status = |bytes: usize| rest(&mut large_form(port, bytes, bytes))[9..12].to_owned();
    assert_eq!(status(300_000), "413", "there is room");
    let mut held: Vec<TcpStream> = Vec::new();
    until("one more is refused", PATIENCE, async || {
        // One that comes before the form that was answered last has given up its place finds none, and holds nothing.
        held.push(large_form(port, 4_000_000, 300_000));
        status(300_000) == "503"
    })
    .await;
    assert!(
        (8..=40).contains(&held.len()),
        "refused beside {}",
        held.len()
    );
    assert_ne!(status(200_000), "503", "a small form suffers");
    drop(held);
    until("there is room again", PATIENCE, async || {
        status(300_000) == "413"
    })
    .await;
}
