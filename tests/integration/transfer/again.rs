//! Importing the same folder again: the folder's changes come in, and nothing that was changed here is lost or undone.

use masthead::features::transfer::Options;

use super::folder::{Folder, Told, import, import_with, masthead};
use crate::support::{Actor, TestApp};

const NAMES: [&str; 8] = [
    "text",
    "tags",
    "policy",
    "unlisted",
    "unpublished",
    "trashed",
    "published",
    "untouched",
];

/// Unsigned texts are the owner's. `published` is a draft of the folder.
fn write(folder: &Folder, version: &str) {
    for name in NAMES {
        let draft = if name == "published" {
            "draft: true\n"
        } else {
            ""
        };
        let text = format!(
            "---\ntitle: {name}\ndate: 2020-01-01\ntags: [sea]\n{draft}---\n{version} of {name}.\n"
        );
        folder.write(&format!("posts/{name}.md"), text.as_bytes());
    }
}

async fn id_of(app: &TestApp, name: &str) -> String {
    sqlx::query_scalar("select public_id::text from posts where title = $1")
        .bind(name)
        .fetch_one(&app.database)
        .await
        .unwrap()
}

/// Does to each post here what it is named after.
async fn change_here(app: &TestApp, owner: &mut Actor) {
    for (name, field, value) in [
        ("text", "markdown", "Edited here."),
        ("tags", "tags", "hill"),
        ("policy", "comment_policy", "off"),
        ("unlisted", "unlisted", "on"),
    ] {
        owner
            .edit(&id_of(app, name).await, &[(field, value)], "publish")
            .await
            .assert_status(303);
    }
    for (name, act) in [
        ("unpublished", "unpublish"),
        ("trashed", "trash"),
        ("published", "publish"),
    ] {
        owner
            .post(&format!("/p/{}/{act}", id_of(app, name).await), &[])
            .await
            .assert_status(303);
    }
}

fn run(app: &TestApp, folder: &Folder, more: &[&str]) -> Told {
    let mut args = vec!["import", "markdown", folder.0.to_str().unwrap()];
    args.extend_from_slice(more);
    let told = masthead(app, &args);
    assert_eq!(told.code, Some(0), "{}", told.summary);
    // This node follows nobody, and the command was another process.
    app.forget_pages();
    told
}

/// Whatever the folder says, these answer as their author wants.
async fn taken_back_stays_so(app: &TestApp) {
    let mut reader = app.anonymous();
    reader.get("/@olga/unpublished").await.assert_status(404);
    reader.get("/@olga/trashed").await.assert_status(404);
    assert!(
        !reader
            .get("/@olga")
            .await
            .all(".h-entry .p-name")
            .contains(&"unlisted".to_owned())
    );
    assert_eq!(
        app.count("select count(*) from posts where unlisted and status = 'published'")
            .await,
        1
    );
}

#[actix_web::test]
async fn what_was_changed_here_stays_and_is_told() {
    let app = TestApp::new().await;
    let folder = Folder::new(&[]);
    write(&folder, "First");
    import(&app, &folder.0).await;
    let mut owner = app.owner().await;
    change_here(&app, &mut owner).await;
    let state = "select string_agg(title || version || status || coalesce(comment_policy, '') || unlisted, ', ' order by title) from posts
                 where title <> 'untouched'";
    let before = app.text(state).await;
    // Also where the folder is as it was: here it is not.
    assert!(
        run(&app, &folder, &[])
            .summary
            .contains("1 unchanged, 7 kept: changed here")
    );
    write(&folder, "Second");
    let told = run(&app, &folder, &[]);
    for (name, how) in [
        ("text", "edited"),
        ("tags", "edited"),
        ("policy", "edited"),
        ("unlisted", "edited"),
        ("unpublished", "unpublished"),
        ("trashed", "moved to the trash"),
        ("published", "published"),
    ] {
        let line = told.of(&format!("posts/{name}.md"));
        assert!(
            line.starts_with("kept: changed here")
                && line.contains(&format!("{how} since the last import")),
            "{line}"
        );
    }
    assert!(told.of("posts/untouched.md").starts_with("updated"));
    assert!(
        told.summary.contains("1 updated, 7 kept: changed here")
            && told.summary.contains("--overwrite"),
        "{}",
        told.summary
    );
    assert_eq!(app.text(state).await, before);
    taken_back_stays_so(&app).await;
    let mut reader = app.anonymous();
    assert!(
        reader
            .get("/@olga/text")
            .await
            .text()
            .contains("Edited here.")
    );
    assert!(
        reader
            .get("/@olga/untouched")
            .await
            .text()
            .contains("Second of untouched.")
    );
    assert!(
        !reader
            .get("/@olga/published")
            .await
            .text()
            .contains("Second")
    );
}

#[actix_web::test]
async fn overwriting_publishes_nothing_that_was_taken_back() {
    let app = TestApp::new().await;
    let folder = Folder::new(&[]);
    write(&folder, "First");
    import(&app, &folder.0).await;
    change_here(&app, &mut app.owner().await).await;
    write(&folder, "Second");
    let told = run(&app, &folder, &["--overwrite"]);
    assert!(
        told.summary.contains("7 updated, 1 kept: changed here"),
        "{}",
        told.summary
    );
    assert!(told.of("posts/unpublished.md").contains("stays a draft"));
    assert!(
        app.anonymous()
            .get("/@olga/text")
            .await
            .text()
            .contains("Second of text.")
    );
    taken_back_stays_so(&app).await;
    let newest = "select markdown from revisions r join posts p on p.id = r.post_id where p.title = 'unpublished' order by number desc limit 1";
    assert_eq!(app.text(newest).await.trim(), "Second of unpublished.");
    // The author's decision is remembered over the text that the import wrote.
    write(&folder, "Third");
    run(&app, &folder, &[]);
    taken_back_stays_so(&app).await;
    assert!(
        app.anonymous()
            .get("/@olga/text")
            .await
            .text()
            .contains("Third of text.")
    );
}

/// As versions before this one left it: their keys, their hashes, and no rows about sources and documents.
async fn as_an_earlier_version_left_it(app: &TestApp, folder: &Folder) {
    let names: Vec<String> = folder
        .0
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    let prefix = format!("markdown:{}/", names[names.len() - 2..].join("/"));
    sqlx::query(
        "update posts p set import_key = $1 || substr(p.import_key, char_length(s.key_prefix) + 1), import_hash = '\\x00'
         from import_sources s where starts_with(p.import_key, s.key_prefix)",
    )
    .bind(prefix)
    .execute(&app.database)
    .await
    .unwrap();
    sqlx::query("delete from import_sources")
        .execute(&app.database)
        .await
        .unwrap();
    assert_eq!(app.count("select count(*) from import_documents").await, 0);
}

#[actix_web::test]
async fn what_an_earlier_version_imported_is_found_and_judged_by_its_history() {
    let app = TestApp::new().await;
    let folder = Folder::new(&[]);
    write(&folder, "First");
    import(&app, &folder.0).await;
    change_here(&app, &mut app.owner().await).await;
    as_an_earlier_version_left_it(&app, &folder).await;
    let versions = "select string_agg(title || version || coalesce(to_char(changed_at, 'US'), ''), ', ' order by title) from posts";
    let before = app.text(versions).await;
    let told = run(&app, &folder, &[]);
    assert!(
        told.of("posts/untouched.md").starts_with("unchanged"),
        "another rendering is no change\n{}",
        told.items
    );
    assert!(
        told.summary.contains("1 unchanged, 7 kept: changed here"),
        "{}",
        told.summary
    );
    assert_eq!(app.text(versions).await, before);
    assert_eq!(
        app.count("select count(*) from posts").await,
        NAMES.len() as i64
    );
    write(&folder, "Second");
    assert!(
        run(&app, &folder, &[])
            .summary
            .contains("1 updated, 7 kept: changed here")
    );
    taken_back_stays_so(&app).await;
}

#[actix_web::test]
async fn what_is_public_here_is_not_taken_down() {
    let app = TestApp::new().await;
    let head = "title: A\ndate: 2020-01-01\n";
    let folder = Folder::new(&[
        ("posts/a.md", &format!("---\n{head}---\nOpen.\n")),
        ("posts/b.md", &format!("---\n{head}slug: b\n---\nOpen.\n")),
    ]);
    import(&app, &folder.0).await;
    folder.write(
        "posts/a.md",
        format!("---\n{head}draft: true\n---\nSecret.\n").as_bytes(),
    );
    folder.write(
        "posts/b.md",
        format!("---\n{head}slug: b\nunlisted: true\n---\nNew.\n").as_bytes(),
    );
    let told = run(&app, &folder, &[]);
    assert!(
        told.of("posts/a.md")
            .contains("it is public here already, and stays"),
        "{}",
        told.items
    );
    assert!(
        told.of("posts/b.md")
            .contains("it is in the lists here already, and stays"),
        "{}",
        told.items
    );
    assert!(
        told.summary
            .contains("2 were public here before and stay so"),
        "{}",
        told.summary
    );
    let mut reader = app.anonymous();
    let page = reader.get("/@olga/a").await;
    assert!(
        page.text().contains("Open.") && !page.text().contains("Secret."),
        "a draft's text is not published over it"
    );
    assert!(reader.get("/@olga/b").await.text().contains("New."));
    assert_eq!(reader.get("/@olga").await.all(".h-entry .p-name").len(), 2);
    assert!(run(&app, &folder, &[]).summary.contains("2 unchanged"));
    folder.write(
        "posts/a.md",
        format!("---\n{head}---\nSecret.\n").as_bytes(),
    );
    import(&app, &folder.0).await;
    assert!(
        app.anonymous()
            .get("/@olga/a")
            .await
            .text()
            .contains("Secret."),
        "the folder published it"
    );
}

#[actix_web::test]
async fn what_was_deleted_here_does_not_come_back() {
    let app = TestApp::new().await;
    let folder = Folder::new(&[("posts/a.md", "---\ntitle: A\ndate: 2020-01-01\n---\nx\n")]);
    import(&app, &folder.0).await;
    sqlx::query("delete from posts")
        .execute(&app.database)
        .await
        .unwrap();
    folder.write("posts/a.md", b"---\ntitle: A\ndate: 2020-01-01\n---\ny\n");
    for overwrite in [false, true] {
        import_with(
            &app,
            &folder.0,
            &Options {
                overwrite,
                ..Options::default()
            },
        )
        .await
        .unwrap();
        assert_eq!(app.count("select count(*) from posts").await, 0);
    }
}

/// Without an owner, unsigned texts belong to a person named after the folder: the same one at every import.
#[actix_web::test]
async fn unsigned_texts_keep_their_person_without_an_owner() {
    let app = TestApp::empty().await;
    let folder = Folder::new(&[("posts/a.md", "---\ntitle: A\ndate: 2020-01-01\n---\nx\n")]);
    import(&app, &folder.0).await;
    as_an_earlier_version_left_it(&app, &folder).await;
    let (folders, name) = (
        folder.0.parent().unwrap(),
        folder.0.file_name().unwrap().to_str().unwrap(),
    );
    sqlx::query("update user_profiles set import_key = $1 where import_key is not null")
        .bind(format!(
            "markdown:{}/{name}/{name}",
            folders.file_name().unwrap().to_str().unwrap()
        ))
        .execute(&app.database)
        .await
        .unwrap();
    assert!(
        run(&app, &folder, &[])
            .summary
            .contains("1 unchanged; 0 people made")
    );
}

#[actix_web::test]
async fn what_an_earlier_version_transliterated_stays_there() {
    let app = TestApp::new().await;
    let text = |title: &str, body: &str| {
        format!("---\ntitle: {title}\ndate: 2019-03-04\nauthor: mara\n---\n{body}\n")
    };
    let folder = Folder::new(&[("hugo.toml", "title = \"Old\"\n")]);
    let names = [
        "content/posts/über-uns.md",
        "content/posts/雨の日.md",
        "content/posts/new.md",
        "content/hilfe-für-alle.md",
    ];
    let write = |body: &str| names.map(|name| folder.write(name, text("A title", body).as_bytes()));
    write("First.");
    import(&app, &folder.0).await;
    let paths = "select string_agg(coalesce(page_path, slug), ' ' order by import_key) from posts";
    let mut kept: Vec<String> = app
        .text(paths)
        .await
        .split(' ')
        .map(str::to_owned)
        .collect();
    kept.sort();
    assert_eq!(
        kept,
        ["hilfe-für-alle", "new", "über-uns", "雨の日"].map(str::to_owned)
    );
    for (new, former) in [
        ("über-uns", "uber-uns"),
        ("雨の日", "yu-nori-2"),
        ("hilfe-für-alle", "hilfe-fur-alle"),
    ] {
        let moved = "update posts set slug = $2, page_path = case when kind = 'page' then $2 end where slug = $1";
        sqlx::query(moved)
            .bind(new)
            .bind(former)
            .execute(&app.database)
            .await
            .unwrap();
    }
    let before = app.text(paths).await;
    write("Second.");
    import(&app, &folder.0).await;
    assert_eq!(
        app.count("select count(*) from post_bodies where markdown like 'Second%'")
            .await,
        4
    );
    assert_eq!(app.text(paths).await, before);
    assert_eq!(app.count("select count(*) from slug_history").await, 0);
}

/// The folder has made it public since: it comes out here at its time, and not before, also where the folder goes over what is here.
#[actix_web::test]
async fn what_is_scheduled_here_comes_out_at_its_time() {
    let app = TestApp::new().await;
    let text = |draft: bool| {
        format!("---\ntitle: Planned\ndate: 2020-01-01\ndraft: {draft}\n---\nText.\n")
    };
    let folder = Folder::new(&[("posts/planned.md", &text(true))]);
    import(&app, &folder.0).await;
    let mut owner = app.owner().await;
    let id = app.text("select public_id::text from posts").await;
    let form = [("at", "2034-01-01T12:00"), ("zone", "UTC")];
    owner
        .post(&format!("/p/{id}/schedule"), &form)
        .await
        .assert_status(303);
    folder.write("posts/planned.md", text(false).as_bytes());
    for overwrite in [false, true] {
        let options = Options {
            overwrite,
            ..Options::default()
        };
        import_with(&app, &folder.0, &options).await.unwrap();
        assert_eq!(app.text("select status from posts").await, "scheduled");
        assert_eq!(app.count("select count(*) from public_posts").await, 0);
    }
    let told = run(&app, &folder, &[]).of("posts/planned.md");
    assert!(told.contains("scheduled since the last import"), "{told}");
}
