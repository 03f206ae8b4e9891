//! Duplicates and templates: new drafts from old texts.

use crate::support::{Actor, Response, TestApp};

async fn editor(by: &mut Actor, path: &str) -> Response {
    let page = by.get(path).await;
    page.assert_status(200);
    page
}

const FIELDS: [(&str, &str); 9] = [
    ("title", "On tides"),
    ("markdown", "The *moon* pulls."),
    ("slug", "tides"),
    ("tags", "sea, moon"),
    ("excerpt", "About the sea."),
    ("language", "en"),
    ("canonical_url", "https://example.org/tides"),
    ("unlisted", "on"),
    ("date", "2020-01-01T12:00"),
];

#[actix_web::test]
async fn a_duplicate_is_a_draft_with_text_and_settings_and_without_place_and_date() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    app.author("ben").await;
    let fields = [
        &FIELDS[..],
        &[("authors", "ann, ben"), ("date_zone", "UTC")],
    ]
    .concat();
    let post = ann.publish_with(&fields).await;
    let page = ann.get("/dashboard").await;
    let action = page
        .attribute("form[action*='/duplicate']", "action")
        .unwrap();
    let done = ann.post_to(&action, &[]).await;
    done.assert_status(303);
    let copy = editor(&mut ann, done.location()).await;
    assert!(copy.one(".note").contains("This is the copy"));
    for (field, value) in [
        ("title", "Copy of On tides"),
        ("markdown", "The *moon* pulls."),
        ("tags", "sea, moon"),
        ("excerpt", "About the sea."),
        ("language", "en"),
        ("slug", ""),
        ("canonical_url", ""),
        ("date", ""),
        ("authors", "ann"),
    ] {
        assert_eq!(copy.field(field), value, "{field}");
    }
    assert_eq!(copy.field("unlisted"), "on");
    let state =
        "select concat_ws(' ', status, slug, published_at) from posts where title like 'Copy%'";
    assert_eq!(app.text(state).await, "draft copy-of-on-tides");
    // A second click makes no other, and the first one may have been edited meanwhile.
    ann.edit(&copy.field("id"), &[("title", "Mine")], "save")
        .await
        .assert_status(303);
    let again = ann.post_to(&action, &[]).await;
    assert_eq!(again.location(), done.location());
    assert_eq!(app.count("select count(*) from posts").await, 2);
    // With the button of the editor what was typed is saved, and copied.
    let page = editor(&mut ann, &format!("/p/{}/edit", post.id)).await;
    let action = page
        .attribute("[formaction*='/duplicate']", "formaction")
        .unwrap();
    let form = [
        ("id", post.id.as_str()),
        ("kind", "post"),
        ("version", "1"),
        ("title", "On tides"),
        ("markdown", "Newer."),
        ("authors", "ann, ben"),
    ];
    let done = ann.post_to(&action, &form).await;
    done.assert_status(303);
    let copy = editor(&mut ann, done.location()).await;
    assert_eq!(copy.field("markdown"), "Newer.");
}

#[actix_web::test]
async fn nobody_duplicates_or_begins_from_what_is_not_theirs() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut ben = app.author("ben").await;
    let draft = ann
        .draft(&[("title", "Secret"), ("markdown", "Text.")])
        .await;
    ann.post(&format!("/p/{draft}/template"), &[])
        .await
        .assert_status(303);
    for act in ["duplicate", "template", "untemplate"] {
        ben.post(&format!("/p/{draft}/{act}"), &[])
            .await
            .assert_status(404);
    }
    ben.get(&format!("/new?template={draft}"))
        .await
        .assert_status(404);
    for wrong in ["x", "0190aaaa-0000-7000-8000-000000000001"] {
        ann.get(&format!("/new?template={wrong}"))
            .await
            .assert_status(404);
    }
    // An id that the site did not make is none.
    let foreign = "0190aaaa-0000-7000-8000-000000000001";
    let done = ann
        .post(&format!("/p/{draft}/duplicate?copy={foreign}"), &[])
        .await;
    assert!(!done.location().contains(foreign));
}

#[actix_web::test]
async fn a_draft_begins_from_a_template_which_stays_as_it_is() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let template = ann.draft(&FIELDS[..7]).await;
    ann.get(&format!("/new?template={template}"))
        .await
        .assert_status(404);
    let made = ann.post(&format!("/p/{template}/template"), &[]).await;
    assert!(
        ann.get(made.location())
            .await
            .text()
            .contains("This is a template now.")
    );
    let page = editor(&mut ann, &format!("/new?template={template}")).await;
    assert_eq!(page.field("title"), "On tides");
    assert_eq!(page.field("tags"), "sea, moon");
    assert_eq!(
        (page.field("slug"), page.field("version")),
        (String::new(), "0".into())
    );
    assert_ne!(page.field("id"), template);
    assert_eq!(app.count("select count(*) from posts").await, 1);
    let form = [
        ("id", page.field("id")),
        ("kind", "post".into()),
        ("version", "0".into()),
        ("title", page.field("title")),
        ("markdown", page.field("markdown")),
        ("action", "save".into()),
    ];
    let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
    ann.post(&page.action(), &form).await.assert_status(303);
    assert_eq!(tab(&mut ann, "drafts").await, ["On tides"]);
    assert_eq!(tab(&mut ann, "templates").await, ["On tides"]);
    assert_eq!(tab(&mut ann, "templates&q=moon").await, ["On tides"]);
    assert_eq!(tab(&mut ann, "templates&sort=title&q=none").await, [""; 0]);
    assert_eq!(
        app.count("select count(*) from posts where is_template")
            .await,
        1
    );
    ann.post(&format!("/p/{template}/untemplate"), &[])
        .await
        .assert_status(303);
    assert_eq!(tab(&mut ann, "drafts").await.len(), 2);
    assert_eq!(tab(&mut ann, "drafts&sort=oldest").await.len(), 2);
    assert_eq!(tab(&mut ann, "templates").await, [""; 0]);
}

async fn tab(by: &mut Actor, query: &str) -> Vec<String> {
    let page = by.get(&format!("/dashboard?shelf={query}")).await;
    page.assert_status(200);
    page.all("tbody th")
}

#[actix_web::test]
async fn a_template_is_public_by_no_door() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    ann.publish_with(&[("title", "Other"), ("markdown", "Text."), ("tags", "sea")])
        .await;
    let id = ann
        .draft(&[
            ("title", "My pattern"),
            ("markdown", "Pattern."),
            ("tags", "sea"),
        ])
        .await;
    let link = ann
        .post(&format!("/p/{id}/preview-links"), &[("days", "7")])
        .await
        .one(".note .code");
    let link = link[link.find("/preview/").unwrap()..].to_owned();
    app.anonymous().get(&link).await.assert_status(200);
    ann.post(&format!("/p/{id}/template"), &[])
        .await
        .assert_status(303);
    let at = [("at", "2034-01-01T12:00"), ("zone", "UTC")];
    ann.post(&format!("/p/{id}/publish"), &[])
        .await
        .assert_status(409);
    ann.get(&format!("/p/{id}/publish"))
        .await
        .assert_status(409);
    ann.post(&format!("/p/{id}/schedule"), &at)
        .await
        .assert_status(409);
    ann.edit(
        &id,
        &[("title", "My pattern"), ("markdown", "Pattern 2.")],
        "publish",
    )
    .await;
    ann.post(&format!("/p/{id}/preview-links"), &[("days", "7")])
        .await
        .assert_status(404);
    let version = app
        .text("select version::text from posts where is_template")
        .await;
    let chosen = format!("{id}.{version}");
    let form = [("act", "publish"), ("confirmed", "yes"), ("post", &chosen)];
    let bulk = ann.post("/dashboard/bulk", &form).await;
    assert!(bulk.one(".section .hint").contains("a template"));
    app.anonymous().get(&link).await.assert_status(404);
    let mut reader = app.anonymous();
    for path in ["/@ann/my-pattern".to_owned(), format!("/p/{id}")] {
        reader.get(&path).await.assert_status(404);
    }
    for path in [
        "/",
        "/newest",
        "/@ann",
        "/t/sea",
        "/t",
        "/archive",
        "/authors",
        "/feed.atom",
        "/@ann/feed.json",
        "/t/sea/feed.rss",
        "/sitemap.xml",
        "/sitemap-posts-1.xml",
        "/@ann/other",
    ] {
        let page = reader.get(path).await.text();
        assert!(
            !page.contains("My pattern") && !page.contains("my-pattern"),
            "{path}"
        );
    }
    assert_eq!(app.count("select post_count::bigint from tags").await, 1);
    assert_eq!(
        app.text("select status from posts where is_template").await,
        "draft"
    );
}

#[actix_web::test]
async fn unpublishing_is_not_undone_where_it_is_a_template_by_now() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("On tides", "Text.").await;
    ann.post(&format!("/p/{}/template", post.id), &[])
        .await
        .assert_status(409);
    let done = ann.post(&format!("/p/{}/unpublish", post.id), &[]).await;
    let page = ann.get(done.location()).await;
    ann.post(&format!("/p/{}/template", post.id), &[])
        .await
        .assert_status(303);
    let ticket = page.field("ticket");
    ann.post("/dashboard/undo", &[("ticket", &ticket)])
        .await
        .assert_status(409);
    app.anonymous().get(&post.path).await.assert_status(404);
}

#[actix_web::test]
async fn an_account_has_fifty_templates_at_most() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let last = ann.draft(&[("title", "Last"), ("markdown", "Text.")]).await;
    sqlx::query(
        "insert into posts (public_id, kind, owner_id, title, slug, version, is_template)
         select gen_random_uuid(), 'post', owner_id, 'T ' || n, 't-' || n, 1, true from posts, generate_series(1, 50) n",
    )
    .execute(&app.database)
    .await
    .unwrap();
    let full = ann.post(&format!("/p/{last}/template"), &[]).await;
    full.assert_status(409);
    assert!(full.text().contains("at most 50 templates"));
    sqlx::query("update posts set is_template = false where title = 'T 1'")
        .execute(&app.database)
        .await
        .unwrap();
    ann.post(&format!("/p/{last}/template"), &[])
        .await
        .assert_status(303);
}

/// A node of the release before knows nothing of templates. What it publishes is public, and a post as every other here too.
#[actix_web::test]
async fn what_an_older_node_publishes_is_no_template_any_more() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("On tides", "Text.").await;
    sqlx::query("update posts set is_template = true")
        .execute(&app.database)
        .await
        .unwrap();
    assert_eq!(tab(&mut ann, "posts").await, ["On tides"]);
    assert_eq!(tab(&mut ann, "templates").await, [""; 0]);
    ann.edit(&post.id, &[("markdown", "Newer.")], "publish")
        .await
        .assert_status(303);
    assert!(
        app.anonymous()
            .get(&post.path)
            .await
            .text()
            .contains("Newer.")
    );
}
