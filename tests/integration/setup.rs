use crate::support::{PASSWORD, TestApp};

#[actix_web::test]
async fn an_empty_site_leads_to_the_set_up_page_once() {
    let app = TestApp::empty().await;
    let mut visitor = app.anonymous();
    assert_eq!(visitor.get("/").await.location(), "/setup");
    visitor.get("/setup").await.assert_status(200);
    let wrong = [("site_name", "Harbour"), ("username", "ol ga"), ("email", "olga@example.org"), ("password", "x")];
    let again = visitor.post("/setup", &wrong).await;
    again.assert_status(422);
    assert_eq!(again.field("site_name"), "Harbour");
    app.set_up().await;
    visitor.get("/setup").await.assert_status(404);
    visitor
        .post("/setup", &[("site_name", "Mine"), ("username", "eve"), ("email", "e@example.org"), ("password", PASSWORD)])
        .await
        .assert_status(404);
    let front = visitor.get("/").await;
    front.assert_status(200);
    assert!(front.text().contains("Harbour"));
}

#[actix_web::test]
async fn two_visitors_at_once_make_one_owner() {
    let app = TestApp::empty().await;
    let tries = (0..4).map(|i| {
        let mut visitor = app.anonymous();
        async move {
            let (name, email) = (format!("owner{i}x"), format!("owner{i}@example.org"));
            visitor
                .post("/setup", &[("site_name", "Harbour"), ("username", &name), ("email", &email), ("password", PASSWORD)])
                .await
                .status
                .as_u16()
        }
    });
    let mut done = futures_util::future::join_all(tries).await;
    done.sort_unstable();
    assert_eq!(done, [303, 404, 404, 404]);
    assert_eq!(app.count("select count(*) from users where role = 'owner'").await, 1);
}

#[actix_web::test]
async fn sample_content_fills_every_page_and_goes_again() {
    let app = TestApp::empty().await;
    let mut owner = app.anonymous();
    let form =
        [("site_name", "Harbour"), ("username", "olga"), ("email", "olga@example.org"), ("password", PASSWORD), ("sample", "on")];
    owner.post("/setup", &form).await.assert_status(303);
    let mut reader = app.anonymous();
    for path in [
        "/",
        "/newest",
        "/t",
        "/@mira",
        "/about",
        "/about/imprint",
        "/@mira/a-tour-of-what-you-can-write",
        "/@ewan/how-far-can-you-see",
        "/@salma/rasail-lam-tuktab-bil-ajala",
        "/feed.atom",
        "/@mira/feed.json",
        "/sitemap.xml",
    ] {
        reader.get(path).await.assert_status(200);
    }
    assert!(reader.get("/@odile/winter-stores").await.status.as_u16() == 404, "drafts are nobody's");
    let counted = app.count("select sum(comment_count)::bigint from posts").await;
    assert_eq!(counted, app.count("select count(*) from comments where state = 'visible'").await);
    let tags = "select count(*) from tags t where post_count <> (select count(*) from post_tags p where p.tag_id = t.id and p.listed_at is not null)";
    assert_eq!(app.count(tags).await, 0);

    let removed = masthead::features::demo::remove(&app.db()).await.unwrap();
    assert_eq!(removed.texts, 20);
    assert_eq!(app.count("select count(*) from posts").await, 0);
    assert_eq!(app.count("select count(*) from users").await, 1);
    assert_eq!(app.count("select count(*) from tags where post_count <> 0").await, 0);
}
