//! Admins give tags other names and addresses, and merge them. What led to a tag goes on leading there.

use masthead::features::posts::jobs::keep_tags;

use crate::support::{Actor, TestApp};

const ORIGIN: &str = "http://blog.example";

async fn tagged(ann: &mut Actor, title: &str, tags: &str) -> String {
    ann.publish_with(&[("title", title), ("markdown", "Text."), ("tags", tags)])
        .await
        .path
}

async fn feed_id(app: &TestApp, slug: &str) -> String {
    let feed = app.anonymous().get(&format!("/t/{slug}/feed.atom")).await;
    atom_syndication::Feed::read_from(&feed.body[..])
        .unwrap()
        .id
}

/// The page and each feed of `from` lead to those of `to`.
async fn assert_led(app: &TestApp, from: &str, to: &str) {
    for end in ["", "/feed.atom", "/feed.rss", "/feed.json"] {
        let moved = app.anonymous().get(&format!("/t/{from}{end}")).await;
        moved.assert_status(301);
        assert_eq!(moved.location(), format!("/t/{to}{end}"));
        app.anonymous()
            .get(moved.location())
            .await
            .assert_status(200);
    }
}

async fn links_of(app: &TestApp, post: &str) -> Vec<String> {
    app.anonymous().get(post).await.links("ul.tags")
}

async fn audit_of(app: &TestApp) -> String {
    app.text("select string_agg(act || ' ' || object || ' by ' || actor, ', ' order by id) from audit_log where act like 'tag.%'")
        .await
}

#[actix_web::test]
async fn a_renamed_tag_keeps_its_readers() {
    let app = TestApp::new().await;
    let (mut ann, mut owner) = (app.author("ann").await, app.owner().await);
    let post = tagged(&mut ann, "One", "Java Script").await;
    app.anonymous()
        .get("/t/java-script")
        .await
        .assert_status(200);
    let id = format!("{ORIGIN}/t/java-script/feed.atom");
    let rename = [("name", "JavaScript"), ("slug", "Javascript")];
    let done = owner.post("/admin/tags/java-script", &rename).await;
    done.assert_status(303);
    owner.get(done.location()).await.assert_status(200);
    // A second click lands there as well; another form for what is no tag any more does not.
    let again = owner.post("/admin/tags/java-script", &rename).await;
    assert_eq!(again.assert_status(303).location(), done.location());
    let other = [("name", "Other"), ("slug", "javascript")];
    for (former, form) in [("java-script", other), ("never", rename)] {
        owner
            .post(&format!("/admin/tags/{former}"), &form)
            .await
            .assert_status(404);
    }
    assert_led(&app, "java-script", "javascript").await;
    let page = app.anonymous().get(&post).await;
    assert_eq!(
        (page.all("ul.tags a"), page.links("ul.tags")),
        (
            vec!["JavaScript".to_owned()],
            vec!["/t/javascript".to_owned()]
        )
    );
    assert_eq!(feed_id(&app, "javascript").await, id);
    // The former name means it.
    for tags in ["java script", "JavaScript"] {
        let post = tagged(&mut ann, tags, tags).await;
        assert_eq!(links_of(&app, &post).await, ["/t/javascript"]);
    }
    // Back again, and to a third address.
    owner
        .post(
            "/admin/tags/javascript",
            &[("name", "Java Script"), ("slug", "java-script")],
        )
        .await
        .assert_status(303);
    assert_led(&app, "javascript", "java-script").await;
    assert_eq!(feed_id(&app, "java-script").await, id);
    owner
        .post(
            "/admin/tags/java-script",
            &[("name", "Java Script"), ("slug", "日本")],
        )
        .await
        .assert_status(303);
    for former in ["javascript", "java-script"] {
        assert_led(&app, former, "%E6%97%A5%E6%9C%AC").await;
    }
    assert_eq!(feed_id(&app, "%E6%97%A5%E6%9C%AC").await, id);
    assert_eq!(
        app.anonymous().get("/t").await.links("main ul"),
        ["/t/日本"]
    );
    let expected = "tag.rename JavaScript by olga, tag.rename Java Script by olga, tag.rename Java Script by olga";
    assert_eq!(audit_of(&app).await, expected);
    // An address that leads somewhere is not given away.
    let other = tagged(&mut ann, "Other", "Java-Script").await;
    assert_eq!(links_of(&app, &other).await, ["/t/java-script-2"]);
}

/// The release before made one tag of C, C++ and C#.
#[actix_web::test]
async fn what_was_one_tag_by_mistake_is_parted_by_hand() {
    let app = TestApp::new().await;
    let (mut ann, mut owner) = (app.author("ann").await, app.owner().await);
    let insert = "insert into tags (slug, name) values ('c', 'C++')";
    sqlx::query(insert).execute(&app.database).await.unwrap();
    let (one, other) = (
        tagged(&mut ann, "One", "C++").await,
        tagged(&mut ann, "Other", "c++").await,
    );
    keep_tags(&app.db()).await.unwrap();
    owner
        .post(
            "/admin/tags/c",
            &[("name", "C"), ("slug", "c"), ("frees_name", "on")],
        )
        .await
        .assert_status(303);
    assert_eq!(
        (links_of(&app, &one).await, links_of(&app, &other).await),
        (vec!["/t/c".into()], vec!["/t/c".into()])
    );
    let id = app
        .text("select public_id::text from posts where title = 'One'")
        .await;
    // The author saves it again, with what was typed.
    ann.edit(&id, &[("markdown", "Newer.")], "publish")
        .await
        .assert_status(303);
    assert_eq!(
        (links_of(&app, &one).await, links_of(&app, &other).await),
        (vec!["/t/cpp".into()], vec!["/t/c".into()])
    );
    assert_eq!(feed_id(&app, "c").await, format!("{ORIGIN}/t/c/feed.atom"));
}

#[actix_web::test]
async fn merged_tags_are_one_with_the_feed_id_that_was_said() {
    let app = TestApp::new().await;
    let (mut ann, mut owner) = (app.author("ann").await, app.owner().await);
    let (a, b, both) = (
        tagged(&mut ann, "A", "js").await,
        tagged(&mut ann, "B", "JavaScript").await,
        tagged(&mut ann, "Both", "JavaScript, js").await,
    );
    for path in ["/t/js", "/t/javascript", &a, &both, "/t"] {
        app.anonymous().get(path).await.assert_status(200);
    }
    let question = owner.get("/admin/tags/js/merge?into=javaSCRIPT").await;
    question.assert_status(200);
    let (stays, ends) = (
        format!("{ORIGIN}/t/javascript/feed.atom"),
        format!("{ORIGIN}/t/js/feed.atom"),
    );
    assert_eq!(question.all("code"), [stays.clone(), ends]);
    let into = question.field("into");
    // The second click lands where the first did.
    for _ in 0..2 {
        let done = owner.post("/admin/tags/js/merge", &[("into", &into)]).await;
        done.assert_status(303);
        assert_eq!(done.location(), "/admin/tags/javascript?saved=merged");
    }
    for (from, into) in [("js", "never"), ("never", "javascript"), ("js", "js")] {
        owner
            .post(&format!("/admin/tags/{from}/merge"), &[("into", into)])
            .await
            .assert_status(404);
    }
    assert_led(&app, "js", "javascript").await;
    assert_eq!(feed_id(&app, "javascript").await, stays);
    for post in [&a, &b, &both] {
        assert_eq!(links_of(&app, post).await, ["/t/javascript"], "{post}");
    }
    assert_eq!(
        app.text("select string_agg(slug || ' ' || post_count, ', ' order by slug) from tags")
            .await,
        "javascript 3, js 0"
    );
    // Saved again, the text still names both.
    let id = app
        .text("select public_id::text from posts where title = 'Both'")
        .await;
    ann.edit(&id, &[("markdown", "Newer.")], "publish")
        .await
        .assert_status(303);
    assert_eq!(links_of(&app, &both).await, ["/t/javascript"]);
    // What became part of a tag goes on with it.
    let ecma = tagged(&mut ann, "E", "ECMAScript").await;
    owner
        .post("/admin/tags/javascript/merge", &[("into", "ecmascript")])
        .await
        .assert_status(303);
    for former in ["js", "javascript"] {
        assert_led(&app, former, "ecmascript").await;
    }
    assert_eq!(links_of(&app, &ecma).await, ["/t/ecmascript"]);
    assert_eq!(
        audit_of(&app).await,
        "tag.merge JavaScript by olga, tag.merge ECMAScript by olga"
    );
}

#[actix_web::test]
async fn posts_that_a_former_tag_gets_are_given_to_the_present_one() {
    let app = TestApp::new().await;
    let (mut ann, mut owner) = (app.author("ann").await, app.owner().await);
    let post = tagged(&mut ann, "A", "js").await;
    tagged(&mut ann, "B", "JavaScript").await;
    owner
        .post("/admin/tags/js/merge", &[("into", "javascript")])
        .await
        .assert_status(303);
    // A node of the release before goes by the address.
    sqlx::query("update post_tags set tag_id = (select id from tags where slug = 'js') where post_id = (select id from posts where title = 'A')")
        .execute(&app.database)
        .await
        .unwrap();
    app.forget_pages();
    assert_eq!(links_of(&app, &post).await, ["/t/js"]);
    keep_tags(&app.db()).await.unwrap();
    assert_eq!(links_of(&app, &post).await, ["/t/javascript"]);
    assert_eq!(
        app.text("select string_agg(slug || ' ' || post_count, ', ' order by slug) from tags")
            .await,
        "javascript 2, js 0"
    );
}

#[actix_web::test]
async fn what_was_typed_comes_back_with_its_fault() {
    let app = TestApp::new().await;
    let (mut ann, mut owner) = (app.author("ann").await, app.owner().await);
    tagged(&mut ann, "A", "C, C++").await;
    for (name, slug, field) in [
        ("", "c", "name"),
        ("c++", "c", "name"),
        ("a, b", "c", "name"),
        ("See", "cpp", "slug"),
        ("See", "!!", "slug"),
    ] {
        let page = owner
            .post("/admin/tags/c", &[("name", name), ("slug", slug)])
            .await;
        page.assert_status(422);
        assert_eq!(
            (page.field("name").as_str(), page.field("slug").as_str()),
            (name, slug)
        );
        assert_eq!(
            page.all(&format!("#{field}-error")).len(),
            1,
            "{name} {slug}"
        );
    }
    for into in ["nothing", "C", ""] {
        let page = owner.get(&format!("/admin/tags/c/merge?into={into}")).await;
        page.assert_status(422);
        assert_eq!(
            (page.field("into").as_str(), page.all("#into-error").len()),
            (into, 1)
        );
    }
    assert_eq!(
        app.text("select string_agg(name || ' ' || slug, ', ' order by id) from tags")
            .await,
        "C c, C++ cpp"
    );
    assert_eq!(
        app.count("select count(*) from audit_log where act like 'tag.%'")
            .await,
        0
    );
    assert_eq!(
        owner.get("/admin/tags?q=c%2B%2B").await.links("ul.rows")[0],
        "/admin/tags/cpp"
    );
    assert_eq!(
        owner.get("/admin/tags").await.links("ul.rows"),
        ["/admin/tags/c", "/admin/tags/cpp"]
    );
}

/// What is said of the tag: on its page, in its head, and in each of its feeds.
async fn said_of(app: &TestApp, slug: &str) -> Vec<String> {
    let mut reader = app.anonymous();
    let page = reader.get(&format!("/t/{slug}")).await;
    let in_head = page.attribute("meta[name=description]", "content");
    let atom = reader.get(&format!("/t/{slug}/feed.atom")).await;
    let atom = atom_syndication::Feed::read_from(&atom.body[..]).unwrap();
    let json = reader.get(&format!("/t/{slug}/feed.json")).await.json();
    vec![
        page.all("main .lead").concat(),
        in_head.unwrap_or_default(),
        atom.subtitle.map(|text| text.value).unwrap_or_default(),
        json["description"].as_str().unwrap_or_default().to_owned(),
    ]
}

async fn describe(owner: &mut Actor, slug: &str, text: &str) {
    let form = [("description", text)];
    let done = owner
        .post(&format!("/admin/tags/{slug}/description"), &form)
        .await;
    done.assert_status(303);
    let page = owner.get(done.location()).await;
    assert_eq!(page.field("description"), text);
}

#[actix_web::test]
async fn what_a_tag_is_about_stands_on_its_page_and_in_its_feeds() {
    let app = TestApp::new().await;
    let (mut ann, mut owner) = (app.author("ann").await, app.owner().await);
    tagged(&mut ann, "One", "Bread, Loaves, Salt").await;
    let unsaid = said_of(&app, "bread").await;
    assert_eq!(unsaid[0], "");
    assert!(unsaid[1].starts_with("Posts about Bread on "), "{unsaid:?}");
    let words = "Flour & <water>, خبز";
    describe(&mut owner, "bread", words).await;
    assert_eq!(said_of(&app, "bread").await, [words; 4]);
    // It stays with the tag under another name, and with the tag that it becomes a part of.
    let rename = [("name", "Daily bread"), ("slug", "daily-bread")];
    owner
        .post("/admin/tags/bread", &rename)
        .await
        .assert_status(303);
    assert_eq!(said_of(&app, "daily-bread").await, [words; 4]);
    describe(&mut owner, "salt", "Of the sea.").await;
    for (from, into, said) in [("daily-bread", "loaves", words), ("salt", "loaves", words)] {
        owner
            .post(&format!("/admin/tags/{from}/merge"), &[("into", into)])
            .await
            .assert_status(303);
        assert_eq!(said_of(&app, into).await, [said; 4], "{from}");
    }
    // What an admin said counts for more than what an import did.
    tagged(&mut ann, "Two", "Rye, Grain").await;
    describe(&mut owner, "rye", "Of rye.").await;
    sqlx::query("update tags set description = 'As imported.' where slug = 'grain'")
        .execute(&app.database)
        .await
        .unwrap();
    owner
        .post("/admin/tags/rye/merge", &[("into", "grain")])
        .await
        .assert_status(303);
    assert_eq!(said_of(&app, "grain").await, ["Of rye."; 4]);
    let merged = "select string_agg(after ->> 'description', '; ' order by id) from audit_log where act = 'tag.merge'";
    assert_eq!(app.text(merged).await, format!("{words}; {words}; Of rye."));
    let nothing = [("description", "  \u{200b}")];
    owner
        .post("/admin/tags/loaves/description", &nothing)
        .await
        .assert_status(303);
    assert_eq!(said_of(&app, "loaves").await[0], "");
    let described = app
        .text(
            "select string_agg(object || ' ' || actor || ': ' || (after ->> 'description'), ', ' order by id)
             from audit_log where act = 'tag.describe'",
        )
        .await;
    assert_eq!(
        described,
        format!("Bread olga: {words}, Salt olga: Of the sea., Rye olga: Of rye., Loaves olga: ")
    );
}

#[actix_web::test]
async fn a_description_that_is_too_long_comes_back_as_typed() {
    let app = TestApp::new().await;
    let (mut ann, mut owner) = (app.author("ann").await, app.owner().await);
    tagged(&mut ann, "One", "Bread").await;
    let fits = "語".repeat(1000);
    describe(&mut owner, "bread", &fits).await;
    let long = format!("{fits}語");
    let page = owner
        .post("/admin/tags/bread/description", &[("description", &long)])
        .await;
    page.assert_status(422);
    assert_eq!(page.field("description"), long);
    assert_eq!(page.field("name"), "Bread");
    assert_eq!(
        page.one("#description-error"),
        "A description can have at most 1000 characters; this one has 1001."
    );
    assert_eq!(said_of(&app, "bread").await[0], fits);
    // What was typed about a tag that is gone is given back.
    let gone = owner
        .post("/admin/tags/gone/description", &[("description", "Words.")])
        .await;
    gone.assert_status(404);
    assert_eq!(gone.field("description"), "Words.");
}
