//! Which blog a folder is: by its path or its name, never by a name that two folders may share.

use std::fs;

use masthead::features::transfer::Options;

use super::folder::{Folder, import, import_with, masthead};
use crate::support::TestApp;

fn post(title: &str, text: &str) -> String {
    format!("---\ntitle: {title}\ndate: 2020-01-01\n---\n{text}\n")
}

fn named(name: &str) -> Options {
    Options {
        source: Some(name.into()),
        ..Options::default()
    }
}

#[actix_web::test]
async fn two_folders_of_one_name_are_two_blogs() {
    let app = TestApp::new().await;
    let folder = Folder::new(&[
        (
            "ann/blog/content/posts/hello-world.md",
            &post("Ann’s", "By Ann."),
        ),
        (
            "ben/blog/content/posts/hello-world.md",
            &post("Ben’s", "By Ben."),
        ),
    ]);
    for _ in 0..2 {
        import(&app, &folder.0.join("ann/blog/content")).await;
        import(&app, &folder.0.join("ben/blog/content")).await;
    }
    assert_eq!(
        app.text("select string_agg(title, ', ' order by title) from posts")
            .await,
        "Ann’s, Ben’s"
    );
    assert_eq!(
        app.text("select string_agg(name, ', ' order by id) from import_sources")
            .await,
        "blog-content, blog-content-2"
    );
}

#[actix_web::test]
async fn the_summary_names_the_source_and_a_moved_folder() {
    let app = TestApp::new().await;
    let folder = Folder::new(&[("old/blog/posts/a.md", &post("A", "Text."))]);
    let old = folder.0.join("old/blog");
    let told = masthead(&app, &["import", "markdown", old.to_str().unwrap()]);
    assert!(
        told.summary
            .contains("Source: “old-blog”, named after its path")
            && told.summary.contains("--source NAME"),
        "{}",
        told.summary
    );
    let new = folder.0.join("new");
    fs::rename(&old, &new).unwrap();
    let told = masthead(
        &app,
        &["import", "markdown", new.to_str().unwrap(), "--dry-run"],
    );
    assert!(
        told.summary
            .contains("1 of its documents are here already, from the source “old-blog”"),
        "{}",
        told.summary
    );
    let told = masthead(
        &app,
        &[
            "import",
            "markdown",
            new.to_str().unwrap(),
            "--source",
            "old-blog",
        ],
    );
    assert_eq!(told.code, Some(1));
    assert!(
        told.summary.contains("--same-source") && told.summary.contains("--source NAME"),
        "{}",
        told.summary
    );
    let told = masthead(
        &app,
        &[
            "import",
            "markdown",
            new.to_str().unwrap(),
            "--source",
            "old-blog",
            "--same-source",
        ],
    );
    assert!(told.summary.contains("1 unchanged"), "{}", told.summary);
    import(&app, &new).await;
    assert_eq!(app.count("select count(*) from posts").await, 1);
}

#[actix_web::test]
async fn a_known_name_that_meets_other_files_asks() {
    let app = TestApp::new().await;
    let folder = Folder::new(&[
        ("one/a.md", &post("A", "One.")),
        ("two/a.md", &post("A", "Two.")),
    ]);
    let (one, two) = (folder.0.join("one"), folder.0.join("two"));
    import_with(&app, &one, &named("blog")).await.unwrap();
    assert!(
        import_with(&app, &two, &named("blog"))
            .await
            .unwrap_err()
            .to_string()
            .contains("--same-source")
    );
    assert!(
        import_with(
            &app,
            &two,
            &Options {
                ask: Some(|_| false),
                ..named("blog")
            }
        )
        .await
        .is_err()
    );
    assert_eq!(
        app.text("select markdown from post_bodies").await.trim(),
        "One."
    );
    assert!(
        import_with(&app, &one, &named("other"))
            .await
            .unwrap_err()
            .to_string()
            .contains("“blog” already")
    );
    import_with(
        &app,
        &two,
        &Options {
            ask: Some(|_| true),
            ..named("blog")
        },
    )
    .await
    .unwrap();
    assert_eq!(
        app.text("select markdown from post_bodies").await.trim(),
        "Two."
    );
    // The path is the one that was said last.
    import(&app, &two).await;
    assert_eq!(app.count("select count(*) from import_sources").await, 1);
    // A known path with other documents altogether is asked for too.
    fs::rename(two.join("a.md"), two.join("b.md")).unwrap();
    let refused = import_with(&app, &two, &Options::default())
        .await
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("None of the 1 documents") && refused.contains("--same-source"),
        "{refused}"
    );
    assert_eq!(app.count("select count(*) from posts").await, 1);
}

#[actix_web::test]
async fn a_source_can_be_named_later() {
    let app = TestApp::new().await;
    let folder = Folder::new(&[("site/a.md", &post("A", "Text."))]);
    let site = folder.0.join("site");
    import(&app, &site).await;
    import_with(&app, &site, &named("harbour")).await.unwrap();
    import(&app, &site).await;
    assert_eq!(
        app.text("select string_agg(name, ', ') from import_sources")
            .await,
        "harbour"
    );
    assert_eq!(app.count("select count(*) from posts").await, 1);
}

/// Before sources had rows, the last two names of the path were the whole identity.
#[actix_web::test]
async fn an_earlier_source_is_the_folder_that_has_its_documents() {
    let app = TestApp::new().await;
    let folder = Folder::new(&[
        ("ann/blog/content/a.md", &post("A", "By Ann.")),
        ("ann/blog/content/b.md", &post("B", "By Ann.")),
        (
            "ben/blog/content/a.md",
            "---\ntitle: Other\ndate: 2021-01-01\n---\nBy Ben.\n",
        ),
        ("cat/blog/content/c.md", &post("C", "By Cat.")),
    ]);
    let [ann, ben, cat] =
        ["ann", "ben", "cat"].map(|name| folder.0.join(name).join("blog/content"));
    import(&app, &ann).await;
    sqlx::query("update posts set import_key = 'markdown:blog/content/' || lower(title) || '.md', import_hash = '\\x00'")
        .execute(&app.database)
        .await
        .unwrap();
    sqlx::query("delete from import_sources")
        .execute(&app.database)
        .await
        .unwrap();
    let refused = import_with(&app, &ben, &Options::default())
        .await
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("--source NAME") && refused.contains("1 of its documents"),
        "{refused}"
    );
    import(&app, &cat).await;
    // One document changed in the meantime: it is still the same blog.
    folder.write(
        "ann/blog/content/a.md",
        post("A", "By Ann, again.").as_bytes(),
    );
    import(&app, &ann).await;
    import(&app, &ben).await;
    assert_eq!(
        app.text("select string_agg(title, ', ' order by title) from posts")
            .await,
        "A, B, C, Other"
    );
    assert_eq!(
        app.text("select string_agg(key_prefix, ' ' order by id) from import_sources")
            .await,
        "markdown:blog-content: markdown:blog/content/ markdown:blog-content-3:"
    );
}
