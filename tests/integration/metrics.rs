//! What a scraper gets: names, types and labels that dashboards and alerts are made of.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::test::TestRequest;

use super::support::TestApp;

/// Accept a new metric with `UPDATE=1`. One that leaves the list breaks dashboards: the changelog says so.
#[tokio::test]
async fn every_metric_is_in_the_list_with_its_type_and_labels() {
    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/integration/metrics.txt");
    let families = families(&TestApp::empty().await.scrape());
    let listed: String = families
        .iter()
        .map(|(name, shape)| format!("{name} {shape}\n"))
        .collect();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(FILE, &listed).unwrap();
    }
    let expected = std::fs::read_to_string(FILE).unwrap();
    assert_eq!(
        listed, expected,
        "metrics.txt is not what is scraped: run this test with UPDATE=1"
    );
}

/// How many requests were measured with this kind and outcome.
fn requests(app: &TestApp, kind: &str, outcome: &str) -> f64 {
    app.metric_where(
        "masthead_http_request_duration_seconds_count",
        &format!("{{kind=\"{kind}\",outcome=\"{outcome}\"}}"),
    )
}

fn pages_rendered(app: &TestApp) -> f64 {
    app.metric_where(
        "masthead_page_render_duration_seconds_count",
        "{outcome=\"success\"}",
    )
}

#[actix_web::test]
async fn a_request_is_measured_once_by_what_answered_it() {
    let author = TestApp::new().await;
    let path = author
        .author("ann")
        .await
        .publish("Hello", "Text.")
        .await
        .path;
    let app = author.node_with(|_| {}).await;
    let mut reader = app.anonymous();
    reader.get(&path).await.assert_status(200);
    assert_eq!(requests(&app, "read", "success"), 1.0);
    assert_eq!(pages_rendered(&app), 1.0);
    for _ in 0..3 {
        reader.get(&path).await.assert_status(200);
    }
    assert_eq!(requests(&app, "memory", "success"), 3.0);
    assert_eq!(
        requests(&app, "read", "success"),
        1.0,
        "the site was not asked"
    );
    assert_eq!(pages_rendered(&app), 1.0);
    for _ in 0..2 {
        reader.get("/nothing").await.assert_status(404);
    }
    assert_eq!(requests(&app, "read", "client_error"), 1.0);
    assert_eq!(requests(&app, "memory", "client_error"), 1.0);
    let missing = [("login", "none"), ("password", "none")];
    reader.post("/login", &missing).await.assert_status(422);
    assert_eq!(requests(&app, "write", "client_error"), 1.0);
    assert_eq!(requests(&app, "write", "success"), 0.0);
    assert_eq!(
        app.metric("masthead_http_request_duration_seconds_count"),
        7.0
    );
}

#[actix_web::test]
async fn every_wait_for_a_connection_is_measured_by_its_priority() {
    let app = TestApp::new().await;
    let waits = |priority: &str| {
        app.metric_where(
            "masthead_db_wait_seconds_count",
            &format!("{{priority=\"{priority}\"}}"),
        )
    };
    let mut ann = app.author("ann").await;
    let before = waits("write");
    let path = ann.publish("Hello", "Text.").await.path;
    assert!(waits("write") > before);
    let before = waits("authenticated");
    ann.get("/dashboard").await.assert_status(200);
    assert!(waits("authenticated") > before);
    let before = waits("bot");
    let crawler = ("user-agent", "Some crawler");
    app.call(TestRequest::with_uri(&path).insert_header(crawler))
        .await
        .assert_status(200);
    let asked = waits("bot");
    assert!(asked > before);
    app.call(TestRequest::with_uri(&path).insert_header(crawler))
        .await
        .assert_status(200);
    assert_eq!(waits("bot"), asked, "a page in memory needs no connection");
}

/// Names, with types and the names of labels where there is a value. Each has a help text and stands once, and every value belongs to the family above it.
fn families(scrape: &str) -> BTreeMap<String, String> {
    let mut families = BTreeMap::new();
    let mut lines = scrape.lines().peekable();
    while let Some(line) = lines.next() {
        let (name, help) = line
            .strip_prefix("# HELP ")
            .and_then(|rest| rest.split_once(' '))
            .unwrap_or_else(|| panic!("{line} has no help text"));
        assert!(help.ends_with('.') && !help.ends_with(".."), "{line}");
        let typed = lines.next().unwrap();
        let kind = typed
            .strip_prefix(&format!("# TYPE {name} "))
            .unwrap_or_else(|| panic!("{name} has no type: {typed}"));
        let mut labels = BTreeSet::new();
        while let Some(value) = lines.next_if(|line| !line.starts_with('#')) {
            let own = value.split(['{', ' ']).next().unwrap();
            let suffixes: &[&str] = match kind {
                "histogram" => &["_bucket", "_sum", "_count"],
                _ => &[""],
            };
            let is_own = |suffix: &&str| own.strip_suffix(*suffix) == Some(name);
            assert!(suffixes.iter().any(is_own), "{value}");
            assert!(value.rsplit(' ').next().unwrap().parse::<f64>().is_ok());
            let own = value.split_once('{').map_or("", |(_, labels)| labels);
            labels.extend(
                own.split(',')
                    .filter_map(|label| label.split_once('='))
                    .map(|(key, _)| key),
            );
        }
        let mut shape = vec![kind];
        shape.extend(&labels);
        let before = families.insert(name.to_owned(), shape.join(" "));
        assert!(before.is_none(), "{name} stands twice");
    }
    families
}
