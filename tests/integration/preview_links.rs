//! Links by which a text is read before it is public: what they show, and when they end.

use crate::support::{Actor, TestApp};

/// Makes a link to a text; gives its path.
async fn share(who: &mut Actor, id: &str) -> String {
    let page = who
        .post(&format!("/p/{id}/preview-links"), &[("days", "7")])
        .await;
    page.assert_status(200);
    let link = page.one(".note .code");
    link[link.find("/preview/").unwrap()..].to_owned()
}

async fn read(app: &TestApp, link: &str) -> u16 {
    app.anonymous().get(link).await.status.as_u16()
}

async fn draft(who: &mut Actor, title: &str) -> String {
    who.draft(&[("title", title), ("markdown", "Not *yet* public.")])
        .await
}

#[actix_web::test]
async fn who_has_the_link_reads_the_newest_text_and_no_cache_keeps_it() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let id = draft(&mut ann, "Shared").await;
    draft(&mut ann, "Secret").await;
    let link = share(&mut ann, &id).await;
    let page = app.anonymous().get(&link).await;
    page.assert_status(200);
    assert!(page.text().contains("Not <em>yet</em> public."));
    assert!(
        page.one(".note")
            .starts_with("A draft, shared with you by a link that holds until")
    );
    assert_eq!(page.header("cache-control"), Some("private, no-store"));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(page.header("x-robots-tag"), Some("noindex, nofollow"));
    let token = link.rsplit('/').next().unwrap();
    assert_eq!(token.len(), 22, "128 bits");
    assert!(!page.text().contains(token), "the page does not repeat it");
    // What is written afterwards, and nothing of what it was not made for.
    ann.edit(&id, &[("markdown", "Newer.")], "save")
        .await
        .assert_status(303);
    assert!(app.anonymous().get(&link).await.text().contains("Newer."));
    let stored = "select count(*) from preview_links where position($1::bytea in token_hash) > 0";
    let stored: i64 = sqlx::query_scalar(stored)
        .bind(token.as_bytes())
        .fetch_one(&app.database)
        .await
        .unwrap();
    assert_eq!(stored, 0, "only its hash is kept");
    for wrong in [
        "/preview/AAAAAAAAAAAAAAAAAAAAAA",
        &format!("{link}x"),
        &link.to_uppercase(),
    ] {
        assert_eq!(read(&app, wrong).await, 404, "{wrong}");
    }
    let list = ann.get(&format!("/p/{id}/preview-links")).await;
    assert!(!list.text().contains(token), "it is shown once");
    assert!(
        ann.get(&format!("/p/{id}/edit"))
            .await
            .links(".panel")
            .contains(&format!("/p/{id}/preview-links"))
    );
}

#[actix_web::test]
async fn a_link_ends_by_time_by_hand_and_in_the_trash() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let id = draft(&mut ann, "Shared").await;
    let (first, second) = (share(&mut ann, &id).await, share(&mut ann, &id).await);
    let listed = ann.get(&format!("/p/{id}/preview-links")).await;
    let revoke = listed.attribute(".rows form", "action").unwrap();
    ann.post(&revoke, &[]).await.assert_status(303);
    assert_eq!(
        (read(&app, &first).await, read(&app, &second).await),
        (200, 404)
    );
    ann.post(&revoke, &[]).await.assert_status(303); // once more
    sqlx::query("update preview_links set expires_at = now()")
        .execute(&app.database)
        .await
        .unwrap();
    assert_eq!(read(&app, &first).await, 404);
    let third = share(&mut ann, &id).await;
    ann.post(&format!("/p/{id}/trash"), &[])
        .await
        .assert_status(303);
    assert_eq!(read(&app, &third).await, 404);
    let mut ben = app.author("ben").await;
    ben.get(&format!("/p/{id}/preview-links"))
        .await
        .assert_status(404);
}

#[actix_web::test]
async fn once_the_text_was_public_its_links_lead_there_and_never_show_a_draft_again() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let id = draft(&mut ann, "Shared").await;
    let link = share(&mut ann, &id).await;
    let public = ann
        .post(&format!("/p/{id}/publish"), &[])
        .await
        .path()
        .to_owned();
    let moved = app.anonymous().get(&link).await;
    moved.assert_status(301);
    assert_eq!(moved.location(), public);
    ann.post(&format!("/p/{id}/unpublish"), &[])
        .await
        .assert_status(303);
    assert_eq!(read(&app, &link).await, 404);
    // A new one shows what is a draft now.
    let again = share(&mut ann, &id).await;
    assert_eq!(
        (read(&app, &link).await, read(&app, &again).await),
        (404, 200)
    );
}

#[actix_web::test]
async fn so_many_links_hold_at_a_time_and_for_so_many_days() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let id = draft(&mut ann, "Shared").await;
    for _ in 0..20 {
        share(&mut ann, &id).await;
    }
    let path = format!("/p/{id}/preview-links");
    let refused = ann.post(&path, &[("days", "1")]).await;
    refused.assert_status(422);
    assert!(refused.text().contains("There are 20 links already."));
    for days in ["0", "365", "", "a"] {
        let refused = ann.post(&path, &[("days", days)]).await;
        refused.assert_status(422);
        assert_eq!(refused.one("#days-error"), "Choose one of these.");
    }
    assert_eq!(app.count("select count(*) from preview_links").await, 20);
}

#[actix_web::test]
async fn a_link_gives_no_more_than_its_maker_may_see_now() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut ben = app.author("ben").await;
    let fields = [
        ("title", "Of two"),
        ("markdown", "Text."),
        ("authors", "ann, ben"),
    ];
    let id = ann.draft(&fields).await;
    ben.accept(&id).await;
    let of_ben = share(&mut ben, &id).await;
    let of_ann = share(&mut ann, &id).await;
    assert_eq!(
        (read(&app, &of_ben).await, read(&app, &of_ann).await),
        (200, 200)
    );
    ben.post(&format!("/p/{id}/byline/decline"), &[])
        .await
        .assert_status(303);
    assert_eq!(
        (read(&app, &of_ben).await, read(&app, &of_ann).await),
        (404, 200)
    );
}
