//! PgBouncer between the site and its database: session mode works, transaction mode is refused.

use std::process::Stdio;
use std::time::Duration;

use masthead::app::config::Settings;
use masthead::app::doctor::{Level, examine};

use secrecy::SecretString;
use tokio::process::Command;

use crate::support::{PATIENCE, Pooler, Served, TestApp, account_of_the_cluster, free_port, until};

const SOON: Duration = PATIENCE;

#[actix_web::test]
async fn a_site_runs_behind_a_pooler_in_session_mode() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Pooled", "Text.").await;
    let pooler = Pooler::start(&app.serving_role(), "session");
    let (url, owner) = (
        pooler.url(&app.serving_role(), "masthead_app"),
        pooler.url(&app.serving_role(), "masthead_owner"),
    );
    let settings = [
        ("MASTHEAD_DATABASE_URL", url.as_str()),
        ("MASTHEAD_MIGRATION_DATABASE_URL", owner.as_str()),
    ];
    let served = Served::start(&app, free_port(), &settings);
    let through = app.through(served.port);
    let mut ann = ann.at(&through);
    for round in 0..20 {
        let title = format!("Pooled {round}");
        let opened = ann.get(&format!("/p/{}/edit", post.id)).await;
        assert_eq!(opened.status, 200, "{}", served.log());
        ann.edit(&post.id, &[("title", &title)], "publish")
            .await
            .assert_status(303);
        assert_eq!(through.anonymous().get(&post.path).await.one("h1"), title);
    }
    let found = examine(&pooler.options(&app.serving_role()), &Settings::for_tests()).await;
    assert!(
        found.iter().all(|finding| finding.level != Level::Problem),
        "{found:?}"
    );
    assert!(
        found
            .iter()
            .any(|finding| finding.what.contains("session mode")),
        "{found:?}"
    );
}

#[actix_web::test]
async fn a_pooler_in_transaction_mode_is_refused() {
    let app = TestApp::new().await;
    let pooler = Pooler::start(&app.serving_role(), "transaction");
    let found = examine(&pooler.options(&app.serving_role()), &Settings::for_tests()).await;
    let problem = found.iter().find(|finding| finding.level == Level::Problem);
    assert!(
        problem.is_some_and(|finding| finding.what.contains("transaction mode")),
        "{found:?}"
    );

    // Migrations go past it, as they should.
    let (direct, owner) = app.database_urls();
    let pooled = pooler.url(&app.serving_role(), "masthead_app");
    for settings in [
        vec![("MASTHEAD_DATABASE_URL", &pooled)],
        vec![
            ("MASTHEAD_DATABASE_URL", &direct),
            ("MASTHEAD_DATABASE_REPLICAS", &pooled),
        ],
    ] {
        let said = refusal_to_serve(
            settings
                .into_iter()
                .chain([("MASTHEAD_MIGRATION_DATABASE_URL", &owner)]),
        )
        .await;
        assert!(said.contains("transaction mode"), "{said}");
    }
}

/// What a process says that ends instead of serving.
async fn refusal_to_serve<'a>(settings: impl Iterator<Item = (&'a str, &'a String)>) -> String {
    let data = std::env::temp_dir().join(format!("masthead-pooled-{}", std::process::id()));
    let refused = Command::new(env!("CARGO_BIN_EXE_masthead"))
        .args([
            "serve",
            "--listen",
            &format!("127.0.0.1:{}", free_port()),
            "--data-dir",
        ])
        .arg(&data)
        .env("MASTHEAD_RUN_AS", account_of_the_cluster())
        .envs(settings)
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let ended = tokio::time::timeout(SOON, refused.wait_with_output())
        .await
        .expect("it ends")
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    let _ = std::fs::remove_dir_all(data);
    assert_eq!(ended.status.code(), Some(1), "{said}");
    said
}

/// The one that was away when the site began is looked at before it is read from.
#[actix_web::test]
async fn a_replica_behind_a_pooler_in_transaction_mode_is_not_read_from() {
    let app = TestApp::new().await;
    for (mode, answering) in [("session", 2.0), ("transaction", 1.0)] {
        let pooler = Pooler::start(&app.serving_role(), mode);
        let pooled = SecretString::from(pooler.url(&app.serving_role(), "masthead_app"));
        let node = app
            .node_with(|settings| settings.database_replicas = vec![pooled])
            .await;
        node.watch();
        until("both are looked at", SOON, async || {
            node.metric("masthead_db_primary") == answering
                && node.metric("masthead_db_reachable") == answering
        })
        .await;
    }
}
