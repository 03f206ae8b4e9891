//! What the configurations in `deploy/` promise, on the real programs in front of an origin that is made up: it
//! answers with the headers that Masthead sends, and changes its text, or dies, when a test says so.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, ETAG, IF_NONE_MATCH, SET_COOKIE, VARY,
};
use actix_web::rt::System;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};

use crate::support::{SharedCache, wait_until};

const POST: &str = "/@anna/lighthouse";
/// As a text: the origin answers 500.
const FAILS: &str = "fails";

#[test]
fn varnish_shares_public_pages_and_nothing_else() {
    let origin = Origin::start(3600);
    let cache = SharedCache::varnish(origin.port);
    shares_public_pages_and_nothing_else(&origin, &cache);
}

#[test]
fn nginx_shares_public_pages_and_nothing_else() {
    let origin = Origin::start(3600);
    let cache = SharedCache::nginx(origin.port);
    shares_public_pages_and_nothing_else(&origin, &cache);
}

fn shares_public_pages_and_nothing_else(origin: &Origin, cache: &SharedCache) {
    origin.say(POST, "The first text");
    let (first, second) = (
        cache.get(POST),
        cache.get(&format!("{POST}?utm_source=letter&fbclid=7")),
    );
    assert_eq!(
        (first.text(), second.text()),
        ("The first text".into(), "The first text".into())
    );
    assert!(second.header("cache-status").unwrap().contains("; hit"));
    for name in ["surrogate-key", "cache-tag", "xkey", "cdn-cache-control"] {
        assert_eq!(
            (first.header(name), second.header(name)),
            (None, None),
            "{name}"
        );
    }
    let etag = second.header("etag").unwrap();
    cache
        .get_with(POST, &[("If-None-Match", etag)])
        .assert_status(304);
    cache
        .get_with(POST, &[("Cookie", "theme=dark; mysid=1")])
        .assert_status(200);
    assert_eq!(origin.requests(POST), 1);

    for accept in [
        "gzip, deflate, br, zstd",
        "br;q=0.9, gzip",
        "gzip",
        "gzip, deflate",
        "br;q=0, gzip",
    ] {
        let encoding = if accept.contains("br") && !accept.contains("q=0,") {
            "br"
        } else {
            "gzip"
        };
        let answer = cache.get_with(POST, &[("Accept-Encoding", accept)]);
        assert_eq!(
            answer.text(),
            format!("The first text in {encoding}"),
            "{accept}"
        );
    }
    assert_eq!(origin.requests(POST), 3);

    for cookie in ["sid=a", "__Host-sid=a", "theme=dark; ryw=a", "__Host-ryw=a"] {
        cache
            .get_with(POST, &[("Cookie", cookie)])
            .assert_status(200);
    }
    cache
        .get_with(POST, &[("Authorization", "Bearer a")])
        .assert_status(200);
    assert_eq!(origin.requests(POST), 8);

    for path in ["/private", "/with-cookie", "/broken"] {
        origin.say(path, "Mine");
        for _ in 0..3 {
            cache.get(path);
        }
        assert_eq!(origin.requests(path), 3, "{path}");
    }
    for method in ["TRACE", "CONNECT", "BREW"] {
        assert!(
            cache
                .ask(method, POST, &[])
                .unwrap()
                .status
                .is_client_error(),
            "{method}"
        );
    }
    assert_eq!(
        origin.requests(POST),
        8,
        "the origin sees no method that it does not know"
    );
}

#[test]
fn varnish_shows_an_edit_at_once_and_a_taken_down_text_never_again() {
    let origin = Origin::start(3600);
    let cache = SharedCache::varnish(origin.port);
    origin.say(POST, "The first text");
    cache.get(POST);
    for number in 0..20 {
        let text = format!("Edit {number}");
        origin.say(POST, &text);
        assert_eq!(cache.soft_purge("post-2 post-1"), 1);
        assert_eq!(cache.get(POST).text(), text);
    }
    assert_eq!(cache.purge("post-2"), 0);
    let relayed = cache
        .ask(
            "PURGE",
            "/",
            &[("xkey-purge", "post-1"), ("X-Forwarded-For", "203.0.113.9")],
        )
        .unwrap();
    relayed.assert_status(403);

    // An origin that fails and one that is dead are the same to readers.
    origin.say(POST, FAILS);
    cache.soft_purge("post-1");
    for _ in 0..3 {
        assert_eq!(cache.get(POST).assert_status(200).text(), "Edit 19");
    }
    origin.stop();
    cache.soft_purge("post-1");
    for _ in 0..3 {
        assert_eq!(cache.get(POST).assert_status(200).text(), "Edit 19");
    }
    assert_eq!(cache.purge("post-1"), 1);
    for _ in 0..20 {
        cache.get(POST).assert_status(503);
    }
}

/// Nobody can tell nginx what was taken down. So what ran out is shown neither while the origin is dead nor while it fails.
#[test]
fn nginx_shows_nothing_that_ran_out_while_the_origin_is_dead() {
    let origin = Origin::start(3600);
    let cache = SharedCache::nginx_that_keeps(origin.port, "1s");
    origin.say(POST, "The first text");
    cache.get(POST);
    origin.say(POST, "The second text");
    until(|| cache.get(POST).text() == "The second text");
    until(|| cache.get(POST).header("cache-status") == Some("nginx; fwd=stale; fwd-status=304"));
    origin.say(POST, FAILS);
    until(|| cache.get(POST).status == 500);
    for _ in 0..20 {
        cache.get(POST).assert_status(500);
    }
    origin.say(POST, "The third text");
    until(|| cache.get(POST).text() == "The third text");
    origin.stop();
    until(|| cache.get(POST).status == 503);
    for _ in 0..20 {
        cache.get(POST).assert_status(503);
    }
    cache
        .get_with(POST, &[("Cookie", "sid=a")])
        .assert_status(503);
}

/// Time passes in a cache by its own clock only.
fn until(mut reached: impl FnMut() -> bool) {
    wait_until(|| match reached() {
        true => Ok(()),
        false => Err("it has not come to that".to_owned()),
    });
}

/// What the origin says, and how often it was asked, for each path.
struct Texts {
    lifetime: u32,
    pages: Mutex<HashMap<String, (String, usize)>>,
}

struct Origin {
    port: u16,
    texts: Arc<Texts>,
    handle: ServerHandle,
}

impl Origin {
    /// Public pages may be shared for so many seconds.
    fn start(lifetime: u32) -> Origin {
        // Varnish looks at it each second, and shows old copies while it has reason to take the origin for ill.
        let alive = HashMap::from([("/robots.txt".to_owned(), ("User-agent: *".to_owned(), 0))]);
        let texts = Arc::new(Texts {
            lifetime,
            pages: Mutex::new(alive),
        });
        let served = texts.clone();
        let (tell, told) = channel();
        // On a thread of its own, since the tests block theirs.
        thread::spawn(move || {
            System::new().block_on(async {
                let texts = web::Data::from(served);
                let server = HttpServer::new(move || {
                    App::new()
                        .app_data(texts.clone())
                        .default_service(web::to(answer))
                });
                let server = server
                    .workers(1)
                    .disable_signals()
                    .bind((Ipv4Addr::LOCALHOST, 0))
                    .unwrap();
                let port = server.addrs()[0].port();
                let server = server.run();
                tell.send((port, server.handle())).unwrap();
                server.await.unwrap();
            });
        });
        let (port, handle) = told.recv().unwrap();
        Origin {
            port,
            texts,
            handle,
        }
    }

    fn say(&self, path: &str, text: &str) {
        self.texts
            .pages
            .lock()
            .unwrap()
            .entry(path.into())
            .or_default()
            .0 = text.into();
    }

    fn requests(&self, path: &str) -> usize {
        self.texts.pages.lock().unwrap()[path].1
    }

    /// Dies at once, with all its connections.
    fn stop(self) {
        System::new().block_on(self.handle.stop(false));
    }
}

async fn answer(req: HttpRequest, texts: web::Data<Texts>) -> HttpResponse {
    let mut pages = texts.pages.lock().unwrap();
    let Some((text, requests)) = pages.get_mut(req.path()) else {
        return HttpResponse::NotFound()
            .insert_header((CACHE_CONTROL, "private, no-store"))
            .finish();
    };
    *requests += 1;
    match req.path() {
        "/private" => HttpResponse::Ok()
            .insert_header((CACHE_CONTROL, "private, no-store"))
            .body(text.clone()),
        "/with-cookie" => public(&req, text, texts.lifetime, StatusCode::OK, Some("sid=a")),
        _ if text == FAILS => HttpResponse::InternalServerError()
            .insert_header((CACHE_CONTROL, "private, no-store"))
            .finish(),
        "/broken" => public(
            &req,
            text,
            texts.lifetime,
            StatusCode::INTERNAL_SERVER_ERROR,
            None,
        ),
        _ => public(&req, text, texts.lifetime, StatusCode::OK, None),
    }
}

fn public(
    req: &HttpRequest,
    text: &str,
    lifetime: u32,
    status: StatusCode,
    cookie: Option<&str>,
) -> HttpResponse {
    let accepted = req
        .headers()
        .get(ACCEPT_ENCODING)
        .map_or("", |accepted| accepted.to_str().unwrap());
    // The caches have reduced it to one word, or nothing.
    let text = if accepted.is_empty() {
        text.to_owned()
    } else {
        format!("{text} in {accepted}")
    };
    let etag = format!("\"{}\"", text.replace(' ', "-"));
    let same = req
        .headers()
        .get(IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == etag.as_bytes());
    let mut response = HttpResponse::build(if same {
        StatusCode::NOT_MODIFIED
    } else {
        status
    });
    response
        .insert_header((
            CACHE_CONTROL,
            format!("public, max-age=0, s-maxage={lifetime}, stale-if-error=86400"),
        ))
        .insert_header((
            "CDN-Cache-Control",
            format!("max-age={lifetime}, stale-while-revalidate=30, stale-if-error=86400"),
        ))
        .insert_header(("Surrogate-Key", "site post-1 author-1"))
        .insert_header(("Cache-Tag", "site,post-1,author-1"))
        .insert_header((VARY, "Accept-Encoding"))
        .insert_header((ETAG, etag));
    if let Some(cookie) = cookie {
        response.insert_header((SET_COOKIE, cookie));
    }
    if same {
        response.finish()
    } else {
        response.body(text)
    }
}
