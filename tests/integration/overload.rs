//! What becomes of requests while more is asked of the database than it can do.

use actix_web::rt::task::JoinHandle;
use actix_web::test::TestRequest;
use futures_util::future::{join, join_all};
use masthead::app::database::pool_sizes;
use masthead::db::{ReadConn, ReadRequirement};

use crate::support::{Line, PATIENCE, Response, TestApp, until};

const CRAWLER: (&str, &str) = ("user-agent", "Mozilla/5.0 (compatible; Examplebot/1.0)");

/// So many wait for each connection before newcomers have to wait in front.
const WAIT_FOR_EACH: usize = 16;

fn begin(app: &TestApp, path: String) -> JoinHandle<Response> {
    let app = app.clone();
    actix_web::rt::spawn(async move { app.anonymous().get(&path).await })
}

/// Connections for reading, all of which are in use.
async fn hold_all(app: &TestApp) -> Vec<ReadConn> {
    let mut held = Vec::new();
    until("every connection is held", PATIENCE, async || {
        held.extend(app.db().read(&ReadRequirement::any()).await);
        held.len() == pool_sizes(1).read as usize
    })
    .await;
    held
}

/// Readers of pages that are not in memory: as many as wait before others have to wait in front.
async fn fill_the_row(app: &TestApp) -> Vec<JoinHandle<Response>> {
    let most = WAIT_FOR_EACH * pool_sizes(1).read as usize;
    let readers = (0..most)
        .map(|number| begin(app, format!("/nothing-{number}")))
        .collect();
    until("all wait", PATIENCE, async || {
        app.metric("masthead_db_waiting") == most as f64
    })
    .await;
    readers
}

#[actix_web::test]
async fn a_crawler_waits_for_a_database_that_is_only_slow() {
    let (app, proxy) = TestApp::behind_a_proxy().await;
    app.set_up().await;
    let mut ann = app.author("ann").await;
    let mut paths = Vec::new();
    for number in 0..8 {
        paths.push(ann.publish(&format!("Number {number}"), "Text.").await.path);
    }
    let node = app.without_memory().await;
    let crawl = async || {
        join_all(
            paths
                .iter()
                .map(|path| node.call(TestRequest::with_uri(path).insert_header(CRAWLER))),
        )
        .await
    };
    // Opens the connections, and makes the statement known on them.
    crawl().await;
    crawl().await;
    proxy.set(Line::Slow(300));
    for answer in crawl().await {
        answer.assert_status(200);
    }
    assert_eq!(
        node.metric("masthead_db_refused_total") + node.metric("masthead_admission_refused_total"),
        0.0
    );
}

#[actix_web::test]
async fn beyond_a_full_row_a_reader_is_refused_before_the_database_is_asked() {
    let (app, proxy) = TestApp::behind_a_proxy().await;
    app.set_up().await;
    let mut ann = app.author("ann").await;
    let (warm, cold) = (
        ann.publish("Warm", "Text.").await.path,
        ann.publish("Cold", "Text.").await.path,
    );
    let node = app.node_with(|_| {}).await;
    node.anonymous().get(&warm).await.assert_status(200);
    let held = hold_all(&node).await;
    let row = fill_the_row(&node).await;
    let before = proxy.trips().so_far().await;
    node.anonymous().get(&warm).await.assert_status(200);
    let asked = |accept| node.call(TestRequest::with_uri(&cold).insert_header(("accept", accept)));
    let (page, json) = join(asked("text/html"), asked("application/json")).await;
    assert_eq!(proxy.trips().so_far().await, before);
    for refused in [&page, &json] {
        refused.assert_status(503);
        let seconds: u32 = refused.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=4).contains(&seconds));
        assert_eq!(refused.header("cache-control"), Some("private, no-store"));
        assert!(refused.header("content-security-policy").is_some());
    }
    assert!(
        page.one("p.lead").contains("too much to do"),
        "{}",
        page.text()
    );
    assert_eq!(
        page.one("p.code"),
        format!("Code {}", page.header("x-correlation-id").unwrap())
    );
    assert_eq!(
        json.json()["support_code"],
        json.header("x-correlation-id").unwrap()
    );
    assert_eq!(node.metric("masthead_admission_refused_total"), 2.0);
    assert_eq!(node.metric("masthead_admission_wait_seconds_count"), 2.0);
    let refused = node.metric_where(
        "masthead_http_request_duration_seconds_count",
        "{kind=\"read\",outcome=\"server_error\"}",
    );
    assert_eq!(refused, 2.0);
    // Saving has connections of its own.
    ann.at(&node).publish("Saved all the same", "Text.").await;
    drop(held);
    join_all(row).await;
    node.anonymous().get(&cold).await.assert_status(200);
}

#[actix_web::test]
async fn a_reader_who_waits_in_front_is_let_in_when_there_is_room() {
    let app = TestApp::new().await;
    let path = app.author("ann").await.publish("Hello", "Text.").await.path;
    let node = app.node_with(|_| {}).await;
    let held = hold_all(&node).await;
    let row = fill_the_row(&node).await;
    let mut waits = begin(&node, path.clone());
    until("one waits in front", PATIENCE, async || {
        // On a machine that stood still for a while it has been refused already.
        if waits.is_finished() {
            waits = begin(&node, path.clone());
        }
        node.metric("masthead_admission_waiting") == 1.0
    })
    .await;
    drop(held);
    waits.await.unwrap().assert_status(200);
    join_all(row).await;
    assert_eq!(
        node.metric("masthead_admission_waiting") + node.metric("masthead_db_waiting"),
        0.0
    );
}
