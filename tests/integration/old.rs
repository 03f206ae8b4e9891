//! What is deleted for its age: the trash, and versions that no reader has seen. Nothing sooner than it was announced.

use masthead::features::posts::jobs::delete_old;

use crate::support::TestApp;

/// Everything is so many days older than it was.
async fn pass(app: &TestApp, days: i32) {
    for older in [
        "update posts set deleted_at = deleted_at - make_interval(days => $1)",
        "update revisions set saved_at = saved_at - make_interval(days => $1)",
    ] {
        sqlx::query(older)
            .bind(days)
            .execute(&app.database)
            .await
            .unwrap();
    }
}

/// This release has run for so many days.
async fn run_since(app: &TestApp, days: i32) {
    sqlx::query("update site set ages_from = now() - make_interval(days => $1)")
        .bind(days)
        .execute(&app.database)
        .await
        .unwrap();
}

#[actix_web::test]
async fn the_trash_is_emptied_after_thirty_days_of_this_release() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Old news", "Gone.").await;
    ann.post(
        &format!("{}/comment", post.path),
        &[("markdown", "A remark.")],
    )
    .await
    .assert_status(303);
    let kept = ann.publish("News", "Here.").await;
    ann.post(&format!("/p/{}/trash", post.id), &[])
        .await
        .assert_status(303);
    let shown = ann.get("/dashboard?shelf=trash").await;
    assert!(shown.one("main .plain").contains("30 days"));
    assert!(shown.one("tbody .status").contains("until"));
    for (age, release, is_there) in [(29, 100, true), (1, 29, true), (0, 31, false)] {
        pass(&app, age).await;
        run_since(&app, release).await;
        delete_old(&app.db()).await.unwrap();
        let left = app
            .count("select count(*) from posts where title = 'Old news'")
            .await;
        assert_eq!(left == 1, is_there, "{age} {release}");
    }
    for table in ["comments", "revisions", "post_bodies", "post_authors"] {
        let left =
            format!("select count(*) from {table} where post_id not in (select id from posts)");
        let left: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(left))
            .fetch_one(&app.database)
            .await
            .unwrap();
        assert_eq!(left, 0, "{table}");
    }
    app.anonymous().get(&kept.path).await.assert_status(200);
    app.anonymous().get(&post.path).await.assert_status(404);
    ann.get(&format!("/p/{}/edit", post.id))
        .await
        .assert_status(404);
    let noted = "select count(*) from audit_log where act = 'post.delete' and object = 'Old news' and actor = 'trash'";
    assert_eq!(app.count(noted).await, 1);
}

#[actix_web::test]
async fn a_page_with_others_below_it_stays_in_the_trash() {
    let app = TestApp::new().await;
    let mut boss = app.owner().await;
    let above = boss.publish_page("Above", "Text.").await;
    let id = boss.get("/new?kind=page").await.field("id");
    let below = [
        ("id", id.as_str()),
        ("kind", "page"),
        ("version", "0"),
        ("title", "Below"),
        ("markdown", "Text."),
        ("parent", "above"),
        ("action", "save"),
    ];
    boss.post("/new", &below).await.assert_status(303);
    boss.post(&format!("/p/{}/trash", above.id), &[])
        .await
        .assert_status(303);
    pass(&app, 40).await;
    run_since(&app, 40).await;
    delete_old(&app.db()).await.unwrap();
    assert_eq!(
        app.count("select count(*) from posts where kind = 'page'")
            .await,
        2
    );
    boss.post(&format!("/p/{id}/trash"), &[])
        .await
        .assert_status(303);
    pass(&app, 40).await;
    delete_old(&app.db()).await.unwrap();
    assert_eq!(
        app.count("select count(*) from posts where kind = 'page'")
            .await,
        0
    );
}

/// Saves one more version, which is so many hours old in the end.
async fn version_of_age(app: &TestApp, ann: &mut crate::support::Actor, id: &str, hours: i32) {
    let text = format!("{hours} hours ago: {}.", uuid::Uuid::new_v4());
    ann.edit(id, &[("markdown", &text)], "save")
        .await
        .assert_status(303);
    let at = "update revisions set saved_at = date_trunc('day', now() at time zone 'UTC') at time zone 'UTC' - make_interval(hours => $1)
              where number = (select max(number) from revisions)";
    sqlx::query(at)
        .bind(hours)
        .execute(&app.database)
        .await
        .unwrap();
}

#[actix_web::test]
async fn versions_that_no_reader_saw_are_thinned_and_all_others_stay() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Thinned", "Seen.").await;
    // Two that readers had before the one that they have.
    for text in ["Seen, too.", "Seen now."] {
        ann.edit(&post.id, &[("markdown", text)], "publish")
            .await
            .assert_status(303);
    }
    sqlx::query("update revisions set saved_at = now() - interval '300 days'")
        .execute(&app.database)
        .await
        .unwrap();
    let day = 24;
    // Of each group the last one stays: a day, an hour, and none is thinned yet.
    for hours in [
        200 * day + 3,
        200 * day + 2,
        200 * day + 1,
        60 * day + 2,
        60 * day + 2,
        60 * day + 1,
        10 * day,
        10 * day,
    ] {
        version_of_age(&app, &mut ann, &post.id, hours).await;
    }
    let numbers = "select string_agg(number::text, ' ' order by number) from revisions";
    let all = "1 2 3 4 5 6 7 8 9 10 11";
    for (release, left) in [(29, all), (31, "1 2 3 6 8 9 10 11")] {
        run_since(&app, release).await;
        delete_old(&app.db()).await.unwrap();
        assert_eq!(app.text(numbers).await, left, "{release}");
    }
    delete_old(&app.db()).await.unwrap();
    assert_eq!(
        app.text(numbers).await,
        "1 2 3 6 8 9 10 11",
        "again changes nothing"
    );
    let history = ann.get(&format!("/p/{}/history", post.id)).await;
    assert!(
        history
            .one("main .plain:not(:has(a))")
            .starts_with("Versions that readers have seen")
    );
    // A draft's text, however old it is.
    let draft = ann
        .draft(&[("title", "Old draft"), ("markdown", "One.")])
        .await;
    pass(&app, 365).await;
    delete_old(&app.db()).await.unwrap();
    assert_eq!(
        ann.get(&format!("/p/{draft}/edit")).await.field("markdown"),
        "One."
    );
}
