//! The rules of each format, field by field.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{ORIGIN, fetch};
use crate::support::TestApp;

/// A site with one post by two authors, in another language than the site, that appeared elsewhere first; the
/// post's id and address.
async fn site() -> (TestApp, String, String) {
    let app = TestApp::new().await;
    let mut ben = app.author("ben").await;
    let mut ann = app.author("ann").await;
    ann.post(
        "/settings/profile",
        &[
            ("name", "Ann Lee"),
            ("bio", "Bakes & sails."),
            ("website", ""),
        ],
    )
    .await
    .assert_status(303);
    let fields = [
        ("title", "Brot & Salz"),
        ("markdown", "Roggen."),
        ("tags", "Bread"),
        ("language", "de"),
        ("authors", "ann, ben"),
        ("cover_url", "https://far.example/c.jpg"),
        ("canonical_url", "https://far.example/brot?a=1&b=2"),
    ];
    let post = ann.publish_with(&fields).await;
    ben.accept(&post.id).await;
    (
        app,
        format!("urn:uuid:{}", post.id),
        format!("{ORIGIN}{}", post.path),
    )
}

/// The three feeds' paths, titles and pages.
const FEEDS: [(&str, &str, &str); 3] = [
    ("", "Harbour", "/"),
    ("/@ann", "Ann Lee – Harbour", "/@ann"),
    ("/t/bread", "Bread – Harbour", "/t/bread"),
];

#[actix_web::test]
async fn atom_follows_rfc_4287() {
    let (app, id, url) = site().await;
    let person = app
        .text("select public_id::text from users where username = 'ann'")
        .await;
    for (base, title, page) in FEEDS {
        let path = format!("{base}/feed.atom");
        let response = fetch(&app, &path).await;
        assert_eq!(
            response.header("content-type"),
            Some("application/atom+xml; charset=utf-8")
        );
        let feed = atom_syndication::Feed::read_from(&response.body[..]).unwrap();
        let own = if base == "/@ann" {
            format!("urn:uuid:{person}")
        } else {
            format!("{ORIGIN}{path}")
        };
        assert_eq!(feed.id, own);
        assert_eq!(feed.title.value, title);
        assert_eq!(feed.lang.as_deref(), Some("en"));
        assert_eq!(
            feed.generator.as_ref().map(|g| g.value.as_str()),
            Some("Masthead")
        );
        let author = &feed.authors[0];
        let uri = if base == "/@ann" {
            format!("{ORIGIN}/@ann")
        } else {
            format!("{ORIGIN}/")
        };
        assert_eq!(author.uri.as_deref(), Some(uri.as_str()));
        assert!(!author.name.is_empty());
        assert_eq!(
            links(&feed.links),
            [
                ("self", format!("{ORIGIN}{path}")),
                ("alternate", format!("{ORIGIN}{page}"))
            ]
        );
        assert_eq!(
            feed.subtitle.map(|s| s.value),
            (base == "/@ann").then(|| "Bakes & sails.".to_owned())
        );

        let [entry] = &feed.entries[..] else {
            panic!("{} entries", feed.entries.len())
        };
        assert_eq!(entry.id, id);
        assert_eq!(entry.title.value, "Brot & Salz");
        assert_eq!(entry.title.lang.as_deref(), Some("de"));
        assert_eq!(entry.updated, feed.updated);
        assert_eq!(entry.published, Some(entry.updated));
        let authors: Vec<_> = entry
            .authors
            .iter()
            .map(|a| (a.name.as_str(), a.uri.as_deref().unwrap_or_default()))
            .collect();
        assert_eq!(
            authors,
            [
                ("Ann Lee", "http://blog.example/@ann"),
                ("ben", "http://blog.example/@ben")
            ]
        );
        let via = "https://far.example/brot?a=1&b=2".to_owned();
        assert_eq!(
            links(&entry.links),
            [("alternate", url.clone()), ("via", via)]
        );
        let tag = &entry.categories[0];
        assert_eq!(
            (tag.term.as_str(), tag.label.as_deref()),
            ("bread", Some("Bread"))
        );
        assert_eq!(tag.scheme.as_deref(), Some("http://blog.example/t/"));
        assert_eq!(
            entry.summary.as_ref().map(|s| s.value.as_str()),
            Some("Roggen.")
        );
        let content = entry.content.as_ref().unwrap();
        assert_eq!(content.content_type.as_deref(), Some("html"));
        assert!(content.value.as_deref().unwrap().contains(">Roggen.</p>"));
    }
}

fn links(links: &[atom_syndication::Link]) -> Vec<(&str, String)> {
    links
        .iter()
        .map(|l| (l.rel.as_str(), l.href.clone()))
        .collect()
}

#[actix_web::test]
async fn rss_follows_its_specification() {
    let (app, id, url) = site().await;
    for (base, title, page) in FEEDS {
        let path = format!("{base}/feed.rss");
        let response = fetch(&app, &path).await;
        assert_eq!(
            response.header("content-type"),
            Some("application/rss+xml; charset=utf-8")
        );
        assert!(
            response.text().contains("<rss version=\"2.0\""),
            "{}",
            response.text()
        );
        let channel = rss::Channel::read_from(&response.body[..]).unwrap();
        assert_eq!(channel.title, title);
        assert_eq!(channel.link, format!("{ORIGIN}{page}"));
        assert!(!channel.description.is_empty());
        assert_eq!(channel.language.as_deref(), Some("en"));
        assert_eq!(channel.generator.as_deref(), Some("Masthead"));
        let changed =
            DateTime::parse_from_rfc2822(channel.last_build_date.as_deref().unwrap()).unwrap();
        let own = &channel.extensions["atom"]["link"][0].attrs;
        assert_eq!(
            (own["rel"].as_str(), own["href"].as_str()),
            ("self", format!("{ORIGIN}{path}").as_str())
        );
        assert_eq!(own["type"], "application/rss+xml");

        let [item] = &channel.items[..] else {
            panic!("{} items", channel.items.len())
        };
        let guid = item.guid.as_ref().unwrap();
        assert_eq!((guid.value.as_str(), guid.permalink), (id.as_str(), false));
        assert_eq!(item.title.as_deref(), Some("Brot & Salz"));
        assert_eq!(item.link.as_deref(), Some(url.as_str()));
        assert_eq!(item.description.as_deref(), Some("Roggen."));
        assert!(item.content.as_deref().unwrap().contains(">Roggen.</p>"));
        assert_eq!(
            DateTime::parse_from_rfc2822(item.pub_date.as_deref().unwrap()).unwrap(),
            changed
        );
        assert_eq!(item.author, None, "the core element wants a mail address");
        assert_eq!(
            item.dublin_core_ext.as_ref().unwrap().creators,
            ["Ann Lee", "ben"]
        );
        assert_eq!(
            item.categories
                .iter()
                .map(|c| c.name.as_str())
                .collect::<Vec<_>>(),
            ["Bread"]
        );
        let atom = &item.extensions["atom"];
        assert_eq!(
            atom["link"][0].attrs["href"],
            "https://far.example/brot?a=1&b=2"
        );
        let updated = atom["updated"][0].value.as_deref().unwrap();
        assert_eq!(DateTime::parse_from_rfc3339(updated).unwrap(), changed);
    }
}

#[actix_web::test]
async fn json_feed_follows_version_1_1() {
    let (app, id, url) = site().await;
    for (base, title, page) in FEEDS {
        let path = format!("{base}/feed.json");
        let response = fetch(&app, &path).await;
        assert_eq!(
            response.header("content-type"),
            Some("application/feed+json; charset=utf-8")
        );
        let mut feed = response.json();
        let item = &mut feed["items"][0];
        for date in ["date_published", "date_modified"] {
            let text = item[date].take();
            let at = DateTime::parse_from_rfc3339(text.as_str().unwrap()).unwrap();
            assert!(at <= Utc::now(), "{date}");
        }
        let content = item["content_html"].take();
        assert!(content.as_str().unwrap().contains(">Roggen.</p>"));
        let author = match base {
            "/@ann" => json!({ "name": "Ann Lee", "url": "http://blog.example/@ann" }),
            _ => json!({ "name": "Harbour", "url": "http://blog.example/" }),
        };
        let mut expected = json!({
            "version": "https://jsonfeed.org/version/1.1",
            "title": title,
            "home_page_url": format!("{ORIGIN}{page}"),
            "feed_url": format!("{ORIGIN}{path}"),
            "authors": [author],
            "language": "en",
            "items": [{
                "id": id,
                "url": url,
                "external_url": "https://far.example/brot?a=1&b=2",
                "title": "Brot & Salz",
                "content_html": Value::Null,
                "summary": "Roggen.",
                "image": "https://far.example/c.jpg",
                "date_published": Value::Null,
                "date_modified": Value::Null,
                "authors": [
                    { "name": "Ann Lee", "url": "http://blog.example/@ann" },
                    { "name": "ben", "url": "http://blog.example/@ben" },
                ],
                "tags": ["Bread"],
                "language": "de",
            }],
        });
        if base == "/@ann" {
            expected["description"] = json!("Bakes & sails.");
        }
        assert_eq!(feed, expected);
    }
}

#[actix_web::test]
async fn an_empty_atom_feed_has_what_every_feed_must_have() {
    let app = TestApp::new().await;
    let feed =
        atom_syndication::Feed::read_from(&fetch(&app, "/feed.atom").await.body[..]).unwrap();
    assert_eq!(feed.id, "http://blog.example/feed.atom");
    assert_eq!(feed.title.value, "Harbour");
    assert_eq!(
        feed.updated,
        DateTime::UNIX_EPOCH,
        "older than any post that may come"
    );
    assert_eq!(feed.authors[0].name, "Harbour");
}
