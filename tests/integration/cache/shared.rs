//! Real Varnish and nginx in front of the real site: what is shared, how fast an edit is seen, and that what was
//! taken down stays away. With `MASTHEAD_PROVE=full` they run longer.

use std::io::Read;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::places::picture;
use crate::support::{Actor, PASSWORD, Response, Served, SharedCache, TestApp, free_port, until};

const PATIENCE: Duration = Duration::from_secs(60);

fn is_full() -> bool {
    std::env::var("MASTHEAD_PROVE").is_ok_and(|value| value == "full")
}

/// A node on a port with a cache in front of it.
struct Behind {
    /// Asked without the cache: how authors come who are signed in.
    site: TestApp,
    served: Served,
    cache: SharedCache,
}

impl Behind {
    async fn varnish() -> Behind {
        let app = TestApp::new().await;
        let port = free_port();
        let cache = SharedCache::varnish(port);
        let url = format!("http://127.0.0.1:{}", cache.port);
        let settings = [
            ("MASTHEAD_CDN", "varnish"),
            ("MASTHEAD_CDN_URL", &url),
            ("MASTHEAD_TRUSTED_PROXIES", "127.0.0.1"),
        ];
        Behind::with(&app, port, cache, &settings).await
    }

    async fn nginx() -> Behind {
        Behind::nginx_that_keeps("10s").await
    }

    async fn nginx_that_keeps(time: &str) -> Behind {
        let app = TestApp::new().await;
        let port = free_port();
        let cache = SharedCache::nginx_that_keeps(port, time);
        Behind::with(
            &app,
            port,
            cache,
            &[("MASTHEAD_TRUSTED_PROXIES", "127.0.0.1")],
        )
        .await
    }

    async fn with(
        app: &TestApp,
        port: u16,
        cache: SharedCache,
        settings: &[(&str, &str)],
    ) -> Behind {
        let served = Served::start(app, port, settings);
        let site = app.through(port);
        let behind = Behind {
            site,
            served,
            cache,
        };
        until("the cache reaches the node", PATIENCE, async || {
            behind.cache.get("/robots.txt").status == 200
        })
        .await;
        behind
    }

    /// Waits until the cache answers by itself. A publication is purged when its job is done and once more five seconds later:
    /// either may come between two questions.
    async fn until_hit(&self, path: &str) {
        until("it is in the cache", PATIENCE, async || {
            is_hit(&self.cache.get(path))
        })
        .await;
    }

    /// Waits until a reader gets this text from the cache.
    async fn until_shown(&self, path: &str, text: &str) {
        until(text, PATIENCE, async || {
            self.cache.get(path).text().contains(text)
        })
        .await;
    }
}

/// What the outer cache says of itself; the node in front of which it stands may speak of its own memory.
fn is_hit(answer: &Response) -> bool {
    let last = answer
        .headers
        .get_all("cache-status")
        .last()
        .map(|line| line.to_str().unwrap())
        .unwrap_or_default();
    last.rsplit(',')
        .next()
        .is_some_and(|own| own.contains("; hit"))
}

async fn change(author: &mut Actor, id: &str, text: &str) {
    author
        .edit(id, &[("markdown", text)], "publish")
        .await
        .assert_status(303);
}

#[actix_web::test]
async fn prove_varnish_shows_an_edit_soon_and_never_the_old_text_again() {
    let behind = Behind::varnish().await;
    let mut ann = behind.site.author("ann").await;
    let post = ann.publish("Tides", "The text number zero.").await;
    let list = "/@ann";
    assert_eq!(
        behind.cache.get(&post.path).header("cache-control"),
        Some("public, max-age=0, s-maxage=3600, stale-if-error=86400")
    );
    for path in [
        &post.path,
        list,
        &format!("{}?utm_source=letter", post.path),
    ] {
        behind.until_hit(path).await;
    }
    pressed(&behind, &post.path);
    let mut latencies = Vec::new();
    for round in 0..if is_full() { 100 } else { 3 } {
        let (text, title) = (
            format!("The text of round {round}."),
            format!("Tides {round}"),
        );
        ann.edit(
            &post.id,
            &[("markdown", &text), ("title", &title)],
            "publish",
        )
        .await
        .assert_status(303);
        let begun = Instant::now();
        behind.until_shown(&post.path, &text).await;
        latencies.push(begun.elapsed());
        behind.until_shown(list, &title).await;
        let short = pressed(&behind, &post.path);
        assert_eq!(
            short.header("content-encoding"),
            Some("br"),
            "an edit costs readers the short form"
        );
        assert!(String::from_utf8_lossy(&opened(&short)).contains(&text));
        for _ in 0..5 {
            let again = behind.cache.get(&post.path);
            assert!(again.text().contains(&text), "the old text came back");
        }
    }
    // The second purge of the last edit is behind us, too: nothing can bring the old text back.
    until("all purges", PATIENCE, async || {
        behind
            .site
            .count("select count(*) from jobs where kind = 'cdn.purge'")
            .await
            == 0
    })
    .await;
    behind.until_shown(&post.path, "The text of round").await;
    behind.cache.get(&post.path);
    assert!(is_hit(&behind.cache.get(&post.path)));
    latencies.sort();
    if is_full() {
        let [least, middle, most] = [
            latencies[0],
            latencies[latencies.len() / 2],
            latencies[latencies.len() - 1],
        ];
        println!(
            "Varnish shows an edit after {least:?} / {middle:?} / {most:?} (least, median, most of {})",
            latencies.len()
        );
    }
}

#[actix_web::test]
async fn varnish_never_shows_what_was_taken_down_even_without_a_node() {
    let mut behind = Behind::varnish().await;
    let mut ann = behind.site.author("ann").await;
    let mut gone = Vec::new();
    for (title, act) in [("Withdrawn", "unpublish"), ("Thrown away", "trash")] {
        let post = ann
            .publish(title, &format!("The text called {title}."))
            .await;
        for path in [post.path.as_str(), "/", "/@ann", "/feed.atom"] {
            behind.until_hit(path).await;
            behind.cache.get(path).assert_status(200);
        }
        // A copy that nobody asks for again, so that no 404 takes its place.
        assert_eq!(
            pressed(&behind, &post.path)
                .assert_status(200)
                .header("content-encoding"),
            Some("br")
        );
        ann.post(&format!("/p/{}/{act}", post.id), &[])
            .await
            .assert_status(303);
        gone.push((post.path, format!("The text called {title}.")));
    }
    let kept = ann.publish("Still here", "A text that stays.").await;
    behind.until_shown(&kept.path, "stays").await;
    for (path, _) in &gone {
        until("it is gone", PATIENCE, async || {
            behind.cache.get(path).status == 404
        })
        .await;
    }
    behind.until_shown("/@ann", "Still here").await;
    until("the lists", PATIENCE, async || {
        let lists = ["/", "/@ann", "/feed.atom"].map(|path| behind.cache.get(path).text());
        lists
            .iter()
            .all(|list| !list.contains("Withdrawn") && !list.contains("Thrown away"))
    })
    .await;
    // A copy that had gone before leaves the page missing without the purge of its other encoding, which must be done too.
    until("the purges are done", PATIENCE, async || {
        behind
            .site
            .count("select count(*) from jobs where kind = 'cdn.purge'")
            .await
            == 0
    })
    .await;
    behind.served.kill();
    for (path, text) in &gone {
        for _ in 0..50 {
            let answer = behind.cache.get(path);
            assert!(
                answer.status != 200 && !answer.text().contains(text),
                "{path} rose again: {}",
                answer.status
            );
            assert_ne!(
                pressed(&behind, path).status,
                200,
                "{path} rose again in brotli"
            );
        }
    }
    // Everything else is still read.
    assert!(
        behind
            .cache
            .get(&kept.path)
            .assert_status(200)
            .text()
            .contains("stays")
    );
    for path in ["/", "/@ann", "/feed.atom"] {
        let text = behind.cache.get(path).text();
        assert!(
            !text.contains("Withdrawn") && !text.contains("Thrown away"),
            "{path}"
        );
    }
}

/// Who posts what where, where readers see it, and what they must not see there afterwards.
type Act<'a> = (
    &'a mut Actor,
    &'a str,
    &'a [(&'a str, &'a str)],
    &'a str,
    &'a str,
);

/// The page after a take-down waits for the purge, and what it says is true when it is read.
#[actix_web::test]
async fn varnish_shows_nothing_any_more_of_what_the_page_calls_gone() {
    let behind = Behind::varnish().await;
    let mut ann = behind.site.author("ann").await;
    let mut ben = behind.site.author("ben").await;
    let fields = [
        ("title", "Tides"),
        ("markdown", "Text."),
        ("authors", "ann, ben"),
    ];
    let post = ann.publish_with(&fields).await;
    ben.accept(&post.id).await;
    ben.send(picture()).await.assert_status(303);
    let shown = ben.get("/me.json").await.json()["user"]["avatar"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut said = Vec::new();
    for text in ["Rude words.", "Hasty words."] {
        ben.post(&format!("{}/comment", post.path), &[("markdown", text)])
            .await
            .assert_status(303);
        said.push(
            behind
                .site
                .text("select public_id::text from comments order by id desc limit 1")
                .await,
        );
    }
    let email = ben.get("/settings").await.field("email");
    let mut owner = behind.site.owner().await;
    let version = owner
        .get(&format!("/comments/{}/decide", said[0]))
        .await
        .field("version");
    let hide = [
        ("decision", "hide"),
        ("reason", "House rules."),
        ("version", version.as_str()),
    ];
    let rename = [
        ("username", "benjamin"),
        ("email", email.as_str()),
        ("current_password", PASSWORD),
    ];
    let (byline, unpublish) = (
        format!("/p/{}/byline/decline", post.id),
        format!("/p/{}/unpublish", post.id),
    );
    let (decide, delete) = (
        format!("/comments/{}/decide", said[0]),
        format!("/comments/{}/delete", said[1]),
    );
    let acts: [Act<'_>; 6] = [
        (&mut owner, &decide, &hide, &post.path, "Rude words."),
        (&mut ben.clone(), &delete, &[], &post.path, "Hasty words."),
        (&mut ben.clone(), "/settings/avatar/remove", &[], &shown, ""),
        (
            &mut ben.clone(),
            "/settings/account",
            &rename,
            "/@ben",
            "@ben",
        ),
        (&mut ben.clone(), &byline, &[], &post.path, "benjamin"),
        (&mut ann, &unpublish, &[], &post.path, "Tides"),
    ];
    for (actor, path, form, seen_at, secret) in acts {
        for _ in 0..2 {
            let copy = behind.cache.get(seen_at);
            assert_eq!(copy.status, 200, "{seen_at}");
            assert!(
                String::from_utf8_lossy(&copy.body).contains(secret),
                "{seen_at} shows {secret}"
            );
        }
        behind.until_hit(seen_at).await;
        let done = actor.post(path, form).await;
        done.assert_status(303);
        // Where the purge takes longer than the page waits, it says that; asked again it waits again.
        until("the CDN has dropped its copies", PATIENCE, async || {
            let notice = actor
                .get(done.location())
                .await
                .all("[role=status]")
                .join(" ");
            assert!(notice.contains("CDN"), "{path}: {notice}");
            notice.contains("The CDN has dropped its copies")
        })
        .await;
        let copy = behind.cache.get(seen_at);
        let shows = copy.status == 200 && String::from_utf8_lossy(&copy.body).contains(secret);
        assert!(!shows, "{path}: {seen_at} is still shown");
    }
}

fn pressed(behind: &Behind, path: &str) -> Response {
    behind.cache.get_with(path, &[("Accept-Encoding", "br")])
}

#[actix_web::test]
async fn varnish_passes_whoever_is_signed_in() {
    let behind = Behind::varnish().await;
    passes_whoever_is_signed_in(&behind).await;
}

#[actix_web::test]
async fn nginx_passes_whoever_is_signed_in() {
    let behind = Behind::nginx().await;
    passes_whoever_is_signed_in(&behind).await;
}

async fn passes_whoever_is_signed_in(behind: &Behind) {
    let ann = behind.site.author("ann").await;
    let ben = behind.site.author("ben").await;
    for path in ["/me.json", "/settings", "/dashboard", "/"] {
        for _ in 0..2 {
            for (person, other) in [(&ann, "ben"), (&ben, "ann")] {
                let cookie = format!("sid={}", person.cookie("sid").unwrap());
                let answer = behind.cache.get_with(path, &[("Cookie", &cookie)]);
                answer.assert_status(200);
                assert!(!is_hit(&answer), "{path}");
                assert!(!answer.text().contains(&format!("@{other}")), "{path}");
                assert_eq!(
                    answer.text().contains(&person.username),
                    path != "/",
                    "{path}"
                );
            }
            let stranger = behind.cache.get(path);
            for name in ["\"ann\"", "\"ben\"", "@ann", "@ben"] {
                assert!(
                    !stranger.text().contains(name),
                    "{path} shows {name} to strangers"
                );
            }
        }
    }
    let credentials = behind
        .cache
        .get_with("/", &[("Authorization", "Bearer t0ken")]);
    assert!(!is_hit(&credentials));
    assert_eq!(
        credentials.header("cache-control"),
        Some("private, no-store")
    );
    behind.until_hit("/").await;
}

#[actix_web::test]
async fn varnish_keeps_the_encodings_apart() {
    let behind = Behind::varnish().await;
    keeps_the_encodings_apart(&behind).await;
}

#[actix_web::test]
async fn nginx_keeps_the_encodings_apart() {
    let behind = Behind::nginx().await;
    keeps_the_encodings_apart(&behind).await;
}

async fn keeps_the_encodings_apart(behind: &Behind) {
    let mut ann = behind.site.author("ann").await;
    let post = ann
        .publish("Tides", &"They come and go. ".repeat(100))
        .await;
    let plain = behind.cache.get(&post.path);
    for (accept, encoding) in [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("identity", ""),
    ] {
        let ask = || {
            behind
                .cache
                .get_with(&post.path, &[("Accept-Encoding", accept)])
        };
        // Without a purger the node compresses behind its first answer, and the cache keeps that one for a while.
        until(accept, PATIENCE, async || {
            ask().header("content-encoding").unwrap_or_default() == encoding
        })
        .await;
        for _ in 0..2 {
            let answer = ask();
            assert_eq!(
                answer.header("content-encoding").unwrap_or_default(),
                encoding
            );
            assert_eq!(opened(&answer), plain.body, "{accept}");
            assert_eq!(answer.header("vary"), Some("Accept-Encoding"));
            let known = [
                ("Accept-Encoding", accept),
                ("If-None-Match", answer.header("etag").unwrap()),
            ];
            behind.cache.get_with(&post.path, &known).assert_status(304);
        }
    }
    assert_eq!(behind.cache.get(&post.path).body, plain.body);
}

/// The body as it was before it was compressed.
fn opened(answer: &Response) -> Vec<u8> {
    let mut body = Vec::new();
    match answer.header("content-encoding") {
        Some("br") => brotli::BrotliDecompress(&mut answer.body.as_slice(), &mut body).unwrap(),
        Some("gzip") => {
            flate2::read::GzDecoder::new(answer.body.as_slice())
                .read_to_end(&mut body)
                .unwrap();
        }
        _ => body.clone_from(&answer.body),
    }
    body
}

#[actix_web::test]
async fn nginx_shows_an_edit_when_its_copy_runs_out_and_nothing_old_while_the_node_is_away() {
    let mut behind = Behind::nginx_that_keeps("1s").await;
    let mut ann = behind.site.author("ann").await;
    let post = ann.publish("Tides", "The first text.").await;
    let gone = ann.publish("Withdrawn", "A secret.").await;
    behind.until_shown(&post.path, "The first text.").await;
    behind.until_shown(&gone.path, "A secret.").await;
    change(&mut ann, &post.id, "The second text.").await;
    behind.until_shown(&post.path, "The second text.").await;
    // The copy of this one lies there, and nobody asks for it in between.
    ann.post(&format!("/p/{}/unpublish", gone.id), &[])
        .await
        .assert_status(303);
    behind.served.kill();
    until("what ran out is not shown", PATIENCE, async || {
        [&post.path, &gone.path]
            .iter()
            .all(|path| behind.cache.get(path).status == 503)
    })
    .await;
    for _ in 0..20 {
        behind.cache.get(&gone.path).assert_status(503);
    }
    let cookie = format!("sid={}", ann.cookie("sid").unwrap());
    behind
        .cache
        .get_with("/settings", &[("Cookie", &cookie)])
        .assert_status(503);
}

#[actix_web::test]
async fn prove_a_mixed_run_through_varnish_is_right_and_mostly_shared() {
    let (asked, hits) = mixed_run(&Behind::varnish().await, Told::OfEveryChange).await;
    println!(
        "Varnish: {hits} of {asked} answers to strangers from the shared cache, {:.1} %",
        percent(hits, asked)
    );
}

#[actix_web::test]
async fn prove_a_mixed_run_through_nginx_is_right_and_mostly_shared() {
    let (asked, hits) = mixed_run(&Behind::nginx().await, Told::Nothing).await;
    println!(
        "nginx: {hits} of {asked} answers to strangers from the shared cache, {:.1} %",
        percent(hits, asked)
    );
}

#[derive(Clone, Copy, PartialEq)]
enum Told {
    OfEveryChange,
    /// It finds out when its copies run out.
    Nothing,
}

/// Strangers in two encodings, somebody who is signed in, and an author who edits one time in two hundred. Gives how many
/// answers strangers got, and how many of them from the shared cache.
async fn mixed_run(behind: &Behind, told: Told) -> (usize, usize) {
    let mut ann = behind.site.author("ann").await;
    let mut posts = Vec::new();
    for number in 0..8 {
        posts.push((
            ann.publish(&format!("Post {number}"), "Version 0.").await,
            0,
        ));
    }
    let cookie = format!("sid={}", ann.cookie("sid").unwrap());
    let mut random = StdRng::seed_from_u64(34);
    let (mut asked, mut hits) = (0_usize, 0_usize);
    for _ in 0..if is_full() { 20_000 } else { 300 } {
        let chosen = random.random_range(0..posts.len());
        let (post, version) = &mut posts[chosen];
        match random.random_range(0..200) {
            0 => {
                *version += 1;
                let text = format!("Version {version}.");
                change(&mut ann, &post.id, &text).await;
                if told == Told::OfEveryChange {
                    behind.until_shown(&post.path, &text).await;
                }
            }
            1..20 => {
                let answer = behind.cache.get_with(&post.path, &[("Cookie", &cookie)]);
                assert_eq!(
                    version_in(answer.assert_status(200)),
                    *version,
                    "who is signed in is passed through"
                );
                assert!(!is_hit(&answer));
            }
            20..60 => {
                let list = ["/", "/newest", "/@ann", "/feed.atom"][random.random_range(0..4)];
                asked += 1;
                hits += usize::from(is_hit(behind.cache.get(list).assert_status(200)));
            }
            _ => {
                let answer = behind.cache.get_with(
                    &post.path,
                    &[("Accept-Encoding", ["", "br"][random.random_range(0..2)])],
                );
                let shown = version_in(&answer);
                assert!(
                    shown == *version || told == Told::Nothing && shown < *version,
                    "{shown} of {version}"
                );
                asked += 1;
                hits += usize::from(is_hit(&answer));
            }
        }
    }
    for (post, version) in &posts {
        behind
            .until_shown(&post.path, &format!("Version {version}."))
            .await;
    }
    assert!(hits > asked / 2, "{hits} of {asked}");
    (asked, hits)
}

fn version_in(answer: &Response) -> usize {
    let text = String::from_utf8_lossy(&opened(answer)).into_owned();
    let after = text
        .split(">Version ")
        .nth(1)
        .expect("a post with its text");
    after
        .split('.')
        .next()
        .and_then(|number| number.parse().ok())
        .expect("the number of a version")
}

fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole as f64
}
