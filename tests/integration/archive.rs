//! The archive by month, the list of authors, and what keeps the addresses of both.

use masthead::app::config::Settings;
use masthead::app::doctor::{Finding, examine};

use crate::support::{Actor, Response, TestApp};

/// Posts of Ann's, each a minute older than the one before, from a point in time on.
async fn publish_many(app: &TestApp, newest: &str, count: i32) {
    sqlx::query(
        "with made as (
             insert into posts (public_id, kind, owner_id, title, slug, status, published_at, changed_at, listed_at)
             select gen_random_uuid(), 'post', u.id, 'Copy ' || n, left($1, 7) || '-' || n, 'published', at, at, at
             from users u, generate_series(0, $2 - 1) n,
                  lateral (select $1::timestamptz - make_interval(mins => n / 2) as at) t
             where username = 'ann' returning id, owner_id, listed_at)
         insert into post_authors (post_id, user_id, position, listed_at) select id, owner_id, 0, listed_at from made",
    )
    .bind(newest)
    .bind(count)
    .execute(&app.database)
    .await
    .unwrap();
    app.forget_pages();
}

async fn page(by: &mut Actor, title: &str) -> String {
    let id = by.get("/new?kind=page").await.field("id");
    let fields = [
        ("id", id.as_str()),
        ("version", "0"),
        ("title", title),
        SAVE,
    ];
    save_page(by, "/new", &fields).await.assert_status(303);
    by.post(&format!("/p/{id}/publish"), &[])
        .await
        .assert_status(303);
    id
}

const SAVE: (&str, &str) = ("action", "save");

async fn save_page(by: &mut Actor, path: &str, fields: &[(&str, &str)]) -> Response {
    let mut form = vec![("kind", "page"), ("markdown", "Text of our own.")];
    form.extend_from_slice(fields);
    by.post(path, &form).await
}

#[actix_web::test]
async fn months_with_posts_are_links_and_hold_them_all() {
    let app = TestApp::new().await;
    app.author("ann").await;
    let mut reader = app.anonymous();
    assert!(reader.get("/archive").await.all(".year").is_empty());
    publish_many(&app, "2024-03-31T23:59:59.999999Z", 2).await;
    // Half of these share their time with another, and pages end between such.
    publish_many(&app, "2023-12-31T23:59:59.999999Z", 231).await;
    publish_many(&app, "2023-11-01T00:00:00Z", 1).await;

    let archive = reader.get("/archive").await;
    assert_eq!(archive.all(".year h2"), ["2024", "2023"]);
    assert_eq!(
        archive.all(".year a"),
        ["March", "November", "December"],
        "{}",
        archive.text()
    );
    for (month, count) in [("2024/03", 2), ("2023/12", 231), ("2023/11", 1)] {
        let mut titles = Vec::new();
        let mut next = Some(format!("/archive/{month}"));
        while let Some(path) = next {
            let page = reader.get(&path).await;
            page.assert_status(200);
            titles.extend(page.all(".h-entry .p-name"));
            assert!(titles.len() <= count, "{month}: the pages do not end");
            next = page.attribute("a[rel=next]", "href");
        }
        titles.sort();
        titles.dedup();
        assert_eq!(titles.len(), count, "{month}");
    }
    // A place outside of the month would be its first page at one more address.
    let elsewhere = reader.get("/archive/2023/12").await;
    let elsewhere = elsewhere.attribute("a[rel=next]", "href").unwrap();
    let (_, place) = elsewhere.split_once('?').unwrap();
    let outside = format!("/archive/2023/11?{place}");
    for nothing in [
        outside.as_str(),
        "/archive/2024/02",
        "/archive/2024/3",
        "/archive/2024/13",
        "/archive/24/03",
        "/archive/+024/03",
        "/archive/2024/march",
        "/archive/2024",
    ] {
        reader.get(nothing).await.assert_status(404);
    }
}

#[actix_web::test]
async fn authors_are_those_who_have_published() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut bob = app.author("bob").await;
    app.author("silent").await;
    let mut reader = app.anonymous();
    assert!(reader.get("/authors").await.all(".h-card").is_empty());
    ann.publish("First", "a").await;
    let post = bob.publish("Second", "b").await;
    let listed = reader.get("/authors").await;
    assert_eq!(listed.all(".h-card h2"), ["ann", "bob"]);
    assert!(listed.text().contains("Second"));
    bob.post(&format!("/p/{}/unpublish", post.id), &[])
        .await
        .assert_status(303);
    assert_eq!(reader.get("/authors").await.all(".h-card h2"), ["ann"]);
}

#[actix_web::test]
async fn a_long_list_of_authors_goes_on() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    ann.publish("Seed", "a").await;
    app.publishing_people("person", 129).await;
    app.forget_pages();
    assert_eq!(walk(&app, "/authors").await, (3, 130));
    let made_up = "019a1111-2222-7333-8444-555566667777";
    let reader_s = app
        .text("select public_id::text from users where username = 'olga'")
        .await;
    for after in ["", "ann", made_up, &reader_s, &made_up.to_uppercase()] {
        let path = format!("/authors?after={after}");
        app.anonymous().get(&path).await.assert_status(404);
    }

    // One who cannot be shown ends no page, and hides nobody behind.
    sqlx::query("update posts set status = 'draft' where owner_id = (select id from users where username = 'person-7')")
        .execute(&app.database)
        .await
        .unwrap();
    app.forget_pages();
    assert_eq!(walk(&app, "/authors").await, (3, 129));

    sqlx::query("insert into redirects (path, post_id) select '/authors', min(id) from posts")
        .execute(&app.database)
        .await
        .unwrap();
    app.forget_pages();
    assert_eq!(walk(&app, "/newest/authors").await, (3, 129));
}

/// How many pages a list of authors has, and how many authors.
async fn walk(app: &TestApp, first: &str) -> (usize, usize) {
    let (mut names, mut pages) = (Vec::new(), 0);
    let mut next = Some(first.to_owned());
    while let Some(path) = next {
        let page = app.anonymous().get(&path).await;
        page.assert_status(200);
        names.extend(page.all(".h-card h2"));
        pages += 1;
        assert!(pages <= 3, "the pages do not end");
        next = page.attribute("a[rel=next]", "href");
    }
    names.sort();
    names.dedup();
    (pages, names.len())
}

#[actix_web::test]
async fn a_page_that_had_the_address_of_a_list_keeps_it() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    ann.publish("A post", "a").await;
    let mut owner = app.owner().await;
    let id = page(&mut owner, "Old archive").await;
    sqlx::query(
        "update posts set slug = 'archive', page_path = 'archive' where page_path = 'old-archive'",
    )
    .execute(&app.database)
    .await
    .unwrap();
    app.forget_pages();
    let mut reader = app.anonymous();
    let kept = reader.get("/archive").await;
    assert!(kept.text().contains("Text of our own."));
    let aside = reader.get("/newest/archive").await;
    aside.assert_status(200);
    assert_eq!(aside.all(".year").len(), 1);

    let told = |findings: &[Finding]| {
        findings
            .iter()
            .any(|one| one.what.contains("/newest/archive"))
    };
    let options = app.database.connect_options();
    let found = examine(&options, &Settings::for_tests()).await;
    assert!(told(&found), "{found:#?}");

    // It can be changed where it is.
    let edit = format!("/p/{id}/edit");
    let version = owner.get(&edit).await.field("version");
    let fields = [
        ("id", id.as_str()),
        ("version", &version),
        ("title", "Archive"),
        ("slug", "archive"),
        ("action", "publish"),
    ];
    save_page(&mut owner, &edit, &fields)
        .await
        .assert_status(303);
    assert_eq!(reader.get("/archive").await.all("h1"), ["Archive"]);
    // No other page can have it, nor can one have that of the other list.
    let new = owner.get("/new?kind=page").await.field("id");
    for slug in ["archive", "authors"] {
        let fields = [
            ("id", new.as_str()),
            ("version", "0"),
            ("title", "Another"),
            ("slug", slug),
            SAVE,
        ];
        save_page(&mut owner, "/new", &fields)
            .await
            .assert_status(422);
    }
    // Once it is gone the list is there.
    owner
        .post(&format!("/p/{id}/trash"), &[])
        .await
        .assert_status(303);
    assert_eq!(reader.get("/archive").await.all(".year").len(), 1);
    let back = reader.get("/newest/archive").await;
    back.assert_status(301);
    assert_eq!(back.location(), "/archive");
    assert_eq!(reader.get("/newest/authors").await.location(), "/authors");
    assert!(!told(&examine(&options, &Settings::for_tests()).await));
}

#[actix_web::test]
async fn an_imported_address_below_a_list_still_leads_to_its_text() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Tides", "a").await;
    for path in [
        "/authors",
        "/archive?p=12",
        "/archive/2019/tides.html",
        "/archive/2019/07",
    ] {
        sqlx::query("insert into redirects (path, post_id) select $1, id from posts where public_id = $2::uuid")
            .bind(path)
            .bind(&post.id)
            .execute(&app.database)
            .await
            .unwrap();
        let moved = app.anonymous().get(path).await;
        moved.assert_status(301);
        assert_eq!(moved.location(), post.path, "{path}");
    }
    app.anonymous()
        .get("/newest/authors")
        .await
        .assert_status(200);
    let other = app.anonymous().get("/archive?p=13").await;
    assert_eq!(other.location(), "/archive");
    // As below any other address, capitals lead to where the page is.
    let mut owner = app.owner().await;
    page(&mut owner, "Old archive").await;
    sqlx::query("update posts set slug = 'about', page_path = 'archive/team/about' where page_path = 'old-archive'")
        .execute(&app.database)
        .await
        .unwrap();
    app.forget_pages();
    let moved = app.anonymous().get("/archive/Team/About").await;
    assert_eq!(moved.location(), "/archive/team/about");
}
