//! Smart punctuation through the public doors: what readers see is set, what was typed stays, and a changed choice reaches
//! everything that is there.

use masthead::features::demo;
use masthead::features::transfer::{Options, import_markdown};
use masthead::markdown::RENDERER_VERSION;

use crate::support::{Actor, PATIENCE, Published, TempDir, TestApp, until};

const TITLE: &str = "It's \"mine\" -- now";
const SET_TITLE: &str = "It’s “mine” – now";
const EXCERPT: &str = "A \"deck\"...";
const SET_EXCERPT: &str = "A “deck”…";
const TEXT: &str = "He said *\"no\"* -- `\"code\"`.";

fn site(choice: &'static str) -> Vec<(&'static str, &'static str)> {
    vec![
        ("name", "Harbour"),
        ("language", "en"),
        ("sign_up", "open"),
        ("sign_up_role", "author"),
        ("comment_policy", "members"),
        ("typography", choice),
    ]
}

async fn choose(app: &TestApp, choice: &'static str) {
    let mut owner = app.owner().await;
    owner
        .post("/admin/site", &site(choice))
        .await
        .assert_status(303);
}

async fn write(ann: &mut Actor) -> Published {
    let fields = [
        ("title", TITLE),
        ("excerpt", EXCERPT),
        ("markdown", TEXT),
        ("tags", "rust"),
    ];
    let post = ann.publish_with(&fields).await;
    comment(ann, &post.path, "Said \"here\"...").await;
    post
}

async fn comment(actor: &mut Actor, path: &str, markdown: &str) {
    let done = actor
        .post(&format!("{path}/comment"), &[("markdown", markdown)])
        .await;
    done.assert_status(303);
}

async fn add_page(app: &TestApp) {
    let mut owner = app.owner().await;
    let id = owner.get("/new?kind=page").await.field("id");
    let form = [
        ("id", id.as_str()),
        ("kind", "page"),
        ("version", "0"),
        ("title", "Who's \"we\"?"),
        ("slug", "about"),
        ("menu_position", "1"),
        ("markdown", "Us."),
        ("action", "save"),
    ];
    owner.post("/new", &form).await.assert_status(303);
    owner
        .post(&format!("/p/{id}/publish"), &[])
        .await
        .assert_status(303);
}

const PLACES: [&str; 8] = [
    "/",
    "/newest",
    "/@ann",
    "/t/rust",
    "/feed.atom",
    "/feed.rss",
    "/feed.json",
    "/about",
];

/// Where the page of the post, lists and feeds do not have the punctuation that was asked for.
async fn wrong(app: &TestApp, post: &Published, set: bool) -> Vec<&'static str> {
    let mut reader = app.anonymous();
    let page = reader.get(&post.path).await;
    let (title, deck) = if set {
        (SET_TITLE, SET_EXCERPT)
    } else {
        (TITLE, EXCERPT)
    };
    let (said, remark) = if set {
        ("<em>“no”</em> – <code", "Said “here”…")
    } else {
        ("<em>\"no\"</em> -- <code", "Said \"here\"...")
    };
    let card = page.attribute("meta[property='og:title']", "content");
    let mut found = vec![
        ("title", page.one("h1.title") == title),
        ("tab", page.one("title").starts_with(title)),
        ("deck", page.one(".deck") == deck),
        ("card", card.as_deref() == Some(title)),
        ("text", page.text().contains(said)),
        ("comment", page.text().contains(remark)),
    ];
    for path in PLACES {
        let text = reader.get(path).await.text();
        let names_post = text.contains("“mine”") == set || path == "/about";
        let names_page = text.contains("Who’s “we”?") == set || path.contains("feed");
        found.push((path, names_post && names_page));
    }
    let wrong = found.into_iter().filter(|(_, is_right)| !is_right);
    wrong.map(|(place, _)| place).collect()
}

/// Waits for what is rendered last with few requests: the thread that renders again has the lowest priority.
async fn until_set(app: &TestApp, post: &Published, set: bool) {
    let last = if set {
        "Said “here”…"
    } else {
        "Said \"here\"..."
    };
    until(
        "the comment is set as it was chosen",
        PATIENCE,
        async || app.anonymous().get(&post.path).await.text().contains(last),
    )
    .await;
    until("everything is set as it was chosen", PATIENCE, async || {
        wrong(app, post, set).await.is_empty()
    })
    .await;
}

#[actix_web::test]
async fn a_changed_choice_reaches_pages_lists_feeds_menu_and_comments() {
    let app = TestApp::new().await;
    choose(&app, "").await;
    let mut ann = app.author("ann").await;
    let post = write(&mut ann).await;
    add_page(&app).await;
    let second = app.second_node().await;
    for node in [&app, &second] {
        assert_eq!(wrong(node, &post, false).await, [""; 0]);
    }
    let before = app.anonymous().get(&post.path).await.text();
    let history = "select count(*)::text || max(changed_at)::text from posts cross join revisions";
    let written = app.text(history).await;
    let worker = app.start_worker();
    choose(&app, "on").await;
    for node in [&app, &second] {
        until_set(node, &post, true).await;
    }
    let editor = ann.get(&format!("/p/{}/edit", post.id)).await;
    assert_eq!(
        (editor.field("title"), editor.field("markdown")),
        (TITLE.to_owned(), TEXT.to_owned())
    );
    assert_eq!(app.text(history).await, written);
    choose(&app, "").await;
    for node in [&app, &second] {
        until_set(node, &post, false).await;
        until("its page is as it was", PATIENCE, async || {
            node.anonymous().get(&post.path).await.text() == before
        })
        .await;
    }
    worker.stop().await;
    let drift = [&app, &second].map(|node| node.cache().counters().drift.get());
    assert_eq!(drift, [0, 0], "a page changed without an invalidation");
}

#[actix_web::test]
async fn a_post_has_its_own_choice_and_its_own_language() {
    let app = TestApp::new().await;
    choose(&app, "").await;
    let mut ann = app.author("ann").await;
    let post = write(&mut ann).await;
    add_page(&app).await;
    let german = [("language", "de"), ("typography", "on")];
    ann.edit(&post.id, &german, "publish")
        .await
        .assert_status(303);
    let page = app.anonymous().get(&post.path).await;
    assert_eq!(page.one("h1.title"), "It’s „mine“ – now");
    assert!(page.text().contains("<em>„no“</em>"), "{}", page.text());
    let editor = ann.get(&format!("/p/{}/edit", post.id)).await;
    assert_eq!(
        editor
            .attribute("#typography option[selected]", "value")
            .as_deref(),
        Some("on")
    );
    // What is written under it from now on, and what was.
    comment(&mut ann, &post.path, "Still \"mine\".").await;
    let worker = app.start_worker();
    for said in ["Still „mine“.", "Said „here“…"] {
        until(said, PATIENCE, async || {
            app.anonymous().get(&post.path).await.text().contains(said)
        })
        .await;
    }
    let other = ann.publish("A \"b\"", "Some \"text\".").await;
    assert!(
        app.anonymous()
            .get(&other.path)
            .await
            .text()
            .contains("Some \"text\".")
    );
    choose(&app, "on").await;
    until("the other one follows the site", PATIENCE, async || {
        app.anonymous()
            .get(&other.path)
            .await
            .text()
            .contains("Some “text”.")
    })
    .await;
    worker.stop().await;
    let page = app.anonymous().get(&post.path).await;
    assert_eq!(page.one("h1.title"), "It’s „mine“ – now");
    ann.edit(&post.id, &[("typography", "off")], "publish")
        .await
        .assert_status(303);
    assert_eq!(app.anonymous().get(&post.path).await.one("h1.title"), TITLE);
    ann.edit(&post.id, &[("typography", "perhaps")], "publish")
        .await
        .assert_status(422);
}

#[actix_web::test]
async fn a_preview_shows_what_readers_will_get() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let form = [
        ("kind", "post"),
        ("title", TITLE),
        ("excerpt", EXCERPT),
        ("markdown", TEXT),
    ];
    let preview = ann.post("/preview", &form).await;
    assert_eq!(
        (preview.one("h1.title"), preview.one(".deck")),
        (SET_TITLE.to_owned(), SET_EXCERPT.to_owned())
    );
    assert_eq!(preview.field("title"), TITLE);
    let post = write(&mut ann).await;
    let said = [("markdown", "\"Well\""), ("action", "preview")];
    let preview = ann
        .post(&format!("{}/comment", post.path), &said)
        .await
        .text();
    assert!(preview.contains("“Well”"), "{preview}");
}

#[actix_web::test]
async fn what_was_rendered_before_the_choice_changed_is_rendered_again() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let folder = TempDir::new();
    std::fs::create_dir_all(folder.0.join("content/posts")).unwrap();
    let text = "---\ntitle: \"A 'b'\"\nlanguage: fr\ndate: 2019-01-01\n---\nIl dit \"non\".\n";
    std::fs::write(folder.0.join("content/posts/a.md"), text).unwrap();
    let actor = masthead::access::Actor::command("test");
    import_markdown(&app.db(), &folder.0, &Options::default(), &actor)
        .await
        .unwrap();
    write(&mut ann).await;
    let stale = "select (select count(*) from post_bodies b where typography <> post_typography(post_id) or renderer_version = 0)
                      + (select count(*) from comments c where typography <> post_typography(post_id) or renderer_version = 0)";
    assert_eq!(app.count(stale).await, 0);
    assert_eq!(
        app.text(
            "select string_agg(distinct typography, ' ' order by typography) from post_bodies"
        )
        .await,
        "en fr"
    );
    assert!(
        app.text("select html from post_bodies where typography = 'fr'")
            .await
            .contains("«\u{202f}non\u{202f}»")
    );
    assert_eq!(
        app.text("select string_agg(typeset_title, ' ' order by id) from posts")
            .await,
        "A “b” It’s “mine” – now"
    );
    // As a save that began before: the choice is another when it is written.
    let page = ann.get("/new").await;
    let trigger = "create function other_choice() returns trigger language plpgsql security definer as $$ begin
                       update site set typography = false; return new; end $$;
                   create trigger other_choice before insert on posts for each row execute function other_choice()";
    sqlx::raw_sql(trigger).execute(&app.database).await.unwrap();
    let id = page.field("id");
    let form = [
        ("id", id.as_str()),
        ("kind", "post"),
        ("version", "0"),
        ("title", "Late"),
        ("markdown", "\"Late\""),
        ("action", "save"),
    ];
    ann.post("/new", &form).await.assert_status(303);
    let late = "select b.renderer_version::text from post_bodies b join posts p on p.id = b.post_id where p.title = 'Late'";
    assert_eq!(app.text(late).await, "0");
    masthead::features::rerender::job::run(
        &app.db(),
        masthead::features::rerender::job::RenderAgain::ALL,
    )
    .await
    .unwrap();
    assert_eq!(app.text(late).await, RENDERER_VERSION.to_string());
    assert!(
        app.text("select html from post_bodies where html like '%Late%'")
            .await
            .contains("\"Late\"")
    );
}

#[actix_web::test]
async fn a_title_that_the_release_before_changes_is_shown() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = write(&mut ann).await;
    sqlx::query("update posts set title = 'Other \"words\"', excerpt = 'Another deck' where public_id = $1::uuid")
        .bind(&post.id)
        .execute(&app.database)
        .await
        .unwrap();
    app.forget_pages();
    let page = app.anonymous().get(&post.path).await;
    assert_eq!(
        (page.one("h1.title"), page.one(".deck")),
        ("Other \"words\"".to_owned(), "Another deck".to_owned())
    );
}

#[actix_web::test]
async fn new_sites_are_well_set_and_their_samples_too() {
    let app = TestApp::new().await;
    assert_eq!(app.text("select typography::text from site").await, "true");
    demo::load(&app.db(), &masthead::access::Actor::command("test"))
        .await
        .unwrap();
    // Code is in the texts as well.
    let straight =
        "select string_agg(coalesce(typeset_title, title) || ': ' || description, E'\\n') from posts
                    where coalesce(typeset_title, title) || description ~ '[\"'']|--|\\.\\.\\.'";
    assert_eq!(
        app.text(&*format!("select coalesce(({straight}), '')").leak())
            .await,
        ""
    );
    let stale = "select (select count(*) from post_bodies where renderer_version = 0)
                      + (select count(*) from comments where renderer_version = 0)";
    assert_eq!(app.count(stale).await, 0);
}
