//! Files that are named by their content: for ever, in each encoding, and also those of another version.

use actix_web::test::TestRequest;

use crate::support::{Response, TestApp};

const IMMUTABLE: &str = "public, max-age=31536000, immutable";

async fn file(app: &TestApp, path: &str, headers: &[(&'static str, &str)]) -> Response {
    let request = TestRequest::with_uri(path);
    app.call(
        headers
            .iter()
            .fold(request, |request, header| request.insert_header(*header)),
    )
    .await
}

async fn stylesheet(app: &TestApp) -> String {
    app.anonymous()
        .get("/")
        .await
        .attribute("link[rel=stylesheet]", "href")
        .unwrap()
}

#[actix_web::test]
async fn each_encoding_is_the_same_file() {
    let app = TestApp::new().await;
    let path = stylesheet(&app).await;
    let plain = file(&app, &path, &[]).await;
    let mut tags = vec![plain.header("etag").unwrap().to_owned()];
    assert_eq!(plain.header("content-encoding"), None);
    for (accept, encoding) in [
        ("br", "br"),
        ("zstd", "zstd"),
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0, zstd", "zstd"),
    ] {
        let pressed = file(&app, &path, &[("accept-encoding", accept)]).await;
        pressed.assert_status(200);
        assert_eq!(
            pressed.header("content-encoding"),
            Some(encoding),
            "{accept}"
        );
        assert!(pressed.body.len() * 2 < plain.body.len());
        if encoding == "br" {
            let mut opened = Vec::new();
            brotli::BrotliDecompress(&mut pressed.body.as_slice(), &mut opened).unwrap();
            assert_eq!(opened, plain.body);
        } else {
            assert_eq!(pressed.body[..4], [0x28, 0xb5, 0x2f, 0xfd], "no zstd");
        }
        tags.push(pressed.header("etag").unwrap().to_owned());
        for answer in [&plain, &pressed] {
            assert_eq!(answer.header("cache-control"), Some(IMMUTABLE));
            assert_eq!(answer.header("vary"), Some("Accept-Encoding"));
            assert_eq!(answer.header("content-type"), plain.header("content-type"));
        }
        let headers = [
            ("accept-encoding", accept),
            ("if-none-match", tags.last().unwrap().as_str()),
        ];
        let unchanged = file(&app, &path, &headers).await;
        unchanged.assert_status(304);
        assert!(unchanged.body.is_empty());
        assert_eq!(unchanged.header("etag"), pressed.header("etag"));
        assert_eq!(unchanged.header("cache-control"), Some(IMMUTABLE));
        assert_eq!(unchanged.header("vary"), Some("Accept-Encoding"));
    }
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 3, "each encoding is other bytes");
}

#[actix_web::test]
async fn files_of_another_version_are_served_and_others_are_not_there() {
    let app = TestApp::new().await;
    let name = "site-0123456789abcdef.css";
    let mut pressed = Vec::new();
    let text = "body{color:teal}".repeat(40);
    brotli::BrotliCompress(&mut text.as_bytes(), &mut pressed, &Default::default()).unwrap();
    sqlx::query("insert into assets (name, content_type, bytes, brotli) values ($1, 'text/css; charset=utf-8', $2, $3)")
        .bind(name)
        .bind(text.as_bytes())
        .bind(&pressed)
        .execute(&app.database)
        .await
        .unwrap();
    let path = format!("/assets/{name}");
    let plain = file(&app, &path, &[]).await;
    assert_eq!(plain.assert_status(200).text(), text);
    assert_eq!(
        plain.header("content-type"),
        Some("text/css; charset=utf-8")
    );
    let short = file(&app, &path, &[("accept-encoding", "zstd, br")]).await;
    assert_eq!(
        (short.header("content-encoding"), &short.body),
        (Some("br"), &pressed)
    );
    for answer in [&plain, &short] {
        assert_eq!(answer.header("cache-control"), Some(IMMUTABLE));
        assert_eq!(answer.header("vary"), Some("Accept-Encoding"));
        let known = [
            (
                "accept-encoding",
                answer.header("content-encoding").unwrap_or("identity"),
            ),
            ("if-none-match", answer.header("etag").unwrap()),
        ];
        file(&app, &path, &known).await.assert_status(304);
    }
    assert_ne!(plain.header("etag"), short.header("etag"));
    for unknown in [
        "/assets/site-0000000000000000.css",
        "/assets/",
        "/assets/..",
        "/assets/site.css",
    ] {
        let missing = file(&app, unknown, &[]).await;
        assert!(
            matches!(missing.status.as_u16(), 404 | 301),
            "{unknown} {}",
            missing.status
        );
        assert!(
            !missing
                .header("cache-control")
                .unwrap()
                .contains("immutable"),
            "{unknown}"
        );
    }
    // A node of this version keeps its own files there for the others.
    masthead::web::assets::share(&app.db()).await.unwrap();
    let own = stylesheet(&app).await;
    let stored: Vec<u8> =
        sqlx::query_scalar("select bytes from assets where '/assets/' || name = $1")
            .bind(&own)
            .fetch_one(&app.database)
            .await
            .unwrap();
    assert_eq!(stored, file(&app, &own, &[]).await.body);
}

/// The files that a page, or a file that it names, asks for by their hashed names.
fn named_assets(text: &str) -> Vec<String> {
    text.match_indices("/assets/")
        .map(|(at, _)| {
            text[at..]
                .chars()
                .take_while(|c| !matches!(c, '"' | '\'' | ')' | ' ' | '>'))
                .collect()
        })
        .collect()
}

#[actix_web::test]
async fn whatever_pages_and_style_sheets_name_is_embedded() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut waiting = named_assets(&app.anonymous().get("/").await.text());
    waiting.extend(named_assets(&ann.get("/new").await.text()));
    let mut seen = std::collections::BTreeSet::new();
    while let Some(path) = waiting.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let found = file(&app, &path, &[]).await;
        found.assert_status(200);
        assert_eq!(found.header("cache-control"), Some(IMMUTABLE), "{path}");
        if path.ends_with(".css") || path.ends_with(".js") {
            let text = found.text();
            // Only names with their hash are served: a bundle that loads another file by its plain name is broken.
            for left in ["@import", "url(.", "import\"", "import{", "from\""] {
                assert!(!text.contains(left), "{path} has {left}");
            }
            waiting.extend(named_assets(&text));
        }
    }
    for name in ["site-", "dashboard-", "editor-", "icon-", "literata-latin-"] {
        let start = format!("/assets/{name}");
        assert!(seen.iter().any(|path| path.starts_with(&start)), "{name}");
    }
}
