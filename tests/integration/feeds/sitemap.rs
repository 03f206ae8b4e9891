use quick_xml::Reader;
use quick_xml::events::Event;

use super::{ORIGIN, a_day_later, bread, fetch};
use crate::support::{Actor, TestApp};

/// Addresses of a sitemap file, each with its date, and the name of the root element.
async fn addresses(app: &TestApp, path: &str) -> (String, Vec<(String, String)>) {
    let response = fetch(app, path).await;
    assert_eq!(
        response.header("content-type"),
        Some("application/xml; charset=utf-8")
    );
    let text = response.text();
    let mut reader = Reader::from_str(&text);
    let (mut open, mut root, mut found) = (String::new(), String::new(), Vec::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) => {
                open = String::from_utf8(tag.name().as_ref().to_vec()).unwrap();
                if root.is_empty() {
                    root = open.clone();
                }
            }
            Event::Text(value) => {
                let value = value.decode().unwrap().into_owned();
                match open.as_str() {
                    "loc" => found.push((
                        value
                            .strip_prefix(ORIGIN)
                            .expect("a whole address")
                            .to_owned(),
                        String::new(),
                    )),
                    "lastmod" => found.last_mut().unwrap().1 = value,
                    _ => {}
                }
            }
            Event::Eof => return (root, found),
            _ => {}
        }
    }
}

async fn paths(app: &TestApp, path: &str) -> Vec<String> {
    addresses(app, path)
        .await
        .1
        .into_iter()
        .map(|(path, _)| path)
        .collect()
}

/// Saves a page that is not public yet; its id.
async fn page(owner: &mut Actor, fields: &[(&str, &str)]) -> String {
    let id = owner.get("/new?kind=page").await.field("id");
    let mut form = vec![
        ("id", id.as_str()),
        ("kind", "page"),
        ("version", "0"),
        ("action", "save"),
        ("markdown", "Text."),
    ];
    form.extend_from_slice(fields);
    owner.post("/new", &form).await.assert_status(303);
    id
}

#[actix_web::test]
async fn the_sitemap_lists_what_is_public_and_nothing_else() {
    let app = TestApp::new().await;
    app.person("rita", "reader").await;
    let mut ann = app.author("ann").await;
    let mut ben = app.author("ben").await;
    let (_, post) = bread(&mut ann).await;
    ben.draft(&[
        ("title", "Draft"),
        ("markdown", "Text."),
        ("tags", "Secret"),
    ])
    .await;
    ben.publish_with(&[
        ("title", "Hidden"),
        ("markdown", "Text."),
        ("unlisted", "on"),
    ])
    .await;
    let trashed = ben.publish("Trashed", "Text.").await;
    ben.post(&format!("/p/{}/trash", trashed.id), &[])
        .await
        .assert_status(303);
    let mut owner = app.owner().await;
    let imprint = page(&mut owner, &[("title", "Imprint")]).await;
    owner
        .post(&format!("/p/{imprint}/publish"), &[])
        .await
        .assert_status(303);
    let shy = page(&mut owner, &[("title", "Shy"), ("unlisted", "on")]).await;
    owner
        .post(&format!("/p/{shy}/publish"), &[])
        .await
        .assert_status(303);
    page(&mut owner, &[("title", "Plans")]).await;
    let elsewhere = [
        ("title", "Copy"),
        ("markdown", "Text."),
        ("canonical_url", "https://far.example/first"),
    ];
    ann.publish_with(&elsewhere).await;
    a_day_later(&app).await;
    let (root, found) = addresses(&app, "/sitemap.xml").await;
    assert_eq!(root, "urlset");
    let listed: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(listed, ["/", &post, "/imprint", "/@ann", "/t/bread"]);
    let changed =
        app.text("select to_char(changed_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') from posts order by id").await;
    assert_eq!(found[1].1, changed);
    for path in listed {
        fetch(&app, path).await;
    }
}

#[actix_web::test]
async fn a_large_sitemap_comes_in_parts() {
    let app = TestApp::new().await;
    let (_, post) = bread(&mut app.author("ann").await).await;
    sqlx::query("insert into tags (slug, name, post_count) select 'x' || n, 'x' || n, 1 from generate_series(1, 10001) n")
        .execute(&app.database)
        .await
        .unwrap();
    let (root, parts) = addresses(&app, "/sitemap.xml").await;
    assert_eq!(root, "sitemapindex");
    let parts: Vec<_> = parts.into_iter().map(|(path, _)| path).collect();
    assert_eq!(
        parts,
        [
            "/sitemap-posts-1.xml",
            "/sitemap-authors-1.xml",
            "/sitemap-tags-1.xml",
            "/sitemap-tags-2.xml"
        ]
    );
    assert_eq!(paths(&app, &parts[0]).await, ["/", &post]);
    assert_eq!(paths(&app, &parts[1]).await, ["/@ann"]);
    let mut tags = paths(&app, &parts[2]).await;
    assert!(tags.len() <= 10_000);
    tags.extend(paths(&app, &parts[3]).await);
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 10_002, "each tag once");
    for none in [
        "/sitemap-posts-2.xml",
        "/sitemap-tags-3.xml",
        "/sitemap-tags-01.xml",
        "/sitemap-tags-0.xml",
        "/sitemap-1.xml",
    ] {
        app.anonymous().get(none).await.assert_status(404);
    }
}

#[actix_web::test]
async fn robots_are_kept_from_what_needs_an_account() {
    let app = TestApp::new().await;
    let robots = fetch(&app, "/robots.txt").await;
    assert_eq!(
        robots.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
    let text = robots.text();
    assert!(
        text.contains("\nSitemap: http://blog.example/sitemap.xml\n"),
        "{text}"
    );
    assert!(text.starts_with("User-agent: *\n"), "{text}");
    // The longest rule that fits decides.
    let longest = |kind: &str, path: &str| {
        let rules = text.lines().filter_map(|line| line.strip_prefix(kind));
        let fits = rules.filter(|rule| matches(rule, path));
        fits.map(str::len).max().unwrap_or(0)
    };
    let is_closed = |path: &str| longest("Disallow: ", path) > longest("Allow: ", path);
    for path in [
        "/admin/people",
        "/dashboard",
        "/dashboard/comments",
        "/settings",
        "/p/0198/edit",
        "/comments/1",
        "/new",
        "/new?kind=page",
        "/login",
        "/login?next=/",
        "/signup",
        "/@ann/bread/edit",
        "/@ann/bread/comment",
    ] {
        assert!(is_closed(path), "{path}");
    }
    for path in [
        "/",
        "/newest",
        "/@ann",
        "/@ann/bread",
        "/t/bread",
        "/feed.atom",
        "/sitemap.xml",
        "/login-help",
        "/assets/x.css",
        "/p/0198/social-0123456789abcdef.png",
    ] {
        assert!(!is_closed(path), "{path}");
    }
}

/// A rule of RFC 9309: a beginning of the path, `*` for anything, `$` for the end.
fn matches(rule: &str, path: &str) -> bool {
    let pattern = regex::escape(rule).replace(r"\*", ".*");
    let pattern = pattern
        .strip_suffix(r"\$")
        .map(|p| format!("{p}$"))
        .unwrap_or(pattern);
    regex::Regex::new(&format!("^{pattern}"))
        .unwrap()
        .is_match(path)
}

#[actix_web::test]
async fn password_managers_are_led_to_the_settings() {
    let app = TestApp::new().await;
    let led = app.anonymous().get("/.well-known/change-password").await;
    led.assert_status(302);
    assert_eq!(led.location(), "/settings");
}
