//! `masthead import` and `masthead demo` as they are built.

use super::folder::{Folder, masthead};
use crate::support::TestApp;

#[actix_web::test]
async fn import_tells_each_file_and_ends_with_a_code_for_scripts() {
    let app = TestApp::new().await;
    let folder = Folder::new(&[
        (
            "posts/a.md",
            "---\ntitle: A\ndate: 2020-01-01\n---\nText.\n",
        ),
        ("posts/b.md", "---\ntitle: [\n---\nText.\n"),
        ("posts/c.png", "picture"),
    ]);
    let dir = folder.0.to_str().unwrap();
    let rehearsed = masthead(&app, &["import", "markdown", dir, "--dry-run"]);
    assert_eq!(rehearsed.code, Some(1), "{}", rehearsed.summary);
    assert!(rehearsed.summary.contains("Dry run, nothing is kept"));
    assert_eq!(app.count("select count(*) from posts").await, 0);
    let told = masthead(&app, &["import", "markdown", dir]);
    assert_eq!(told.code, Some(1), "{}", told.summary);
    assert!(
        told.of("posts/a.md")
            .starts_with("added     posts/a.md → /@olga/a"),
        "{}",
        told.items
    );
    assert!(
        told.of("posts/b.md").starts_with("failed")
            && told.of("posts/c.png").starts_with("skipped"),
        "{}",
        told.items
    );
    assert!(
        told.summary
            .contains("1 added, 1 skipped, 1 failed; 0 people made"),
        "{}",
        told.summary
    );
    assert!(
        told.summary.contains("1 document failed"),
        "{}",
        told.summary
    );
    assert!(
        told.summary
            .contains("1 document names no author and is @olga’s here."),
        "{}",
        told.summary
    );
    app.anonymous().get("/@olga/a").await.assert_status(200);
    assert_eq!(
        masthead(&app, &["import", "markdown", "/no/such/folder"]).code,
        Some(1)
    );
    assert_eq!(
        masthead(&app, &["import", "markdown", dir, "--expired=public"]).code,
        Some(2)
    );
    assert_eq!(
        masthead(&app, &["import", "markdown", dir, "--source", "a/b"]).code,
        Some(2)
    );
}

#[actix_web::test]
async fn demo_loads_and_removes_what_it_loaded() {
    let app = TestApp::new().await;
    let own = app.owner().await.publish("Own", "Stays.").await;
    let loaded = masthead(&app, &["demo", "load"]);
    assert_eq!(loaded.code, Some(0), "{}", loaded.summary);
    let texts = app
        .count("select count(*) from posts where starts_with(import_key, 'demo:')")
        .await;
    assert!(
        texts > 10 && loaded.summary.contains(&format!("Loaded {texts} texts")),
        "{}",
        loaded.summary
    );
    assert!(
        masthead(&app, &["demo", "load"])
            .summary
            .contains("Loaded 0 texts and 0 people.")
    );
    assert!(!app.anonymous().get("/").await.all(".h-entry").is_empty());
    assert!(
        masthead(&app, &["demo", "remove"])
            .summary
            .contains(&format!("Removed {texts} texts"))
    );
    assert_eq!(app.count("select count(*) from posts").await, 1);
    app.anonymous().get(&own.path).await.assert_status(200);
    assert_eq!(masthead(&app, &["demo", "destroy"]).code, Some(2));
}

/// A person decides by the dry run: it gives out the same addresses and counts the same.
#[actix_web::test]
async fn a_dry_run_tells_what_the_import_will_do() {
    let app = TestApp::new().await;
    let post = |lang: &str, alias: &str| {
        format!(
            "---\ntitle: Hello\ndate: 2020-01-01\nlang: {lang}\naliases: [{alias}]\n---\nText.\n"
        )
    };
    let folder = Folder::new(&[
        ("en/faq.md", "---\ntitle: FAQ\nlang: en\n---\nText.\n"),
        ("fr/faq.md", "---\ntitle: FAQ\nlang: fr\n---\nTexte.\n"),
        ("guide/faq/index.md", "---\ntitle: FAQ\n---\nText.\n"),
        ("guide/more/faq.md", "---\ntitle: FAQ\n---\nText.\n"),
        ("more/faq.md", "---\ntitle: FAQ\n---\nText.\n"),
        ("more/search.md", "---\ntitle: Search\n---\nText.\n"),
        ("posts/en/hello.md", &post("en", "/old")),
        ("posts/fr/hello.md", &post("fr", "/old")),
        ("posts/hello.md", &post("fr", "/other")),
        (
            "posts/x.md",
            "---\ntitle: X\ndate: 2020-01-02\nauthor: José\n---\nText.\n",
        ),
        (
            "posts/y.md",
            "---\ntitle: Y\ndate: 2020-01-02\nauthor: Jose\n---\nText.\n",
        ),
        (
            "posts/z.md",
            "---\ntitle: Hello\ndate: 2020-01-02\nlang: fr\nslug: hello\n---\nText.\n",
        ),
    ]);
    let dir = folder.0.to_str().unwrap();
    let rehearsed = masthead(&app, &["import", "markdown", dir, "--dry-run"]);
    let told = masthead(&app, &["import", "markdown", dir]);
    assert_eq!(told.code, Some(0), "{}", told.items);
    assert_eq!(rehearsed.items, told.items);
    let counts = |summary: &str| {
        summary
            .split("Dry run, nothing is kept: ")
            .last()
            .unwrap()
            .rsplit_once(',')
            .unwrap()
            .0
            .to_owned()
    };
    let [last, real] = [&rehearsed, &told].map(|told| {
        told.summary
            .lines()
            .find(|line| line.contains(" added"))
            .unwrap()
    });
    assert!(
        real.contains("12 added") && real.contains("2 redirects"),
        "{real}"
    );
    assert_eq!(counts(last), counts(real));
    for (document, path) in [
        ("en/faq.md", "/faq"),
        ("fr/faq.md", "/faq-fr"),
        ("guide/faq/index.md", "/guide-faq"),
        ("guide/more/faq.md", "/more-faq"),
        ("more/faq.md", "/faq-2"),
        ("more/search.md", "/more-search"),
        ("posts/en/hello.md", "/@olga/hello"),
        ("posts/fr/hello.md", "/@olga/hello-fr"),
        ("posts/hello.md", "/@olga/posts-hello"),
        ("posts/x.md", "/@jose/x"),
        ("posts/y.md", "/@jose-2/y"),
        ("posts/z.md", "/@olga/hello-2"),
    ] {
        let line = told.of(document);
        assert!(
            line.lines().next().unwrap().ends_with(&format!(" {path}")),
            "{line}"
        );
    }
    // Nothing moves when it comes again with another text, though the first of a name is gone by then.
    app.count("with gone as (delete from posts where page_path = 'faq' or slug = 'hello' returning 1) select count(*) from gone")
        .await;
    folder.write(
        "fr/faq.md",
        b"---\ntitle: FAQ\nlang: fr\n---\nTexte nouveau.\n",
    );
    folder.write(
        "posts/z.md",
        b"---\ntitle: Hello\ndate: 2020-01-02\nlang: fr\nslug: hello\n---\nNew.\n",
    );
    let again = masthead(&app, &["import", "markdown", dir]);
    assert!(
        again.of("fr/faq.md").starts_with("updated") && again.of("fr/faq.md").contains(" /faq-fr"),
        "{}",
        again.items
    );
    assert!(
        again.of("posts/z.md").starts_with("updated")
            && again.of("posts/z.md").contains(" /@olga/hello-2"),
        "{}",
        again.items
    );
}
