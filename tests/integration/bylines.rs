//! Nobody speaks for another: whoever is named as author of a post is asked, and can go at any time.

use masthead::db::public_id;
use masthead::features::transfer::{Options, import_markdown};

use crate::support::{Actor, Response, TestApp};

/// The authors of a post as readers see them.
async fn byline(app: &TestApp, post: &str) -> Vec<String> {
    app.anonymous()
        .get(post)
        .await
        .assert_status(200)
        .all(".byline-name .p-author")
}

/// Whether a person's page and feed have a post.
async fn lists(app: &TestApp, person: &str, title: &str) -> bool {
    let page = app
        .anonymous()
        .get(&format!("/@{person}"))
        .await
        .text()
        .contains(title);
    let feed = app
        .anonymous()
        .get(&format!("/@{person}/feed.atom"))
        .await
        .text()
        .contains(title);
    assert_eq!(page, feed, "page and feed agree");
    page
}

async fn requests(actor: &mut Actor) -> Vec<String> {
    actor.get("/dashboard").await.all(".requests li bdi")
}

/// Sends the form of a page whose action ends like this.
async fn press(actor: &mut Actor, page: &Response, verb: &str) -> Response {
    let action = page
        .attribute(&format!("form[action$='/byline/{verb}']"), "action")
        .unwrap();
    let pressed = actor.post(&action, &[]).await;
    pressed.assert_status(303);
    pressed
}

async fn decline(actor: &mut Actor, post: &str) -> Response {
    actor.post(&format!("/p/{post}/byline/decline"), &[]).await
}

async fn acts(app: &TestApp) -> String {
    app.text("select coalesce(string_agg(act || ' ' || actor, ', ' order by id), '') from audit_log where act like 'byline.%'")
        .await
}

#[actix_web::test]
async fn whoever_is_named_is_asked_and_shown_after_accepting() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut ben = app.author("ben").await;
    let mut eve = app.author("eve").await;
    let fields = [
        ("title", "Together"),
        ("markdown", "a"),
        ("authors", "olga, ben, ann"),
    ];
    let post = ann.publish_with(&fields).await;
    assert_eq!(byline(&app, &post.path).await, ["ann"]);
    assert!(
        lists(&app, "ann", "Together").await
            && !lists(&app, "ben", "Together").await
            && !lists(&app, "olga", "Together").await
    );
    let editor = ann.get(&format!("/p/{}/edit", post.id)).await;
    assert_eq!(
        editor.one("[data-waiting]"),
        "Waiting for @olga, @ben to accept."
    );
    assert_eq!(
        editor.field("authors"),
        "olga, ben, ann",
        "what was typed stays"
    );
    // Being named is no right: neither to read a draft nor to change a text.
    for page in ["edit", "preview", "publish"] {
        ben.get(&format!("/p/{}/{page}", post.id))
            .await
            .assert_status(404);
    }
    assert_eq!(requests(&mut ben).await, ["Together"]);
    assert_eq!(requests(&mut eve).await, Vec::<String>::new());
    let question = ben.get(&format!("/p/{}/byline", post.id)).await;
    assert!(
        question
            .one(".lead")
            .contains("@ann names you as author of “Together”")
    );
    eve.get(&format!("/p/{}/byline", post.id))
        .await
        .assert_status(404);

    let dashboard = ben.get("/dashboard").await;
    press(&mut ben, &dashboard, "accept").await;
    ben.accept(&post.id).await;
    assert_eq!(
        byline(&app, &post.path).await,
        ["ben", "ann"],
        "in the order named"
    );
    assert!(lists(&app, "ben", "Together").await && !lists(&app, "olga", "Together").await);
    assert_eq!(requests(&mut ben).await, Vec::<String>::new());
    ben.edit(&post.id, &[("markdown", "Ben was here.")], "publish")
        .await
        .assert_status(303);
    assert_eq!(
        byline(&app, &post.path).await,
        ["ben", "ann"],
        "an edit by another author asks and adds nobody"
    );
    assert_eq!(acts(&app).await, "byline.ask ann, byline.accept ben");
    // The owner of the site says yes last, and stands first, as named.
    app.owner().await.accept(&post.id).await;
    assert_eq!(byline(&app, &post.path).await, ["Olga Owner", "ben", "ann"]);
}

#[actix_web::test]
async fn no_stays_no_until_the_name_was_taken_out_and_put_in_again() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut ben = app.author("ben").await;
    let id = ann
        .draft(&[
            ("title", "Draft"),
            ("markdown", "a"),
            ("authors", "ann, ben"),
        ])
        .await;
    let question = ben.get(&format!("/p/{id}/byline")).await;
    let declined = press(&mut ben, &question, "decline").await;
    assert_eq!(
        declined.location(),
        "/dashboard?byline=declined",
        "readers saw no name that could be taken down"
    );
    decline(&mut ben, &id).await.assert_status(303);
    ben.post(&format!("/p/{id}/byline/accept"), &[])
        .await
        .assert_status(404);
    let editor = ann.get(&format!("/p/{id}/edit")).await;
    assert!(editor.one("[data-declined]").contains("@ben"));
    assert_eq!(editor.field("authors"), "ann");
    // From a tab that was open all the time, and by an admin who mends a word.
    let mut owner = app.owner().await;
    for (actor, text) in [(&mut ann, "b"), (&mut owner, "c")] {
        actor
            .edit(&id, &[("markdown", text), ("authors", "ann, ben")], "save")
            .await
            .assert_status(303);
        assert_eq!(requests(&mut ben).await, Vec::<String>::new());
    }
    ann.post(&format!("/p/{id}/publish"), &[])
        .await
        .assert_status(303);
    assert!(!lists(&app, "ben", "Draft").await);
    ann.edit(&id, &[("authors", "ann")], "publish")
        .await
        .assert_status(303);
    ann.edit(&id, &[("authors", "ann, ben")], "publish")
        .await
        .assert_status(303);
    assert_eq!(requests(&mut ben).await, ["Draft"]);
    // Taken out by the author, the question is gone with it.
    ann.edit(&id, &[("authors", "ann")], "publish")
        .await
        .assert_status(303);
    assert_eq!(requests(&mut ben).await, Vec::<String>::new());
    ben.post(&format!("/p/{id}/byline/accept"), &[])
        .await
        .assert_status(404);
    assert_eq!(
        acts(&app).await,
        "byline.ask ann, byline.decline ben, byline.ask ann"
    );
}

#[actix_web::test]
async fn an_author_takes_the_own_name_off_at_any_time() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut ben = app.author("ben").await;
    let post = ann
        .publish_with(&[
            ("title", "Together"),
            ("markdown", "a"),
            ("tags", "sea"),
            ("authors", "ben, ann"),
        ])
        .await;
    ben.accept(&post.id).await;
    let link = ben
        .get("/dashboard")
        .await
        .attribute("a[href$='/byline']", "href")
        .unwrap();
    let question = ben.get(&link).await;
    assert_eq!(question.all("form[action$='/accept']").len(), 0);
    // Also with a lower role.
    sqlx::query("update users set role = 'reader' where username = 'ben'")
        .execute(&app.database)
        .await
        .unwrap();
    press(&mut ben, &question, "decline").await;
    sqlx::query("update users set role = 'author' where username = 'ben'")
        .execute(&app.database)
        .await
        .unwrap();
    assert_eq!(byline(&app, &post.path).await, ["ann"]);
    assert!(!lists(&app, "ben", "Together").await && lists(&app, "ann", "Together").await);
    assert_eq!(
        app.count("select post_count::bigint from tags where slug = 'sea'")
            .await,
        1
    );
    ben.get(&format!("/p/{}/edit", post.id))
        .await
        .assert_status(404);
    ann.edit(
        &post.id,
        &[("markdown", "b"), ("authors", "ben, ann")],
        "publish",
    )
    .await
    .assert_status(303);
    assert_eq!(
        (
            byline(&app, &post.path).await,
            requests(&mut ben).await.len()
        ),
        (vec!["ann".to_owned()], 0)
    );
    // It stands at the address of its owner, who can only take it away.
    decline(&mut ann, &post.id).await.assert_status(403);
    assert_eq!(
        acts(&app).await,
        "byline.ask ann, byline.accept ben, byline.leave ben"
    );
}

#[actix_web::test]
async fn an_author_taken_off_is_asked_again_before_coming_back() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut ben = app.author("ben").await;
    let post = ann
        .publish_with(&[
            ("title", "Together"),
            ("markdown", "a"),
            ("authors", "ann, ben"),
        ])
        .await;
    ben.accept(&post.id).await;
    ann.edit(&post.id, &[("authors", "ann")], "publish")
        .await
        .assert_status(303);
    ann.edit(&post.id, &[("authors", "ann, ben")], "publish")
        .await
        .assert_status(303);
    assert_eq!(
        (
            byline(&app, &post.path).await,
            requests(&mut ben).await.len()
        ),
        (vec!["ann".to_owned()], 1)
    );
    // Not while the post is in the trash, nor once the person may not write any more.
    ann.post(&format!("/p/{}/trash", post.id), &[])
        .await
        .assert_status(303);
    assert_eq!(requests(&mut ben).await.len(), 0);
    ann.post(&format!("/p/{}/restore", post.id), &[])
        .await
        .assert_status(303);
    sqlx::query("update users set role = 'reader' where username = 'ben'")
        .execute(&app.database)
        .await
        .unwrap();
    ben.post(&format!("/p/{}/byline/accept", post.id), &[])
        .await
        .assert_status(403);
    ann.edit(&post.id, &[("markdown", "b")], "publish")
        .await
        .assert_status(303);
}

#[actix_web::test]
async fn admins_commands_and_imports_name_directly() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut ben = app.author("ben").await;
    let mut adam = app.person("adam", "admin").await;
    let mine = adam
        .publish_with(&[
            ("title", "Of adam"),
            ("markdown", "a"),
            ("authors", "adam, ben"),
        ])
        .await;
    assert_eq!(byline(&app, &mine.path).await, ["adam", "ben"]);
    let hers = ann.publish("Of ann", "a").await;
    app.owner()
        .await
        .edit(&hers.id, &[("authors", "ann, ben")], "publish")
        .await
        .assert_status(303);
    assert_eq!(byline(&app, &hers.path).await, ["ann", "ben"]);
    // Saving a text with a question in it does not answer that.
    let asked = ann
        .publish_with(&[
            ("title", "Asked"),
            ("markdown", "a"),
            ("authors", "ann, ben"),
        ])
        .await;
    adam.edit(&asked.id, &[("markdown", "b")], "publish")
        .await
        .assert_status(303);
    assert_eq!(
        (
            byline(&app, &asked.path).await,
            requests(&mut ben).await.len()
        ),
        (vec!["ann".to_owned()], 1)
    );

    let folder = std::env::temp_dir().join(format!("masthead-bylines-{}", public_id().simple()));
    std::fs::create_dir_all(folder.join("content/posts")).unwrap();
    let text = "---\ntitle: Imported\nslug: imported\ndate: 2019-03-04\nauthors: [Carl, Dora]\n---\nText.\n";
    std::fs::write(folder.join("content/posts/one.md"), text).unwrap();
    let actor = masthead::access::Actor::command("command line");
    import_markdown(&app.db(), &folder, &Options::default(), &actor)
        .await
        .unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let path = app
        .text(
            "select '/@' || u.username || '/' || p.slug from posts p join users u on u.id = p.owner_id where p.slug = 'imported'",
        )
        .await;
    assert_eq!(byline(&app, &path).await, ["Carl", "Dora"]);
}

/// A node of the version before wrote the name straight into the byline while the question was open.
#[actix_web::test]
async fn a_question_that_an_older_node_has_passed_over_is_no_longer_put() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut ben = app.author("ben").await;
    let post = ann
        .publish_with(&[
            ("title", "Together"),
            ("markdown", "a"),
            ("authors", "ann, ben"),
        ])
        .await;
    let statement = "insert into post_authors (post_id, user_id, position) select post_id, user_id, 1 from byline_requests";
    sqlx::query(statement).execute(&app.database).await.unwrap();
    assert_eq!(requests(&mut ben).await.len(), 0);
    ben.accept(&post.id).await;
    ann.edit(&post.id, &[("markdown", "b")], "publish")
        .await
        .assert_status(303);
    assert_eq!(byline(&app, &post.path).await, ["ann", "ben"]);
    assert_eq!(app.count("select count(*) from byline_requests").await, 0);
}

#[actix_web::test]
async fn only_who_may_write_is_named_and_the_owner_always_stands() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut ben = app.author("ben").await;
    app.person("rita", "reader").await;
    let post = ann
        .publish_with(&[("title", "Mine"), ("markdown", "a"), ("authors", "ben")])
        .await;
    ben.accept(&post.id).await;
    assert_eq!(
        byline(&app, &post.path).await,
        ["ann", "ben"],
        "the owner stands first where the list leaves them out"
    );
    assert_eq!(
        app.text("select after -> 'asked' ->> 0 from audit_log where act = 'byline.ask'")
            .await,
        "ben"
    );
    let refused = ann
        .edit(&post.id, &[("authors", "ann, rita")], "save")
        .await;
    refused.assert_status(422);
    assert_eq!(refused.field("authors"), "ann, rita");
}

#[actix_web::test]
async fn a_reader_is_not_offered_to_accept() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut ben = app.author("ben").await;
    let id = ann
        .draft(&[
            ("title", "Draft"),
            ("markdown", "a"),
            ("authors", "ann, ben"),
        ])
        .await;
    let offered = async |ben: &mut Actor| {
        let (question, dashboard) = (
            ben.get(&format!("/p/{id}/byline")).await,
            ben.get("/dashboard").await,
        );
        let count = |page: &Response, verb: &str| {
            page.assert_status(200)
                .all(&format!("form[action$='/byline/{verb}']"))
                .len()
        };
        [
            count(&question, "accept"),
            count(&question, "decline"),
            count(&dashboard, "accept"),
            count(&dashboard, "decline"),
        ]
    };
    assert_eq!(offered(&mut ben).await, [1, 1, 1, 1]);
    sqlx::query("update users set role = 'reader' where username = 'ben'")
        .execute(&app.database)
        .await
        .unwrap();
    assert_eq!(offered(&mut ben).await, [0, 1, 0, 1]);
}

#[actix_web::test]
async fn the_audit_log_says_on_which_post_a_name_was_asked_for_and_answered() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut ben = app.author("ben").await;
    let mut eve = app.author("eve").await;
    let post = ann.publish("Together", "a").await;
    ann.edit(&post.id, &[("authors", "ann, ben, eve")], "publish")
        .await
        .assert_status(303);
    ben.accept(&post.id).await;
    decline(&mut eve, &post.id).await.assert_status(303);
    decline(&mut ben, &post.id).await.assert_status(303);
    let rows = app
        .text(
            "select string_agg(concat_ws(' ', act, actor, object_kind, object, a.object_id = p.public_id, after), ', ' order by a.id)
             from audit_log a cross join posts p where act like 'byline.%'",
        )
        .await;
    assert_eq!(
        rows,
        "byline.ask ann post Together t {\"asked\": [\"ben\", \"eve\"]}, byline.accept ben post Together t, \
         byline.decline eve post Together t, byline.leave ben post Together t"
    );
}

/// The names on the page in between, and those that it says are asked.
async fn names_to_publish(actor: &mut Actor, post: &str) -> (String, Option<String>) {
    let page = actor.get(&format!("/p/{post}/publish")).await;
    page.assert_status(200);
    let terms = page.all(".summary dt");
    let values = page.all(".summary dd");
    let value = |term: &str| {
        terms
            .iter()
            .position(|t| t.starts_with(term))
            .map(|at| values[at].clone())
    };
    (value("Author").unwrap(), value("Asked"))
}

#[actix_web::test]
async fn the_step_before_publishing_names_only_those_who_accepted() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut ben = app.author("ben").await;
    let mut eve = app.author("eve").await;
    app.author("kim").await;
    let fields = [
        ("title", "Together"),
        ("markdown", "a"),
        ("authors", "ann, ben, eve"),
    ];
    let post = ann.draft(&fields).await;
    let asked = "@ben, @eve. Each is shown as an author after accepting";
    assert_eq!(
        names_to_publish(&mut ann, &post).await,
        ("@ann".into(), Some(asked.into()))
    );
    assert_eq!(
        ann.get(&format!("/p/{post}/preview"))
            .await
            .all(".byline-name a"),
        ["@ann"]
    );
    ben.accept(&post).await;
    decline(&mut eve, &post).await.assert_status(303);
    assert_eq!(
        names_to_publish(&mut ann, &post).await,
        ("@ann, @ben".into(), None)
    );
    ann.post(&format!("/p/{post}/publish"), &[])
        .await
        .assert_status(303);
    // Named in a change that waits, and not asked yet.
    ann.edit(&post, &[("authors", "ann, ben, kim")], "save")
        .await
        .assert_status(303);
    let asked = "@kim. Shown as an author after accepting";
    assert_eq!(
        names_to_publish(&mut ann, &post).await,
        ("@ann, @ben".into(), Some(asked.into()))
    );
    // Admins name directly.
    let mut olga = app.owner().await;
    assert_eq!(
        names_to_publish(&mut olga, &post).await,
        ("@ann, @ben, @kim".into(), None)
    );
}

#[actix_web::test]
async fn the_dashboard_of_a_reader_offers_nothing_that_is_refused() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut ben = app.author("ben").await;
    ben.publish("Of better days", "a").await;
    ben.draft(&[("title", "A draft")]).await;
    let shared = ann
        .publish_with(&[
            ("title", "Together"),
            ("markdown", "a"),
            ("authors", "ann, ben"),
        ])
        .await;
    ben.accept(&shared.id).await;
    ann.publish_with(&[
        ("title", "Asked"),
        ("markdown", "a"),
        ("authors", "ann, ben"),
    ])
    .await;
    sqlx::query("update users set role = 'reader' where username = 'ben'")
        .execute(&app.database)
        .await
        .unwrap();
    for shelf in ["posts", "drafts", "trash"] {
        let dashboard = ben.get(&format!("/dashboard?shelf={shelf}")).await;
        dashboard.assert_status(200);
        for link in dashboard.links("main") {
            let answer = ben.get(&link).await;
            assert_eq!(answer.status.as_u16(), 200, "{link} is offered on {shelf}");
        }
        for act in ["accept", "trash", "restore", "unpublish"] {
            assert_eq!(
                dashboard.attribute(&format!("form[action$='/{act}']"), "action"),
                None,
                "{shelf}"
            );
        }
    }
    let dashboard = ben.get("/dashboard").await;
    assert!(
        dashboard.text().contains(&shared.path) && dashboard.text().contains("/byline"),
        "what a reader can do stays"
    );
}
