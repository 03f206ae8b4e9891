use masthead::db::audit::Origin;
use masthead::db::public_id;
use masthead::features::demo;

use crate::support::{Actor, PASSWORD, TestApp};

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
    with_sample(&app, "olga").await;
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

    let removed = demo::remove(&app.db()).await.unwrap();
    assert_eq!(removed.texts, 20);
    assert_eq!(app.count("select count(*) from posts").await, 0);
    assert_eq!(app.count("select count(*) from users").await, 1);
    assert_eq!(app.count("select count(*) from tags where post_count <> 0").await, 0);
}

/// Sets the site up with its sample content, and gives the owner.
async fn with_sample(app: &TestApp, username: &str) -> Actor {
    let mut owner = app.anonymous();
    let form = [
        ("site_name", "Harbour"),
        ("username", username),
        ("email", "olga@example.org"),
        ("password", PASSWORD),
        ("sample", "on"),
    ];
    owner.post("/setup", &form).await.assert_status(303);
    owner.named(username)
}

fn origin() -> Origin {
    Origin { actor_id: None, actor: "test".into(), client: None, correlation_id: public_id(), transaction_id: public_id() }
}

#[actix_web::test]
async fn removing_the_sample_keeps_what_people_made_their_own() {
    let app = TestApp::empty().await;
    let mut owner = with_sample(&app, "olga").await;
    let about = app.text("select public_id::text from posts where page_path = 'about'").await;
    let form = [
        ("id", about.as_str()),
        ("kind", "page"),
        ("version", "1"),
        ("title", "About us"),
        ("markdown", "We are three."),
        ("slug", "company"),
        ("action", "publish"),
    ];
    owner.post(&format!("/p/{about}/edit"), &form).await.assert_status(303);
    let id = owner.get("/new?kind=page").await.field("id");
    let form = [
        ("id", id.as_str()),
        ("kind", "page"),
        ("version", "0"),
        ("title", "Ours"),
        ("markdown", "x"),
        ("slug", "ours"),
        ("parent", "company/comments"),
        ("action", "save"),
    ];
    owner.post("/new", &form).await.assert_status(303);
    let removed = demo::remove(&app.db()).await.unwrap();
    assert_eq!(removed.texts, 18);
    assert_eq!(
        app.text("select string_agg(page_path, ' ' order by page_path) from posts").await,
        "company company/comments company/comments/ours"
    );
    assert_eq!(app.count("select count(*) from posts where kind = 'page' and parent_id is null").await, 1);
    assert_eq!(app.text("select string_agg(username, ' ' order by username) from users").await, "mira olga");
    let acts =
        "select string_agg(act || ' ' || actor || ' ' || (after ->> 'texts') || ' ' || (after ->> 'people'), ', ' order by id)
                from audit_log where act like 'demo.%'";
    assert_eq!(app.text(acts).await, "demo.load olga 20 11, demo.remove command line 18 10");
    assert_eq!(demo::load(&app.db(), &origin()).await.unwrap().texts, 18);
    app.anonymous().get("/company/imprint").await.assert_status(200);
}

#[actix_web::test]
async fn sample_texts_are_never_handed_to_a_real_account() {
    let app = TestApp::empty().await;
    with_sample(&app, "mira").await;
    assert_eq!(app.count("select count(*) from posts p join users u on u.id = p.owner_id where u.role = 'owner'").await, 0);
    app.anonymous().get("/@mira-2/a-tour-of-what-you-can-write").await.assert_status(200);
    let named = "select count(*) from revisions where details -> 'authors' ? 'mira'";
    assert_eq!(app.count(named).await, 0);
    assert_eq!(
        app.count("select count(*) from audit_log where actor_id is not null and act similar to '(post|comment).%'").await,
        0
    );
    let again = demo::load(&app.db(), &origin()).await.unwrap();
    assert_eq!((again.texts, again.people), (0, 0));
    demo::remove(&app.db()).await.unwrap();
    assert_eq!(app.text("select string_agg(username, ' ') from users").await, "mira");
}
