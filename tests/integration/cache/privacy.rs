//! Nothing of one person reaches another through a shared cache, however badly that cache behaves, and nothing on a
//! shared page belongs to anybody.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use actix_web::http::{Method, Uri};
use actix_web::test::TestRequest;
use masthead::features::accounts::Access;
use scraper::{Html, Selector};

use super::places::{DRAFT, DRAFT_TEXT, Places};
use crate::support::{Actor, PASSWORD, Response, TestApp};

/// What RFC 9111 lets a shared cache store: said so, or by the status alone, which many caches take for a yes.
fn storable(response: &Response) -> bool {
    let control = response
        .header("cache-control")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let says = |word: &str| {
        control
            .split(',')
            .any(|part| part.trim().split('=').next() == Some(word))
    };
    let heuristic = [200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501]
        .contains(&response.status.as_u16());
    !says("no-store")
        && !says("private")
        && (heuristic || says("public") || says("s-maxage") || says("max-age"))
}

/// Everything that a reader could see of an answer.
fn seen(response: &Response) -> String {
    let headers: String = response
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value:?}\n"))
        .collect();
    headers + &String::from_utf8_lossy(&response.body)
}

/// The worst cache that the RFC allows, and worse: heeds neither Vary nor cookies nor expiry, and knows an address
/// by its letters only.
#[derive(Default)]
struct Hostile {
    stored: HashMap<String, String>,
}

impl Hostile {
    async fn get(&mut self, actor: &mut Actor, path: &str) -> String {
        if let Some(stored) = self.stored.get(path) {
            return stored.clone();
        }
        let answer = actor.get(path).await;
        let text = seen(&answer);
        if storable(&answer) {
            self.stored.insert(path.to_owned(), text.clone());
        }
        text
    }
}

/// A person and what must not be seen of them.
struct Person {
    actor: Actor,
    secrets: Vec<String>,
}

/// Somebody who writes, with a mark of theirs in everything that is not for the public.
async fn person(app: &TestApp, username: &str) -> Person {
    let mut actor = app.anonymous();
    let (email, mark) = (
        format!("{username}-kanarie-mail@example.org"),
        |what: &str| format!("{username}-kanarie-{what}"),
    );
    let form = [
        ("username", username),
        ("name", ""),
        ("email", email.as_str()),
        ("password", PASSWORD),
    ];
    actor.post("/signup", &form).await.assert_status(303);
    // The address is known to who asks for it, so it holds no mark.
    let fields = |what: &str| {
        let [title, text, tag] =
            ["title", "text", "tag"].map(|part| mark(&format!("{what}-{part}")));
        [
            ("title", title),
            ("markdown", text),
            ("tags", tag),
            ("slug", what.to_owned()),
        ]
    };
    let draft = fields("draft");
    actor
        .draft(
            &draft
                .each_ref()
                .map(|(name, value)| (*name, value.as_str())),
        )
        .await;
    for (what, act) in [("withdrawn", "unpublish"), ("trashed", "trash")] {
        let text = fields(what);
        let post = actor
            .publish_with(&text.each_ref().map(|(name, value)| (*name, value.as_str())))
            .await;
        // Seen by the public as long as it was there.
        app.anonymous().get(&post.path).await.assert_status(200);
        actor
            .post(&format!("/p/{}/{act}", post.id), &[])
            .await
            .assert_status(303);
    }
    let session = actor
        .cookie("sid")
        .unwrap_or_else(|| panic!("no session"))
        .to_owned();
    Person {
        actor: actor.named(username),
        secrets: vec![format!("{username}-kanarie"), session],
    }
}

/// Every address of the site, and those of both persons' own things.
async fn addresses(places: &Places) -> Vec<String> {
    let mut all: BTreeSet<String> = places
        .all(&Method::GET)
        .into_iter()
        .map(|(_, _, path)| path)
        .collect();
    let texts: Vec<(String, String, String)> = sqlx::query_as(
        "select p.public_id::text, u.username::text, coalesce(p.slug, '')::text from posts p join users u on u.id = p.owner_id",
    )
    .fetch_all(&places.app.database)
    .await
    .unwrap();
    for (id, username, slug) in texts {
        all.extend(["", "/edit", "/preview", "/publish"].map(|end| format!("/p/{id}{end}")));
        all.extend([
            format!("/me.json?post={id}"),
            format!("/@{username}"),
            format!("/@{username}/feed.atom"),
        ]);
        all.extend(["", ".md", "/edit", "/comment"].map(|end| format!("/@{username}/{slug}{end}")));
    }
    all.insert("/settings?saved=profile".into());
    all.into_iter().collect()
}

#[actix_web::test]
async fn no_mark_of_one_person_reaches_another() {
    let places = Places::new().await;
    let mut anna = person(&places.app, "anna").await;
    let mut bert = person(&places.app, "bert").await;
    let mut nobody = Person {
        actor: places.app.anonymous(),
        secrets: Vec::new(),
    };
    let addresses = addresses(&places).await;
    let mut own = 0;
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let mut cache = Hostile::default();
        for path in &addresses {
            for _ in 0..2 {
                for who in order {
                    let text = match who {
                        0 => cache.get(&mut anna.actor, path).await,
                        1 => cache.get(&mut bert.actor, path).await,
                        _ => cache.get(&mut nobody.actor, path).await,
                    };
                    let people = [&anna, &bert, &nobody];
                    for (other, person) in people.iter().enumerate() {
                        let found = person.secrets.iter().find(|secret| text.contains(*secret));
                        own += usize::from(found.is_some() && other == who);
                        assert!(
                            other == who || found.is_none(),
                            "{path}: {who} sees {found:?} of {other}"
                        );
                    }
                }
            }
        }
        assert!(
            cache.stored.len() > 15,
            "the cache stored nothing worth stealing: {:?}",
            cache.stored.keys()
        );
    }
    assert!(own > 30, "the marks are nowhere: {own}");
}

/// What people append to make a cache take a private page for a file, or two machines read one address differently.
const TRICKS: [&str; 40] = [
    "/x.css",
    "/x.js",
    "/x.jpg",
    "/x.ico",
    ".css",
    ".js",
    ".json",
    ".png",
    ".md",
    ".atom",
    "?x.css",
    "?/x.css",
    "#x.css",
    "/",
    "//",
    "///x.css",
    ";a=b",
    ";.css",
    ";/x.css",
    "%3B.css",
    "%2fx.css",
    "%2F..%2Fassets%2Fx.css",
    "%2f..%2f",
    "%5cx.css",
    "\\x.css",
    "%00",
    "%00.css",
    "%0a",
    "%0d%0ax.css",
    "%20",
    "%09.css",
    "%23x.css",
    "%3fx.css",
    "/.",
    "/..",
    "/./x.css",
    "/%2e%2e/x.css",
    "/..%2fx.css",
    ".",
    "~",
];

#[actix_web::test]
async fn no_trick_of_spelling_makes_a_private_page_storable() {
    let places = Places::new().await;
    let mut ann = places.ann.clone();
    let marks = [
        DRAFT,
        DRAFT_TEXT,
        "person1@example.org",
        ann.cookie("sid").unwrap(),
    ]
    .map(str::to_owned);
    let mut tried = 0;
    for (_, _, path) in places.all(&Method::GET) {
        let spellings = TRICKS.iter().map(|trick| format!("{path}{trick}"));
        let ways = [
            path.to_uppercase(),
            path.replacen('/', "//", 1),
            format!("/./{path}"),
            format!("/assets/..{path}"),
        ];
        for crooked in spellings.chain(ways) {
            if crooked.parse::<Uri>().is_err() {
                continue;
            }
            let answer = ann.get(&crooked).await;
            tried += 1;
            assert!(answer.status.as_u16() < 500, "{crooked}: {}", answer.status);
            if storable(&answer) {
                let text = seen(&answer);
                let found = marks.iter().find(|mark| text.contains(*mark));
                assert!(found.is_none(), "{crooked} shows {found:?} to everybody");
            }
        }
    }
    assert!(tried > 1500, "{tried}");
}

#[actix_web::test]
async fn what_may_be_shared_sets_no_cookie() {
    let places = Places::new().await;
    let check = |what: &str, answer: &Response| {
        let cookie = answer.headers.contains_key("set-cookie");
        assert!(
            !(cookie && storable(answer)),
            "{what} is storable and sets a cookie"
        );
        if what.starts_with("POST") || cookie {
            assert_eq!(
                answer.header("cache-control"),
                Some("private, no-store"),
                "{what}"
            );
        }
        cookie
    };
    let mut cookies = 0;
    for mut actor in [
        places.app.anonymous(),
        places.app.sign_in("ann").await,
        places.app.owner().await,
    ] {
        for method in [Method::GET, Method::POST] {
            for (_, _, path) in places.all(&method) {
                if path == "/logout" {
                    continue;
                }
                let answer = if method == Method::GET {
                    actor.get(&path).await
                } else {
                    actor.post(&path, &[]).await
                };
                cookies += usize::from(check(&format!("{method} {path}"), &answer));
            }
        }
        actor.set_cookie("sid", "gone");
        cookies += usize::from(check("GET /me.json", &actor.get("/me.json").await));
    }
    let mut stranger = places.app.anonymous();
    let form = [
        ("username", "carl"),
        ("name", ""),
        ("email", "carl@example.org"),
        ("password", PASSWORD),
    ];
    for (path, form) in [
        ("/signup", form.as_slice()),
        ("/logout", &[]),
        ("/login", &[("login", "carl"), ("password", "wrong")]),
        ("/login", &[("login", "carl"), ("password", PASSWORD)]),
        ("/settings/profile", &[("name", "Carl")]),
        ("/logout", &[]),
    ] {
        let answer = stranger.post(path, form).await;
        cookies += usize::from(check(&format!("POST {path}"), &answer));
        if path == "/logout" {
            assert_eq!(answer.header("clear-site-data"), Some("\"cache\""));
        }
    }
    assert!(cookies >= 4, "nothing sets a cookie: {cookies}");
}

#[actix_web::test]
async fn an_answer_to_credentials_is_shared_with_nobody() {
    let places = Places::new().await;
    for (pattern, policy, path) in places.all(&Method::GET) {
        places.app.anonymous().get(&path).await;
        // Once while it is in memory, and then twice while nothing is.
        for round in 0..3 {
            if round == 1 {
                places.app.forget_pages();
            }
            let request =
                TestRequest::with_uri(&path).insert_header(("authorization", "Bearer t0ken"));
            let answer = places.app.call(request).await;
            assert_eq!(
                answer.header("cache-control"),
                Some("private, no-store"),
                "{path}"
            );
            for absent in ["cdn-cache-control", "surrogate-key", "cache-tag"] {
                assert_eq!(answer.header(absent), None, "{path}");
            }
            assert!(
                !answer.header("cache-status").unwrap().contains("stored"),
                "{path}"
            );
            assert!(
                !answer.header("cache-status").unwrap().contains("hit"),
                "{path}"
            );
        }
        if policy == Access::CachedPublic && pattern != "/{path:.*}" {
            let first = places.app.anonymous().get(&path).await;
            assert!(
                first.header("cache-status").unwrap().contains("fwd=miss"),
                "{path} was left in memory by credentials"
            );
        }
    }
}

#[actix_web::test]
async fn shared_pages_hold_no_form_that_writes_and_no_token() {
    let places = Places::new().await;
    let mut reader = places.ann.clone();
    let token = regex::Regex::new("(?i)csrf|xsrf|authenticity|nonce|[_-]token").unwrap();
    let writes = Selector::parse("form").unwrap();
    let fields =
        Selector::parse("input, button, textarea, select, meta, script, style, link").unwrap();
    let mut pages = BTreeMap::new();
    for (_, _, path) in places.all(&Method::GET) {
        let page = reader.get(&path).await;
        let html = page
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("text/html"));
        if !storable(&page) || !html {
            continue;
        }
        let text = page.text();
        let document = Html::parse_document(&text);
        for form in document.select(&writes) {
            let method = form
                .value()
                .attr("method")
                .unwrap_or("get")
                .to_ascii_lowercase();
            assert_eq!(method, "get", "{path} writes: {}", form.html());
        }
        for element in document.select(&fields) {
            for (name, value) in element.value().attrs() {
                assert!(
                    !token.is_match(name) && !token.is_match(value),
                    "{path}: {}",
                    element.html()
                );
            }
            assert!(element.value().attr("formmethod").is_none(), "{path}");
        }
        let policy = page.header("content-security-policy").unwrap();
        assert!(!policy.contains("nonce"), "{path}");
        let support = page.header("x-correlation-id").unwrap();
        assert!(
            !text.contains(support),
            "{path} holds the code of one request"
        );
        pages.insert(path, ());
    }
    assert!(pages.len() >= 8, "{pages:?}");
}
