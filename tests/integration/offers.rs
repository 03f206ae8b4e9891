//! Posts that pages offer which list none of their own: the most discussed on the front page, the newest where nothing is.

use masthead::features::reading::jobs::offer_posts;

use crate::support::{Actor, Published, TestApp};

async fn comment(by: &mut Actor, post: &Published) {
    let form = [("markdown", "Yes.")];
    by.post(&format!("{}/comment", post.path), &form)
        .await
        .assert_status(303);
}

async fn comments_of(app: &TestApp, post: &Published) -> Vec<String> {
    let query = "select c.public_id::text from comments c join posts p on p.id = c.post_id where p.public_id = $1::uuid";
    let ids = sqlx::query_scalar(query).bind(&post.id);
    ids.fetch_all(&app.database).await.unwrap()
}

async fn discussed(app: &TestApp) -> Vec<String> {
    app.anonymous().get("/").await.all(".discussed b")
}

async fn offered(app: &TestApp) -> Vec<String> {
    let page = app.anonymous().get("/@ann/nothing").await;
    page.assert_status(404);
    page.all(".related b")
}

#[actix_web::test]
async fn posts_are_the_more_discussed_the_more_people_write_about_them() {
    let app = TestApp::new().await;
    let (mut ann, mut bob) = (app.author("ann").await, app.author("bob").await);
    let (mut carl, mut owner) = (app.author("carl").await, app.owner().await);
    let quiet = ann.publish("Quiet", "Words.").await;
    let loud = ann.publish("Loud", "Words.").await;
    let lively = ann.publish("Lively", "Words.").await;
    assert!(discussed(&app).await.is_empty());
    for _ in 0..3 {
        comment(&mut bob, &loud).await;
    }
    comment(&mut bob, &lively).await;
    comment(&mut carl, &lively).await;
    assert!(discussed(&app).await.is_empty(), "until the job runs");
    offer_posts(&app.db()).await.unwrap();
    assert_eq!(discussed(&app).await, ["Lively", "Loud"]);
    for actor in [&mut ann, &mut bob, &mut carl] {
        comment(actor, &quiet).await;
    }
    offer_posts(&app.db()).await.unwrap();
    assert_eq!(discussed(&app).await, ["Quiet", "Lively", "Loud"]);
    // What is taken down goes at once, and what is back is back at once.
    let act = async |actor: &mut Actor, post: &Published, button| {
        let path = format!("/p/{}/{button}", post.id);
        actor.post(&path, &[]).await.assert_status(303);
    };
    act(&mut ann, &lively, "unpublish").await;
    assert_eq!(discussed(&app).await, ["Quiet", "Loud"]);
    act(&mut ann, &lively, "publish").await;
    assert_eq!(discussed(&app).await, ["Quiet", "Lively", "Loud"]);
    // Comments that readers cannot see are none.
    for id in comments_of(&app, &quiet).await {
        let version = owner
            .get(&format!("/comments/{id}/decide"))
            .await
            .field("version");
        let form = [
            ("decision", "hide"),
            ("reason", "A test."),
            ("version", &version),
        ];
        owner
            .post(&format!("/comments/{id}/decide"), &form)
            .await
            .assert_status(303);
    }
    offer_posts(&app.db()).await.unwrap();
    assert_eq!(discussed(&app).await, ["Lively", "Loud"]);
    owner
        .post(
            "/admin/site",
            &[
                ("name", "Harbour"),
                ("language", "en"),
                ("sign_up", "open"),
                ("sign_up_role", "author"),
                ("comment_policy", "members"),
                ("front", "list"),
            ],
        )
        .await
        .assert_status(303);
    assert!(discussed(&app).await.is_empty(), "a list stands alone");
}

#[actix_web::test]
async fn a_renewal_that_changes_nothing_leaves_pages_alone() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Lamps", "Words.").await;
    comment(&mut ann, &post).await;
    offer_posts(&app.db()).await.unwrap();
    let is_kept = async |path: &str| {
        app.anonymous().get(path).await;
        offer_posts(&app.db()).await.unwrap();
        let again = app.anonymous().get(path).await;
        again.header("cache-status").unwrap().contains("; hit")
    };
    assert!(is_kept("/").await);
    assert!(is_kept("/@ann/nothing").await);
}

#[actix_web::test]
async fn a_page_about_what_is_missing_leads_to_the_newest_posts() {
    let app = TestApp::new().await;
    let (mut ann, mut owner) = (app.author("ann").await, app.owner().await);
    let mut posts = Vec::new();
    for n in 0..6 {
        posts.push(ann.publish(&format!("Post {n}"), "Words.").await);
    }
    assert!(offered(&app).await.is_empty(), "until the job runs");
    offer_posts(&app.db()).await.unwrap();
    let newest = ["Post 5", "Post 4", "Post 3", "Post 2", "Post 1"];
    assert_eq!(offered(&app).await, newest);
    for path in [
        "/nothing",
        "/@nobody",
        "/t/nothing",
        "/p/019a1111-2222-7333-8444-555566667777",
        "/archive/2019/01",
    ] {
        let page = app.anonymous().get(path).await;
        page.assert_status(404);
        assert_eq!(page.all(".related b"), newest, "{path}");
    }
    ann.post(&format!("/p/{}/trash", posts[4].id), &[])
        .await
        .assert_status(303);
    assert_eq!(
        offered(&app).await,
        ["Post 5", "Post 3", "Post 2", "Post 1"]
    );
    ann.post(&format!("/p/{}/restore", posts[4].id), &[])
        .await
        .assert_status(303);
    assert_eq!(offered(&app).await, newest, "back at once");
    ann.edit(
        &posts[5].id,
        &[("title", "Lamps"), ("markdown", "Words.")],
        "publish",
    )
    .await;
    assert_eq!(offered(&app).await[0], "Lamps");
    // The menu of the site is there too, as it is now.
    let id = owner.get("/new?kind=page").await.field("id");
    let form = [
        ("id", &*id),
        ("kind", "page"),
        ("version", "0"),
        ("action", "save"),
        ("title", "About"),
        ("markdown", "Text."),
        ("menu_position", "1"),
    ];
    owner.post("/new", &form).await.assert_status(303);
    for (button, menu) in [("publish", 1), ("unpublish", 0)] {
        let path = format!("/p/{id}/{button}");
        owner.post(&path, &[]).await.assert_status(303);
        let page = app.anonymous().get("/@ann/nothing").await;
        assert_eq!(page.all(".bar-nav > ul [href='/about']").len(), menu);
    }
}
