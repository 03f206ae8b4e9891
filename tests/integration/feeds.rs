//! The nine feeds, read back as their readers do.

mod formats;
mod sitemap;

use actix_web::test::TestRequest;
use feed_rs::model::{Entry, Feed};
use scraper::{Html, Selector};

use crate::support::{Actor, PASSWORD, Response, TestApp};

const ORIGIN: &str = "http://blog.example";

/// Every feed of the site, of ann and of the tag bread.
const NINE: [&str; 9] = [
    "/feed.atom",
    "/feed.rss",
    "/feed.json",
    "/@ann/feed.atom",
    "/@ann/feed.rss",
    "/@ann/feed.json",
    "/t/bread/feed.atom",
    "/t/bread/feed.rss",
    "/t/bread/feed.json",
];

async fn fetch(app: &TestApp, path: &str) -> Response {
    let response = app.anonymous().get(path).await;
    response.assert_status(200);
    response
}

async fn parsed(app: &TestApp, path: &str) -> Feed {
    let response = fetch(app, path).await;
    feed_rs::parser::parse(&response.body[..])
        .unwrap_or_else(|e| panic!("{path}: {e}: {}", response.text()))
}

async fn the_entry(app: &TestApp, path: &str) -> Entry {
    let feed = parsed(app, path).await;
    let [entry] = <[Entry; 1]>::try_from(feed.entries)
        .unwrap_or_else(|e| panic!("{path} has {} entries", e.len()));
    entry
}

fn title(entry: &Entry) -> &str {
    &entry.title.as_ref().unwrap().content
}

fn html(entry: &Entry) -> &str {
    entry
        .content
        .as_ref()
        .and_then(|c| c.body.as_deref())
        .unwrap()
}

/// Programs know an entry by its id alone: were another one written, every post would come again as new.
#[actix_web::test]
async fn ids_of_entries_are_what_they_always_were() {
    let app = TestApp::new().await;
    bread(&mut app.author("ann").await).await;
    sqlx::query("update posts set public_id = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'")
        .execute(&app.database)
        .await
        .unwrap();
    app.forget_pages();
    let atom = "<id>urn:uuid:019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071</id>";
    let rss = "<guid isPermaLink=\"false\">urn:uuid:019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071</guid>";
    let json = "\"id\":\"urn:uuid:019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071\"";
    for (path, literal) in NINE.iter().zip([atom, rss, json].iter().cycle()) {
        assert!(fetch(&app, path).await.text().contains(literal), "{path}");
    }
}

/// Makes the past of a site long enough that a change now is a later second.
async fn a_day_later(app: &TestApp) {
    sqlx::query("update posts set changed_at = changed_at - interval '1 day', published_at = published_at - interval '1 day'")
        .execute(&app.database)
        .await
        .unwrap();
}

/// Publishes a post with the tag bread; its id and path.
async fn bread(ann: &mut Actor) -> (String, String) {
    let post = ann
        .publish_with(&[
            ("title", "Bread at sea"),
            ("markdown", "Rye keeps."),
            ("tags", "Bread"),
        ])
        .await;
    (post.id, post.path)
}

#[actix_web::test]
async fn nine_feeds_tell_the_same_of_a_post() {
    let app = TestApp::new().await;
    let mut ben = app.author("ben").await;
    let mut ann = app.author("ann").await;
    let fields = [
        ("title", "Salt & <rye>"),
        ("markdown", "The *whole* text.\n\nIts second paragraph."),
        ("excerpt", "What 1 < 2 & ]]> mean"),
        ("tags", "Bread, Slow food"),
        ("authors", "ann, ben"),
    ];
    let post = ann.publish_with(&fields).await;
    ben.accept(&post.id).await;
    a_day_later(&app).await;
    let published = app
        .text("select date_trunc('second', published_at)::text from posts")
        .await;
    for path in NINE {
        let entry = the_entry(&app, path).await;
        assert_eq!(entry.id, format!("urn:uuid:{}", post.id), "{path}");
        assert_eq!(title(&entry), "Salt & <rye>", "{path}");
        assert_eq!(
            entry.links[0].href,
            format!("{ORIGIN}{}", post.path),
            "{path}"
        );
        assert!(
            html(&entry).contains("<em>whole</em>") && html(&entry).contains("second paragraph"),
            "{path}"
        );
        let at = entry.published.unwrap();
        assert_eq!(
            published,
            at.format("%Y-%m-%d %H:%M:%S+00").to_string(),
            "{path}"
        );
        assert_eq!(entry.updated, Some(at), "{path}");
        let names: Vec<_> = entry
            .authors
            .iter()
            .map(|a| a.name.as_deref().unwrap_or_default())
            .collect();
        assert_eq!(names, ["ann", "ben"], "{path}");
        let tags: Vec<_> = entry
            .categories
            .iter()
            .map(|c| c.label.as_deref().unwrap_or(&c.term))
            .collect();
        assert_eq!(tags, ["Bread", "Slow food"], "{path}");
        let summary = entry
            .summary
            .unwrap()
            .content
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&");
        assert_eq!(summary, "What 1 < 2 & ]]> mean", "{path}");
    }
}

#[actix_web::test]
async fn a_comment_moves_no_feed() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let (_, post) = bread(&mut ann).await;
    a_day_later(&app).await;
    app.forget_pages();
    let mut before = Vec::new();
    for path in NINE {
        before.push(fetch(&app, path).await.body);
    }
    ann.post(
        &format!("{post}/comment"),
        &[("markdown", "Rye keeps longest.")],
    )
    .await
    .assert_status(303);
    app.forget_pages();
    for (path, before) in NINE.iter().zip(before) {
        assert!(fetch(&app, path).await.body == before, "{path}");
    }
}

#[actix_web::test]
async fn ids_outlive_titles_addresses_and_handles() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let (post, _) = bread(&mut ann).await;
    let before = parsed(&app, "/@ann/feed.atom").await;
    ann.edit(&post, &[("title", "Rye"), ("slug", "rye")], "publish")
        .await
        .assert_status(303);
    let account = [
        ("username", "anna"),
        ("email", "person1@example.org"),
        ("current_password", PASSWORD),
    ];
    ann.post("/settings/account", &account)
        .await
        .assert_status(303);
    for format in ["atom", "rss", "json", "xml"] {
        let moved = app.anonymous().get(&format!("/@ann/feed.{format}")).await;
        moved.assert_status(301);
        assert_eq!(moved.location(), format!("/@anna/feed.{format}"));
    }
    let after = parsed(&app, "/@anna/feed.atom").await;
    assert_eq!(after.id, before.id);
    assert_eq!(title(&after.entries[0]), "Rye");
    assert_eq!(
        after.entries[0].links[0].href,
        format!("{ORIGIN}/@anna/rye")
    );
    for path in NINE.map(|p| p.replace("@ann", "@anna")) {
        assert_eq!(
            the_entry(&app, &path).await.id,
            format!("urn:uuid:{}", post),
            "{path}"
        );
    }
}

#[actix_web::test]
async fn updated_moves_with_public_edits_only() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let (post, _) = bread(&mut ann).await;
    a_day_later(&app).await;
    let mut bodies = Vec::new();
    for path in NINE {
        bodies.push(fetch(&app, path).await.body);
    }
    let first = the_entry(&app, "/feed.atom").await;
    ann.edit(
        &post,
        &[("title", "Not yet"), ("markdown", "Not yet.")],
        "save",
    )
    .await
    .assert_status(303);
    for (path, body) in NINE.into_iter().zip(&bodies) {
        assert!(
            fetch(&app, path).await.body == *body,
            "{path} shows a change that nobody published"
        );
    }
    ann.post(&format!("/p/{}/publish", post), &[])
        .await
        .assert_status(303);
    for path in NINE {
        let entry = the_entry(&app, path).await;
        assert!(entry.updated > first.updated, "{path}");
        assert_eq!(entry.published, first.published, "{path}");
        assert_eq!(title(&entry), "Not yet", "{path}");
    }
    let feed = parsed(&app, "/feed.atom").await;
    assert_eq!(feed.updated, feed.entries[0].updated);
}

#[actix_web::test]
async fn only_what_is_listed_stands_in_feeds() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let (shown, _) = bread(&mut ann).await;
    let tagged = |title| [("title", title), ("markdown", "Text."), ("tags", "Bread")];
    ann.draft(&tagged("A draft")).await;
    let [a, b, c] = tagged("Unlisted");
    ann.publish_with(&[a, b, c, ("unlisted", "on")]).await;
    let trashed = ann.publish_with(&tagged("Trashed")).await;
    ann.post(&format!("/p/{}/trash", trashed.id), &[])
        .await
        .assert_status(303);
    let taken_back = ann.publish_with(&tagged("Taken back")).await;
    ann.post(&format!("/p/{}/unpublish", taken_back.id), &[])
        .await
        .assert_status(303);
    for path in NINE {
        assert_eq!(
            the_entry(&app, path).await.id,
            format!("urn:uuid:{}", shown),
            "{path}"
        );
    }
    ann.post(&format!("/p/{}/restore", trashed.id), &[])
        .await
        .assert_status(303);
    let ids: Vec<_> = parsed(&app, "/feed.atom")
        .await
        .entries
        .into_iter()
        .map(|e| e.id)
        .collect();
    assert_eq!(
        ids,
        [&trashed.id, &shown].map(|id| format!("urn:uuid:{id}")),
        "newest first"
    );
}

#[actix_web::test]
async fn links_and_pictures_are_whole_addresses() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let markdown = "[tag](/t/bread) [near](other) ![p](/p.png) [far](https://far.example/x?a=1&b=2)[^1]\n\n[^1]: A note.\n";
    let fields = [
        ("title", "Linked"),
        ("markdown", markdown),
        ("tags", "Bread"),
        ("cover_url", "https://far.example/cover.jpg?a=1&b=2"),
        ("cover_alt", "A \"loaf\""),
    ];
    let post = ann.publish_with(&fields).await;
    for path in NINE {
        let entry = the_entry(&app, path).await;
        let document = Html::parse_fragment(html(&entry));
        let values = |selector: &str, name: &str| -> Vec<String> {
            let selector = Selector::parse(selector).unwrap();
            document
                .select(&selector)
                .map(|e| e.value().attr(name).unwrap().to_owned())
                .collect()
        };
        assert_eq!(
            values("img", "src"),
            [
                "https://far.example/cover.jpg?a=1&b=2",
                "http://blog.example/p.png"
            ],
            "{path}"
        );
        assert_eq!(values("img", "alt")[0], "A \"loaf\"", "{path}");
        let links = values("a", "href");
        assert_eq!(
            links[..2],
            [
                "http://blog.example/t/bread",
                "http://blog.example/@ann/other"
            ],
            "{path}"
        );
        assert!(
            links.contains(&"https://far.example/x?a=1&b=2".to_owned()),
            "{path}: {links:?}"
        );
        assert!(
            links.contains(&format!("{ORIGIN}{}#fn-1", post.path)),
            "{path}: {links:?}"
        );
        assert!(
            links.iter().all(|l| l.starts_with("http")),
            "{path}: {links:?}"
        );
    }
}

#[actix_web::test]
async fn signs_that_xml_forbids_spoil_no_feed() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    bread(&mut ann).await;
    // Older texts and imports may hold what forms refuse.
    sqlx::query("update posts set title = E'a\\u0001b', description = E'c\\u000bd'")
        .execute(&app.database)
        .await
        .unwrap();
    sqlx::query("update post_bodies set html = E'<p>e\\u001ff\\uffff</p>'")
        .execute(&app.database)
        .await
        .unwrap();
    for path in NINE {
        let entry = the_entry(&app, path).await;
        let summary = entry.summary.as_ref().unwrap().content.as_str();
        assert_eq!(
            (title(&entry), summary, html(&entry)),
            ("ab", "cd", "<p>ef</p>"),
            "{path}"
        );
    }
}

#[actix_web::test]
async fn a_post_without_a_title_is_called_by_its_text() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    ann.publish_with(&[
        ("title", ""),
        ("markdown", "Only a thought."),
        ("tags", "Bread"),
    ])
    .await;
    for path in NINE {
        let entry = the_entry(&app, path).await;
        let title = entry.title.as_ref().map(|title| title.content.as_str());
        // Atom asks for one, the others leave it out.
        let expected = path.ends_with(".atom").then_some("Only a thought.");
        assert_eq!(title, expected, "{path}");
    }
}

#[actix_web::test]
async fn a_feed_holds_twenty_posts_and_a_bounded_amount_of_text() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    for number in 1..=21 {
        ann.publish(&format!("Number {number}"), "Text.").await;
    }
    let feed = parsed(&app, "/feed.json").await;
    let titles: Vec<_> = feed.entries.iter().map(title).collect();
    let expected: Vec<_> = (2..=21).rev().map(|n| format!("Number {n}")).collect();
    assert_eq!(titles, expected);
    sqlx::query("update post_bodies set html = repeat('x', 5000000)")
        .execute(&app.database)
        .await
        .unwrap();
    app.forget_pages();
    let entry = the_entry(&app, "/feed.json").await;
    assert_eq!(
        (title(&entry), html(&entry).len()),
        ("Number 21", 5_000_000),
        "the newest is whole, however long"
    );
}

#[actix_web::test]
async fn readers_that_have_a_feed_get_no_second_copy() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let (post, _) = bread(&mut ann).await;
    for path in NINE {
        let first = fetch(&app, path).await;
        let etag = first.header("etag").unwrap().to_owned();
        assert_eq!(
            first.header("cache-control"),
            Some("public, max-age=0, s-maxage=10, stale-if-error=86400"),
            "{path}"
        );
        assert_eq!(first.header("set-cookie"), None, "{path}");
        let again = ann
            .send(TestRequest::with_uri(path).insert_header(("if-none-match", etag.clone())))
            .await;
        again.assert_status(304);
        assert!(again.body.is_empty());
        let gzip = app.encoded(path, "gzip").await;
        assert_ne!(gzip.header("etag"), Some(etag.as_str()), "{path}");
    }
    let etag = fetch(&app, "/feed.rss")
        .await
        .header("etag")
        .unwrap()
        .to_owned();
    ann.post(&format!("/p/{}/trash", post), &[])
        .await
        .assert_status(303);
    let gone = app
        .anonymous()
        .send(TestRequest::with_uri("/feed.rss").insert_header(("if-none-match", etag)))
        .await;
    gone.assert_status(200);
}

#[actix_web::test]
async fn other_names_of_feeds_lead_to_them() {
    let app = TestApp::new().await;
    bread(&mut app.author("ann").await).await;
    for base in ["", "/@ann", "/t/bread"] {
        for (alias, name) in [
            ("feed", "feed.atom"),
            ("rss", "feed.rss"),
            ("feed.xml", "feed.atom"),
        ] {
            let moved = app.anonymous().get(&format!("{base}/{alias}")).await;
            moved.assert_status(301);
            assert_eq!(moved.location(), format!("{base}/{name}"));
        }
    }
    for (alias, name) in [
        ("/rss.xml", "/feed.rss"),
        ("/atom.xml", "/feed.atom"),
        ("/index.xml", "/feed.rss"),
    ] {
        let moved = app.anonymous().get(alias).await;
        moved.assert_status(301);
        assert_eq!(moved.location(), name);
    }
    let moved = app.anonymous().get("/t/Bread/feed.json").await;
    moved.assert_status(301);
    assert_eq!(moved.location(), "/t/bread/feed.json");
}

#[actix_web::test]
async fn feeds_of_nothing_are_not_found() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    ann.draft(&[
        ("title", "Plans"),
        ("markdown", "Text."),
        ("tags", "Secret plan"),
    ])
    .await;
    for path in [
        "/feed.pdf",
        "/feed.ATOM",
        "/@ann/feed.html",
        "/@nobody/feed.atom",
        "/t/none/feed.atom",
        "/t/secret-plan/feed.atom",
    ] {
        app.anonymous().get(path).await.assert_status(404);
    }
}

#[actix_web::test]
async fn a_site_without_posts_has_feeds_all_the_same() {
    let app = TestApp::empty().await;
    for path in ["/feed.atom", "/feed.rss", "/feed.json"] {
        let feed = parsed(&app, path).await;
        assert!(feed.entries.is_empty(), "{path}");
        assert!(feed.title.is_some_and(|t| !t.content.is_empty()), "{path}");
    }
}
