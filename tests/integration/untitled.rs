//! Posts without a title: the heading that the text begins with stands for it, else the day leads to them and their first words
//! name them where something has to.

use std::time::Duration;

use serde_json::Value;

use crate::support::{Actor, PATIENCE, Published, Response, TestApp, until};

const HEADED: &str =
    "# A *day* out\n\nWe went to [the sea](#a-day-out).\n\n## Later\n\nHome again.";
const BARE: &str =
    "The kettle sings before anybody else in the house is up, and that is how it should be.";

async fn untitled(ann: &mut Actor, markdown: &str) -> Published {
    ann.publish_with(&[("markdown", markdown), ("tags", "notes")])
        .await
}

/// Every page that lists posts, with what stands in a feed beside it.
const LISTS: [&str; 4] = ["/", "/newest", "/@ann", "/t/notes"];

async fn month(app: &TestApp) -> Response {
    let path = chrono::Utc::now().format("/archive/%Y/%m").to_string();
    app.anonymous().get(&path).await
}

async fn feed_item(app: &TestApp) -> Value {
    let feed = app.anonymous().get("/feed.json").await.json();
    feed["items"][0].clone()
}

#[actix_web::test]
async fn the_heading_that_a_text_begins_with_stands_for_its_title() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = untitled(&mut ann, HEADED).await;
    assert_eq!(post.path, "/@ann/a-day-out");
    let page = app.anonymous().get(&post.path).await;
    assert_eq!(page.all("h1"), ["A day out"]);
    assert_eq!(page.attribute("h1", "id").as_deref(), Some("h-a-day-out"));
    assert_eq!(page.all(".prose h1, .prose h2"), ["Later"]);
    assert_eq!(page.one("title"), "A day out · Harbour");
    assert_eq!(
        page.attribute("meta[property='og:title']", "content")
            .as_deref(),
        Some("A day out")
    );
    for path in LISTS {
        let list = app.anonymous().get(path).await;
        assert_eq!(list.all(".h-entry .p-name"), ["A day out"], "{path}");
    }
    assert_eq!(month(&app).await.all(".h-entry .p-name"), ["A day out"]);
    let authors = app.anonymous().get("/authors").await;
    assert!(authors.text().contains(">A day out</a>"));
    let item = feed_item(&app).await;
    assert_eq!(item["title"], "A day out");
    assert!(!item["content_html"].as_str().unwrap().contains("<h1"));
    for path in ["/feed.atom", "/feed.rss"] {
        let feed = app.anonymous().get(path).await.text();
        assert!(feed.contains("<title>A day out</title>"), "{path}: {feed}");
    }
    let source = app.anonymous().get(&format!("{}.md", post.path)).await;
    assert_eq!(source.text(), HEADED);
    let editor = ann.get(&format!("/p/{}/edit", post.id)).await;
    assert_eq!(editor.field("title"), "");
    let preview = ann.get(&format!("/p/{}/preview", post.id)).await;
    assert_eq!(preview.all("h1"), ["A day out"]);
    assert!(
        ann.get("/dashboard")
            .await
            .text()
            .contains(">A day out</a>")
    );
}

#[actix_web::test]
async fn a_text_without_any_heading_is_known_by_its_day_and_its_first_words() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = untitled(&mut ann, BARE).await;
    assert!(
        post.path.starts_with("/@ann/the-kettle-sings-before"),
        "{}",
        post.path
    );
    let page = app.anonymous().get(&post.path).await;
    assert_eq!(page.all(".title"), [] as [&str; 0]);
    assert!(
        page.one("h1.sr").starts_with("Post of "),
        "{}",
        page.one("h1.sr")
    );
    let words = "The kettle sings before anybody else in the house is up";
    assert!(
        page.one("title").starts_with(words),
        "{}",
        page.one("title")
    );
    for path in LISTS {
        let list = app.anonymous().get(path).await;
        assert_eq!(list.all(".entry-title"), [] as [&str; 0], "{path}");
        assert_eq!(
            list.attribute(".h-entry .meta a.u-url", "href"),
            Some(post.path.clone()),
            "{path}"
        );
        assert!(list.one(".h-entry .deck").starts_with(words), "{path}");
    }
    assert!(month(&app).await.one(".p-name").starts_with(words));
    let atom = app.anonymous().get("/feed.atom").await.text();
    assert!(atom.contains(&format!("<title>{words}")), "{atom}");
    assert_eq!(feed_item(&app).await.get("title"), None);
    let rss = app.anonymous().get("/feed.rss").await.text();
    assert_eq!(rss.matches("<title>").count(), 1, "the feed's own: {rss}");
    for path in ["/dashboard", &format!("{}/comment", post.path)] {
        assert!(ann.get(path).await.text().contains(words), "{path}");
    }
}

#[actix_web::test]
async fn no_page_calls_a_public_post_untitled() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut paths: Vec<String> = LISTS.iter().map(|path| (*path).to_owned()).collect();
    for markdown in [HEADED, BARE, "![](https://example.org/a.png)", "> # Quoted"] {
        paths.push(untitled(&mut ann, markdown).await.path);
    }
    paths.extend(["/authors", "/feed.atom", "/feed.rss", "/feed.json"].map(str::to_owned));
    for path in paths {
        let page = app.anonymous().get(&path).await;
        page.assert_status(200);
        // Addresses of pictures alone still have the word.
        assert!(!page.text().contains("Untitled"), "{path}: {}", page.text());
    }
}

#[actix_web::test]
async fn a_title_of_its_own_leaves_the_text_as_it_is() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Mine", HEADED).await;
    let page = app.anonymous().get(&post.path).await;
    assert_eq!(page.all("h1.title"), ["Mine"]);
    assert_eq!(page.all(".prose h1"), ["A day out"]);
    ann.edit(&post.id, &[("title", "")], "publish").await;
    let page = app.anonymous().get(&post.path).await;
    assert_eq!(page.all("h1"), ["A day out"], "and its address stays");
}

#[actix_web::test]
async fn posts_of_before_get_their_heading_when_they_are_rendered_again() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = untitled(&mut ann, HEADED).await;
    sqlx::query("update post_bodies set heading = '', renderer_version = 4")
        .execute(&app.database)
        .await
        .unwrap();
    app.forget_pages();
    let list = app.anonymous().get("/newest").await;
    assert_eq!(list.all(".entry-title"), [] as [&str; 0]);
    let page = app.anonymous().get(&post.path).await;
    assert_eq!(
        page.all("h1"),
        ["A day out"],
        "its page has the text itself"
    );
    let worker = app.start_worker();
    until("the list has the heading", PATIENCE, async || {
        let list = app.anonymous().get("/newest").await;
        list.all(".entry-title") == ["A day out"]
    })
    .await;
    worker.stop().await;
    assert_eq!(app.cache().counters().drift.get(), 0);
}

/// A link without words could be neither seen nor followed.
#[actix_web::test]
async fn a_page_of_the_menu_without_a_title_is_named_by_its_text() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    for (slug, markdown) in [
        ("out", HEADED),
        ("kettle", BARE),
        ("line", "![](https://a.example/x.png)"),
    ] {
        let id = owner.get("/new?kind=page").await.field("id");
        let form = [
            ("id", id.as_str()),
            ("kind", "page"),
            ("version", "0"),
            ("action", "save"),
            ("slug", slug),
            ("menu_position", "1"),
            ("markdown", markdown),
        ];
        owner.post("/new", &form).await.assert_status(303);
        owner
            .post(&format!("/p/{id}/publish"), &[])
            .await
            .assert_status(303);
    }
    let front = app.anonymous().get("/").await;
    let menu = front.all(".site-menu li a");
    let names = &menu[menu.len() - 3..];
    assert_eq!(names[0], "A day out");
    assert!(names[1].starts_with("The kettle sings"), "{names:?}");
    assert_eq!(names[2], "line");
}

/// What the menu says of a page is made of its text, so it follows when that is rendered again.
#[actix_web::test]
async fn a_menu_follows_the_heading_of_a_page_that_is_rendered_again() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let id = owner.get("/new?kind=page").await.field("id");
    let form = [
        ("id", id.as_str()),
        ("kind", "page"),
        ("version", "0"),
        ("action", "save"),
        ("slug", "out"),
        ("menu_position", "1"),
        ("markdown", HEADED),
    ];
    owner.post("/new", &form).await.assert_status(303);
    let path = format!("/p/{id}/publish");
    owner.post(&path, &[]).await.assert_status(303);
    // As the release before wrote it.
    sqlx::query("update post_bodies set heading = '', renderer_version = 4")
        .execute(&app.database)
        .await
        .unwrap();
    app.forget_pages();
    let last = async || {
        let menu = app.anonymous().get("/").await.all(".site-menu li a");
        menu.last().cloned().unwrap()
    };
    assert!(last().await.starts_with("We went"), "{}", last().await);
    let worker = app.start_worker();
    let rendered = "select count(*) from post_bodies where heading = 'A day out'";
    until("it is rendered again", PATIENCE, async || {
        app.count(rendered).await == 1
    })
    .await;
    // By the invalidation that comes with it: after a minute every copy is made again anyway.
    let soon = Duration::from_secs(20);
    until("the menu names the page by its heading", soon, async || {
        last().await == "A day out"
    })
    .await;
    worker.stop().await;
}
