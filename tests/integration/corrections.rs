//! What a new version of a public post is for readers: a minor change, an update, or a correction of which they are told.

use crate::support::{Actor, Published, Response, TestApp};

async fn stage() -> (TestApp, Actor, Published) {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann
        .publish_with(&[
            ("title", "The ferry"),
            ("markdown", "It leaves on Monday.\n\nBring a coat."),
        ])
        .await;
    // Readers have had it for two days.
    sqlx::query("update posts set published_at = now() - interval '2 days', changed_at = now() - interval '2 days'")
        .execute(&app.database)
        .await
        .unwrap();
    app.forget_pages();
    (app, ann, post)
}

const TUESDAY: &str = "It leaves on Tuesday.\n\nBring a coat.";
const AUTHORS: &str = "/@ann/-/corrections";

async fn save(ann: &mut Actor, id: &str, markdown: &str) {
    ann.edit(id, &[("markdown", markdown)], "save")
        .await
        .assert_status(303);
}

async fn correct(ann: &mut Actor, id: &str, remark: &str, difference: &str) -> Response {
    let form = [("remark", remark), ("difference", difference)];
    ann.post(&format!("/p/{id}/correct"), &form).await
}

/// When readers' feeds say that it changed.
async fn updated(app: &TestApp) -> String {
    let feed = app.anonymous().get("/feed.atom").await.text();
    let entry = feed.split("<entry>").nth(1).unwrap();
    let (_, rest) = entry.split_once("<updated>").unwrap();
    rest.split('<').next().unwrap().to_owned()
}

#[actix_web::test]
async fn a_minor_change_leaves_the_date_and_an_update_moves_it() {
    let (app, mut ann, post) = stage().await;
    let before = updated(&app).await;
    // From the editor, at once.
    ann.edit(
        &post.id,
        &[("markdown", "It leaves on Monday!\n\nBring a coat.")],
        "minor",
    )
    .await
    .assert_status(303);
    let page = app.anonymous().get(&post.path).await;
    assert!(page.text().contains("Monday!") && page.all(".dt-updated").is_empty());
    assert_eq!(updated(&app).await, before);
    // From the step before publishing.
    save(&mut ann, &post.id, TUESDAY).await;
    ann.post(&format!("/p/{}/publish?as=minor", post.id), &[])
        .await
        .assert_status(303);
    let page = app.anonymous().get(&post.path).await;
    assert!(page.text().contains("Tuesday"));
    assert_eq!(updated(&app).await, before);
    ann.edit(
        &post.id,
        &[("markdown", "It leaves on Wednesday.")],
        "publish",
    )
    .await
    .assert_status(303);
    assert_ne!(updated(&app).await, before);
    let labels = "select string_agg(coalesce(label, '-'), ' ' order by number) from revisions where published";
    assert_eq!(app.text(labels).await, "- minor minor update");
    ann.post(&format!("/p/{}/publish?as=nothing", post.id), &[])
        .await
        .assert_status(404);
}

#[actix_web::test]
async fn a_draft_has_no_earlier_version_and_so_no_label() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let id = ann.draft(&[("title", "New"), ("markdown", "x")]).await;
    let led = ann.edit(&id, &[("markdown", "y")], "minor").await;
    assert_eq!(led.location(), format!("/p/{id}/publish"));
    ann.post(&format!("/p/{id}/publish?as=minor"), &[])
        .await
        .assert_status(303);
    assert_eq!(
        app.count("select count(*) from revisions where label is not null")
            .await,
        0
    );
    assert_eq!(
        app.count("select count(*) from posts where changed_at >= published_at")
            .await,
        1
    );
}

#[actix_web::test]
async fn readers_are_told_of_a_correction_and_can_compare() {
    let (app, mut ann, post) = stage().await;
    let before = updated(&app).await;
    // All of them in memory.
    let paths = [
        post.path.clone(),
        format!("{}/corrections", post.path),
        AUTHORS.to_owned(),
    ];
    for (path, status) in paths.iter().zip([200, 404, 200]) {
        app.anonymous().get(path).await.assert_status(status);
    }
    save(&mut ann, &post.id, TUESDAY).await;
    let step = ann.get(&format!("/p/{}/publish", post.id)).await;
    assert!(!step.all("#correct #remark").is_empty());
    correct(&mut ann, &post.id, "The day was <b>wrong</b>.", "on")
        .await
        .assert_status(303);
    assert_ne!(updated(&app).await, before);
    let page = app.anonymous().get(&post.path).await;
    assert!(
        page.one(".post-foot .note")
            .contains("The day was <b>wrong</b>.")
    );
    let version = page.links(".post-foot .note");
    assert_eq!(version, [format!("{}/corrections#version-2", post.path)]);
    let compared = app.anonymous().get(&paths[1]).await;
    compared.assert_status(200);
    assert!(compared.one(".minus").contains("Monday") && compared.one(".plus").contains("Tuesday"));
    let list = app.anonymous().get(AUTHORS).await;
    assert!(list.text().contains("The ferry") && list.text().contains("The day was"));
    // In other letters, and after it has moved, it is the same place.
    let moved = app.anonymous().get("/@ANN/the-ferry/corrections").await;
    assert_eq!(moved.location(), paths[1]);
    assert_eq!(
        app.anonymous().get("/@ANN/-/corrections").await.location(),
        AUTHORS
    );
    ann.edit(&post.id, &[("slug", "the-boat")], "publish")
        .await
        .assert_status(303);
    let moved = app.anonymous().get(&paths[1]).await;
    assert_eq!(moved.location(), "/@ann/the-boat/corrections");
}

#[actix_web::test]
async fn what_was_said_before_is_shown_only_where_the_author_says_so() {
    let (app, mut ann, post) = stage().await;
    save(&mut ann, &post.id, TUESDAY).await;
    correct(&mut ann, &post.id, "The day was wrong.", "")
        .await
        .assert_status(303);
    let page = app.anonymous().get(&post.path).await;
    assert!(page.one(".post-foot .note").contains("The day was wrong."));
    assert!(page.links(".post-foot .note").is_empty());
    let compared = app
        .anonymous()
        .get(&format!("{}/corrections", post.path))
        .await;
    compared.assert_status(200);
    assert!(!compared.text().contains("Monday") && compared.all(".diff").is_empty());
}

#[actix_web::test]
async fn a_correction_goes_where_its_post_goes() {
    let (app, mut ann, post) = stage().await;
    save(&mut ann, &post.id, TUESDAY).await;
    correct(&mut ann, &post.id, "The day was wrong.", "on")
        .await
        .assert_status(303);
    let own = format!("{}/corrections", post.path);
    app.anonymous().get(&own).await.assert_status(200);
    assert!(
        app.anonymous()
            .get(AUTHORS)
            .await
            .text()
            .contains("The ferry")
    );
    ann.edit(&post.id, &[("unlisted", "on")], "publish")
        .await
        .assert_status(303);
    assert!(
        !app.anonymous()
            .get(AUTHORS)
            .await
            .text()
            .contains("The ferry")
    );
    app.anonymous().get(&own).await.assert_status(200);
    ann.post(&format!("/p/{}/unpublish", post.id), &[])
        .await
        .assert_status(303);
    app.anonymous().get(&own).await.assert_status(404);
    assert!(
        !app.anonymous()
            .get(AUTHORS)
            .await
            .text()
            .contains("The ferry")
    );
}

#[actix_web::test]
async fn a_correction_says_what_was_wrong_and_corrects_something() {
    let (app, mut ann, post) = stage().await;
    let refused = correct(&mut ann, &post.id, "Nothing.", "on").await;
    refused.assert_status(409);
    save(&mut ann, &post.id, TUESDAY).await;
    let empty = correct(&mut ann, &post.id, " \u{200b}", "").await;
    empty.assert_status(422);
    assert!(empty.one("#remark-error").contains("what was wrong"));
    assert_eq!(empty.attribute("[name=difference]", "checked"), None);
    let long = "x".repeat(501);
    let refused = correct(&mut ann, &post.id, &long, "on").await;
    refused.assert_status(422);
    assert_eq!(
        refused.attribute("#remark", "value").as_deref(),
        Some(long.as_str())
    );
    // The page was looked at before another save.
    let old = [
        ("version", "1"),
        ("remark", "The day."),
        ("difference", "on"),
    ];
    ann.post(&format!("/p/{}/correct", post.id), &old)
        .await
        .assert_status(409);
    assert_eq!(app.count("select count(*) from corrections").await, 0);
    // A second click finds that it is done.
    correct(&mut ann, &post.id, "The day.", "on")
        .await
        .assert_status(303);
    correct(&mut ann, &post.id, "The day.", "on")
        .await
        .assert_status(409);
    assert_eq!(app.count("select count(*) from corrections").await, 1);
    let mut owner = app.owner().await;
    let page = owner.publish_page("About", "We are here.").await;
    let again = [
        ("id", page.id.as_str()),
        ("kind", "page"),
        ("version", "1"),
        ("title", "About"),
        ("markdown", "We are there."),
        ("slug", "about"),
        ("action", "save"),
    ];
    owner
        .post(&format!("/p/{}/edit", page.id), &again)
        .await
        .assert_status(303);
    correct(&mut owner, &page.id, "The place.", "on")
        .await
        .assert_status(409);
}

#[actix_web::test]
async fn no_post_can_take_the_address_of_the_list() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let typed = ann
        .post(
            "/new",
            &[
                ("title", "A"),
                ("markdown", "x"),
                ("slug", "-"),
                ("action", "save"),
            ],
        )
        .await;
    assert_ne!(typed.status, 303);
    let post = ann.publish("-", "Dash.").await;
    assert_ne!(post.path, "/@ann/-");
    app.anonymous().get(AUTHORS).await.assert_status(200);
}
