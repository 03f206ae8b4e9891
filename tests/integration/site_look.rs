//! How a site looks by its own choice: its colour, its front page, its large letters.

use crate::support::{Actor, Response, TestApp};

const SHEETS: &str = "link[rel=stylesheet][media=screen]";

/// Saves the settings of the site with these besides those that it needs.
async fn save(owner: &mut Actor, own: &[(&'static str, &str)]) -> Response {
    let mut form = vec![
        ("name", "Harbour"),
        ("language", "en"),
        ("sign_up", "open"),
        ("sign_up_role", "author"),
        ("comment_policy", "members"),
    ];
    form.extend_from_slice(own);
    owner.post("/admin/site", &form).await
}

#[actix_web::test]
async fn pages_have_the_accent_of_the_site() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let post = app.author("ann").await.publish("Lamps", "Words.").await;
    save(&mut owner, &[]).await.assert_status(303);
    let paths = ["/", post.path.as_str(), "/@ann", "/archive", "/login"];
    let mut plain = Vec::new();
    for path in paths {
        let page = app.anonymous().get(path).await;
        assert!(page.all(SHEETS).is_empty(), "{path}");
        plain.push(page.body);
    }
    save(&mut owner, &[("accent", " 0B6E99 ")])
        .await
        .assert_status(303);
    let sheet = app
        .anonymous()
        .get("/")
        .await
        .attribute(SHEETS, "href")
        .unwrap();
    for path in paths {
        let page = app.anonymous().get(path).await;
        assert_eq!(page.attribute(SHEETS, "href").unwrap(), sheet, "{path}");
    }
    assert!(sheet.starts_with("/assets/accent-0b6e99-"), "{sheet}");
    let answer = app.anonymous().get(&sheet).await;
    answer.assert_status(200);
    assert_eq!(
        answer.header("content-type"),
        Some("text/css; charset=utf-8")
    );
    assert!(
        answer
            .header("cache-control")
            .unwrap()
            .contains("immutable")
    );
    let rules = answer.text();
    assert!(rules.contains("--accent: light-dark(#0b6e99, #"), "{rules}");
    save(&mut owner, &[("accent", "")]).await.assert_status(303);
    for (path, plain) in paths.into_iter().zip(plain) {
        assert!(app.anonymous().get(path).await.body == plain, "{path}");
    }
}

#[actix_web::test]
async fn the_settings_say_how_pages_show_the_accent() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let settings = owner.get("/admin/site").await;
    assert!(!settings.text().contains("swatches"));
    for (typed, told) in [
        ("#0b6e99", "Dark pages show it lighter, as #"),
        ("#ffe08a", "Light pages show it darker, as #"),
        ("#777777", "Light pages show it as #"),
    ] {
        save(&mut owner, &[("accent", typed)])
            .await
            .assert_status(303);
        let settings = owner.get("/admin/site").await;
        assert_eq!(settings.field("accent"), typed);
        let main = settings.one("main");
        assert!(main.contains(told), "{typed}: {main}");
    }
    let entry =
        "select jsonb_build_array(before -> 'accent', after -> 'accent')::text from audit_log
                 where act = 'site.update' order by id desc limit 1";
    assert_eq!(app.text(entry).await, r##"["#ffe08a", "#777777"]"##);
}

#[actix_web::test]
async fn what_is_no_colour_is_told_beside_the_field() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    for typed in ["red", "#12345", "#0b6e99;}body{display:none", "url(x)"] {
        let answer = save(&mut owner, &[("accent", typed)]).await;
        answer.assert_status(422);
        assert!(answer.one("#accent-error").contains("six digits"));
        assert_eq!(answer.field("accent"), typed);
    }
    assert_eq!(app.text("select accent from site").await, "");
}

#[actix_web::test]
async fn a_node_of_another_version_finds_the_sheet_of_an_accent() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    save(&mut owner, &[("accent", "#0b6e99")])
        .await
        .assert_status(303);
    let sheet = owner.get("/").await.attribute(SHEETS, "href").unwrap();
    let kept = "select convert_from(bytes, 'UTF8') from assets where name like 'accent-%'";
    assert_eq!(
        app.text(kept).await,
        app.anonymous().get(&sheet).await.text()
    );
    // Another version computes another sheet of the same colour.
    let other = "accent-0b6e99-0123456789ab.css";
    app.anonymous()
        .get(&format!("/assets/{other}"))
        .await
        .assert_status(404);
    app.text(
        "insert into assets (name, content_type, bytes)
         values ('accent-0b6e99-0123456789ab.css', 'text/css; charset=utf-8', 'a{}') returning name",
    )
    .await;
    let answer = app.anonymous().get(&format!("/assets/{other}")).await;
    answer.assert_status(200);
    assert_eq!(answer.text(), "a{}");
}

#[actix_web::test]
async fn the_front_page_lists_the_newest_posts() {
    let app = TestApp::new().await;
    let (mut owner, mut ann) = (app.owner().await, app.author("ann").await);
    let mut posts = Vec::new();
    for n in 0..22 {
        posts.push(ann.publish(&format!("Post {n}"), "Words.").await);
    }
    save(&mut owner, &[("front", "list")])
        .await
        .assert_status(303);
    let front = app.anonymous().get("/").await;
    let titles = front.all(".entry .p-name");
    assert_eq!(titles.len(), 20);
    assert_eq!(titles[0], "Post 21");
    assert_eq!(front.all("h1"), ["Harbour"]);
    let next = front.attribute("a[rel=next]", "href").unwrap();
    let older = app.anonymous().get(&next).await.all(".entry .p-name");
    assert_eq!(older, ["Post 1", "Post 0"]);
    let pin = format!("/p/{}/pin-to-front", posts[20].id);
    owner.post(&pin, &[]).await.assert_status(303);
    let titles = app.anonymous().get("/").await.all(".entry .p-name");
    assert_eq!(titles[..3], ["Post 20", "Post 21", "Post 19"]);
    // A form that has no such field leaves it as it is.
    save(&mut owner, &[]).await.assert_status(303);
    let front = app.anonymous().get("/").await;
    assert!(front.all(".lead-story").is_empty());
    save(&mut owner, &[("front", "magazine")])
        .await
        .assert_status(303);
    let front = app.anonymous().get("/").await;
    assert_eq!(front.all(".lead-story .p-name"), ["Post 20"]);
}

#[actix_web::test]
async fn the_front_page_is_a_page() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    app.author("ann").await.publish("Lamps", "Words.").await;
    let id = owner.get("/new?kind=page").await.field("id");
    let form = [
        ("id", &*id),
        ("kind", "page"),
        ("version", "0"),
        ("action", "save"),
        ("title", "Welcome"),
        ("markdown", "This is the harbour."),
        ("menu_position", "1"),
    ];
    owner.post("/new", &form).await.assert_status(303);
    // Readers cannot see it yet.
    let refused = save(&mut owner, &[("front", "/welcome")]).await;
    refused.assert_status(422);
    assert_eq!(
        refused.all("#front-error"),
        ["Choose one of the list: readers cannot see such a page."]
    );
    let publish = format!("/p/{id}/publish");
    owner.post(&publish, &[]).await.assert_status(303);
    save(&mut owner, &[("front", "/welcome")])
        .await
        .assert_status(303);
    let settings = owner.get("/admin/site").await;
    assert_eq!(settings.all("#front option[selected]"), ["Welcome"]);
    let origin = app.anonymous().get("/newest").await;
    let origin = origin.attribute("link[rel=canonical]", "href").unwrap();
    let origin = origin.strip_suffix("/newest").unwrap();
    // It has two addresses, of which `/` is the one to link to.
    for path in ["/", "/welcome"] {
        let front = app.anonymous().get(path).await;
        front.assert_status(200);
        assert_eq!(front.all("h1"), ["Welcome"]);
        assert!(front.text().contains("This is the harbour."));
        let canonical = front.attribute("link[rel=canonical]", "href").unwrap();
        assert_eq!(canonical, format!("{origin}/"), "{path}");
        assert_eq!(front.one("title"), "Harbour");
        assert_eq!(front.all(".bar-nav [aria-current]"), ["Welcome", "Welcome"]);
    }
    // A form has room for two hundred pages, and for the front page in any case.
    sqlx::query(
        "insert into posts (public_id, kind, owner_id, title, slug, page_path, status, published_at, changed_at)
         select gen_random_uuid(), 'page', owner_id, 'Page', 'a-' || n, 'a-' || n, 'published', now(), now()
         from posts, generate_series(1, 200) n where page_path = 'welcome'",
    )
    .execute(&app.database)
    .await
    .unwrap();
    let settings = owner.get("/admin/site").await;
    assert_eq!(settings.all("#front option[selected]"), ["Welcome"]);
    save(&mut owner, &[("front", "/welcome")])
        .await
        .assert_status(303);
    let newest = app.anonymous().get("/newest").await;
    assert_eq!(newest.all(".entry .p-name"), ["Lamps"]);
    // Without it, the posts stand there, until it is back.
    let unpublish = format!("/p/{id}/unpublish");
    owner.post(&unpublish, &[]).await.assert_status(303);
    let front = app.anonymous().get("/").await;
    assert_eq!(front.all(".lead-story .p-name"), ["Lamps"]);
    owner.post(&publish, &[]).await.assert_status(303);
    assert_eq!(app.anonymous().get("/").await.all("h1"), ["Welcome"]);
    let refused = save(&mut owner, &[("front", "newspaper")]).await;
    refused.assert_status(422);
}

#[actix_web::test]
async fn long_posts_begin_with_a_large_letter_where_the_site_says_so() {
    let app = TestApp::new().await;
    let (mut owner, mut ann) = (app.owner().await, app.author("ann").await);
    let long = ann.publish("Long", &"Lamps and more. ".repeat(30)).await;
    let short = ann.publish("Short", "Lamps.").await;
    for (own, large) in [
        (vec![], 0),
        (vec![("front", "magazine"), ("drop_cap", "on")], 1),
        // A form of the release before.
        (vec![], 1),
        (vec![("front", "magazine")], 0),
    ] {
        save(&mut owner, &own).await.assert_status(303);
        let found = |page: Response| page.all(".drop-cap").len();
        assert_eq!(
            found(app.anonymous().get(&long.path).await),
            large,
            "{own:?}"
        );
        assert_eq!(found(app.anonymous().get(&short.path).await), 0);
    }
}
