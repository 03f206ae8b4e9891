//! The second page of a list or a thread is as new as the first.

use crate::support::{Actor, Response, TestApp};

/// Where the link to the next page leads, without its fragment.
pub(super) fn next_page(page: &Response, within: &str) -> String {
    let href = page
        .attribute(&format!("{within} a[rel=next]"), "href")
        .expect("a second page");
    href.split('#').next().unwrap_or_default().to_owned()
}

/// Asked for twice, so that what follows meets a copy in memory.
async fn warm(app: &TestApp, path: &str, text: &str) {
    for _ in 0..2 {
        assert!(
            app.anonymous()
                .get(path)
                .await
                .assert_status(200)
                .text()
                .contains(text),
            "{path}"
        );
    }
}

async fn comment(by: &mut Actor, post: &str, text: &str) {
    by.post(&format!("{post}/comment"), &[("markdown", text)])
        .await
        .assert_status(303);
}

#[actix_web::test]
async fn later_pages_of_lists_are_renewed() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let first = ann
        .publish_with(&[("title", "Oldest"), ("markdown", "Text."), ("tags", "sea")])
        .await;
    for n in 0..21 {
        ann.publish_with(&[
            ("title", &format!("Post {n}")),
            ("markdown", "Text."),
            ("tags", "sea"),
        ])
        .await;
    }
    let mut later = Vec::new();
    for list in ["/newest", "/@ann", "/t/sea"] {
        let page = next_page(&app.anonymous().get(list).await, "");
        warm(&app, &page, "Oldest").await;
        later.push(page);
    }
    ann.edit(&first.id, &[("title", "Renamed")], "publish")
        .await
        .assert_status(303);
    for page in later {
        assert!(
            app.anonymous().get(&page).await.text().contains("Renamed"),
            "{page}"
        );
    }
}

#[actix_web::test]
async fn later_pages_of_a_thread_are_renewed() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Busy", "Text.").await.path;
    for n in 0..101 {
        comment(&mut ann, &post, &format!("Comment {n}.")).await;
    }
    let later = next_page(&app.anonymous().get(&post).await, "#comments");
    warm(&app, &later, "Comment 100.").await;
    let last = app
        .text("select public_id::text from comments order by id desc limit 1")
        .await;
    ann.post(
        &format!("/comments/{last}/edit"),
        &[("markdown", "Second thoughts.")],
    )
    .await
    .assert_status(303);
    assert!(
        app.anonymous()
            .get(&later)
            .await
            .text()
            .contains("Second thoughts.")
    );
}

/// With more than a hundred names a page no longer carries a tag for each of them.
#[actix_web::test]
async fn a_new_name_shows_in_a_thread_of_more_than_a_hundred_people() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut ben = app.author("ben").await;
    let post = ann.publish("Busy", "Text.").await.path;
    comment(&mut ben, &post, "Mine.").await;
    for statement in [
        "insert into users (public_id, username, username_key, name, role)
         select gen_random_uuid(), 'p' || n, 'p' || n, '', 'reader' from generate_series(101, 210) n",
        "insert into comments (public_id, post_id, parent_id, author_id, depth, markdown, html, renderer_version, state, transaction_id)
         select gen_random_uuid(), c.post_id, c.id, u.id, 1, 'x', '<p>x</p>', 1, 'visible', gen_random_uuid()
         from comments c, users u where u.username like 'p___'",
        "update posts set comment_count = (select count(*) from comments)",
    ] {
        sqlx::query(statement).execute(&app.database).await.unwrap();
    }
    app.forget_pages();
    warm(&app, &post, "Mine.").await;
    assert_eq!(
        app.anonymous()
            .get(&post)
            .await
            .all(".comment .prose")
            .len(),
        111
    );
    ben.post("/settings/profile", &[("name", "Ben Baker"), ("bio", "")])
        .await
        .assert_status(303);
    assert!(
        app.anonymous()
            .get(&post)
            .await
            .text()
            .contains("Ben Baker")
    );
}
