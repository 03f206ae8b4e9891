//! Several nodes on one database: what one changes, the others show.

use std::time::{Duration, Instant};

use masthead::cache::receipt;

use crate::support::{TestApp, until};

/// Scenario 26: a change on one node is seen on the other.
#[actix_web::test]
async fn prove_an_edit_on_one_node_is_seen_on_another() {
    let full = std::env::var("MASTHEAD_PROVE").is_ok_and(|value| value == "full");
    let app = TestApp::new().await;
    let second = app.second_node().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Seen", "Version 0.").await;
    let mut reader = second.anonymous();
    let mut waits = Vec::new();
    for version in 1..=if full { 200 } else { 5 } {
        reader.get(&post.path).await.assert_status(200);
        let text = format!("Version {version}.");
        ann.edit(&post.id, &[("markdown", &text)], "publish").await.assert_status(303);
        let committed = Instant::now();
        while !reader.get(&post.path).await.text().contains(&text) {
            assert!(committed.elapsed() < Duration::from_secs(10), "version {version} never came");
            tokio::task::yield_now().await;
        }
        waits.push(committed.elapsed());
        // Never older afterwards.
        assert!(reader.get(&post.path).await.text().contains(&text));
    }
    waits.sort();
    let at = |share: usize| waits[(waits.len() * share / 100).min(waits.len() - 1)];
    println!("{} edits on one node, seen on the other: p50 {:?}, p99 {:?}, max {:?}", waits.len(), at(50), at(99), at(100));
    assert_eq!(second.cache().counters().drift.get(), 0);
}

/// Rows become visible in the order of commits. One that was written first and committed last is not skipped.
#[actix_web::test]
async fn who_commits_late_is_not_skipped() {
    let app = TestApp::new().await;
    let second = app.second_node().await;
    let mut ann = app.author("ann").await;
    let (first, other) = (ann.publish("First", "Old.").await, ann.publish("Other", "Old.").await);
    let mut reader = second.anonymous();
    reader.get(&first.path).await.assert_status(200);
    // A transaction on no node: written now, committed below.
    let mut late = app.database.begin().await.unwrap();
    sqlx::query("update post_bodies set html = '<p>Late.</p>' where post_id = (select id from posts where slug = 'first')")
        .execute(&mut *late)
        .await
        .unwrap();
    sqlx::query(
        "insert into cache_invalidations (tags, gone) select tags, gone from cache_invalidations order by id desc limit 1",
    )
    .execute(&mut *late)
    .await
    .unwrap();
    let tag = format!("post-{}", &first.id.replace('-', "")[16..]);
    sqlx::query("update cache_invalidations set tags = array[$1] where id = (select max(id) from cache_invalidations)")
        .bind(&tag)
        .execute(&mut *late)
        .await
        .unwrap();
    // A later one is read before.
    let read = second.cache().counters().invalidations.get();
    ann.edit(&other.id, &[("markdown", "New.")], "publish").await.assert_status(303);
    until("the later one is read", Duration::from_secs(10), async || second.cache().counters().invalidations.get() > read).await;
    late.commit().await.unwrap();
    until("the late one is read too", Duration::from_secs(10), async || reader.get(&first.path).await.text().contains("Late."))
        .await;
}

/// The channel and the connection are only means: a node that lost both misses nothing.
#[actix_web::test]
async fn a_cut_connection_loses_no_change() {
    let app = TestApp::new().await;
    let second = app.second_node().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Cut", "Version 0.").await;
    let mut reader = second.anonymous();
    for version in 1..=3 {
        reader.get(&post.path).await.assert_status(200);
        app.count(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity
             where datname = current_database() and application_name in ('masthead/invalidations', 'masthead/listen')",
        )
        .await;
        let text = format!("Version {version}.");
        ann.edit(&post.id, &[("markdown", &text)], "publish").await.assert_status(303);
        until("the change is seen", Duration::from_secs(10), async || reader.get(&post.path).await.text().contains(&text)).await;
    }
    assert_eq!(second.cache().counters().resets.get(), 0, "nothing had to be given up");
}

/// Rule B12: who takes something down is told who still has a copy.
#[actix_web::test]
async fn a_take_down_names_the_nodes_that_have_not_answered() {
    let app = TestApp::new().await;
    let second = app.second_node().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Taken", "Secret.").await;
    let mut reader = second.anonymous();
    reader.get(&post.path).await.assert_status(200);
    // A node that is there but cut off, as one that the network has left.
    sqlx::query(
        "insert into cache_nodes (node, name, seen_at) values (gen_random_uuid(), 'masthead-far', now() - interval '1 minute')",
    )
    .execute(&app.database)
    .await
    .unwrap();
    let done = ann.post(&format!("/p/{}/trash", post.id), &[]).await;
    done.assert_status(303);
    let notice = ann.get(done.location()).await.one("[role=status]");
    assert!(!notice.contains("Readers can no longer see it"), "{notice}");
    assert!(notice.contains("Out of touch") && notice.contains("masthead-far"), "{notice}");
    reader.get(&post.path).await.assert_status(404);
    let nothing = receipt(&app.db(), masthead::db::public_id()).await.unwrap();
    assert_eq!(nothing, None);
}
