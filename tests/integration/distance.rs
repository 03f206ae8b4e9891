//! The database is far from the node that serves: everything still works, and a server that is frozen is still found.

use std::time::Duration;

use crate::support::{Line, Proxy, Served, TestApp, free_port, until};

/// Connecting anew is a dozen round trips.
const PATIENCE: Duration = Duration::from_secs(60);

#[actix_web::test]
async fn a_site_works_beside_its_database() {
    works_at(0).await;
}

#[actix_web::test]
async fn a_site_works_40_ms_from_its_database() {
    works_at(40).await;
}

/// Here connecting and the first look together take longer than the half second in which a server nearby has to answer,
/// and each of them takes less.
#[actix_web::test]
async fn a_site_works_150_ms_from_its_database() {
    works_at(150).await;
}

/// And here each of them takes longer.
#[actix_web::test]
async fn a_site_works_300_ms_from_its_database() {
    works_at(300).await;
}

async fn works_at(milliseconds: u64) {
    let app = TestApp::new().await;
    app.author("ann").await;
    let serving = app.serving_role();
    let (proxy, migrating) = (Proxy::start_apart(&serving), Proxy::start_apart(&serving));
    proxy.set(Line::Slow(milliseconds));
    migrating.set(Line::Slow(milliseconds));
    let (database, owner) = (
        proxy.url(&serving),
        migrating.url(&serving.clone().username("masthead_owner")),
    );
    let settings = [
        ("MASTHEAD_DATABASE_URL", database.as_str()),
        ("MASTHEAD_MIGRATION_DATABASE_URL", owner.as_str()),
    ];
    let port = free_port();
    let served = Served::start(&app, port, &settings);
    let node = app.through(port);
    let says = async |state: &str| node.anonymous().get("/readyz").await.text() == state;

    until("it is ready", PATIENCE, async || says("ready").await).await;
    let mut ann = node.sign_in("ann").await;
    let post = ann.publish("From far away", "Every *word*.").await;
    assert_eq!(
        node.anonymous()
            .get(&post.path)
            .await
            .assert_status(200)
            .one("h1"),
        "From far away"
    );
    ann.post(
        &format!("{}/comment", post.path),
        &[("markdown", "Heard here.")],
    )
    .await
    .assert_status(303);
    assert!(
        node.anonymous()
            .get(&post.path)
            .await
            .text()
            .contains("Heard here.")
    );
    assert!(
        !served.log().contains("does not answer"),
        "{}",
        served.log()
    );

    proxy.set(Line::Silent);
    until("the frozen server is found", PATIENCE, async || {
        !says("ready").await
    })
    .await;
    node.anonymous().get(&post.path).await.assert_status(200);
    proxy.set(Line::Down);
    proxy.set(Line::Slow(milliseconds));
    until("it is ready again", PATIENCE, async || says("ready").await).await;
    until("it saves again", PATIENCE, async || {
        ann.edit(&post.id, &[("title", "Heard again")], "publish")
            .await
            .status
            == 303
    })
    .await;
    assert_eq!(
        node.anonymous().get(&post.path).await.one("h1"),
        "Heard again"
    );
}
