//! What readers and writers get while databases are away, and how a site starts, ends and recovers.

use std::fs::File;
use std::process::Command;
use std::time::Duration;

use crate::support::{Cluster, Line, Served, TestApp, free_port, until};

const SOON: Duration = Duration::from_secs(20);

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
    until("replicas have it", SOON, async || app.metric("masthead_db_behind_bytes") == 0.0).await;
    cluster.servers.kill(0);
    until("it is noticed", SOON, async || app.metric("masthead_db_reachable") == 2.0).await;

    assert_eq!(ann.get(&post.path).await.one("h1"), "Lasting");
    let from_replica = ann.get(&cold.path).await;
    assert_eq!(from_replica.one("h1"), "Never asked for");
    assert_eq!(from_replica.header("cache-control"), Some("private, no-store"), "it cannot be invalidated");
    let me = ann.get("/me.json").await.json();
    assert_eq!((&me["user"], &me["read_only"]), (&serde_json::Value::Null, &true.into()));
    assert_eq!(ann.get("/readyz").await.assert_status(200).text(), "ready, for reading only");

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
    assert_eq!(refused.attribute("form.form", "action").as_deref(), Some(format!("/p/{}/edit", post.id).as_str()));
    let login = app.anonymous().post("/login", &[("login", "ann"), ("password", "a secret that stays away")]).await;
    login.assert_status(503);
    assert!(!login.text().contains("stays away"));
    ann.get("/dashboard").await.assert_status(503);

    cluster.servers.start_again(0).unwrap();
    until("the same form is taken", SOON, async || ann.post(&format!("/p/{}/edit", post.id), &form).await.status == 303).await;
    assert_eq!(ann.get("/me.json").await.json()["read_only"], false);
    assert_eq!(ann.get(&format!("/p/{}/edit", post.id)).await.field("markdown"), "Every <word> typed");
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
    until("it is noticed", SOON, async || app.metric("masthead_db_reachable") == 0.0).await;
    for path in [&post.path, "/", "/feed.atom"] {
        app.anonymous().get(path).await.assert_status(200);
    }
    let missing = app.anonymous().get(&cold.path).await;
    missing.assert_status(503);
    assert_eq!(missing.header("retry-after"), Some("2"));
    for (path, status) in [("/livez", 200), ("/readyz", 200), ("/startupz", 200), ("/dashboard", 303), ("/me.json", 200)] {
        app.anonymous().get(path).await.assert_status(status);
    }
    ann.get("/dashboard").await.assert_status(503);
    for number in 0..3 {
        cluster.servers.start_again(number).unwrap();
    }
    app.until_answered(&cold.path, 200, "Never asked for").await;
    until("saving works again", SOON, async || ann.get("/dashboard").await.status == 200).await;
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
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        ann.post(path, &form).await
    };
    proxy.set(Line::CutAfterCommit);
    send(&mut ann, "/new", &form("One", "0")).await.assert_status(303);
    assert_eq!(app.count("select count(*) from revisions").await, 1);

    proxy.set(Line::CutBeforeCommit);
    let edit = format!("/p/{id}/edit");
    let lost = send(&mut ann, &edit, &form("Two", "1")).await;
    lost.assert_status(503);
    assert_eq!(lost.field("markdown"), "Two");
    assert_eq!(app.count("select count(*) from revisions").await, 1);
    send(&mut ann, &edit, &form("Two", "1")).await.assert_status(303);
    send(&mut ann, &edit, &form("Two", "1")).await;
    assert_eq!(app.count("select count(*) from revisions").await, 2, "the same sent again is done once");
    assert_eq!(app.metric("masthead_db_ambiguous_commits_total"), 0.0);
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
    let (private, public) =
        futures_util::join!(async { ann.get("/dashboard").await }, async { app.anonymous().get("/newest").await });
    private.assert_status(503);
    public.assert_status(503);
    until("it is noticed", SOON, async || app.metric("masthead_db_reachable") == 0.0).await;
    app.anonymous().get("/").await.assert_status(200);
    proxy.set(Line::Whole);
    until("it is used again", SOON, async || ann.get("/dashboard").await.status == 200).await;
}

/// Nobody has to start it again when the database comes.
#[actix_web::test]
async fn a_site_starts_without_its_database() {
    let mut cluster = Cluster::start().await;
    let app = cluster.node(|_| {}).await;
    app.set_up().await;
    app.author("ann").await.publish("Waiting", "Text.").await;
    for number in 0..3 {
        cluster.servers.kill(number);
    }
    let replicas = [1, 2].map(|number| cluster.servers.url(number, masthead::db::embedded::Role::App)).join(",");
    let settings = [("MASTHEAD_DATABASE_REPLICAS", replicas.as_str())];
    let served = Served::start_at(&app, free_port(), &settings, "/livez");
    let site = app.through(served.port);
    for (path, status) in [("/startupz", 503), ("/readyz", 503), ("/", 503), ("/login", 503), ("/livez", 200)] {
        assert_eq!(site.anonymous().get(path).await.status, status, "{path}");
    }
    // A replica alone is enough for readers.
    cluster.servers.start_again(1).unwrap();
    site.until_answered("/", 200, "Waiting").await;
    site.anonymous().get("/startupz").await.assert_status(200);
    cluster.servers.start_again(0).unwrap();
    until("people can sign in", SOON, async || {
        site.anonymous().post("/login", &[("login", "ann"), ("password", crate::support::PASSWORD)]).await.status == 303
    })
    .await;
}

#[actix_web::test]
async fn a_balancer_hears_of_the_end_before_it_comes() {
    let app = TestApp::new().await;
    let mut served = Served::start(&app, free_port(), &[]);
    let site = app.through(served.port);
    site.anonymous().get("/readyz").await.assert_status(200);
    served.ask_to_end();
    until("it says so", SOON, async || site.anonymous().get("/readyz").await.status == 503).await;
    // Until the balancer has heard of it everybody is still answered, on a connection that is closed.
    let last = site.anonymous().get("/").await;
    last.assert_status(200);
    assert_eq!(last.header("connection"), Some("close"));
    assert!(served.wait_for_end().success());
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
        .env("MASTHEAD_DATABASE_REPLICAS", "postgres://masthead_app@replica/masthead")
        .env_remove("MASTHEAD_DATABASE_URL")
        .stdin(File::open("/dev/null").unwrap())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("database_replicas is set without database_url"));
}
