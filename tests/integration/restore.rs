//! A dump in another cluster: how it gets there, and that nothing in it is taken for this cluster's.

use std::process::Output;
use std::time::Duration;

use crate::support::{Actor, PASSWORD, PATIENCE, Private, TestApp, free_port, until};

const SOON: Duration = PATIENCE;

#[actix_web::test]
async fn a_dump_goes_into_a_fresh_site() {
    let site = TestApp::empty().await;
    let old = Private::unstarted();
    old.make_owner();
    let old = old.started(&[]).await;
    let mut owner = sign_in(&site.through(old.port)).await;
    let post = owner.publish("Kept", "Every word of it.").await;
    old.tell(
        "insert into leaders values ('schedule', 'another cluster', 7, now() + interval '1 hour')
             on conflict (name) do update set until = excluded.until",
    )
    .await;
    for (form, name) in [("custom", "site.dump"), ("plain", "site.sql")] {
        let dump = old.dump(form, name);
        let fresh = Private::unstarted();
        succeeds(fresh.command(&["migrate"]));
        succeeds(fresh.command(&["database", "restore", &dump]));
        let metrics = free_port();
        let address = format!("127.0.0.1:{metrics}");
        let fresh = fresh
            .started(&[("MASTHEAD_METRICS_LISTEN", &address)])
            .await;
        let app = site.through(fresh.port);
        assert!(
            app.anonymous()
                .get(&post.path)
                .await
                .text()
                .contains("Every word of it."),
            "{form}"
        );
        let mut owner = sign_in(&app).await;
        owner
            .edit(&post.id, &[("title", "Goes on")], "publish")
            .await
            .assert_status(303);
        assert_eq!(app.anonymous().get(&post.path).await.one("h1"), "Goes on");
        let removed = fresh
            .log()
            .lines()
            .filter(|line| line.contains("copy of another cluster's"))
            .count();
        assert_eq!(removed, 1, "{}", fresh.log());
        let scraped = app
            .through(metrics)
            .anonymous()
            .get("/metrics")
            .await
            .text();
        let foreign = scraped
            .lines()
            .find_map(|line| line.strip_prefix("masthead_cache_foreign_rows_total "));
        assert!(foreign.is_some_and(|rows| rows != "0"), "{scraped}");
    }
    // Back into the site that it is of: the server is the same, and yet the nodes and leases of then are over.
    let dump = old.dump("custom", "again.dump");
    let old = old.stopped();
    succeeds(old.command(&["database", "restore", &dump]));
    let old = old.started(&[]).await;
    assert_eq!(
        old.log()
            .lines()
            .filter(|line| line.contains("copy of another cluster's"))
            .count(),
        1,
        "{}",
        old.log()
    );
    // What is no dump of a site changes nothing.
    let fresh = Private::unstarted();
    let wrong = fresh.dir().join("wrong.sql");
    std::fs::write(&wrong, "create table other ();").unwrap();
    let Output { status, stderr, .. } =
        fresh.command(&["database", "restore", &wrong.display().to_string()]);
    assert!(
        !status.success()
            && String::from_utf8_lossy(&stderr).contains("no dump of a Masthead site")
    );
    fresh.make_owner();
    let fresh = fresh.started(&[]).await;
    sign_in(&site.through(fresh.port)).await;
}

/// The numbers of transactions in a dump are those of another cluster; here they have not come yet.
#[actix_web::test]
async fn changes_of_another_cluster_are_ignored_and_removed() {
    let app = TestApp::new().await;
    app.follow().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Quiet", "Text.").await;
    app.anonymous().get(&post.path).await.assert_status(200);
    let future = "insert into cache_invalidations (tags, gone, xid)
                  select tags, gone, (pg_current_xact_id()::text::bigint + 1000000)::text::xid8 from cache_invalidations";
    // Those of its own post must be counted before.
    assert!(app.cache().feed().caught_up(PATIENCE).await);
    let before = app.metric("masthead_cache_invalidations_total");
    let rows = sqlx::query(future)
        .execute(&app.database)
        .await
        .unwrap()
        .rows_affected();
    let left = "select count(*) from cache_invalidations where xid >= pg_snapshot_xmax(pg_current_snapshot())";
    until("they are removed", SOON, async || {
        app.count(left).await == 0
    })
    .await;
    until("they are counted", SOON, async || {
        app.metric("masthead_cache_foreign_rows_total") == rows as f64
    })
    .await;
    assert_eq!(app.metric("masthead_cache_invalidations_total"), before);
    ann.edit(&post.id, &[("title", "Changed")], "publish")
        .await
        .assert_status(303);
    assert_eq!(app.anonymous().get(&post.path).await.one("h1"), "Changed");
}

/// A database that says that it is of another cluster: nodes, leases and locks of jobs came along.
#[actix_web::test]
async fn what_names_another_cluster_is_removed_once() {
    let app = TestApp::new().await;
    for statement in [
        "insert into database_identity (system_identifier) values (1)",
        "insert into cache_nodes (node, name) values (gen_random_uuid(), 'of another cluster')",
        "insert into leaders values ('schedule', 'of another cluster', 7, now() + interval '1 hour')",
        "insert into schedule_ticks values ('cache.prune', now() + interval '1 hour')",
    ] {
        sqlx::query(statement).execute(&app.database).await.unwrap();
    }
    app.follow().await;
    assert_eq!(
        app.count("select count(*) from cache_nodes where name = 'of another cluster'")
            .await,
        0
    );
    assert_eq!(
        app.count("select count(*) from leaders where until > now()")
            .await,
        0
    );
    assert_eq!(
        app.count("select epoch from leaders").await,
        7,
        "what an old leader writes is still refused"
    );
    assert_eq!(
        app.count("select count(*) from schedule_ticks where tick > now()")
            .await,
        0
    );
    let here = "select count(*) from database_identity, pg_control_system() here
                where database_identity.system_identifier = here.system_identifier";
    assert_eq!(app.count(here).await, 1);
    let removed = app.metric("masthead_cache_foreign_rows_total");
    assert!(removed >= 3.0, "{removed}");
    let second = app.second_node().await;
    assert_eq!(second.metric("masthead_cache_foreign_rows_total"), 0.0);
}

async fn sign_in(app: &TestApp) -> Actor {
    let mut owner = app.anonymous();
    owner
        .post("/login", &[("login", "olga"), ("password", PASSWORD)])
        .await
        .assert_status(303);
    owner
}

fn succeeds(output: Output) {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
