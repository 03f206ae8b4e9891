//! What each CDN is told, word for word, and what becomes of a purge that fails.

use std::time::Duration;

use actix_web::http::Method;
use actix_web::test::TestRequest;

use masthead::cdn::{Cdn, Driver};
use masthead::db::public_id;
use masthead::features::rerender::job::{self, RenderAgain};
use masthead::jobs::enqueue_purge;
use secrecy::SecretString;
use url::Url;

use crate::support::{Asked, Stub, TestApp, until};

const PATIENCE: Duration = Duration::from_secs(40);
const PURGES: &str = "select count(*) from jobs where kind = 'cdn.purge'";

fn tags(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("post-{n}")).collect()
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn token() -> SecretString {
    SecretString::from("t0ken")
}

/// Purges and gives what the stub was asked for it.
async fn asked(stub: &Stub, driver: Driver, tags: &[String], hard: bool) -> Vec<Asked> {
    tls();
    let before = stub.asked().len();
    Cdn::new(driver).unwrap().purge(tags, hard).await.unwrap();
    stub.asked().split_off(before)
}

/// As `main` does; only the first time matters.
fn tls() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

#[actix_web::test]
async fn varnish_gets_purge_requests_with_the_tags_side_by_side() {
    let (one, two) = (Stub::start(), Stub::start());
    let driver = || Driver::Varnish {
        urls: vec![url(&one.url), url(&format!("{}/cache", two.url))],
    };
    let soft = asked(&one, driver(), &tags(3), false).await;
    assert_eq!(soft.len(), 1);
    assert_eq!(soft[0].line, "PURGE /");
    assert_eq!(
        (
            soft[0].header("xkey-softpurge"),
            soft[0].header("xkey-purge")
        ),
        (Some("post-0 post-1 post-2"), None)
    );
    assert_eq!(
        (
            two.asked()[0].line.as_str(),
            two.asked()[0].header("xkey-softpurge")
        ),
        ("PURGE /cache", Some("post-0 post-1 post-2"))
    );
    let hard = asked(&one, driver(), &tags(1), true).await;
    assert_eq!(
        (
            hard[0].header("xkey-softpurge"),
            hard[0].header("xkey-purge")
        ),
        (None, Some("post-0"))
    );
}

#[actix_web::test]
async fn every_varnish_must_confirm_and_each_is_asked() {
    tls();
    let (one, two) = (Stub::start(), Stub::start());
    one.answer(&[503]);
    let cdn = Cdn::new(Driver::Varnish {
        urls: vec![url(&one.url), url(&two.url)],
    })
    .unwrap();
    let refused = cdn.purge(&tags(1), true).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the CDN at 127.0.0.1 answered 503 Service Unavailable"
    );
    assert_eq!(
        (one.asked().len(), two.asked().len(), cdn.failures()),
        (1, 1, 1)
    );
    cdn.purge(&tags(1), true).await.unwrap();
    assert_eq!(cdn.failures(), 1);
}

#[actix_web::test]
async fn fastly_gets_256_keys_a_call() {
    let stub = Stub::start();
    let driver = || Driver::Fastly {
        url: url(&stub.url),
        service: "SU1Z0isxPaozGVKXdv0eY".into(),
        token: token(),
    };
    let soft = asked(&stub, driver(), &tags(257), false).await;
    assert_eq!(soft.len(), 2);
    let mut keys: Vec<usize> = Vec::new();
    for call in &soft {
        assert_eq!(call.line, "POST /service/SU1Z0isxPaozGVKXdv0eY/purge");
        assert_eq!(
            (call.header("fastly-key"), call.header("fastly-soft-purge")),
            (Some("t0ken"), Some("1"))
        );
        keys.push(call.header("surrogate-key").unwrap().split(' ').count());
    }
    keys.sort_unstable();
    assert_eq!(keys, [1, 256]);
    let hard = asked(&stub, driver(), &tags(2), true).await;
    assert_eq!(
        (
            hard[0].header("surrogate-key"),
            hard[0].header("fastly-soft-purge")
        ),
        (Some("post-0 post-1"), None)
    );
}

#[actix_web::test]
async fn cloudflare_gets_100_tags_a_call() {
    let stub = Stub::start();
    let driver = Driver::Cloudflare {
        url: url(&stub.url),
        zone: "023e105f4ecef8ad".into(),
        token: token(),
    };
    let calls = asked(&stub, driver, &tags(101), false).await;
    assert_eq!(calls.len(), 2);
    let mut all: Vec<String> = Vec::new();
    for call in &calls {
        assert_eq!(
            call.line,
            "POST /client/v4/zones/023e105f4ecef8ad/purge_cache"
        );
        assert_eq!(call.header("authorization"), Some("Bearer t0ken"));
        assert_eq!(call.header("content-type"), Some("application/json"));
        let tags: Vec<String> = serde_json::from_value(call.json()["tags"].clone()).unwrap();
        assert!(tags.len() <= 100);
        all.extend(tags);
    }
    all.sort_by_key(|tag| tag[5..].parse::<usize>().unwrap());
    assert_eq!(all, tags(101));
}

#[actix_web::test]
async fn anything_else_gets_json() {
    let stub = Stub::start();
    let driver = |token| Driver::Webhook {
        url: url(&format!("{}/purge?site=1", stub.url)),
        token,
    };
    let calls = asked(&stub, driver(Some(token())), &tags(2), true).await;
    assert_eq!(
        (calls[0].line.as_str(), calls[0].header("authorization")),
        ("POST /purge?site=1", Some("Bearer t0ken"))
    );
    assert_eq!(
        calls[0].json(),
        serde_json::json!({ "tags": ["post-0", "post-1"], "hard": true })
    );
    let calls = asked(&stub, driver(None), &tags(1), false).await;
    assert_eq!(
        (
            calls[0].json()["hard"].as_bool(),
            calls[0].header("authorization")
        ),
        (Some(false), None)
    );
}

#[actix_web::test]
async fn nobody_is_asked_for_nothing_and_redirects_are_failures() {
    let stub = Stub::start();
    let driver = || Driver::Webhook {
        url: url(&stub.url),
        token: None,
    };
    assert!(asked(&stub, driver(), &[], true).await.is_empty());
    assert!(asked(&stub, Driver::None, &tags(1), true).await.is_empty());
    stub.answer(&[302]);
    assert!(
        Cdn::new(driver())
            .unwrap()
            .purge(&tags(1), true)
            .await
            .is_err()
    );
    assert_eq!(stub.asked().len(), 1);
    let nowhere = Driver::Webhook {
        url: url("http://127.0.0.1:1"),
        token: None,
    };
    assert!(
        Cdn::new(nowhere)
            .unwrap()
            .purge(&tags(1), true)
            .await
            .is_err()
    );
}

/// A site in front of which the stub stands.
async fn site_behind(stub: &Stub) -> TestApp {
    tls();
    let cdn = Driver::Webhook {
        url: url(&stub.url),
        token: None,
    };
    TestApp::with(|settings| settings.cdn = cdn).await
}

async fn ask(site: &TestApp, tags: &[String]) {
    let mut tx = site.db().begin().await.unwrap();
    enqueue_purge(&mut tx, tags, true, Some(public_id()), Some(public_id()))
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// A post a purge would be a million calls.
#[actix_web::test]
async fn what_is_rendered_again_is_purged_in_batches() {
    let site = site_behind(&Stub::start()).await;
    site.set_up().await;
    let mut ann = site.author("ann").await;
    for number in 1..=12 {
        ann.publish(&format!("Post {number}"), "Words.").await;
    }
    let older =
        "update post_bodies set html = 'Made before.', renderer_version = 1; delete from jobs";
    sqlx::raw_sql(older).execute(&site.database).await.unwrap();
    job::run(&site.db(), RenderAgain::ALL).await.unwrap();
    let purges = "select array_agg(payload -> 'tags') from jobs";
    let purges: Vec<serde_json::Value> = sqlx::query_scalar(purges)
        .fetch_one(&site.database)
        .await
        .unwrap();
    // At once, and again for what was in flight.
    assert_eq!(purges.len(), 2, "{purges:?}");
    for tags in purges {
        let tags: Vec<String> = serde_json::from_value(tags).unwrap();
        let ids: Vec<String> =
            sqlx::query_scalar("select 'post-' || replace(public_id::text, '-', '') from posts")
                .fetch_all(&site.database)
                .await
                .unwrap();
        assert!(
            ids.len() == 12 && ids.iter().all(|id| tags.contains(id)),
            "{tags:?}"
        );
        assert!(
            tags.iter().all(|tag| tag.starts_with("post-")),
            "lists are not given up whole: {tags:?}"
        );
    }
}

#[actix_web::test]
async fn a_purge_is_enqueued_twice_five_seconds_apart() {
    let site = site_behind(&Stub::start()).await;
    ask(&site, &tags(1)).await;
    let apart: f64 = sqlx::query_scalar(
        "select extract(epoch from max(run_at) - min(run_at))::float8 from jobs",
    )
    .fetch_one(&site.database)
    .await
    .unwrap();
    assert!((5.0..7.0).contains(&apart), "{apart} s");
    let payload: serde_json::Value = sqlx::query_scalar("select payload from jobs limit 1")
        .fetch_one(&site.database)
        .await
        .unwrap();
    assert_eq!(
        (&payload["tags"], &payload["hard"]),
        (&serde_json::json!(["post-0"]), &serde_json::json!(true))
    );
    assert!(
        payload["transaction_id"].is_string() && payload["correlation_id"].is_string(),
        "{payload}"
    );
}

/// Both the picture that was replaced and the one that was taken back, at once and again later.
#[actix_web::test]
async fn pictures_that_people_take_back_are_purged_hard() {
    let site = site_behind(&Stub::start()).await;
    site.set_up().await;
    let mut ann = site.author("ann").await;
    let mut tags = Vec::new();
    for shade in [0, 255] {
        ann.send(picture(shade)).await.assert_status(303);
        let path = ann.get("/me.json").await.json()["user"]["avatar"]
            .as_str()
            .unwrap()
            .to_owned();
        tags.push(
            site.anonymous()
                .get(&path)
                .await
                .header("surrogate-key")
                .unwrap()
                .to_owned(),
        );
    }
    assert_ne!(tags[0], tags[1]);
    ann.post("/settings/avatar/remove", &[])
        .await
        .assert_status(303);
    let purges = "select count(*) from jobs
                  where (payload ->> 'hard')::boolean and (payload -> 'tags')::jsonb ? $1";
    let nodes = "select count(*) from cache_invalidations where gone and $1 = any(tags)";
    for tag in tags {
        for (query, expected) in [(purges, 2), (nodes, 1)] {
            let found: i64 = sqlx::query_scalar(query)
                .bind(&tag)
                .fetch_one(&site.database)
                .await
                .unwrap();
            assert_eq!(found, expected, "{tag}: {query}");
        }
    }
}

fn picture(shade: u8) -> TestRequest {
    let mut png = std::io::Cursor::new(Vec::new());
    let plain = image::RgbImage::from_pixel(64, 64, image::Rgb([shade; 3]));
    image::DynamicImage::from(plain)
        .write_to(&mut png, image::ImageFormat::Png)
        .unwrap();
    let head = "--x\r\ncontent-disposition: form-data; name=\"avatar\"; filename=\"a.png\"\r\ncontent-type: image/png\r\n\r\n";
    TestRequest::with_uri("/settings/avatar")
        .method(Method::POST)
        .insert_header(("content-type", "multipart/form-data; boundary=x"))
        .insert_header(("sec-fetch-site", "same-origin"))
        .set_payload([head.as_bytes(), &png.into_inner(), b"\r\n--x--\r\n"].concat())
}

#[actix_web::test]
async fn a_purge_that_the_cdn_refuses_is_sent_again() {
    let stub = Stub::start();
    let site = site_behind(&stub).await;
    stub.answer(&[503, 503]);
    let worker = site.start_worker();
    ask(&site, &tags(2)).await;
    until("both jobs are done", PATIENCE, async || {
        site.count(PURGES).await == 0
    })
    .await;
    // Two that were refused, and one that was taken, for each of the two jobs.
    assert_eq!(stub.asked().len(), 4);
    for call in stub.asked() {
        assert_eq!(
            call.json(),
            serde_json::json!({ "tags": ["post-0", "post-1"], "hard": true })
        );
    }
    worker.stop().await;
}
