//! A primary and two replicas: who reads where, what of the own is always visible, and what happens when servers lag,
//! freeze, die or change their role.

#[path = "replicas/fail_over.rs"]
mod fail_over;
#[path = "replicas/history.rs"]
mod history;
#[path = "replicas/own_writes.rs"]
mod own_writes;
#[path = "replicas/positions.rs"]
mod positions;
#[path = "replicas/read_only.rs"]
mod read_only;

use std::time::Duration;

use masthead::db::embedded::Role;
use masthead::db::{ReplicaReads, Switches};
use sqlx::ConnectOptions;

use crate::support::{Cluster, PATIENCE, TestApp, rounds, until};

const SOON: Duration = PATIENCE;

/// A node with what the reading of pages costs and nothing kept in memory.
async fn without_memory(cluster: &Cluster) -> TestApp {
    cluster.node(|settings| settings.cache_mb = 0).await
}

fn primary_reads(app: &TestApp) -> f64 {
    app.metric("masthead_db_reads_total{role=\"primary\"}")
}

#[actix_web::test]
async fn own_writes_are_seen_on_another_node_while_replicas_stand_still() {
    let cluster = Cluster::start().await;
    let (a, b) = (cluster.node(|_| {}).await, without_memory(&cluster).await);
    a.set_up().await;
    let mut ann = a.author("ann").await;
    cluster.servers.pause(1).await.unwrap();
    cluster.servers.pause(2).await.unwrap();
    let post = ann.publish("While they sleep", "Text.").await;
    assert!(ann.cookie("ryw").is_some());
    let page = ann.at(&b).get(&post.path).await;
    assert_eq!(page.one("h1"), "While they sleep");
    assert_eq!(
        b.metric("masthead_db_read_your_writes_total{by=\"primary\"}"),
        1.0
    );
    // Others may see the state before, but on this node no error.
    b.anonymous().get(&post.path).await.assert_status(404);
    cluster.servers.resume(1).await.unwrap();
    cluster.servers.resume(2).await.unwrap();
    b.until_answered(&post.path, 200, "While they sleep").await;
}

/// Readers change what others see by their comments, too.
#[actix_web::test]
async fn an_own_comment_is_seen_on_another_node_while_replicas_stand_still() {
    let cluster = Cluster::start().await;
    let (a, b) = (cluster.node(|_| {}).await, without_memory(&cluster).await);
    a.set_up().await;
    let post = a
        .author("ann")
        .await
        .publish("Come and talk", "Text.")
        .await;
    a.author("ben").await;
    cluster.until_public(&post.id).await;
    // Another browser, which has written nothing yet.
    let mut ben = a.sign_in("ben").await;
    assert!(ben.cookie("ryw").is_none());
    cluster.servers.pause(1).await.unwrap();
    cluster.servers.pause(2).await.unwrap();
    ben.post(
        &format!("{}/comment", post.path),
        &[("markdown", "Here I am.")],
    )
    .await
    .assert_status(303);
    assert!(ben.cookie("ryw").is_some());
    assert!(
        ben.at(&b)
            .get(&post.path)
            .await
            .text()
            .contains("Here I am.")
    );
    cluster.servers.resume(1).await.unwrap();
    cluster.servers.resume(2).await.unwrap();
}

#[actix_web::test]
async fn the_replica_that_has_come_far_enough_is_asked() {
    let cluster = Cluster::start().await;
    let (a, b) = (cluster.node(|_| {}).await, without_memory(&cluster).await);
    a.set_up().await;
    let mut ann = a.author("ann").await;
    cluster.servers.pause(1).await.unwrap();
    let by = |who: &str| {
        b.metric(&format!(
            "masthead_db_read_your_writes_total{{by=\"{who}\"}}"
        ))
    };
    // On a busy machine the one that goes on may need longer for some than a reader waits for it.
    let mut round = 0;
    until(
        "four were read on the replica that goes on",
        PATIENCE,
        async || {
            round += 1;
            let post = ann.publish(&format!("Round {round}"), "Text.").await;
            let page = ann.at(&b).get(&post.path).await;
            assert_eq!(page.one("h1"), format!("Round {round}"));
            by("replica") + by("replica_after_wait") >= 4.0
        },
    )
    .await;
}

/// On one node nobody sees an old page that the node knows to be old, whoever asks and whatever the replicas show.
#[actix_web::test]
async fn a_page_in_memory_is_not_made_from_a_replica_that_is_behind() {
    let cluster = Cluster::start().await;
    let app = cluster.node(|_| {}).await;
    app.follow().await;
    app.set_up().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("First", "Text.").await;
    app.anonymous().get(&post.path).await.assert_status(200);
    cluster.servers.pause(1).await.unwrap();
    cluster.servers.pause(2).await.unwrap();
    for title in ["Second", "Third"] {
        ann.edit(&post.id, &[("title", title)], "publish").await;
        assert_eq!(app.anonymous().get(&post.path).await.one("h1"), title);
    }
    // Nor is one that memory has never held.
    let another = ann.publish("Fourth", "Text.").await;
    assert_eq!(app.anonymous().get(&another.path).await.one("h1"), "Fourth");
    assert!(app.metric("masthead_cache_read_again_total") >= 1.0);
}

#[actix_web::test]
async fn made_up_positions_are_counted_and_change_nothing() {
    let cluster = Cluster::start().await;
    let app = without_memory(&cluster).await;
    app.set_up().await;
    app.until_answered("/", 200, "Harbour").await;
    let before = primary_reads(&app);
    let long = "v".repeat(4096);
    let forged = "v1.1.ffffffffffffffff.4102444800.00000000.00000000000000000000000000000000";
    for (number, value) in ["", "garbage", forged, &long, "v1.1.1.1.1"]
        .into_iter()
        .enumerate()
    {
        let mut anybody = app.anonymous();
        anybody.set_cookie("ryw", value);
        anybody.get("/").await.assert_status(200);
        assert_eq!(
            app.metric("masthead_ryw_token_rejected_total"),
            number as f64 + 1.0,
            "{value}"
        );
    }
    assert_eq!(primary_reads(&app), before);
}

#[actix_web::test]
async fn a_replica_that_lags_is_left_and_comes_back() {
    let cluster = Cluster::start().await;
    let app = without_memory(&cluster).await;
    app.set_up().await;
    cluster.servers.lag(1, 90_000).await.unwrap();
    let admitted = async |count: f64| {
        until("admitted", PATIENCE, async || {
            app.metric("masthead_db_in_rotation") == count
        })
        .await
    };
    admitted(1.0).await;
    app.anonymous().get("/").await.assert_status(200);
    cluster.servers.lag(1, 0).await.unwrap();
    // It was let in less than half a minute before it fell behind, so it waits.
    assert_eq!(app.metric("masthead_db_in_rotation"), 1.0);
    until("all answer", SOON, async || {
        app.metric("masthead_db_reachable") == 3.0
    })
    .await;
}

/// Bytes count apart from time: a replica that has a bulk of changes before it will be late in a moment.
#[actix_web::test]
async fn a_replica_that_is_far_behind_in_bytes_is_left_however_short_the_time() {
    let cluster = Cluster::start().await;
    let on_primary = async |statements: &'static str| {
        let mut conn = cluster
            .servers
            .connect_options(0, Role::Superuser)
            .connect()
            .await
            .unwrap();
        sqlx::raw_sql(statements).execute(&mut conn).await.unwrap();
    };
    // By this clock no change is older than a moment.
    on_primary(
        "create schema clock;
         create function clock.clock_timestamp() returns timestamptz language sql volatile as
             $$ select pg_catalog.clock_timestamp() - interval '1 hour' $$;
         grant usage on schema clock to masthead_app;
         alter role masthead_app set search_path = clock, pg_catalog, public;",
    )
    .await;
    for replica in [1, 2] {
        cluster.until_received(replica).await;
    }
    let (app, other) = (cluster.node(|_| {}).await, without_memory(&cluster).await);
    app.set_up().await;
    let mut ann = app.author("ann").await;
    cluster.servers.pause(1).await.unwrap();
    on_primary("select pg_logical_emit_message(false, 'bulk', repeat('x', 9 * 1024 * 1024))").await;
    until("it is left", SOON, async || {
        other.metric("masthead_db_in_rotation") == 1.0
    })
    .await;
    let post = ann.publish("Behind the bulk", "Text.").await;
    until("the other one has it", SOON, async || {
        other.anonymous().get(&post.path).await.status == 200
    })
    .await;
    for _ in 0..20 {
        other.anonymous().get(&post.path).await.assert_status(200);
    }
    cluster.servers.resume(1).await.unwrap();
}

#[actix_web::test]
async fn a_replica_that_dies_costs_no_answer_and_is_used_again() {
    let mut cluster = Cluster::start().await;
    let app = without_memory(&cluster).await;
    app.set_up().await;
    let ask = async |times: usize| {
        for _ in 0..times {
            app.anonymous().get("/").await.assert_status(200);
        }
    };
    ask(50).await;
    cluster.servers.kill(1);
    ask(200).await;
    until("it is left", SOON, async || {
        app.metric("masthead_db_in_rotation") == 1.0
    })
    .await;
    cluster.servers.start_again(1).unwrap();
    until("it is let in again", SOON, async || {
        app.metric("masthead_db_in_rotation") == 2.0
    })
    .await;
    ask(20).await;
}

#[actix_web::test]
async fn a_replica_that_stands_still_is_left() {
    let cluster = Cluster::start().await;
    let app = without_memory(&cluster).await;
    app.set_up().await;
    for _ in 0..20 {
        app.anonymous().get("/").await.assert_status(200);
    }
    cluster.servers.freeze(1);
    for _ in 0..100 {
        app.anonymous().get("/").await.assert_status(200);
    }
    until("it is left", SOON, async || {
        app.metric("masthead_db_in_rotation") == 1.0
    })
    .await;
    cluster.servers.thaw(1);
    until("it is let in again", SOON, async || {
        app.metric("masthead_db_in_rotation") == 2.0
    })
    .await;
}

#[actix_web::test]
async fn without_replicas_the_primary_answers() {
    let mut cluster = Cluster::start().await;
    let app = without_memory(&cluster).await;
    app.set_up().await;
    cluster.servers.kill(1);
    cluster.servers.kill(2);
    for _ in 0..50 {
        app.anonymous().get("/").await.assert_status(200);
    }
}

#[actix_web::test]
async fn a_reader_cancelled_by_recovery_is_answered_elsewhere() {
    let cluster = Cluster::start().await;
    let app = without_memory(&cluster).await;
    app.set_up().await;
    let db = app.db();
    cluster
        .servers
        .set(1, "max_standby_streaming_delay", "0")
        .await
        .unwrap();
    cluster
        .servers
        .set(2, "max_standby_streaming_delay", "0")
        .await
        .unwrap();
    for (number, cause) in [
        // What the reader may still see is removed.
        "update users set name = reverse(name); vacuum users",
        // What the reader reads from is locked, as by a migration.
        "alter table users alter column name set default ''",
    ]
    .into_iter()
    .enumerate()
    {
        let reading = masthead::db::ReadRequirement::any();
        let mut conn = db.read(&reading).await.unwrap();
        sqlx::raw_sql("set statement_timeout = '20s'; begin isolation level repeatable read; select * from users")
            .execute(&mut *conn)
            .await
            .unwrap();
        let long = async {
            sqlx::query("select pg_sleep(15)")
                .execute(&mut *conn)
                .await
                .err()
        };
        let changing = async {
            loop {
                for statement in cause.split("; ") {
                    sqlx::raw_sql(statement)
                        .execute(&app.database)
                        .await
                        .unwrap();
                }
                tokio::task::yield_now().await;
            }
        };
        let error: Option<sqlx::Error> =
            tokio::select! { error = long => error, () = changing => None };
        let error = masthead::db::DbError::from(error.unwrap());
        assert!(db.fails_over(&reading, &error), "{cause}: {error:?}");
        assert_eq!(
            app.metric("masthead_db_conflicts_total"),
            number as f64 + 1.0,
            "{cause}"
        );
        assert_eq!(
            app.metric("masthead_db_in_rotation"),
            2.0,
            "{cause}: a conflict is no fault of the replica"
        );
        assert!(db.read(&reading).await.is_ok());
        let _ = sqlx::raw_sql("rollback").execute(&mut *conn).await;
    }
}

#[actix_web::test]
async fn prove_replicas_are_read_from_where_nobody_writes() {
    let cluster = Cluster::start().await;
    let app = without_memory(&cluster).await;
    app.set_up().await;
    until("everything is replayed", SOON, async || {
        app.metric("masthead_db_behind_bytes") == 0.0
    })
    .await;
    let (idle, began) = (
        Duration::from_secs(rounds(7, 300)),
        std::time::Instant::now(),
    );
    // Longer than a replica may lag: the age of the last change must not count as lag.
    until("so long nobody has written", idle + PATIENCE, async || {
        app.anonymous().get("/").await.assert_status(200);
        began.elapsed() > idle
    })
    .await;
    // One that is left because it lags stays out for half a minute at the least, which is longer than this waits.
    until("both are read from", Duration::from_secs(25), async || {
        app.metric("masthead_db_in_rotation") == 2.0
    })
    .await;
}

#[actix_web::test]
async fn switches_change_who_is_asked_while_the_site_runs() {
    let cluster = Cluster::start().await;
    let app = without_memory(&cluster).await;
    app.set_up().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Switched", "Text.").await;
    let none = Switches::default();
    cluster.until_public(&post.id).await;

    app.db().switch(Switches {
        replica_reads: ReplicaReads::Off,
        ..none
    });
    let before = (
        primary_reads(&app),
        app.metric("masthead_db_reads_total{role=\"replica\"}"),
    );
    for _ in 0..10 {
        app.anonymous().get(&post.path).await.assert_status(200);
    }
    let after = (
        primary_reads(&app),
        app.metric("masthead_db_reads_total{role=\"replica\"}"),
    );
    assert_eq!((after.0 - before.0, after.1 - before.1), (10.0, 0.0));
    assert_eq!(app.metric("masthead_replica_reads{mode=\"off\"}"), 1.0);
    assert_eq!(app.metric("masthead_read_only"), 0.0);

    app.db().switch(Switches {
        read_only: true,
        ..none
    });
    let form = [
        ("id", post.id.as_str()),
        ("kind", "post"),
        ("version", "1"),
        ("title", "Kept"),
        ("markdown", "Every word"),
    ];
    let refused = ann.post(&format!("/p/{}/edit", post.id), &form).await;
    assert_eq!(refused.assert_status(503).field("markdown"), "Every word");
    assert_eq!(ann.get("/me.json").await.json()["read_only"], true);
    app.anonymous().get(&post.path).await.assert_status(200);

    // Further than a replica may usually lag, and less than twice as far.
    app.db().switch(Switches {
        replica_reads: ReplicaReads::Relaxed,
        ..none
    });
    cluster.servers.lag(1, 90_000).await.unwrap();
    let (admitted, lag) = (
        || app.metric("masthead_db_in_rotation"),
        || app.metric("masthead_db_lag_seconds"),
    );
    until("it lags", SOON, async || lag() > 6.0).await;
    assert_eq!(admitted(), 2.0);
    app.db().switch(none);
    until("it is left", SOON, async || admitted() == 1.0).await;
    app.db().switch(Switches {
        replica_reads: ReplicaReads::Any,
        ..none
    });
    until("it is let in", SOON, async || admitted() == 2.0).await;
    app.db().switch(none);
    until("it is left", SOON, async || admitted() == 1.0).await;
    ann.edit(&post.id, &[("title", "On again")], "publish")
        .await
        .assert_status(303);
}

#[actix_web::test]
async fn the_newest_timeline_takes_the_changes() {
    let mut cluster = Cluster::start().await;
    let app = cluster.node(|_| {}).await;
    app.follow().await;
    app.set_up().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Before", "Text.").await;
    app.anonymous().get(&post.path).await.assert_status(200);
    let other = without_memory(&cluster).await;
    cluster.until_public(&post.id).await;
    cluster.servers.kill(0);
    // Pages go on from the replicas, also where nothing is in memory.
    until("it is noticed", SOON, async || {
        app.metric("masthead_db_reachable") == 2.0
    })
    .await;
    other.anonymous().get(&post.path).await.assert_status(200);
    ann.get(&format!("/p/{}/edit", post.id))
        .await
        .assert_status(503);
    cluster.servers.promote(1).await.unwrap();
    cluster.servers.follow(2, 1).await.unwrap();
    let editor = format!("/p/{}/edit", post.id);
    until("the editor opens again", SOON, async || {
        ann.get(&editor).await.status == 200
    })
    .await;
    ann.edit(&post.id, &[("title", "After")], "publish")
        .await
        .assert_status(303);
    assert_eq!(app.anonymous().get(&post.path).await.one("h1"), "After");
    assert_eq!(app.metric("masthead_db_reachable"), 2.0);
    // The old one comes back and believes that nothing has happened: nobody writes there.
    cluster.servers.start_again(0).unwrap();
    until("it is seen", SOON, async || {
        app.metric("masthead_db_reachable") == 3.0
    })
    .await;
    ann.edit(&post.id, &[("title", "Later")], "publish").await;
    assert_eq!(app.anonymous().get(&post.path).await.one("h1"), "Later");
    assert_eq!(cluster.title_on(1, &post.id).await, "Later");
    assert_eq!(cluster.title_on(0, &post.id).await, "Before");
}
