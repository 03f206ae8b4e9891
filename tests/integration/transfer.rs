mod again;
mod batches;
mod command;
mod folder;
mod front_matter;
mod links;
mod permalinks;
mod source;
mod topics;
mod visibility;

use masthead::features::transfer::Options;

use crate::support::TestApp;
use folder::{Folder, import};

const HUGO: &[(&str, &str)] = &[
    ("hugo.toml", "title = \"Old site\"\n"),
    (
        "data/authors.yml",
        "mara:\n  name: Mara Lind\n  bio: Writes about tides.\n",
    ),
    (
        "content/posts/tides.md",
        "---\ntitle: \"Tides &amp; tables\"\ndate: 2019-03-04T10:00:00+01:00\nlastmod: 2020-01-01T00:00:00Z\nauthors: [mara, \"Jo Penn\"]\n\
         tags: [Sea, sea, Clocks]\naliases: [/2019/tides.html, /old/tides/]\ndescription: Twice a day.\n---\n\nThe *moon* does it.\n",
    ),
    (
        "content/posts/draft.md",
        "---\ntitle: Not yet\ndate: 2019-03-05\ndraft: true\nauthor: mara\n---\nLater.\n",
    ),
    (
        "content/posts/future.md",
        "---\ntitle: Tomorrow\ndate: 2999-01-01\nauthor: mara\n---\nWait.\n",
    ),
    (
        "content/posts/nobody.md",
        "---\ntitle: Unsigned\ndate: 2018-01-01\n---\nNo name.\n",
    ),
    ("content/posts/_index.md", "---\ntitle: All posts\n---\n"),
];

#[actix_web::test]
async fn a_blog_comes_in_whole_and_old_addresses_lead_there() {
    let app = TestApp::new().await;
    let folder = Folder::new(HUGO);
    import(&app, &folder.0).await;
    let mut reader = app.anonymous();
    let page = reader.get("/@mara/tides").await;
    page.assert_status(200);
    assert_eq!(page.one("h1"), "Tides & tables");
    assert!(page.text().contains("<em>moon</em>") && page.text().contains("Jo Penn"));
    assert_eq!(
        page.attribute("time.dt-published", "datetime").as_deref(),
        Some("2019-03-04T09:00:00Z")
    );
    for old in ["/2019/tides.html", "/old/tides"] {
        assert_eq!(reader.get(old).await.location(), "/@mara/tides", "{old}");
    }
    assert_eq!(reader.get("/old/tides/").await.location(), "/old/tides");
    for list in ["/t/sea", "/t/clocks", "/@mara", "/@jo-penn"] {
        assert!(
            reader
                .get(list)
                .await
                .all(".h-entry .p-name")
                .contains(&"Tides & tables".to_owned()),
            "{list}"
        );
    }
    assert_eq!(
        app.text("select string_agg(title, ', ' order by title) from posts where status = 'draft'")
            .await,
        "Not yet, Tomorrow"
    );
    reader.get("/@olga/nobody").await.assert_status(200);
    assert_eq!(
        app.text("select to_char(changed_at at time zone 'utc', 'YYYY-MM-DD') from posts where slug = 'tides'").await,
        "2020-01-01"
    );
    let nobody = "select count(*) from users u join user_profiles p on p.user_id = u.id where p.import_key is not null and (p.password_hash is not null or p.email is not null)";
    assert_eq!(
        app.count(nobody).await,
        0,
        "nobody can sign in as an imported author"
    );
}

#[actix_web::test]
async fn a_document_in_which_nothing_can_be_seen_becomes_a_draft_and_names_lose_what_turns_text_around()
 {
    let app = TestApp::new().await;
    let folder = Folder::new(&[
        ("hugo.toml", "title = \"Old site\"\n"),
        (
            "content/posts/empty.md",
            "---\ntitle: \"\\u200b\"\ndate: 2019-03-04\nauthor: mara\n---\n\u{200b}\n",
        ),
        (
            "content/posts/turned.md",
            "---\ntitle: \"abc\\u202efed\"\ndate: 2019-03-04\nauthor: \"Ma\u{202e}ra\"\ntags: [\"se\u{2067}a\"]\n---\nText.\n",
        ),
    ]);
    import(&app, &folder.0).await;
    assert_eq!(
        app.text("select string_agg(title || ' ' || status, ', ' order by title) from posts")
            .await,
        " draft, abcfed published"
    );
    assert_eq!(
        app.count("select count(*) from users where name = 'Mara'")
            .await,
        1
    );
    assert_eq!(
        app.text("select string_agg(name, ', ') from tags").await,
        "sea"
    );
}

#[actix_web::test]
async fn a_second_import_changes_only_what_changed() {
    let app = TestApp::new().await;
    let folder = Folder::new(HUGO);
    import(&app, &folder.0).await;
    let state =
        "select string_agg(public_id || ' ' || version, ', ' order by public_id) from posts";
    let before = app.text(state).await;
    import(&app, &folder.0).await;
    assert_eq!(app.text(state).await, before);
    assert_eq!(app.count("select count(*) from users").await, 3);
    folder.write(
        "content/posts/tides.md",
        b"---\ntitle: Tides again\ndate: 2019-03-04\nauthors: [mara]\nslug: tides\n---\nNew text.\n",
    );
    import(&app, &folder.0).await;
    assert_eq!(app.count("select count(*) from posts").await, 4);
    let page = app.anonymous().get("/@mara/tides").await;
    assert_eq!(page.one("h1"), "Tides again");
    assert!(!page.text().contains("Jo Penn"));
    assert_eq!(
        app.count("select version::bigint from posts where slug = 'tides'")
            .await,
        2,
        "the old text stays as a revision"
    );
}

#[actix_web::test]
async fn a_dry_run_leaves_nothing() {
    let app = TestApp::new().await;
    let options = Options {
        dry_run: true,
        ..Options::default()
    };
    folder::import_with(&app, &Folder::new(HUGO).0, &options)
        .await
        .unwrap();
    for table in [
        "select count(*) from posts",
        "select count(*) from redirects",
        "select count(*) from tags",
        "select count(*) - 1 from users",
        "select count(*) from import_sources",
        "select count(*) from import_documents",
    ] {
        assert_eq!(app.count(table).await, 0, "{table}");
    }
    assert_eq!(
        app.count("select count(*) from audit_log where act like 'post.%'")
            .await,
        0
    );
    // What it tried stands in nobody's way afterwards.
    import(&app, &Folder::new(HUGO).0).await;
    app.anonymous().get("/@mara/tides").await.assert_status(200);
}

#[actix_web::test]
async fn broken_files_are_reported_and_the_rest_goes_on() {
    let app = TestApp::new().await;
    let folder = Folder::new(&[
        ("a.md", "---\ntitle: [unclosed\n---\nx\n"),
        ("b.md", "+++\ntitle = \"x\ndate = 1\n+++\nx\n"),
        ("deep.md", ""),
        (
            "fine.md",
            "---\ntitle: Fine\ndate: 2020-01-01\n---\nGood.\n",
        ),
    ]);
    folder.write(
        "bytes.md",
        b"---\ntitle: Bytes\ndate: 2020-01-01\n---\n\xff\xfe\n",
    );
    folder.write("nul.md", b"---\ntitle: Nul\ndate: 2020-01-01\n---\na\0b\n");
    folder.write(
        "deep.md",
        format!(
            "---\ntitle: Deep\ndate: 2020-01-01\n---\n{}x\n",
            "> ".repeat(5000)
        )
        .as_bytes(),
    );
    folder.write(
        "script.md",
        b"---\ntitle: Script\ndate: 2020-01-01\n---\n<script>alert(1)</script><b onclick=alert(2)>bold</b>\n",
    );
    import(&app, &folder.0).await;
    assert_eq!(
        app.text("select string_agg(title, ', ' order by title) from posts")
            .await,
        "Fine, Script"
    );
    let html = app.text("select html from post_bodies b join posts p on p.id = b.post_id where title = 'Script'").await;
    assert!(
        !html.contains("<script") && !html.contains("onclick"),
        "{html}"
    );
}

#[actix_web::test]
async fn a_handle_that_is_taken_gets_a_number() {
    let app = TestApp::new().await;
    let mut mara = app.author("mara").await;
    import(&app, &Folder::new(HUGO).0).await;
    app.anonymous()
        .get("/@mara-2/tides")
        .await
        .assert_status(200);
    assert!(
        mara.get("/dashboard").await.all("td a").is_empty(),
        "an account is not handed to an import"
    );
}

#[actix_web::test]
async fn one_bad_document_does_not_stop_the_rest() {
    let app = TestApp::new().await;
    // Stands for every rule of the database that no check of ours foresaw.
    sqlx::query("alter table posts add constraint test_refuses check (title <> 'Refused')")
        .execute(&app.database)
        .await
        .unwrap();
    let folder = Folder::new(&[
        (
            "a.md",
            "---\ntitle: Refused\ndate: 2020-01-01\nauthor: zoe\naliases: [/lost/]\n---\nx\n",
        ),
        (
            "b.md",
            "---\ntitle: \"N\\0ul\\x07\"\ndate: 2020-01-01\nauthor: \"zo\\0e\"\ndescription: \"De\\0ck\"\ntags: [\"se\\0a\"]\n\
             cover: {image: https://example.org/a.png, alt: \"al\\0t\"}\n---\nx\n",
        ),
        (
            "c.md",
            "+++\ntitle = \"T\\u0000oml\"\ndate = 2020-01-01\n+++\nx\n",
        ),
        (
            "d.md",
            "{\n\"title\": \"J\\u0000son\",\n\"date\": \"2020-01-01\"\n}\n\nx\n",
        ),
        (
            "z.md",
            "---\ntitle: Last\ndate: 2020-01-01\nauthor: zoe\n---\nx\n",
        ),
    ]);
    let deep = format!("{0}/{0}/{0}/e.md", "e".repeat(210));
    folder.write(&deep, b"---\ntitle: Too deep\ndate: 2020-01-01\n---\nx\n");
    import(&app, &folder.0).await;
    assert_eq!(
        app.text("select string_agg(title, ', ' order by title) from posts")
            .await,
        "Json, Last, Nul, Toml"
    );
    let nul = "select p.excerpt || ' ' || p.cover_alt || ' ' || (select string_agg(t.name, ' ') from tags t) from posts p where title = 'Nul'";
    assert_eq!(app.text(nul).await, "Deck alt sea");
    assert_eq!(
        app.count("select count(*) from redirects where path = '/lost'")
            .await,
        0
    );
    // Made anew after the transaction of the first document went.
    app.anonymous().get("/@zoe/z").await.assert_status(200);
}

#[actix_web::test]
async fn old_addresses_are_kept_decoded_or_noted() {
    let app = TestApp::new().await;
    let folder = Folder::new(&[(
        "a.md",
        "---\ntitle: A\ndate: 2020-01-01\nauthor: mara\n\
         aliases: [/%C3%BCber%20uns/, /straße, \"/with space\", /t/sea, /feed.xml, \"/a;b\", /@mara/old, /feedback]\n---\nx\n",
    )]);
    import(&app, &folder.0).await;
    let mut reader = app.anonymous();
    for old in [
        "/%C3%BCber%20uns",
        "/stra%C3%9Fe",
        "/with%20space",
        "/feedback",
    ] {
        assert_eq!(reader.get(old).await.location(), "/@mara/a", "{old}");
    }
    assert_eq!(app.count("select count(*) from redirects").await, 4);
}

/// Many systems name all their texts by one path and a parameter.
#[actix_web::test]
async fn old_addresses_with_a_parameter_are_told_apart() {
    let app = TestApp::new().await;
    let head = |title: &str, aliases: &str| {
        format!(
            "---\ntitle: {title}\ndate: 2020-01-01\nauthor: mara\naliases: [{aliases}]\n---\nx\n"
        )
    };
    let folder = Folder::new(&[
        (
            "a.md",
            &head("A", "\"/index.php?p=13\", \"/?p=12\", /Old/Tides.html"),
        ),
        (
            "b.md",
            &head(
                "B",
                "\"/index.php?p=14\", \"/?page_id=12\", \"/index.php?q=node/7&id=1\"",
            ),
        ),
    ]);
    let mut reader = app.anonymous();
    // What was not there is not remembered for ever.
    for nothing in ["/index.php?p=13", "/old/tides.html"] {
        reader.get(nothing).await.assert_status(404);
    }
    assert_eq!(reader.get("/?p=12").await.location(), "/");
    import(&app, &folder.0).await;
    for round in 0..2 {
        for (old, path) in [
            ("/index.php?p=13", "/@mara/a"),
            ("/index.php?p=14", "/@mara/b"),
            ("/?p=12", "/@mara/a"),
            ("/?page_id=12", "/@mara/b"),
            ("/?utm_source=letter&p=12", "/@mara/a"),
            ("/index.php?id=1&q=node%2F7", "/@mara/b"),
            ("/INDEX.php?p=13", "/@mara/a"),
            ("/OLD/tides.HTML", "/@mara/a"),
        ] {
            let moved = reader.get(old).await;
            assert_eq!(
                (moved.status.as_u16(), moved.header("location")),
                (301, Some(path)),
                "{old} in round {round}"
            );
        }
        for (nothing, status) in [
            ("/index.php?p=15", 404),
            ("/index.php", 404),
            ("/Old/Tides.html?p=1", 404),
            ("/?p=13", 301),
            ("/", 200),
        ] {
            reader.get(nothing).await.assert_status(status);
        }
    }
}

#[actix_web::test]
async fn folders_of_one_name_are_two_blogs() {
    let app = TestApp::new().await;
    let text = "---\ntitle: Same\ndate: 2020-01-01\nauthor: mara\n---\nx\n";
    let folder = Folder::new(&[("sea/content/a.md", text), ("hill/content/a.md", text)]);
    for _ in 0..2 {
        import(&app, &folder.0.join("sea/content")).await;
        import(&app, &folder.0.join("hill/content")).await;
    }
    assert_eq!(
        app.text(
            "select string_agg(username, ' ' order by username) from users where username <> 'olga'"
        )
        .await,
        "mara mara-2"
    );
    assert_eq!(app.count("select count(*) from posts").await, 2);
}

#[actix_web::test]
async fn the_log_names_who_imported_and_the_revision_its_author() {
    let app = TestApp::new().await;
    import(&app, &Folder::new(HUGO).0).await;
    let by = "select string_agg(distinct coalesce(actor_id::text, 'nobody') || ' ' || actor, ', ') from audit_log where act like 'post.%'";
    assert_eq!(app.text(by).await, "nobody test");
    let saved_by = "select u.username from revisions r join posts p on p.id = r.post_id join users u on u.id = r.saved_by where p.slug = 'tides'";
    assert_eq!(app.text(saved_by).await, "mara");
}
