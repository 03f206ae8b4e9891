//! What RFC 9110 asks of conditional requests, RFC 9211 of `Cache-Status`, and our own rules of headers. The
//! expectations are written from those texts.

use std::time::{Duration, Instant, SystemTime};

use actix_web::http::Method;
use actix_web::test::TestRequest;
use masthead::db::CacheTag;
use masthead::features::accounts::Access;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::places::Places;
use crate::support::{Actor, Response, Served, TestApp, free_port, until};

const PATIENCE: Duration = Duration::from_secs(40);
const SHARED: &str = "public, max-age=0, s-maxage=10, stale-if-error=86400";
const SHARED_CDN: &str = "max-age=10, stale-while-revalidate=30, stale-if-error=86400";
const BRIEF: &str = "public, max-age=0, s-maxage=10";
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
const PRIVATE: &str = "private, no-store";

/// One public page and its validators.
struct Page {
    app: TestApp,
    ann: Actor,
    id: String,
    path: String,
}

impl Page {
    async fn new() -> Page {
        let app = TestApp::new().await;
        let mut ann = app.author("ann").await;
        let post = ann.publish("Tides", "They come and go.").await;
        Page {
            app,
            ann,
            id: post.id,
            path: post.path,
        }
    }

    async fn get(&self, headers: &[(&'static str, &str)]) -> Response {
        ask(&self.app, Method::GET, &self.path, headers).await
    }

    async fn etag(&self) -> String {
        self.get(&[]).await.header("etag").unwrap().to_owned()
    }

    async fn last_modified(&self) -> SystemTime {
        date(&self.get(&[]).await)
    }

    /// Dates say nothing within two seconds of a change.
    async fn settle(&self) {
        let own = self
            .get(&[])
            .await
            .header("last-modified")
            .unwrap()
            .to_owned();
        until("the date counts", PATIENCE, async || {
            self.get(&[("if-modified-since", &own)]).await.status == 304
        })
        .await;
    }
}

async fn ask(
    app: &TestApp,
    method: Method,
    path: &str,
    headers: &[(&'static str, &str)],
) -> Response {
    let request = TestRequest::with_uri(path).method(method);
    app.call(headers.iter().fold(request, |request, (name, value)| {
        request.append_header((*name, *value))
    }))
    .await
}

fn date(response: &Response) -> SystemTime {
    httpdate::parse_http_date(response.header("last-modified").unwrap()).unwrap()
}

/// The three forms of RFC 9110, 5.6.7.
fn forms(at: SystemTime) -> [String; 3] {
    let at: chrono::DateTime<chrono::Utc> = at.into();
    [
        "%a, %d %b %Y %H:%M:%S GMT",
        "%A, %d-%b-%y %H:%M:%S GMT",
        "%a %b %e %H:%M:%S %Y",
    ]
    .map(|form| at.format(form).to_string())
}

#[actix_web::test]
async fn if_none_match_compares_weakly_and_reads_every_list() {
    let page = Page::new().await;
    let own = page.etag().await;
    let cases: &[(&[&str], u16)] = &[
        (&["OWN"], 304),
        (&["W/OWN"], 304),
        (&["\"x\", OWN"], 304),
        (&["\"x\",OWN,\"y\""], 304),
        (&["\"x\" ,\tW/OWN"], 304),
        (&[", , OWN, "], 304),
        (&["\"a,b\", OWN"], 304),
        (&["*"], 304),
        (&[" * "], 304),
        (&["\"x\"", "OWN"], 304),
        (&["W/OWN", "\"x\""], 304),
        (&["\"x\""], 200),
        (&["W/\"x\"", "\"y\""], 200),
        (&["\"*\""], 200),
        // A comma and a star are ordinary letters inside of quotes.
        (&["\"a,*,b\""], 200),
        (&["\"W/OWN"], 200),
        (&[""], 200),
    ];
    for (lines, status) in cases {
        let lines: Vec<String> = lines.iter().map(|line| line.replace("OWN", &own)).collect();
        let headers: Vec<_> = lines
            .iter()
            .map(|line| ("if-none-match", line.as_str()))
            .collect();
        for method in [Method::GET, Method::HEAD] {
            let answer = ask(&page.app, method.clone(), &page.path, &headers).await;
            assert_eq!(answer.status.as_u16(), *status, "{method} {lines:?}");
        }
    }
}

#[actix_web::test]
async fn if_match_compares_strongly() {
    let page = Page::new().await;
    let own = page.etag().await;
    let cases: &[(&[&str], u16)] = &[
        (&["OWN"], 200),
        (&["*"], 200),
        (&["\"x\", OWN"], 200),
        (&["\"x\"", "OWN"], 200),
        (&["W/OWN"], 412),
        (&["\"x\""], 412),
        (&["\"a,*,b\""], 412),
        (&["W/\"x\", W/OWN"], 412),
    ];
    for (lines, status) in cases {
        let lines: Vec<String> = lines.iter().map(|line| line.replace("OWN", &own)).collect();
        let headers: Vec<_> = lines
            .iter()
            .map(|line| ("if-match", line.as_str()))
            .collect();
        let answer = page.get(&headers).await;
        assert_eq!(answer.status.as_u16(), *status, "{lines:?}");
        if *status == 412 {
            assert_eq!(
                answer.header("cache-control"),
                Some(PRIVATE),
                "a refusal is for who asked"
            );
            assert!(!answer.text().contains("come and go"));
        }
    }
}

#[actix_web::test]
async fn dates_are_read_in_all_three_forms_and_nonsense_is_ignored() {
    let page = Page::new().await;
    page.settle().await;
    let changed = page.last_modified().await;
    let second = Duration::from_secs(1);
    for (at, since, unmodified) in [
        (changed, 304, 200),
        (changed + second, 304, 200),
        (changed - second, 200, 412),
        (SystemTime::UNIX_EPOCH, 200, 412),
    ] {
        for form in forms(at) {
            assert_eq!(
                page.get(&[("if-modified-since", &form)]).await.status,
                since,
                "{form}"
            );
            assert_eq!(
                page.get(&[("if-unmodified-since", &form)]).await.status,
                unmodified,
                "{form}"
            );
        }
    }
    let [now, ..] = forms(changed);
    let [old, ..] = forms(changed - second);
    let twice = format!("{now}, {now}");
    for nonsense in [
        "",
        "yesterday",
        "2024-01-01T00:00:00Z",
        "1700000000",
        "Mon, 99 Jan 2024 00:00:00 GMT",
        &twice,
    ] {
        page.get(&[("if-modified-since", nonsense)])
            .await
            .assert_status(200);
        page.get(&[("if-unmodified-since", nonsense)])
            .await
            .assert_status(200);
    }
    page.get(&[("if-modified-since", &now), ("if-modified-since", &now)])
        .await
        .assert_status(200);
    page.get(&[("if-unmodified-since", &old), ("if-unmodified-since", &old)])
        .await
        .assert_status(200);
}

#[actix_web::test]
async fn conditions_have_an_order() {
    let page = Page::new().await;
    page.settle().await;
    let own = page.etag().await;
    let changed = page.last_modified().await;
    let ([same, ..], [old, ..]) = (forms(changed), forms(changed - Duration::from_secs(60)));
    let cases: &[(&[(&'static str, &str)], u16)] = &[
        // RFC 9110, 13.1.3: with If-None-Match the date is not looked at.
        (
            &[("if-none-match", "\"x\""), ("if-modified-since", &same)],
            200,
        ),
        (&[("if-none-match", &own), ("if-modified-since", &old)], 304),
        // 13.1.4: with If-Match neither is that other date.
        (&[("if-match", &own), ("if-unmodified-since", &old)], 200),
        (
            &[("if-match", "\"x\""), ("if-unmodified-since", &same)],
            412,
        ),
        // 13.2.2: what asks for a state comes before what asks for a change.
        (&[("if-match", &own), ("if-none-match", &own)], 304),
        (&[("if-match", "\"x\""), ("if-none-match", &own)], 412),
        (&[("if-match", &own), ("if-none-match", "\"x\"")], 200),
        (
            &[("if-unmodified-since", &old), ("if-none-match", &own)],
            412,
        ),
        (
            &[("if-unmodified-since", &same), ("if-modified-since", &same)],
            304,
        ),
    ];
    for (headers, status) in cases {
        assert_eq!(
            page.get(headers).await.status.as_u16(),
            *status,
            "{headers:?}"
        );
    }
}

#[actix_web::test]
async fn conditions_are_about_what_is_there() {
    let page = Page::new().await;
    let [_, permalink] = ["", &format!("/p/{}", page.id)];
    let all = [
        ("if-none-match", "*"),
        ("if-match", "\"x\""),
        ("if-unmodified-since", "Thu, 01 Jan 1970 00:00:00 GMT"),
    ];
    for condition in all {
        for (path, status) in [
            ("/nothing", 404),
            ("/@nobody", 404),
            (permalink, 301),
            ("/newest/", 301),
            ("/settings", 303),
        ] {
            // Twice: made, and from memory.
            for _ in 0..2 {
                ask(&page.app, Method::GET, path, &[condition])
                    .await
                    .assert_status(status);
            }
        }
        let refused = [
            condition,
            ("sec-fetch-site", "same-origin"),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        ask(&page.app, Method::POST, "/login", &refused)
            .await
            .assert_status(422);
    }
}

#[actix_web::test]
async fn a_304_repeats_what_a_200_says_and_nothing_of_a_body() {
    let page = Page::new().await;
    for path in [page.path.as_str(), "/", "/feed.atom", "/robots.txt"] {
        for encoding in ["identity", "gzip", "br"] {
            let whole = if path == "/robots.txt" {
                ask(
                    &page.app,
                    Method::GET,
                    path,
                    &[("accept-encoding", encoding)],
                )
                .await
            } else {
                page.app.encoded(path, encoding).await
            };
            let headers = [
                ("accept-encoding", encoding),
                ("if-none-match", whole.header("etag").unwrap()),
            ];
            let unchanged = ask(&page.app, Method::GET, path, &headers).await;
            unchanged.assert_status(304);
            for kept in [
                "etag",
                "vary",
                "cache-control",
                "cdn-cache-control",
                "surrogate-key",
                "cache-tag",
                "last-modified",
            ] {
                assert_eq!(unchanged.header(kept), whole.header(kept), "{path} {kept}");
            }
            assert_eq!(unchanged.header("vary"), Some("Accept-Encoding"));
            assert!(unchanged.body.is_empty());
            for absent in ["content-encoding", "content-type"] {
                assert_eq!(unchanged.header(absent), None, "{path}");
            }
        }
    }
}

#[actix_web::test]
async fn validators_move_together_on_an_edit_and_only_then() {
    let mut page = Page::new().await;
    let mut other = page.app.author("ben").await;
    let elsewhere = other.publish("Elsewhere", "Far away.").await;
    let validators = async |page: &Page| {
        let answer = page.get(&[]).await;
        (answer.header("etag").unwrap().to_owned(), date(&answer))
    };
    let mut before = validators(&page).await;
    for round in 0..5 {
        other
            .edit(
                &elsewhere.id,
                &[("markdown", &format!("Far away {round}."))],
                "publish",
            )
            .await
            .assert_status(303);
        // Made anew, of the same bytes.
        let mut tx = page.app.db().begin().await.unwrap();
        tx.invalidate([CacheTag::singleton("site")]);
        tx.commit().await.unwrap();
        assert_eq!(validators(&page).await, before, "nothing changed here");
        let id = page.id.clone();
        page.ann
            .edit(
                &id,
                &[("markdown", &format!("They come and go {round}."))],
                "publish",
            )
            .await
            .assert_status(303);
        let after = validators(&page).await;
        assert_ne!(after.0, before.0);
        assert!(after.1 > before.1, "two versions share a date");
        page.get(&[("if-none-match", &before.0)])
            .await
            .assert_status(200);
        before = after;
    }
}

#[actix_web::test]
async fn a_date_says_nothing_within_two_seconds_of_the_change() {
    let mut page = Page::new().await;
    let id = page.id.clone();
    for round in 0.. {
        page.ann
            .edit(
                &id,
                &[("markdown", &format!("Version {round}."))],
                "publish",
            )
            .await
            .assert_status(303);
        let begun = Instant::now();
        let made = page.get(&[]).await;
        let answer = page
            .get(&[("if-modified-since", made.header("last-modified").unwrap())])
            .await;
        // A machine that was busy elsewhere for two seconds proves nothing.
        if begun.elapsed() < Duration::from_secs(2) {
            answer.assert_status(200);
            break;
        }
    }
    page.settle().await;
}

#[actix_web::test]
async fn each_encoding_has_a_strong_tag_of_its_own() {
    let page = Page::new().await;
    let mut tags: Vec<(&str, String)> = Vec::new();
    for encoding in ["identity", "gzip", "br"] {
        let whole = page.app.encoded(&page.path, encoding).await;
        let tag = whole.header("etag").unwrap().to_owned();
        assert!(
            tag.starts_with('"') && tag.ends_with('"') && tag.len() > 16,
            "{tag}"
        );
        for (seen, etag) in &tags {
            let headers = [("accept-encoding", encoding), ("if-match", etag)];
            assert_eq!(page.get(&headers).await.status, 412, "{seen} as {encoding}");
        }
        tags.push((encoding, tag));
    }
}

/// Walks the whole table as one person.
async fn walk(places: &Places, actor: &mut Actor, mut see: impl FnMut(&str, Access, &Response)) {
    for method in [Method::GET, Method::HEAD, Method::POST] {
        let listed = if method == Method::HEAD {
            Method::GET
        } else {
            method.clone()
        };
        for (_, policy, path) in places.all(&listed) {
            // Would end the walk, or what is walked on.
            if ["/logout", "/trash", "/revoke"]
                .iter()
                .any(|end| method == Method::POST && path.ends_with(end))
            {
                continue;
            }
            for _ in 0..2 {
                let request = TestRequest::with_uri(&path).method(method.clone());
                let answer = if method == Method::POST {
                    actor.post(&path, &[]).await
                } else {
                    actor.send(request).await
                };
                see(&format!("{method} {path}"), policy, &answer);
            }
        }
    }
}

#[actix_web::test]
async fn every_answer_says_what_the_cache_did() {
    let places = Places::new().await;
    let mut seen = std::collections::BTreeSet::new();
    let name = regex::Regex::new("^masthead-[0-9a-f]{6}; ").unwrap();
    let mut check = |what: &str, policy: Access, answer: &Response| {
        assert_eq!(answer.headers.get_all("cache-status").count(), 1, "{what}");
        let status = answer.header("cache-status").unwrap();
        let said = name.replace(status, "").into_owned();
        assert_ne!(said, status, "{what} {status}");
        let kind = said.split("ttl=").next().unwrap().to_owned();
        let known = ["hit; ", "fwd=miss", "fwd=miss; stored", "fwd=bypass"];
        assert!(known.contains(&kind.as_str()), "{what} {status}");
        if let Some(ttl) = said.strip_prefix("hit; ttl=") {
            ttl.parse::<i64>().unwrap();
        }
        assert!(
            policy == Access::CachedPublic || kind == "fwd=bypass",
            "{what} {status}"
        );
        let timing = answer
            .header("server-timing")
            .unwrap_or_else(|| panic!("{what}"));
        assert!(timing.starts_with("cache;desc="), "{what} {timing}");
        assert_eq!(answer.header("age"), None, "{what}");
        seen.insert(kind);
    };
    walk(&places, &mut places.app.anonymous(), &mut check).await;
    walk(&places, &mut places.app.sign_in("ann").await, &mut check).await;
    for crooked in ["/p/nonsense", "//", "/a%2Fb", "/newest/", "/me.json;a=b"] {
        let policy = if crooked.starts_with("/p/") {
            Access::CachedPublic
        } else {
            Access::Anonymous
        };
        check(crooked, policy, &places.app.anonymous().get(crooked).await);
    }
    let long = "a".repeat(20_000);
    check(
        "long",
        Access::Anonymous,
        &ask(&places.app, Method::GET, "/login", &[("x-long", &long)]).await,
    );
    check(
        "DELETE",
        Access::Anonymous,
        &ask(
            &places.app,
            Method::DELETE,
            "/newest",
            &[("sec-fetch-site", "none")],
        )
        .await,
    );
    assert_eq!(seen.len(), 4, "{seen:?}");
}

#[actix_web::test]
async fn every_answer_has_one_of_four_texts_for_caches() {
    let places = Places::new().await;
    let check = |what: &str, policy: Access, answer: &Response| {
        assert_eq!(answer.headers.get_all("cache-control").count(), 1, "{what}");
        let status = answer.status.as_u16();
        let read = !what.starts_with("POST");
        let allowed: &[(&str, Option<&str>)] = match (policy, status) {
            _ if !read => &[(PRIVATE, None)],
            (Access::CachedPublic, 200) => &[(SHARED, Some(SHARED_CDN))],
            (Access::CachedPublic, 301 | 404) => &[(BRIEF, Some("max-age=10"))],
            (Access::Anonymous, 200) => &[(IMMUTABLE, None)],
            (Access::Anonymous, 301 | 302) => &[(BRIEF, Some("max-age=10"))],
            _ => &[(PRIVATE, None)],
        };
        let written = (
            answer.header("cache-control").unwrap(),
            answer.header("cdn-cache-control"),
        );
        assert!(allowed.contains(&written), "{what} {status} {written:?}");
        if written.0 == PRIVATE {
            for tags in ["surrogate-key", "cache-tag"] {
                assert_eq!(answer.header(tags), None, "{what}");
            }
        } else {
            assert_eq!(answer.header("vary"), Some("Accept-Encoding"), "{what}");
        }
        // What robots read never changes, so nothing invalidates it.
        if written.0 == SHARED && !what.ends_with("/robots.txt") {
            let (keys, tags) = (answer.header("surrogate-key"), answer.header("cache-tag"));
            let (Some(keys), Some(tags)) = (keys, tags) else {
                panic!("{what} has no tags")
            };
            assert_eq!(keys.replace(' ', ","), tags, "{what}");
            assert!(
                keys.len() <= 16 * 1024 && keys.split(' ').all(|key| !key.is_empty()),
                "{what} {keys}"
            );
        }
    };
    walk(&places, &mut places.app.anonymous(), check).await;
    walk(&places, &mut places.app.sign_in("ann").await, check).await;
}

/// A query as the world sends it: marketing, arrays, duplicates, any case, nonsense.
fn query(random: &mut StdRng) -> String {
    const NAMES: [&str; 14] = [
        "utm_source",
        "UTM_Medium",
        "fbclid",
        "gclid",
        "page",
        "Before",
        "AFTER",
        "after[]",
        "a[b][c]",
        "q",
        "id",
        "%61%66",
        "x.y",
        "ref",
    ];
    let count = random.random_range(1..8);
    let pairs: Vec<String> = (0..count)
        .map(|_| {
            let name = NAMES[random.random_range(0..NAMES.len())];
            match random.random_range(0..5) {
                0 => name.to_owned(),
                1 => format!("{name}="),
                2 => format!("{name}={}", random.random::<u64>()),
                3 => format!(
                    "{name}=%{:02X}%F0+{}",
                    random.random_range(1..255),
                    random.random::<u16>()
                ),
                _ => format!("&{name}={name}&{name}={}&", random.random::<u8>()),
            }
        })
        .collect();
    pairs.join("&")
}

#[actix_web::test]
async fn prove_random_queries_make_no_entries() {
    let full = std::env::var("MASTHEAD_PROVE").is_ok_and(|value| value == "full");
    let page = Page::new().await;
    let whole = page.app.encoded(&page.path, "br").await;
    let plain = page.get(&[]).await;
    let resident = page.app.cache().resident();
    let mut random = StdRng::seed_from_u64(40);
    for _ in 0..if full { 10_000 } else { 300 } {
        let path = format!("{}?{}", page.path, query(&mut random));
        let answer = ask(&page.app, Method::GET, &path, &[]).await;
        assert_eq!(answer.assert_status(200).body, plain.body, "{path}");
        assert_eq!(answer.header("etag"), plain.header("etag"), "{path}");
        assert!(
            answer.header("cache-status").unwrap().contains("hit"),
            "{path}"
        );
    }
    assert!(
        page.app.cache().resident() <= resident,
        "something else was stored"
    );
    assert_ne!(whole.header("etag"), plain.header("etag"));
    assert_eq!(
        plain.attribute("link[rel=canonical]", "href"),
        Some(format!("http://blog.example{}", page.path))
    );
}

#[actix_web::test]
async fn cursors_that_nobody_handed_out_fill_no_memory() {
    let page = Page::new().await;
    page.app.encoded(&page.path, "br").await;
    page.app.encoded("/newest", "br").await;
    let resident = page.app.cache().resident();
    for _ in 0..20 {
        let made_up = uuid::Uuid::now_v7();
        for path in [
            format!("{}?after={made_up}", page.path),
            format!("{}?after=x", page.path),
            format!("/newest?before={}", made_up.simple()),
        ] {
            let answer = ask(&page.app, Method::GET, &path, &[]).await;
            assert!(
                !answer.header("cache-status").unwrap().contains("stored"),
                "{path} {}",
                answer.status
            );
        }
    }
    assert!(page.app.cache().resident() <= resident);
}

#[actix_web::test]
async fn a_page_that_failed_once_is_fine_again() {
    let mut page = Page::new().await;
    let id = page.id.clone();
    let grant = async |statement: &'static str| {
        sqlx::query(statement)
            .execute(&page.app.database)
            .await
            .unwrap();
    };
    grant("revoke select on posts from masthead_app").await;
    for path in [page.path.as_str(), "/newest", "/feed.atom", "/sitemap.xml"] {
        let failed = ask(&page.app, Method::GET, path, &[]).await;
        assert!(failed.status.is_server_error(), "{path} {}", failed.status);
        assert_eq!(failed.header("cache-control"), Some(PRIVATE), "{path}");
        for absent in [
            "cdn-cache-control",
            "surrogate-key",
            "cache-tag",
            "etag",
            "last-modified",
        ] {
            assert_eq!(failed.header(absent), None, "{path}");
        }
    }
    grant("grant select on posts to masthead_app").await;
    // One that nobody had asked for; the others are left alone for a second.
    ask(&page.app, Method::GET, "/@ann", &[])
        .await
        .assert_status(200);
    for path in [page.path.as_str(), "/newest", "/feed.atom", "/sitemap.xml"] {
        until(path, PATIENCE, async || {
            let answer = ask(&page.app, Method::GET, path, &[]).await;
            assert!(
                answer.status == 200 || answer.header("cache-control") == Some(PRIVATE),
                "{path}"
            );
            answer.status == 200
        })
        .await;
    }
    // With a copy there is no error, but whoever shares it must come back at once.
    page.ann
        .edit(&id, &[("markdown", "Another text.")], "publish")
        .await
        .assert_status(303);
    grant("revoke select on posts from masthead_app").await;
    let stale = page.get(&[]).await;
    assert!(
        stale
            .assert_status(200)
            .text()
            .contains("They come and go.")
    );
    assert!(
        stale
            .header("cache-control")
            .unwrap()
            .contains("s-maxage=1")
    );
    assert!(
        stale
            .header("cache-status")
            .unwrap()
            .ends_with("detail=stale")
    );
    grant("grant select on posts to masthead_app").await;
    until("the new text", PATIENCE, async || {
        page.get(&[]).await.text().contains("Another text.")
    })
    .await;
}

#[actix_web::test]
async fn head_of_a_page_that_is_not_in_memory_has_its_validators() {
    let page = Page::new().await;
    let head = ask(&page.app, Method::HEAD, &page.path, &[]).await;
    head.assert_status(200);
    assert!(head.header("etag").is_some() && head.header("last-modified").is_some());
    assert_eq!(head.header("etag"), Some(page.etag().await.as_str()));
}

#[actix_web::test]
async fn head_says_over_the_wire_what_get_says() {
    let places = Places::new().await;
    let served = Served::start(&places.app, free_port(), &[]);
    let wire = places.app.through(served.port);
    for mut actor in [wire.anonymous(), wire.sign_in("ann").await] {
        for (_, _, path) in places.all(&Method::GET) {
            // Made first, and compressed behind it.
            actor.get(&path).await;
            let get = actor.get(&path).await;
            let head = actor
                .send(TestRequest::with_uri(&path).method(Method::HEAD))
                .await;
            assert_eq!(head.status, get.status, "{path}");
            assert!(head.body.is_empty(), "{path}");
            assert!(get.header("date").is_some(), "{path}");
            assert_eq!(
                get.header("content-length"),
                Some(get.body.len().to_string().as_str()),
                "{path}"
            );
            assert_eq!(steady(&head), steady(&get), "{path}");
        }
    }
    let mut reader = wire.anonymous();
    let whole = reader.get(&places.path).await;
    let condition = TestRequest::with_uri(&places.path)
        .insert_header(("if-none-match", whole.header("etag").unwrap()));
    let unchanged = reader.send(condition).await;
    unchanged.assert_status(304);
    assert!(unchanged.header("date").is_some());
    // RFC 9110, 8.6: none, or that of the 200.
    assert!(
        unchanged
            .header("content-length")
            .is_none_or(|length| length == whole.header("content-length").unwrap())
    );
}

/// The headers that do not differ from one request to the next.
fn steady(response: &Response) -> Vec<(String, String)> {
    let mut all: Vec<_> = response
        .headers
        .iter()
        .filter(|(name, _)| {
            !["date", "x-correlation-id", "cache-status", "server-timing"].contains(&name.as_str())
        })
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    all.sort();
    all
}
