//! What readers and writers get while databases are away, and how a site starts, ends and recovers.

#[path = "outage/matrix.rs"]
mod matrix;

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::test::TestRequest;
use futures_util::future::join_all;
use masthead::app::database::pool_sizes;
use masthead::db::ReadRequirement;

use crate::support::{
    Balancer, Cluster, Line, PATIENCE, Served, TestApp, free_port, fresh_database, until,
};

const SOON: Duration = PATIENCE;

#[actix_web::test]
async fn without_the_primary_everybody_reads_and_no_text_is_lost() {
    let mut cluster = Cluster::start().await;
    let app = cluster.node(|_| {}).await;
    app.follow().await;
    app.set_up().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Lasting", "Text.").await;
    let cold = ann.publish("Never asked for", "Other text.").await;
    app.anonymous().get(&post.path).await.assert_status(200);
    cluster.until_public(&cold.id).await;
    cluster.servers.kill(0);
    until("it is noticed", SOON, async || {
        app.metric("masthead_db_reachable") == 2.0
    })
    .await;

    assert_eq!(ann.get(&post.path).await.one("h1"), "Lasting");
    let from_replica = ann.get(&cold.path).await;
    assert_eq!(from_replica.one("h1"), "Never asked for");
    assert_eq!(
        from_replica.header("cache-control"),
        Some("private, no-store"),
        "it cannot be invalidated"
    );
    let me = ann.get("/me.json").await.json();
    assert_eq!(
        (&me["user"], &me["read_only"]),
        (&serde_json::Value::Null, &true.into())
    );
    assert_eq!(
        ann.get("/readyz").await.assert_status(200).text(),
        "ready, for reading only"
    );

    let form = [
        ("id", post.id.as_str()),
        ("kind", "post"),
        ("version", "1"),
        ("title", "Kept"),
        ("markdown", "Every <word> typed"),
        ("action", "save"),
    ];
    let refused = ann.post(&format!("/p/{}/edit", post.id), &form).await;
    refused.assert_status(503);
    assert_eq!(refused.header("retry-after"), Some("2"));
    assert_eq!(refused.field("markdown"), "Every <word> typed");
    assert_eq!(
        refused.attribute("form.form", "action").as_deref(),
        Some(format!("/p/{}/edit", post.id).as_str())
    );
    let login = app
        .anonymous()
        .post(
            "/login",
            &[("login", "ann"), ("password", "a secret that stays away")],
        )
        .await;
    login.assert_status(503);
    assert!(!login.text().contains("stays away"));
    ann.get("/dashboard").await.assert_status(503);

    cluster.servers.start_again(0).unwrap();
    until("the same form is taken", SOON, async || {
        ann.post(&format!("/p/{}/edit", post.id), &form)
            .await
            .status
            == 303
    })
    .await;
    assert_eq!(ann.get("/me.json").await.json()["read_only"], false);
    assert_eq!(
        ann.get(&format!("/p/{}/edit", post.id))
            .await
            .field("markdown"),
        "Every <word> typed"
    );
}

#[actix_web::test]
async fn without_any_database_warm_pages_go_on_and_the_rest_says_when_to_come_back() {
    let mut cluster = Cluster::start().await;
    let app = cluster.node(|_| {}).await;
    app.follow().await;
    app.set_up().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Lasting", "Text.").await;
    let cold = ann.publish("Never asked for", "Other text.").await;
    for path in [&post.path, "/", "/feed.atom"] {
        app.anonymous().get(path).await.assert_status(200);
    }
    for number in 0..3 {
        cluster.servers.kill(number);
    }
    until("it is noticed", SOON, async || {
        app.metric("masthead_db_reachable") == 0.0
    })
    .await;
    for path in [&post.path, "/", "/feed.atom"] {
        app.anonymous().get(path).await.assert_status(200);
    }
    let missing = app.anonymous().get(&cold.path).await;
    missing.assert_status(503);
    assert_eq!(missing.header("retry-after"), Some("2"));
    for (path, status) in [
        ("/livez", 200),
        ("/readyz", 200),
        ("/startupz", 200),
        ("/dashboard", 303),
        ("/me.json", 200),
    ] {
        app.anonymous().get(path).await.assert_status(status);
    }
    ann.get("/dashboard").await.assert_status(503);
    for number in 0..3 {
        cluster.servers.start_again(number).unwrap();
    }
    app.until_answered(&cold.path, 200, "Never asked for").await;
    until("saving works again", SOON, async || {
        ann.get("/dashboard").await.status == 200
    })
    .await;
}

/// What was committed although the answer was lost is said to be saved, and what was not is not.
#[actix_web::test]
async fn the_fate_of_a_commit_without_an_answer_is_found_out() {
    let (app, proxy) = TestApp::behind_a_proxy().await;
    app.set_up().await;
    let mut ann = app.author("ann").await;
    let id = ann.get("/new").await.field("id");
    let form = |text: &'static str, version: &'static str| {
        [
            ("id", id.clone()),
            ("kind", "post".into()),
            ("version", version.into()),
            ("title", "Cut".into()),
            ("markdown", text.into()),
            ("action", "save".into()),
        ]
    };
    let send = async |ann: &mut crate::support::Actor, path: &str, form: &[(&str, String)]| {
        let form: Vec<(&str, &str)> = form
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        ann.post(path, &form).await
    };
    proxy.set(Line::CutAfterCommit);
    send(&mut ann, "/new", &form("One", "0"))
        .await
        .assert_status(303);
    assert_eq!(app.count("select count(*) from revisions").await, 1);

    proxy.set(Line::CutBeforeCommit);
    let edit = format!("/p/{id}/edit");
    let lost = send(&mut ann, &edit, &form("Two", "1")).await;
    lost.assert_status(503);
    assert_eq!(lost.field("markdown"), "Two");
    assert_eq!(app.count("select count(*) from revisions").await, 1);
    send(&mut ann, &edit, &form("Two", "1"))
        .await
        .assert_status(303);
    send(&mut ann, &edit, &form("Two", "1")).await;
    assert_eq!(
        app.count("select count(*) from revisions").await,
        2,
        "the same sent again is done once"
    );
    assert_eq!(app.metric("masthead_db_commits_unknown_total"), 0.0);
}

/// An autosave in place of another leaves nothing besides itself: its token goes along with the COMMIT.
#[actix_web::test]
async fn the_fate_of_an_autosave_without_an_answer_is_found_out() {
    let (app, proxy) = TestApp::behind_a_proxy().await;
    app.set_up().await;
    let mut ann = app.author("ann").await;
    let id = ann
        .draft(&[("title", "Cut"), ("markdown", "By hand")])
        .await;
    let save = async |ann: &mut crate::support::Actor, edit: usize, text: &str| {
        let form = [("id", id.as_str()), ("markdown", text), ("action", "save")];
        let request = TestRequest::post()
            .uri(&format!("/p/{id}/edit"))
            .set_form(form)
            .insert_header(("sec-fetch-site", "same-origin"))
            .insert_header(("accept", "application/json"))
            .insert_header(("if-match", "\"c1\""))
            .insert_header(("masthead-editing", format!("{id} {edit} auto")));
        ann.send(request).await.status.as_u16()
    };
    let newest = async || -> String {
        let text = "select markdown from revisions order by number desc limit 1";
        sqlx::query_scalar(text)
            .fetch_one(&app.database)
            .await
            .unwrap()
    };
    assert_eq!(save(&mut ann, 1, "One").await, 200);
    proxy.set(Line::CutAfterCommit);
    assert_eq!(save(&mut ann, 2, "Two").await, 200);
    assert_eq!(newest().await, "Two");
    proxy.set(Line::CutBeforeCommit);
    assert_eq!(save(&mut ann, 3, "Three").await, 503);
    assert_eq!(newest().await, "Two");
    assert_eq!(save(&mut ann, 3, "Three").await, 200);
    assert_eq!(newest().await, "Three");
    assert_eq!(app.count("select count(*) from revisions").await, 2);
    assert_eq!(app.metric("masthead_db_commits_unknown_total"), 0.0);
}

/// A database that accepts and does not answer must not hold everybody for as long as it likes.
#[actix_web::test]
async fn a_silent_database_is_given_up() {
    let (app, proxy) = TestApp::behind_a_proxy().await;
    app.set_up().await;
    let mut ann = app.author("ann").await;
    ann.get("/dashboard").await.assert_status(200);
    app.anonymous().get("/").await.assert_status(200);
    proxy.set(Line::Silent);
    let (private, public) = futures_util::join!(async { ann.get("/dashboard").await }, async {
        app.anonymous().get("/newest").await
    });
    private.assert_status(503);
    public.assert_status(503);
    until("it is noticed", SOON, async || {
        app.metric("masthead_db_reachable") == 0.0
    })
    .await;
    app.anonymous().get("/").await.assert_status(200);
    proxy.set(Line::Whole);
    until("it is used again", SOON, async || {
        ann.get("/dashboard").await.status == 200
    })
    .await;
}

/// Who had to wait for too long is told so, and the page is there for the next one: nothing is broken.
#[actix_web::test]
async fn too_much_at_once_is_no_outage() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut pages = Vec::new();
    for number in 0..6 {
        pages.push(ann.publish(&format!("Number {number}"), "Text.").await.path);
    }
    let mut held = Vec::new();
    let all = pool_sizes(1).read as usize;
    until("every connection is held", SOON, async || {
        held.extend(app.db().read(&ReadRequirement::any()).await);
        held.len() == all
    })
    .await;
    let mut readers = vec![app.anonymous(); pages.len()];
    for refused in join_all(
        readers
            .iter_mut()
            .zip(&pages)
            .map(|(reader, path)| reader.get(path)),
    )
    .await
    {
        refused.assert_status(503);
        assert!(refused.header("retry-after").is_some());
        assert!(
            refused.one("p.lead").contains("too much to do"),
            "{}",
            refused.text()
        );
    }
    // Who saves has connections of their own.
    ann.publish("Saved all the same", "Text.").await;
    drop(held);
    for path in &pages {
        app.anonymous().get(path).await.assert_status(200);
    }
}

/// Nobody has to start it again when the database comes.
#[actix_web::test]
async fn a_site_starts_without_its_database() {
    let mut cluster = Cluster::start().await;
    let app = cluster.node(|_| {}).await;
    app.set_up().await;
    let post = app.author("ann").await.publish("Waiting", "Text.").await;
    cluster.until_public(&post.id).await;
    for number in 0..3 {
        cluster.servers.kill(number);
    }
    let replicas = [1, 2]
        .map(|number| {
            cluster
                .servers
                .url(number, masthead::db::embedded::Role::App)
        })
        .join(",");
    let settings = [("MASTHEAD_DATABASE_REPLICAS", replicas.as_str())];
    let served = Served::start_at(&app, free_port(), &settings, "/livez");
    let site = app.through(served.port);
    for (path, status) in [
        ("/startupz", 503),
        ("/readyz", 503),
        ("/", 503),
        ("/login", 503),
        ("/livez", 200),
    ] {
        assert_eq!(site.anonymous().get(path).await.status, status, "{path}");
    }
    // A replica alone is enough for readers.
    cluster.servers.start_again(1).unwrap();
    site.until_answered("/", 200, "Waiting").await;
    site.anonymous().get("/startupz").await.assert_status(200);
    cluster.servers.start_again(0).unwrap();
    until("people can sign in", SOON, async || {
        site.anonymous()
            .post(
                "/login",
                &[("login", "ann"), ("password", crate::support::PASSWORD)],
            )
            .await
            .status
            == 303
    })
    .await;
}

/// A database that is there and was not brought up to date yet is asked for nothing.
#[actix_web::test]
async fn nothing_is_asked_of_tables_of_another_version() {
    let app = TestApp::new().await;
    let empty = fresh_database().await;
    let place = (
        empty.get_database().unwrap(),
        empty.get_socket().unwrap().display().to_string(),
    );
    let serving = format!(
        "postgres://masthead_app@localhost:5432/{}?host={}&sslmode=disable",
        place.0, place.1
    );
    let nobody = format!(
        "postgres://masthead_owner@127.0.0.1:{}/{}",
        free_port(),
        place.0
    );
    let settings = [
        ("MASTHEAD_DATABASE_URL", serving.as_str()),
        ("MASTHEAD_MIGRATION_DATABASE_URL", nobody.as_str()),
    ];
    let served = Served::start_at(&app, free_port(), &settings, "/livez");
    for (path, status) in [
        ("/", 503),
        ("/login", 503),
        ("/@ann/text", 503),
        ("/startupz", 503),
    ] {
        assert_eq!(
            app.through(served.port).anonymous().get(path).await.status,
            status,
            "{path}\n{}",
            served.log()
        );
    }
    // Nothing typed is lost meanwhile.
    for path in ["/@ann/text/comment", "/new", "/nowhere"] {
        let given_back = app
            .through(served.port)
            .anonymous()
            .post(path, &[("title", "Tides"), ("markdown", "High water.")])
            .await;
        given_back.assert_status(503);
        assert_eq!(
            (given_back.field("title"), given_back.field("markdown")),
            ("Tides".into(), "High water.".into()),
            "{path}"
        );
        assert_eq!(
            given_back.attribute("form.form", "action").as_deref(),
            Some(path)
        );
        assert!(given_back.header("retry-after").is_some());
    }
}

#[actix_web::test]
async fn a_balancer_hears_of_the_end_before_it_comes() {
    let app = TestApp::new().await;
    let mut served = Served::start(&app, free_port(), &[]);
    let site = app.through(served.port);
    site.anonymous().get("/readyz").await.assert_status(200);
    served.ask_to_end();
    until("it says so", SOON, async || {
        site.anonymous().get("/readyz").await.status == 503
    })
    .await;
    // Until the balancer has heard of it everybody is still answered, on a connection that is closed.
    let last = head_of(served.port, "/");
    assert!(
        last.starts_with("http/1.1 200 ") && last.contains("connection: close"),
        "{last}"
    );
    assert!(served.wait_for_end().success());
}

#[actix_web::test]
async fn a_site_that_runs_is_switched_by_a_file_and_a_signal() {
    let app = TestApp::new().await;
    let ann = app.author("ann").await;
    let file = std::env::temp_dir().join(format!("masthead-switches-{}.toml", std::process::id()));
    std::fs::write(&file, "").unwrap();
    let served = Served::start(
        &app,
        free_port(),
        &[("MASTHEAD_CONFIG", file.to_str().unwrap())],
    );
    let mut ann = ann.at(&app.through(served.port));
    let mut until_saving_is = async |status: u16| {
        until("it is switched", SOON, async || {
            let form = [
                ("version", "0"),
                ("title", "Draft"),
                ("markdown", "Text."),
                ("action", "save"),
            ];
            ann.post("/new", &form).await.status == status
        })
        .await;
    };
    until_saving_is(303).await;
    std::fs::write(&file, "read_only = true").unwrap();
    served.ask_to_read_settings();
    until_saving_is(503).await;
    // A slip changes nothing, and is said.
    std::fs::write(&file, "read_only = \"yes\"").unwrap();
    served.ask_to_read_settings();
    until("it is said", SOON, async || {
        served
            .log()
            .contains("config reload failed; nothing changed")
    })
    .await;
    until_saving_is(503).await;
    // So is a name that the setting had before.
    std::fs::write(&file, "emergency = \"\"").unwrap();
    served.ask_to_read_settings();
    until("the new name is said", SOON, async || {
        served
            .log()
            .contains("use `read_only` or `replica_reads` instead")
    })
    .await;
    until_saving_is(503).await;
    std::fs::write(&file, "").unwrap();
    served.ask_to_read_settings();
    until_saving_is(303).await;
    let _ = std::fs::remove_file(file);
}

#[actix_web::test]
async fn a_log_that_nobody_reads_holds_up_nobody() {
    let app = TestApp::new().await;
    let (port, metrics) = (free_port(), format!("127.0.0.1:{}", free_port()));
    let served = Served::start_unread(
        &app,
        port,
        &[
            ("MASTHEAD_LOG", "debug"),
            ("MASTHEAD_METRICS_LISTEN", &metrics),
        ],
    );
    let through = app.through(served.port);
    let counters = app.through(metrics.rsplit_once(':').unwrap().1.parse().unwrap());
    until(
        "more was written than can wait",
        Duration::from_secs(120),
        async || {
            for _ in 0..50 {
                through.anonymous().get("/login").await.assert_status(200);
            }
            let text = counters
                .anonymous()
                .get("/metrics")
                .await
                .assert_status(200)
                .text();
            let dropped = text
                .lines()
                .find_map(|line| line.strip_prefix("masthead_log_lines_dropped_total "));
            dropped.expect("it is counted").parse::<u64>().unwrap() > 0
        },
    )
    .await;
}

/// Readers and writers notice nothing while both nodes behind a balancer are restarted, one after the other.
#[actix_web::test]
async fn prove_a_rolling_restart_costs_nobody_an_answer() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Going on", "Text.").await;
    let settings = [
        (
            "MASTHEAD_SECRET",
            "one for both nodes, as on every site with several",
        ),
        ("MASTHEAD_TRUSTED_PROXIES", "127.0.0.1"),
    ];
    let ports = [free_port(), free_port()];
    let mut nodes = ports.map(|port| Served::start(&app, port, &settings));
    let balancer = Balancer::haproxy(ports);
    let through = app.through(balancer.port);
    until("both nodes are in", SOON, async || {
        through.anonymous().get("/readyz").await.status == 200
    })
    .await;
    let port = balancer.port;
    let ended = Arc::new(AtomicBool::new(false));
    let cookie = format!("sid={}", ann.cookie("sid").unwrap());
    let readers = ["/", &post.path, "/feed.atom"].map(|path| {
        let (path, ended) = (path.to_owned(), ended.clone());
        std::thread::spawn(move || {
            keep_asking(
                port,
                &ended,
                move |_| format!("GET {path} HTTP/1.1\r\nHost: blog.example\r\n\r\n"),
                "200",
            )
        })
    });
    let writer = std::thread::spawn({
        let (id, ended) = (post.id.clone(), ended.clone());
        move || {
            let form = move |number: u64| {
                let body = format!(
                    "version={}&parent=&title=Going+on&markdown=Text+{number}&id={id}&kind=post&action=save",
                    number + 1
                );
                format!(
                    "POST /p/{id}/edit HTTP/1.1\r\nHost: blog.example\r\nCookie: {cookie}\r\nSec-Fetch-Site: same-origin\r\n\
                     Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                )
            };
            keep_asking(port, &ended, form, "303")
        }
    });
    for (node, port) in nodes.iter_mut().zip(ports) {
        node.ask_to_end();
        assert!(node.wait_for_end().success());
        *node = Served::start(&app, port, &settings);
        // The other node must not go before the balancer has let this one in, which the node's name tells.
        let name = node_of(&app.through(port), "/").await;
        until("it is in again", SOON, async || {
            for path in [
                "/",
                "/newest",
                "/t",
                "/feed.atom",
                "/feed.rss",
                "/feed.json",
                "/sitemap.xml",
                "/robots.txt",
            ] {
                if node_of(&through, path).await == name {
                    return true;
                }
            }
            false
        })
        .await;
    }
    ended.store(true, Ordering::SeqCst);
    let mut answers = 0;
    for reader in readers {
        answers += reader
            .join()
            .unwrap_or_else(|_| panic!("{}\n{}", nodes[0].log(), nodes[1].log()));
    }
    let saves = writer
        .join()
        .unwrap_or_else(|_| panic!("{}\n{}", nodes[0].log(), nodes[1].log()));
    println!("a rolling restart of two nodes: {answers} pages and {saves} saves, none failed");
    assert_eq!(
        app.count("select max(number)::bigint from revisions").await,
        1 + i64::try_from(saves).unwrap()
    );
}

async fn node_of(app: &TestApp, path: &str) -> String {
    let answer = app.anonymous().get(path).await;
    answer
        .header("cache-status")
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned()
}

/// What stands before the page, for somebody who would keep the connection.
fn head_of(port: u16, path: &str) -> String {
    let mut stream = BufReader::new(TcpStream::connect(("127.0.0.1", port)).unwrap());
    stream
        .get_mut()
        .write_all(format!("GET {path} HTTP/1.1\r\nHost: blog.example\r\n\r\n").as_bytes())
        .unwrap();
    let (mut head, mut line) = (String::new(), String::new());
    while stream.read_line(&mut line).unwrap() > 2 {
        head.push_str(&std::mem::take(&mut line).to_ascii_lowercase());
    }
    head
}

/// Asks over connections that are kept for as long as the site keeps them; every answer must have this status.
fn keep_asking(
    port: u16,
    ended: &AtomicBool,
    request: impl Fn(u64) -> String,
    status: &str,
) -> u64 {
    let mut count = 0;
    let mut kept: Option<BufReader<TcpStream>> = None;
    while !ended.load(Ordering::SeqCst) {
        // A load, not a flood: what is measured is the restart.
        std::thread::sleep(Duration::from_millis(3));
        let mut stream = kept
            .take()
            .unwrap_or_else(|| BufReader::new(TcpStream::connect(("127.0.0.1", port)).unwrap()));
        stream.get_ref().set_read_timeout(Some(SOON)).unwrap();
        stream
            .get_mut()
            .write_all(request(count).as_bytes())
            .unwrap();
        let (mut head, mut line) = (String::new(), String::new());
        while stream.read_line(&mut line).unwrap() > 2 {
            head.push_str(&std::mem::take(&mut line).to_ascii_lowercase());
        }
        assert!(
            head.starts_with(&format!("http/1.1 {status} ")),
            "after {count}: {head}"
        );
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |n| n.trim().parse().unwrap());
        stream.read_exact(&mut vec![0; length]).unwrap();
        count += 1;
        if !head.contains("connection: close") {
            kept = Some(stream);
        }
    }
    count
}

#[actix_web::test]
async fn where_nobody_watches_it_ends_at_once() {
    let app = TestApp::new().await;
    let mut served = Served::start(&app, free_port(), &[]);
    served.ask_to_end();
    assert!(served.wait_for_end().success());
}

/// A worker beside it needs the primary only.
#[test]
fn replicas_need_a_primary_in_the_settings() {
    let output = Command::new(env!("CARGO_BIN_EXE_masthead"))
        .args(["config", "check"])
        .env(
            "MASTHEAD_DATABASE_REPLICAS",
            "postgres://masthead_app@replica/masthead",
        )
        .env_remove("MASTHEAD_DATABASE_URL")
        .stdin(File::open("/dev/null").unwrap())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&output.stderr)
            .contains("database_replicas is set without database_url")
    );
}
