//! `masthead import` and `masthead demo` as they are built.

use super::folder::{Folder, masthead};
use crate::support::TestApp;

#[actix_web::test]
async fn import_tells_each_file_and_ends_with_a_code_for_scripts() {
    let app = TestApp::new().await;
    let folder = Folder::new(&[
        ("posts/a.md", "---\ntitle: A\ndate: 2020-01-01\n---\nText.\n"),
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
    assert!(told.of("posts/a.md").starts_with("added     posts/a.md → /@olga/a"), "{}", told.items);
    assert!(told.of("posts/b.md").starts_with("failed") && told.of("posts/c.png").starts_with("skipped"), "{}", told.items);
    assert!(told.summary.contains("1 added, 1 skipped, 1 failed; 0 people made"), "{}", told.summary);
    assert!(told.summary.contains("1 document failed"), "{}", told.summary);
    app.anonymous().get("/@olga/a").await.assert_status(200);
    assert_eq!(masthead(&app, &["import", "markdown", "/no/such/folder"]).code, Some(1));
    assert_eq!(masthead(&app, &["import", "markdown", dir, "--expired=public"]).code, Some(2));
    assert_eq!(masthead(&app, &["import", "markdown", dir, "--source", "a/b"]).code, Some(2));
}

#[actix_web::test]
async fn demo_loads_and_removes_what_it_loaded() {
    let app = TestApp::new().await;
    let own = app.owner().await.publish("Own", "Stays.").await;
    let loaded = masthead(&app, &["demo", "load"]);
    assert_eq!(loaded.code, Some(0), "{}", loaded.summary);
    let texts = app.count("select count(*) from posts where starts_with(import_key, 'demo:')").await;
    assert!(texts > 10 && loaded.summary.contains(&format!("Loaded {texts} texts")), "{}", loaded.summary);
    assert!(masthead(&app, &["demo", "load"]).summary.contains("Loaded 0 texts and 0 people."));
    assert!(!app.anonymous().get("/").await.all(".h-entry").is_empty());
    assert!(masthead(&app, &["demo", "remove"]).summary.contains(&format!("Removed {texts} texts")));
    assert_eq!(app.count("select count(*) from posts").await, 1);
    app.anonymous().get(&own.path).await.assert_status(200);
    assert_eq!(masthead(&app, &["demo", "destroy"]).code, Some(2));
}
