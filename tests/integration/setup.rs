use masthead::features::demo;

use std::net::SocketAddr;

use actix_web::http::Method;
use actix_web::test::TestRequest;

use crate::support::{Actor, PASSWORD, PATIENCE, Response, Served, TestApp, free_port, until};

#[actix_web::test]
async fn an_empty_site_leads_to_the_set_up_page_once() {
    let app = TestApp::empty().await;
    let mut visitor = app.anonymous();
    assert_eq!(visitor.get("/").await.location(), "/setup");
    let page = visitor.get("/setup").await;
    // Nothing else would answer.
    assert_eq!(page.assert_status(200).links("header"), [""; 0]);
    let code = app.set_up_code();
    let wrong = [
        ("code", code.as_str()),
        ("site_name", "Harbour"),
        ("username", "ol ga"),
        ("email", "olga@example.org"),
        ("password", "x"),
    ];
    let again = visitor.post("/setup", &wrong).await;
    again.assert_status(422);
    assert_eq!(again.field("site_name"), "Harbour");
    app.set_up().await;
    visitor.get("/setup").await.assert_status(404);
    let late = [
        ("code", code.as_str()),
        ("site_name", "Mine"),
        ("username", "eve"),
        ("email", "e@example.org"),
        ("password", PASSWORD),
    ];
    visitor.post("/setup", &late).await.assert_status(404);
    let front = visitor.get("/").await;
    front.assert_status(200);
    assert!(front.text().contains("Harbour"));
}

/// The set-up form from a browser at this address, for this name, perhaps by way of a proxy that left this header.
async fn set_up_from(
    app: &TestApp,
    peer: &str,
    host: &str,
    trace: Option<&str>,
    code: &str,
) -> Response {
    let form = [
        ("code", code),
        ("site_name", "Mine"),
        ("username", "eve"),
        ("email", "e@example.org"),
        ("password", PASSWORD),
    ];
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let mut request = TestRequest::with_uri("/setup")
        .method(Method::POST)
        .insert_header(("content-type", "application/x-www-form-urlencoded"))
        .insert_header(("sec-fetch-site", "same-origin"))
        .insert_header(("host", host))
        .peer_addr(SocketAddr::new(peer.parse().unwrap(), 4711))
        .set_payload(body);
    if let Some(name) = trace {
        request = request.insert_header((name, "127.0.0.1"));
    }
    app.call(request).await
}

#[actix_web::test]
async fn only_a_visitor_with_the_code_becomes_the_owner() {
    for (site, peer, host, trace) in [
        ("https://blog.example", "203.0.113.9", "blog.example", None),
        // Through a proxy on this machine, also one that asks for its own name and leaves no trace.
        ("https://blog.example", "127.0.0.1", "blog.example", None),
        ("https://blog.example", "127.0.0.1", "localhost:8080", None),
        (
            "http://localhost:8080",
            "127.0.0.1",
            "localhost:8080",
            Some("x-forwarded-for"),
        ),
        (
            "http://localhost:8080",
            "127.0.0.1",
            "localhost:8080",
            Some("x-forwarded-proto"),
        ),
        (
            "http://localhost:8080",
            "127.0.0.1",
            "localhost:8080",
            Some("forwarded"),
        ),
        (
            "http://localhost:8080",
            "127.0.0.1",
            "localhost:8080",
            Some("x-real-ip"),
        ),
        (
            "http://localhost:8080",
            "127.0.0.1",
            "localhost:8080",
            Some("via"),
        ),
        // From another machine, and by a name that another machine's page made mean this one.
        (
            "http://localhost:8080",
            "203.0.113.9",
            "localhost:8080",
            None,
        ),
        ("http://localhost:8080", "127.0.0.1", "evil.example", None),
        (
            "http://localhost:8080",
            "127.0.0.1",
            "localhost.evil.example:8080",
            None,
        ),
    ] {
        let app = TestApp::with(|s| s.site_url = site.parse().unwrap()).await;
        let right = app.set_up_code();
        let full = app.fill_password_queue().await;
        for wrong in ["", "aaaaaaaaaaaaaaaaaaaaaaaaaa", &right[..24]] {
            let refused = set_up_from(&app, peer, host, trace, wrong).await;
            refused.assert_status(422);
            assert_eq!(
                refused.attribute("[name=code]", "aria-invalid").as_deref(),
                Some("true"),
                "{peer} {host} {trace:?}"
            );
            assert_eq!(refused.field("site_name"), "Mine");
        }
        drop(full);
        set_up_from(&app, peer, host, trace, &right)
            .await
            .assert_status(303);
        set_up_from(&app, peer, host, trace, &right)
            .await
            .assert_status(404);
    }
}

#[actix_web::test]
async fn on_this_machine_no_code_is_asked_for() {
    for (site, peer, host) in [
        ("http://localhost:8080", "127.0.0.1", "localhost:8080"),
        ("http://localhost:8080", "::1", "localhost:8080"),
        ("http://127.0.0.1:8080", "127.0.0.1", "127.0.0.1:8080"),
        ("http://[::1]:8080", "::1", "[::1]:8080"),
    ] {
        let app = TestApp::with(|s| s.site_url = site.parse().unwrap()).await;
        let request = TestRequest::with_uri("/setup")
            .insert_header(("host", host))
            .peer_addr(SocketAddr::new(peer.parse().unwrap(), 4711));
        let form = app.call(request).await;
        form.assert_status(200);
        assert!(form.attribute("[name=code]", "name").is_none(), "{site}");
        set_up_from(&app, peer, host, None, "")
            .await
            .assert_status(303);
    }
}

#[actix_web::test]
async fn every_node_prints_the_same_code_until_there_is_an_owner() {
    let app = TestApp::empty().await;
    let settings = [("MASTHEAD_SECRET", "one secret of both nodes of this test")];
    let nodes = [
        Served::start(&app, free_port(), &settings),
        Served::start(&app, free_port(), &settings),
    ];
    let printed = |node: &Served| {
        let log = node.log();
        let code = log.split_once("http://blog.example/setup?code=")?.1;
        Some(code.split_whitespace().next()?.to_owned())
    };
    until("both have printed it", PATIENCE, async || {
        nodes.iter().all(|node| printed(node).is_some())
    })
    .await;
    let code = printed(&nodes[0]).unwrap();
    assert_eq!(printed(&nodes[1]).unwrap(), code);
    let mut owner = app.through(nodes[1].port).anonymous();
    let page = owner.get(&format!("/setup?code={code}")).await;
    assert_eq!(
        (page.field("code"), page.field("sign_up")),
        (code.clone(), "invite".to_owned())
    );
    assert_eq!(
        page.attribute("[name=code]", "type").as_deref(),
        Some("hidden"),
        "it came with the link"
    );
    let form = [
        ("code", code.as_str()),
        ("site_name", "Harbour"),
        ("username", "olga"),
        ("email", "o@example.org"),
        ("password", PASSWORD),
    ];
    owner.post("/setup", &form).await.assert_status(303);
}

#[actix_web::test]
async fn before_there_is_an_owner_no_one_signs_up_and_then_by_invitation_as_readers() {
    let app = TestApp::empty().await;
    let mut stranger = app.anonymous();
    let join = [
        ("username", "eve"),
        ("email", "eve@example.org"),
        ("password", PASSWORD),
    ];
    let waiting = stranger.get("/signup").await;
    waiting.assert_status(403);
    assert!(waiting.one(".empty").contains("no owner yet"));
    let full = app.fill_password_queue().await;
    stranger.post("/signup", &join).await.assert_status(403);
    drop(full);
    assert_eq!(app.count("select count(*) from users").await, 0);
    let code = app.set_up_code();
    let mut owner = stranger.clone();
    let form = [
        ("code", code.as_str()),
        ("site_name", "H"),
        ("username", "olga"),
        ("email", "o@example.org"),
        ("password", PASSWORD),
    ];
    let odd = owner
        .post("/setup", &[&form[..], &[("sign_up", "everybody")]].concat())
        .await;
    odd.assert_status(422);
    owner.post("/setup", &form).await.assert_status(303);
    assert_eq!(
        app.text("select sign_up || ' ' || sign_up_role from site")
            .await,
        "invite reader"
    );
    stranger.get("/signup").await.assert_status(403);
    stranger.post("/signup", &join).await.assert_status(422);
}

#[actix_web::test]
async fn two_visitors_at_once_make_one_owner() {
    let app = TestApp::empty().await;
    let tries = (0..4).map(|i| {
        let mut visitor = app.anonymous();
        let code = app.set_up_code();
        async move {
            let (name, email) = (format!("owner{i}x"), format!("owner{i}@example.org"));
            let form = [
                ("code", code.as_str()),
                ("site_name", "H"),
                ("username", &name),
                ("email", &email),
                ("password", PASSWORD),
            ];
            visitor.post("/setup", &form).await.status.as_u16()
        }
    });
    let mut done = futures_util::future::join_all(tries).await;
    done.sort_unstable();
    assert_eq!(done, [303, 404, 404, 404]);
    assert_eq!(
        app.count("select count(*) from users where role = 'owner'")
            .await,
        1
    );
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
    assert!(
        reader.get("/@odile/winter-stores").await.status.as_u16() == 404,
        "drafts are nobody's"
    );
    let counted = app
        .count("select sum(comment_count)::bigint from posts")
        .await;
    assert_eq!(
        counted,
        app.count("select count(*) from comments where state = 'visible'")
            .await
    );
    let tags = "select count(*) from tags t where post_count <> (select count(*) from post_tags p where p.tag_id = t.id and p.listed_at is not null)";
    assert_eq!(app.count(tags).await, 0);

    // The lists of posts around posts do not wait for the next round.
    let asked = "select string_agg(kind, ' ' order by kind) from jobs where kind in ('posts.relate', 'posts.offer')";
    assert_eq!(app.text(asked).await, "posts.offer posts.relate");

    let removed = demo::remove(&app.db(), &actor()).await.unwrap();
    assert_eq!(removed.texts, 20);
    assert_eq!(app.count("select count(*) from posts").await, 0);
    assert_eq!(app.count("select count(*) from users").await, 1);
    assert_eq!(
        app.count("select count(*) from tags where post_count <> 0")
            .await,
        0
    );
}

/// Sets the site up with its sample content, and gives the owner.
async fn with_sample(app: &TestApp, username: &str) -> Actor {
    let mut owner = app.anonymous();
    let code = app.set_up_code();
    let form = [
        ("code", code.as_str()),
        ("site_name", "Harbour"),
        ("username", username),
        ("email", "olga@example.org"),
        ("password", PASSWORD),
        ("sample", "on"),
    ];
    owner.post("/setup", &form).await.assert_status(303);
    owner.named(username)
}

fn actor() -> masthead::access::Actor {
    masthead::access::Actor::command("command line")
}

#[actix_web::test]
async fn removing_the_sample_keeps_what_people_made_their_own() {
    let app = TestApp::empty().await;
    let mut owner = with_sample(&app, "olga").await;
    let about = app
        .text("select public_id::text from posts where page_path = 'about'")
        .await;
    let form = [
        ("id", about.as_str()),
        ("kind", "page"),
        ("version", "1"),
        ("title", "About us"),
        ("markdown", "We are three."),
        ("slug", "company"),
        ("action", "publish"),
    ];
    owner
        .post(&format!("/p/{about}/edit"), &form)
        .await
        .assert_status(303);
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
    let removed = demo::remove(&app.db(), &actor()).await.unwrap();
    assert_eq!(removed.texts, 18);
    assert_eq!(
        app.text("select string_agg(page_path, ' ' order by page_path) from posts")
            .await,
        "company company/comments company/comments/ours"
    );
    assert_eq!(
        app.count("select count(*) from posts where kind = 'page' and parent_id is null")
            .await,
        1
    );
    assert_eq!(
        app.text("select string_agg(username, ' ' order by username) from users")
            .await,
        "mira olga"
    );
    let acts =
        "select string_agg(act || ' ' || actor || ' ' || (after ->> 'texts') || ' ' || (after ->> 'people'), ', ' order by id)
                from audit_log where act like 'demo.%'";
    assert_eq!(
        app.text(acts).await,
        "demo.load olga 20 11, demo.remove command line 18 10"
    );
    assert_eq!(demo::load(&app.db(), &actor()).await.unwrap().texts, 18);
    app.anonymous()
        .get("/company/imprint")
        .await
        .assert_status(200);
}

#[actix_web::test]
async fn sample_texts_are_never_handed_to_a_real_account() {
    let app = TestApp::empty().await;
    with_sample(&app, "mira").await;
    assert_eq!(
        app.count(
            "select count(*) from posts p join users u on u.id = p.owner_id where u.role = 'owner'"
        )
        .await,
        0
    );
    app.anonymous()
        .get("/@mira-2/a-tour-of-what-you-can-write")
        .await
        .assert_status(200);
    let named = "select count(*) from revisions where details -> 'authors' ? 'mira'";
    assert_eq!(app.count(named).await, 0);
    assert_eq!(
        app.count("select count(*) from audit_log where actor_id is not null and act similar to '(post|comment).%'").await,
        0
    );
    let again = demo::load(&app.db(), &actor()).await.unwrap();
    assert_eq!((again.texts, again.people), (0, 0));
    demo::remove(&app.db(), &actor()).await.unwrap();
    assert_eq!(
        app.text("select string_agg(username, ' ') from users")
            .await,
        "mira"
    );
}
