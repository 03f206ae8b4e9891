//! An operator switches writing off in the database: that is heeded, whatever a transaction asks for.

use masthead::db::embedded::Role;
use sqlx::ConnectOptions;

use super::{SOON, without_memory};
use crate::support::{Actor, Cluster, Response, TestApp, until};

#[actix_web::test]
async fn a_primary_that_is_switched_to_reading_only_saves_nothing_until_it_is_switched_back() {
    let cluster = Cluster::start().await;
    let app = without_memory(&cluster).await;
    app.set_up().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Before", "Text.").await;
    until("replicas have it", SOON, async || {
        app.anonymous().get(&post.path).await.status == 200
    })
    .await;

    cluster
        .servers
        .set(0, "default_transaction_read_only", "on")
        .await
        .unwrap();
    until("the server has heard of it", SOON, async || {
        shows(&cluster, "on").await
    })
    .await;
    // Not only once the node has noticed.
    given_back(&save(&mut ann, &post.id).await);
    until("it is noticed", SOON, async || {
        app.metric("masthead_db_read_only") == 1.0
    })
    .await;
    given_back(&save(&mut ann, &post.id).await);
    assert_eq!(ann.get("/me.json").await.json()["read_only"], true);
    assert_eq!(
        app.anonymous().get("/readyz").await.text(),
        "ready, for reading only"
    );
    ann.get("/dashboard").await.assert_status(200);
    app.anonymous().get(&post.path).await.assert_status(200);
    assert_eq!(app.count("select count(*) from revisions").await, 1);

    cluster
        .servers
        .set(0, "default_transaction_read_only", "off")
        .await
        .unwrap();
    until("it is taken", SOON, async || {
        save(&mut ann, &post.id).await.status == 303
    })
    .await;
    assert_eq!(app.metric("masthead_db_read_only"), 0.0);
    assert_eq!(ann.get("/me.json").await.json()["read_only"], false);
}

/// Such a setting counts for sessions that begin after it, and those that have it keep it.
#[actix_web::test]
async fn a_role_that_may_only_read_is_heeded_with_connections_that_are_open() {
    let app = TestApp::new().await;
    app.watch();
    let mut ann = app.author("ann").await;
    let post = ann.publish("Before", "Text.").await;
    let switch = async |to: &str| {
        let database = app.text("select current_database()::text").await;
        let statement = format!("alter role masthead_app in database {database} {to}");
        sqlx::query(sqlx::AssertSqlSafe(statement))
            .execute(&app.database)
            .await
            .unwrap();
    };
    for round in 1..=2 {
        switch("set default_transaction_read_only = on").await;
        until("it is noticed", SOON, async || {
            app.metric("masthead_db_read_only") == 1.0
        })
        .await;
        given_back(&save(&mut ann, &post.id).await);
        switch("reset default_transaction_read_only").await;
        let text = format!("Round {round}");
        until("it is taken", SOON, async || {
            save_text(&mut ann, &post.id, &text).await.status == 303
        })
        .await;
        assert_eq!(app.count("select count(*) from revisions").await, 1 + round);
    }
}

async fn save(author: &mut Actor, id: &str) -> Response {
    save_text(author, id, "Every word").await
}

async fn save_text(author: &mut Actor, id: &str, text: &str) -> Response {
    let version = author.get(&format!("/p/{id}/edit")).await.field("version");
    let form = [
        ("id", id),
        ("kind", "post"),
        ("version", &version),
        ("title", "Kept"),
        ("markdown", text),
        ("action", "save"),
    ];
    author.post(&format!("/p/{id}/edit"), &form).await
}

fn given_back(answer: &Response) {
    assert_eq!(answer.assert_status(503).field("markdown"), "Every word");
}

async fn shows(cluster: &Cluster, value: &str) -> bool {
    let mut conn = cluster
        .servers
        .connect_options(0, Role::App)
        .connect()
        .await
        .unwrap();
    let shown: String = sqlx::query_scalar("show default_transaction_read_only")
        .fetch_one(&mut conn)
        .await
        .unwrap();
    shown == value
}
