use actix_web::http::Method;
use actix_web::test::TestRequest;

use crate::support::TestApp;

#[actix_web::test]
async fn public_pages_are_the_same_bytes_for_everybody() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann
        .publish_with(&[("title", "Shared"), ("markdown", "a"), ("tags", "one")])
        .await;
    let mut owner = app.owner().await;
    for path in [
        "/",
        "/newest",
        "/@ann",
        "/t",
        "/t/one",
        &post.path,
        "/feed.atom",
    ] {
        let stranger = app.anonymous().get(path).await;
        stranger.assert_status(200);
        assert_eq!(
            stranger.header("cache-control"),
            Some("public, max-age=0, s-maxage=10, stale-if-error=86400"),
            "{path}"
        );
        assert_eq!(stranger.body, ann.get(path).await.body, "{path}");
        assert_eq!(stranger.body, owner.get(path).await.body, "{path}");
        assert!(!stranger.headers.contains_key("set-cookie"), "{path}");
    }
}

#[actix_web::test]
async fn conditional_requests_follow_the_rfc() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Cached", "a").await;
    for path in ["/", &post.path, "/feed.atom", "/@ann/feed.json"] {
        let mut tags = Vec::new();
        for encoding in ["identity", "gzip", "br"] {
            let request =
                || TestRequest::with_uri(path).insert_header(("accept-encoding", encoding));
            let whole = app.encoded(path, encoding).await;
            let etag = whole.header("etag").unwrap().to_owned();
            assert!(!etag.starts_with("W/"));
            assert_eq!(whole.header("vary"), Some("Accept-Encoding"));
            let again = app
                .call(request().insert_header(("if-none-match", etag.as_str())))
                .await;
            again.assert_status(304);
            assert!(again.body.is_empty());
            for kept in ["etag", "vary", "cache-control"] {
                assert_eq!(again.header(kept), whole.header(kept), "{path} {kept}");
            }
            app.call(request().insert_header(("if-none-match", "\"other\"")))
                .await
                .assert_status(200);
            tags.push(etag);
        }
        tags.dedup();
        assert_eq!(
            tags.len(),
            3,
            "each encoding is a representation of its own"
        );
    }
    let before = app
        .anonymous()
        .get(&post.path)
        .await
        .header("etag")
        .unwrap()
        .to_owned();
    ann.edit(&post.id, &[("markdown", "b")], "publish").await;
    let request =
        TestRequest::with_uri(&post.path).insert_header(("if-none-match", before.as_str()));
    app.call(request).await.assert_status(200);
}

#[actix_web::test]
async fn head_is_get_without_the_body() {
    let app = TestApp::new().await;
    let get = app.anonymous().get("/").await;
    let head = app
        .call(TestRequest::with_uri("/").method(Method::HEAD))
        .await;
    head.assert_status(200);
    assert_eq!(head.header("etag"), get.header("etag"));
}

#[actix_web::test]
async fn archives_are_walked_by_keyset_without_gaps() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann
        .publish_with(&[("title", "Seed"), ("markdown", "a"), ("tags", "one")])
        .await;
    // Forty-four copies, half of them in the same moment.
    sqlx::query(
        "with made as (
             insert into posts (public_id, kind, owner_id, title, slug, status, published_at, changed_at, listed_at)
             select gen_random_uuid(), 'post', owner_id, 'Copy ' || n, 'copy-' || n, 'published', at, at, at
             from posts, generate_series(1, 44) n, lateral (select now() - make_interval(mins => n / 2) as at) t
             where slug = 'seed' returning id, owner_id, listed_at),
         authored as (insert into post_authors (post_id, user_id, position, listed_at) select id, owner_id, 0, listed_at from made)
         insert into post_tags (post_id, tag_id, position, listed_at) select made.id, t.id, 0, listed_at from made, tags t",
    )
    .execute(&app.database)
    .await
    .unwrap();
    for list in ["/newest", "/@ann", "/t/one"] {
        let mut titles = Vec::new();
        let mut next = Some(list.to_owned());
        while let Some(path) = next {
            let page = app.anonymous().get(&path).await;
            page.assert_status(200);
            titles.extend(page.all(".h-entry .p-name"));
            assert!(titles.len() <= 45, "{list}: the pages do not end");
            next = page.attribute("a[rel=next]", "href");
        }
        let count = titles.len();
        titles.sort();
        titles.dedup();
        assert_eq!((count, titles.len()), (45, 45), "{list}: {}", post.path);
    }
    app.anonymous()
        .get("/newest?before=nonsense")
        .await
        .assert_status(404);
    // A date that no database holds, made by hand.
    app.anonymous()
        .get("/newest?before=gAAAAAAAAAAAAAAAAAAAAQ")
        .await
        .assert_status(404);
    app.anonymous()
        .get("/newest?before=%00")
        .await
        .assert_status(404);
}

#[actix_web::test]
async fn one_address_for_each_thing() {
    let app = TestApp::new().await;
    let mut ann = app.author("Ann").await;
    let post = ann
        .publish_with(&[
            ("title", "Hello"),
            ("markdown", "a"),
            ("tags", "Rust Lang"),
            ("slug", "before"),
        ])
        .await;
    ann.edit(
        &post.id,
        &[
            ("title", "Hello"),
            ("markdown", "a"),
            ("tags", "Rust Lang"),
            ("slug", "hello"),
        ],
        "publish",
    )
    .await
    .assert_status(303);
    let mut owner = app.owner().await;
    let page = owner.get("/new?kind=page").await.field("id");
    let form = [
        ("id", page.as_str()),
        ("kind", "page"),
        ("version", "0"),
        ("title", "About"),
        ("markdown", "x"),
        ("action", "save"),
    ];
    owner.post("/new", &form).await.assert_status(303);
    owner
        .post(&format!("/p/{page}/publish"), &[])
        .await
        .assert_status(303);
    let mut reader = app.anonymous();
    for (asked, canonical) in [
        ("/@ann", "/@Ann"),
        ("/@ANN/hello", "/@Ann/hello"),
        ("/newest/", "/newest"),
        ("/@Ann/hello/", "/@Ann/hello"),
        ("/t/Rust-Lang", "/t/rust-lang"),
        ("/@Ann/Hello", "/@Ann/hello"),
        ("/@ann/HELLO.md", "/@Ann/hello.md"),
        ("/@Ann/Before", "/@Ann/hello"),
        ("/@Ann/before.md", "/@Ann/hello.md"),
        ("/About", "/about"),
        ("/about?id=7", "/about"),
        ("/?p=7", "/"),
    ] {
        let moved = reader.get(asked).await;
        moved.assert_status(301);
        assert_eq!(moved.location(), canonical, "{asked}");
    }
}

/// A document has no head to say so.
#[actix_web::test]
async fn the_text_of_an_unlisted_post_is_not_for_search_engines() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    ann.publish_with(&[("title", "Hidden"), ("markdown", "a"), ("unlisted", "on")])
        .await;
    ann.publish_with(&[("title", "Seen"), ("markdown", "a")])
        .await;
    let mut reader = app.anonymous();
    assert_eq!(
        reader
            .get("/@ann/hidden.md")
            .await
            .assert_status(200)
            .header("x-robots-tag"),
        Some("noindex")
    );
    assert_eq!(
        reader
            .get("/@ann/seen.md")
            .await
            .assert_status(200)
            .header("x-robots-tag"),
        None
    );
}

#[actix_web::test]
async fn addresses_of_any_script_are_followed() {
    let app = TestApp::new().await;
    let mut author = app.author("Алексей").await;
    let post = author.publish("Привет", "a").await;
    let mut reader = app.anonymous();
    let moved = reader
        .get("/@%D0%B0%D0%BB%D0%B5%D0%BA%D1%81%D0%B5%D0%B9")
        .await;
    moved.assert_status(301);
    let target = moved.location().to_owned();
    assert!(
        target.is_ascii() && target.starts_with("/@%D0%90"),
        "{target}"
    );
    reader.get(&target).await.assert_status(200);
    reader.get(&post.path).await.assert_status(200);
}

#[actix_web::test]
async fn missing_things_help_and_carry_a_support_code() {
    let app = TestApp::new().await;
    let mut reader = app.anonymous();
    for (path, shared) in [
        ("/nothing", true),
        ("/@nobody", true),
        ("/@olga/nothing", true),
        ("/t/nothing", true),
        ("/p/0199aaaa-0000-7000-8000-000000000001", true),
        ("/p/nonsense", true),
        ("/assets/none.css", false),
    ] {
        let page = reader.get(path).await;
        page.assert_status(404);
        // What many people share says for a moment that nothing is there, and carries nobody's code.
        let kept = if shared {
            "public, max-age=0, s-maxage=10"
        } else {
            "private, no-store"
        };
        assert_eq!(page.header("cache-control"), Some(kept), "{path}");
        assert_eq!(
            page.text()
                .contains(page.header("x-correlation-id").unwrap()),
            !shared,
            "{path}"
        );
        assert!(
            page.attribute("main a", "href").is_some(),
            "{path} leads nowhere"
        );
    }
    let request =
        TestRequest::with_uri("/assets/none").insert_header(("accept", "application/json"));
    let json = reader.send(request).await;
    assert_eq!(
        json.json()["support_code"].as_str(),
        json.header("x-correlation-id")
    );
    app.call(
        TestRequest::with_uri("/newest")
            .method(Method::DELETE)
            .insert_header(("sec-fetch-site", "same-origin")),
    )
    .await
    .assert_status(405);
}

#[actix_web::test]
async fn every_answer_carries_the_security_headers() {
    let app = TestApp::with(|s| s.site_url = "https://blog.example".parse().unwrap()).await;
    app.set_up().await;
    for path in [
        "/",
        "/login",
        "/nothing",
        "/settings",
        "/feed.atom",
        "/me.json",
    ] {
        let page = app.anonymous().get(path).await;
        let csp = page.header("content-security-policy").unwrap();
        for part in [
            "default-src 'none'",
            "script-src 'self' 'sha256-",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(csp.contains(part), "{path} {csp}");
        }
        assert!(!csp.contains("unsafe"), "{csp}");
        assert_eq!(
            page.header("x-content-type-options"),
            Some("nosniff"),
            "{path}"
        );
        assert_eq!(
            page.header("cross-origin-opener-policy"),
            Some("same-origin")
        );
        assert_eq!(
            page.header("strict-transport-security"),
            Some("max-age=31536000")
        );
        assert!(page.header("permissions-policy").is_some());
        assert!(page.header("referrer-policy").is_some());
        assert!(page.header("x-written").is_none());
    }
    assert_eq!(
        app.anonymous()
            .get("/login")
            .await
            .header("referrer-policy"),
        Some("same-origin")
    );
    let plain = TestApp::new().await;
    assert!(
        plain
            .anonymous()
            .get("/")
            .await
            .header("strict-transport-security")
            .is_none()
    );
}

#[actix_web::test]
async fn the_inline_script_is_the_one_that_the_policy_names() {
    use sha2::Digest;
    let app = TestApp::new().await;
    let page = app.anonymous().get("/").await;
    let text = page.text();
    let script = text
        .split("<script>")
        .nth(1)
        .unwrap()
        .split("</script>")
        .next()
        .unwrap();
    let hash = data_encoding::BASE64.encode(&sha2::Sha256::digest(script));
    assert!(
        page.header("content-security-policy")
            .unwrap()
            .contains(&format!("'sha256-{hash}'"))
    );
}

#[actix_web::test]
async fn heads_tell_machines_what_a_post_is() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let fields = [
        ("title", "A \"quoted\" </script> title"),
        ("markdown", "Text of the post."),
        ("excerpt", "The deck."),
        ("tags", "one, two"),
        ("cover_url", "https://example.org/c.jpg"),
        ("cover_alt", "A cover"),
        ("language", "ar"),
    ];
    let post = ann.publish_with(&fields).await;
    let page = app.anonymous().get(&post.path).await;
    let meta = |name: &str| {
        page.attribute(
            &format!("meta[property='{name}'], meta[name='{name}']"),
            "content",
        )
    };
    assert_eq!(meta("og:type").as_deref(), Some("article"));
    assert_eq!(
        meta("og:title").as_deref(),
        Some("A \"quoted\" </script> title")
    );
    assert_eq!(
        meta("og:image").as_deref(),
        Some("https://example.org/c.jpg")
    );
    assert_eq!(meta("description").as_deref(), Some("The deck."));
    assert!(meta("twitter:card").is_some());
    assert_eq!(
        page.attribute("link[rel=canonical]", "href"),
        Some(format!("http://blog.example{}", post.path))
    );
    assert_eq!(
        page.attribute("article.h-entry", "dir")
            .as_deref()
            .or(page.attribute("html", "dir").as_deref()),
        Some("rtl")
    );
    let data: serde_json::Value =
        serde_json::from_str(&page.one_raw("script[type='application/ld+json']")).unwrap();
    assert_eq!(data["headline"], "A \"quoted\" </script> title");
    assert_eq!(data["author"][0]["url"], "http://blog.example/@ann");
    assert_eq!(
        page.all("link[rel=alternate]").len() % 3,
        0,
        "three feeds for each"
    );
    for class in [
        ".h-entry .p-name",
        ".h-entry .e-content",
        ".h-entry .dt-published",
        ".h-entry .p-author",
    ] {
        assert!(!page.all(class).is_empty(), "{class}");
    }
}

#[actix_web::test]
async fn assets_are_immutable_and_precompressed() {
    let app = TestApp::new().await;
    let page = app.anonymous().get("/").await;
    let path = page.attribute("link[rel=stylesheet]", "href").unwrap();
    let request = TestRequest::with_uri(&path).insert_header(("accept-encoding", "gzip, br"));
    let asset = app.call(request).await;
    asset.assert_status(200);
    assert_eq!(asset.header("content-encoding"), Some("br"));
    assert!(asset.header("cache-control").unwrap().contains("immutable"));
    let plain = app.anonymous().get(&path).await;
    assert!(plain.body.len() > asset.body.len() * 2);
}

/// Error pages ask no database: they bear the name that the pages before them had.
#[actix_web::test]
async fn error_pages_bear_the_name_of_the_site() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    app.anonymous().get("/").await.assert_status(200);
    let forbidden = [
        ("/admin/people", 403),
        ("/p/018f0000-0000-7000-8000-000000000000/edit", 404),
    ];
    for (path, status) in [("/nowhere", 404), ("/@nobody", 404)]
        .into_iter()
        .chain(forbidden)
    {
        let page = ann.get(path).await;
        page.assert_status(status);
        assert!(
            page.one("title").ends_with(" · Harbour"),
            "{path}: {}",
            page.one("title")
        );
        assert_eq!(page.one(".bar-name"), "Harbour");
    }
    let form = [
        ("name", "Haven"),
        ("language", "en"),
        ("sign_up", "open"),
        ("sign_up_role", "author"),
        ("comment_policy", "members"),
    ];
    app.owner()
        .await
        .post("/admin/site", &form)
        .await
        .assert_status(303);
    ann.get("/settings").await.assert_status(200);
    assert!(
        ann.get("/nobody-here")
            .await
            .one("title")
            .ends_with(" · Haven")
    );
}
