//! Several nodes on one database: what one changes, the others show.

use std::time::Instant;

use masthead::cache::purge_status;

use crate::support::{PATIENCE, Private, TestApp, until};

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
        ann.edit(&post.id, &[("markdown", &text)], "publish")
            .await
            .assert_status(303);
        let committed = Instant::now();
        while !reader.get(&post.path).await.text().contains(&text) {
            assert!(
                committed.elapsed() < PATIENCE,
                "version {version} never came"
            );
            tokio::task::yield_now().await;
        }
        waits.push(committed.elapsed());
        // Never older afterwards.
        assert!(reader.get(&post.path).await.text().contains(&text));
    }
    waits.sort();
    let at = |share: usize| waits[(waits.len() * share / 100).min(waits.len() - 1)];
    println!(
        "{} edits on one node, seen on the other: p50 {:?}, p99 {:?}, max {:?}",
        waits.len(),
        at(50),
        at(99),
        at(100)
    );
    assert_eq!(second.cache().counters().drift.get(), 0);
}

/// Rows become visible in the order of commits. One that was written first and committed last is not skipped.
#[actix_web::test]
async fn who_commits_late_is_not_skipped() {
    let app = TestApp::new().await;
    let second = app.second_node().await;
    let mut ann = app.author("ann").await;
    let (first, other) = (
        ann.publish("First", "Old.").await,
        ann.publish("Other", "Old.").await,
    );
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
    assert!(second.cache().feed().caught_up(PATIENCE).await);
    let read = second.cache().counters().invalidations.get();
    ann.edit(&other.id, &[("markdown", "New.")], "publish")
        .await
        .assert_status(303);
    until("the later one is read", PATIENCE, async || {
        second.cache().counters().invalidations.get() > read
    })
    .await;
    late.commit().await.unwrap();
    until("the late one is read too", PATIENCE, async || {
        reader.get(&first.path).await.text().contains("Late.")
    })
    .await;
}

/// An id that an author chose may end like the id of somebody else's post. What happens to the one is no matter of the
/// other, on no node.
#[actix_web::test]
async fn posts_whose_ids_end_alike_leave_each_other_alone() {
    let app = TestApp::new().await;
    let second = app.second_node().await;
    let (mut ann, mut ben) = (app.author("ann").await, app.author("ben").await);
    let (kept, taken) = (
        ann.publish("Kept", "Stays.").await,
        ben.publish("Taken", "Goes.").await,
    );
    let alike = format!("{}{}", &taken.id[..19], &kept.id[19..]);
    sqlx::query("update posts set public_id = $1::uuid where slug = 'taken'")
        .bind(&alike)
        .execute(&app.database)
        .await
        .unwrap();
    let nodes = [&app, &second];
    for node in nodes {
        // The publications themselves give up pages. What is read before they are known would rightly be given up again.
        assert!(node.cache().feed().caught_up(PATIENCE).await);
        node.forget_pages();
        for path in [&kept.path, &kept.path, &taken.path] {
            node.anonymous().get(path).await.assert_status(200);
        }
    }
    ben.post(&format!("/p/{alike}/trash"), &[])
        .await
        .assert_status(303);
    for node in nodes {
        node.until_answered(&taken.path, 404, "").await;
        let answer = node.anonymous().get(&kept.path).await;
        let status = answer.header("cache-status").unwrap();
        assert!(
            status.contains("; hit"),
            "a stranger's page was given up: {status}"
        );
        // Both names for one release: nodes of the one before, and what they have put into a shared cache, know no other.
        let (whole, half) = (
            kept.id.replace('-', ""),
            kept.id.replace('-', "")[16..].to_owned(),
        );
        let keys: Vec<&str> = answer.header("surrogate-key").unwrap().split(' ').collect();
        for name in [
            format!("post-{whole}"),
            format!("post-{half}"),
            format!("thread-{whole}"),
            format!("thread-{half}"),
        ] {
            assert!(
                keys.contains(&name.as_str()),
                "{name} is not among {keys:?}"
            );
        }
    }
    ann.post(&format!("/p/{}/trash", kept.id), &[])
        .await
        .assert_status(303);
    let both = "select count(*) from cache_invalidations i, posts p where p.slug = 'kept' and i.gone and i.tags @> array[
                    'post-' || replace(p.public_id::text, '-', ''), 'post-' || right(replace(p.public_id::text, '-', ''), 16)]";
    assert_eq!(app.count(both).await, 1);
}

/// A node that only knows that something changed would show the old copy while the database is away.
#[actix_web::test]
async fn what_one_node_takes_down_another_does_not_take_for_an_edit() {
    let app = TestApp::new().await;
    let second = app.second_node().await;
    let (mut ann, mut rob) = (app.author("ann").await, app.author("rob").await);
    // By different authors: the page of a neighbour names what was taken down, and goes with it.
    let (edited, gone) = (
        ann.publish("Edited", "Old words.").await,
        rob.publish("Gone", "Secret.").await,
    );
    let talk = ann.publish("Talk", "Come and talk.").await;
    ann.post(
        &format!("{}/comment", talk.path),
        &[("markdown", "A hateful remark.")],
    )
    .await
    .assert_status(303);
    let remark = app.text("select public_id::text from comments").await;
    let mut reader = second.anonymous();
    for post in [&edited, &gone, &talk] {
        reader.get(&post.path).await.assert_status(200);
    }
    let mut moss = app.person("moss", "moderator").await;
    ann.edit(&edited.id, &[("markdown", "New words.")], "publish")
        .await
        .assert_status(303);
    rob.post(&format!("/p/{}/unpublish", gone.id), &[])
        .await
        .assert_status(303);
    let hide = [
        ("decision", "hide"),
        ("reason", "Hateful."),
        ("version", "1"),
    ];
    moss.post(&format!("/comments/{remark}/decide"), &hide)
        .await
        .assert_status(303);
    assert!(second.cache().feed().caught_up(PATIENCE).await);
    app.lose_database().await;
    assert!(
        reader
            .get(&edited.path)
            .await
            .assert_status(200)
            .text()
            .contains("Old words."),
        "better than nothing"
    );
    for (post, words) in [(&gone, "Secret."), (&talk, "hateful")] {
        let refused = reader.get(&post.path).await;
        refused.assert_status(503);
        assert!(!refused.text().contains(words), "{words} is shown again");
    }
    app.find_database().await;
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
        ann.edit(&post.id, &[("markdown", &text)], "publish")
            .await
            .assert_status(303);
        until("the change is seen", PATIENCE, async || {
            reader.get(&post.path).await.text().contains(&text)
        })
        .await;
    }
    assert_eq!(
        second.cache().counters().flushes.get(),
        0,
        "nothing had to be given up"
    );
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
    assert!(
        notice.contains("Out of touch") && notice.contains("masthead-far"),
        "{notice}"
    );
    reader.get(&post.path).await.assert_status(404);
    let nothing = purge_status(&app.db(), masthead::db::public_id())
        .await
        .unwrap();
    assert_eq!(nothing, None);
}

/// Only one process serves a private database, so the node of one that was killed is not waited for.
#[actix_web::test]
async fn a_take_down_names_no_killed_process_of_a_private_database() {
    let app = TestApp::empty().await;
    let site = Private::unstarted();
    site.make_owner();
    let mut site = site.started(&[]).await;
    for round in 0..2 {
        let mut owner = app.through(site.port).sign_in("olga").await;
        let post = owner.publish("Taken", "Secret.").await;
        let done = owner.post(&format!("/p/{}/trash", post.id), &[]).await;
        let notice = owner.get(done.location()).await.one(".note[role=status]");
        assert!(
            notice.contains("Readers can no longer see it"),
            "round {round}: {notice}"
        );
        site = site.killed().started(&[]).await;
    }
}
