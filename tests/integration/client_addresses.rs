//! Whose address a node sees: behind the caches and the balancer of `deploy/`, and with headers that clients make up.

use std::io::Write;
use std::net::{Ipv4Addr, TcpStream};
use std::process::Command;
use std::time::Duration;

use actix_web::test::TestRequest;
use serde_json::Value;

use crate::support::{
    Balancer, PASSWORD, Response, Served, SharedCache, TestApp, free_port, until,
};

const PATIENCE: Duration = Duration::from_secs(60);
const JSON_LOG: (&str, &str) = ("MASTHEAD_LOG_FORMAT", "json");
/// What a client may try in order to be taken for another one.
const FORGED: &[(&str, &str)] = &[
    ("x-forwarded-for", "203.0.113.9"),
    ("forwarded", "for=203.0.113.9"),
    ("x-real-ip", "203.0.113.9"),
    ("x-client-ip", "203.0.113.9"),
    ("true-client-ip", "203.0.113.9"),
    ("cf-connecting-ip", "203.0.113.9"),
    ("fastly-client-ip", "203.0.113.9"),
    ("fly-client-ip", "203.0.113.9"),
];

async fn ask(app: &TestApp, port: u16, path: &str, headers: &[(&'static str, &str)]) -> Response {
    let request = headers
        .iter()
        .fold(TestRequest::with_uri(path), |request, header| {
            request.insert_header(*header)
        });
    app.through(port).call(request).await
}

/// The client that the node noted for this answer.
async fn client_in_log(served: &Served, answer: &Response) -> String {
    let id = answer.header("x-correlation-id").unwrap();
    let mut client = None;
    until("the line of this answer", PATIENCE, async || {
        let log = served.log();
        let lines = log
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        client = lines
            .map(|line| line["span"].clone())
            .find(|span| span["correlation_id"] == id);
        client.is_some()
    })
    .await;
    client.unwrap()["client"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn a_proxy_on_this_machine_names_the_client() {
    let app = TestApp::new().await;
    let served = Served::start(&app, free_port(), &[JSON_LOG]);
    assert!(
        served
            .log()
            .contains("x-forwarded-for of trusted proxies names the client: 127.0.0.0/8, ::1/128"),
        "{}",
        served.log()
    );
    let cases: &[(&[&str], &str)] = &[
        (&["203.0.113.7"], "203.0.113.0/24"),
        (&["192.0.2.66, 203.0.113.7:5123"], "203.0.113.0/24"),
        (&["192.0.2.66", "[2001:db8:1:2::7]:80"], "2001:db8:1::/48"),
        (&["::ffff:203.0.113.7, 127.0.0.5"], "203.0.113.0/24"),
        (&["192.0.2.66, nonsense, 127.0.0.5"], "127.0.0.0/24"),
        (&["192.0.2.66, nonsense"], "unknown"),
        (&[], "unknown"),
    ];
    for (lines, expected) in cases {
        let mut request = TestRequest::with_uri("/login");
        for line in *lines {
            request = request.append_header(("x-forwarded-for", *line));
        }
        let answer = app.through(served.port).call(request).await;
        assert_eq!(
            client_in_log(&served, &answer).await,
            *expected,
            "{lines:?}"
        );
    }
}

#[actix_web::test]
async fn the_audit_log_says_from_where_an_act_came() {
    let app = TestApp::new().await;
    let served = Served::start(&app, free_port(), &[]);
    let body = format!("login=olga&password={}", PASSWORD.replace(' ', "+"));
    let form = TestRequest::post()
        .uri("/login")
        .insert_header(("sec-fetch-site", "same-origin"))
        .insert_header(("content-type", "application/x-www-form-urlencoded"))
        .insert_header(("content-length", body.len().to_string()))
        .insert_header(("x-forwarded-for", "192.0.2.66, 203.0.113.7"))
        .set_payload(body);
    app.through(served.port).call(form).await.assert_status(303);
    let client = app
        .text("select client from audit_log where act = 'session.create' order by id desc limit 1")
        .await;
    assert_eq!(client, "203.0.113.0/24");
}

#[actix_web::test]
async fn another_header_is_believed_only_where_it_is_named() {
    let app = TestApp::new().await;
    for (named, header, value) in [
        (
            "Forwarded",
            "forwarded",
            "for=192.0.2.66, for=\"203.0.113.7:4711\";proto=https",
        ),
        ("CF-Connecting-IP", "cf-connecting-ip", "203.0.113.7"),
    ] {
        let served = Served::start(
            &app,
            free_port(),
            &[JSON_LOG, ("MASTHEAD_CLIENT_ADDRESS_HEADER", named)],
        );
        let answer = ask(&app, served.port, "/login", &[(header, value)]).await;
        assert_eq!(
            client_in_log(&served, &answer).await,
            "203.0.113.0/24",
            "{named}"
        );
        let answer = ask(
            &app,
            served.port,
            "/login",
            &[("x-forwarded-for", "203.0.113.7")],
        )
        .await;
        assert_eq!(client_in_log(&served, &answer).await, "unknown", "{named}");
    }
}

#[actix_web::test]
async fn nothing_is_believed_of_a_peer_that_is_no_trusted_proxy() {
    let app = TestApp::new().await;
    let served = Served::start(
        &app,
        free_port(),
        &[JSON_LOG, ("MASTHEAD_TRUSTED_PROXIES", "127.0.0.3")],
    );
    let answer = ask(&app, served.port, "/login", FORGED).await;
    assert_eq!(client_in_log(&served, &answer).await, "127.0.0.0/24");
}

/// Each file of `deploy/`, with every header that the setting may name: the client is the cache's own peer, or, where
/// that cache writes no such header, unknown. It is never what a client made up.
#[actix_web::test]
async fn caches_and_balancers_pass_on_no_address_that_a_client_made_up() {
    let app = TestApp::new().await;
    let headers =
        std::iter::once("X-Forwarded-For").chain(FORGED[1..].iter().map(|(name, _)| *name));
    let port = free_port();
    let (nginx, varnish) = (SharedCache::nginx(port), SharedCache::varnish(port));
    let haproxy = Balancer::haproxy([port, port]);
    for header in headers {
        let served = Served::start(
            &app,
            port,
            &[JSON_LOG, ("MASTHEAD_CLIENT_ADDRESS_HEADER", header)],
        );
        for (name, port) in [
            ("nginx", nginx.port),
            ("varnish", varnish.port),
            ("haproxy", haproxy.port),
        ] {
            let mut answer = ask(&app, port, "/login", FORGED).await;
            until("the node is reached", PATIENCE, async || {
                answer = ask(&app, port, "/login", FORGED).await;
                answer.status == 200
            })
            .await;
            let expected = if header == "X-Forwarded-For" {
                "127.0.0.0/24"
            } else {
                "unknown"
            };
            assert_eq!(
                client_in_log(&served, &answer).await,
                expected,
                "{name}, {header}"
            );
        }
    }
}

/// A form of a client behind the proxy that does not come to its end.
fn unfinished(port: u16, client: &str) -> TcpStream {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    // So many bytes buy more time than the test takes.
    let head = format!(
        "POST /login HTTP/1.1\r\nHost: blog.example\r\nSec-Fetch-Site: same-origin\r\nX-Forwarded-For: {client}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 90000\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&[b'a'; 80_000]).unwrap();
    stream
}

#[actix_web::test]
async fn behind_a_proxy_each_client_has_its_own_share() {
    let app = TestApp::new().await;
    let served = Served::start(
        &app,
        free_port(),
        &[("MASTHEAD_MAX_CONNECTIONS_PER_IP", "3")],
    );
    let port = served.port;
    let status = async |client: &str| {
        ask(&app, port, "/login", &[("x-forwarded-for", client)])
            .await
            .status
            .as_u16()
    };
    let mut open = Vec::new();
    until("one request more is refused", PATIENCE, async || {
        // One that comes in the same moment as the question may be the one that is too much.
        open.push(unfinished(port, "203.0.113.7"));
        status("203.0.113.7").await == 429
    })
    .await;
    assert_eq!(status("203.0.113.8").await, 200, "another client suffers");
    assert_eq!(
        ask(&app, port, "/login", &[]).await.status,
        200,
        "clients that nobody names cannot be counted"
    );
    drop(open);
    until("room again", PATIENCE, async || {
        status("203.0.113.7").await == 200
    })
    .await;
}

#[test]
fn the_settings_say_who_is_trusted() {
    let dir = std::env::temp_dir().join(format!("masthead-nowhere-{}", std::process::id()));
    let run = |arguments: &[&str]| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_masthead"));
        program
            .args(arguments)
            .arg("--data-dir")
            .arg(&dir)
            .args(["--listen", "127.0.0.1:0"])
            .current_dir("/");
        let output = program.output().unwrap();
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
    };
    let public = ["--site-url", "https://blog.example.org"];
    let text = run(&["doctor", public[0], public[1]]);
    assert!(
        text.contains("ok       the header x-forwarded-for of trusted proxies names the client: 127.0.0.0/8, ::1/128"),
        "{text}"
    );
    let text = run(&["doctor"]);
    assert!(text.contains("ok       no proxy is trusted"), "{text}");
    let text = run(&[
        "doctor",
        public[0],
        public[1],
        "--trusted-proxies",
        "10.0.0.7",
    ]);
    assert!(
        text.contains("warning  the proxy on this machine is not trusted"),
        "{text}"
    );
    let text = run(&[
        "config",
        "check",
        public[0],
        public[1],
        "--trusted-proxies",
        "10.0.0.7, ::1",
    ]);
    let line = text
        .lines()
        .find(|line| line.starts_with("trusted_proxies"))
        .unwrap();
    assert!(
        line.contains("10.0.0.7, ::1") && line.ends_with("flag --trusted-proxies"),
        "{line}"
    );
    let text = run(&["config", "check", public[0], public[1]]);
    let line = text
        .lines()
        .find(|line| line.starts_with("trusted_proxies"))
        .unwrap();
    assert!(
        line.contains("127.0.0.0/8, ::1") && line.ends_with("default"),
        "{line}"
    );
}
