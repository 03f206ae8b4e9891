//! Handles that were given up: how long they are kept, how many, and how an admin sets one free.

use chrono::{TimeDelta, Utc};
use masthead::db::public_id;
use masthead::features::transfer::{Options, import_markdown};

use crate::support::{Actor, PASSWORD, Response, TempDir, TestApp};

async fn rename(actor: &mut Actor, username: &str) -> Response {
    let email = format!("{}@example.org", actor.username);
    let form = [
        ("username", username),
        ("email", email.as_str()),
        ("current_password", PASSWORD),
    ];
    actor.post("/settings/account", &form).await
}

async fn join(app: &TestApp, username: &str) -> Response {
    let email = format!("{}@example.org", public_id().simple());
    app.anonymous()
        .post(
            "/signup",
            &[
                ("username", username),
                ("email", &email),
                ("password", PASSWORD),
            ],
        )
        .await
}

/// As if a handle had been given up, or set free, so long before now.
async fn age(app: &TestApp, username: &str, by: &str) {
    let statement = "update username_history set changed_at = now() - $2::interval, freed_at = case when freed_at is not null then now() - $2::interval end
         where username = $1";
    sqlx::query(statement)
        .bind(username)
        .bind(by)
        .execute(&app.database)
        .await
        .unwrap();
}

async fn kept(app: &TestApp) -> String {
    app.text(
        "select coalesce(string_agg(username, ' ' order by username), '') from username_history",
    )
    .await
}

async fn handle_page(app: &TestApp, username: &str) -> String {
    let id: String = sqlx::query_scalar("select public_id::text from users where username = $1")
        .bind(username)
        .fetch_one(&app.database)
        .await
        .unwrap();
    format!("/admin/people/{id}/handles")
}

const ALMOST: &str = "89 days 23 hours 59 minutes";
const OVER: &str = "90 days 1 minute";

#[actix_web::test]
async fn a_handle_without_public_posts_is_free_for_others_after_90_days() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut ben = app.author("ben").await;
    let draft = ann.draft(&[("title", "Not yet"), ("markdown", "a")]).await;
    rename(&mut ann, "anna").await.assert_status(303);
    assert_eq!(app.anonymous().get("/@ann").await.location(), "/@anna");
    age(&app, "ann", ALMOST).await;
    for refused in [
        join(&app, "ann").await,
        join(&app, "Ann").await,
        rename(&mut ben, "ann").await,
    ] {
        refused.assert_status(422);
        assert_eq!(
            refused
                .attribute("[name=username]", "aria-invalid")
                .as_deref(),
            Some("true")
        );
    }
    // With a public post links use it, however old it is.
    age(&app, "ann", OVER).await;
    ann.post(&format!("/p/{draft}/publish"), &[])
        .await
        .assert_status(303);
    for handle in ["ann", "ANN"] {
        join(&app, handle).await.assert_status(422);
    }
    ann.post(&format!("/p/{draft}/unpublish"), &[])
        .await
        .assert_status(303);
    // Also with the name under the post of another author.
    let together = ben
        .publish_with(&[
            ("title", "Together"),
            ("markdown", "a"),
            ("authors", "ben, anna"),
        ])
        .await;
    ann.accept(&together.id).await;
    join(&app, "ann").await.assert_status(422);
    ann.post(&format!("/p/{}/byline/decline", together.id), &[])
        .await
        .assert_status(303);
    assert_eq!(
        app.anonymous().get("/@ann").await.location(),
        "/@anna",
        "it redirects until another account takes it"
    );
    join(&app, "ann").await.assert_status(303);
    assert_eq!(
        app.anonymous()
            .get("/@ann")
            .await
            .assert_status(200)
            .one("h1"),
        "ann"
    );
    assert_eq!(kept(&app).await, "");
    // What a new account took is not the old account's any more.
    rename(&mut ann, "ann").await.assert_status(422);
}

#[actix_web::test]
async fn a_free_handle_is_taken_by_a_rename_and_by_an_import_too() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut ben = app.author("ben").await;
    for name in ["carl", "dora"] {
        rename(&mut ann, name).await.assert_status(303);
    }
    age(&app, "ann", OVER).await;
    age(&app, "carl", OVER).await;
    rename(&mut ben, "ann").await.assert_status(303);
    assert_eq!(
        app.anonymous()
            .get("/@ann")
            .await
            .assert_status(200)
            .one("h1"),
        "ann"
    );

    let folder = TempDir::new();
    std::fs::create_dir_all(folder.0.join("content/posts")).unwrap();
    let text = "---\ntitle: Imported\ndate: 2019-03-04\nauthors: [Carl, Ben]\n---\nText.\n";
    std::fs::write(folder.0.join("content/posts/one.md"), text).unwrap();
    let actor = masthead::access::Actor::command("command line");
    import_markdown(&app.db(), &folder.0, &Options::default(), &actor)
        .await
        .unwrap();
    assert_eq!(
        app.text("select string_agg(username, ' ' order by username) from users")
            .await,
        "ann ben-2 carl dora olga"
    );
    assert_eq!(kept(&app).await, "ben");
}

#[actix_web::test]
async fn the_databases_clock_says_when_a_handle_is_free() {
    for (shift, given_up, status) in [
        ("1 hour", "89 days 23 hours 30 minutes", 303),
        ("-1 hour", "90 days 30 minutes", 422),
    ] {
        let app = TestApp::empty().await;
        app.shift_database_clock(shift).await;
        app.set_up().await;
        let mut ann = app.author("ann").await;
        rename(&mut ann, "anna").await.assert_status(303);
        let statement = "update username_history set changed_at = pg_catalog.now() - $1::interval";
        sqlx::query(statement)
            .bind(given_up)
            .execute(&app.database)
            .await
            .unwrap();
        join(&app, "ann").await.assert_status(status);
    }
}

#[actix_web::test]
async fn a_fourth_earlier_username_is_refused_with_the_day_of_the_next() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    for name in ["bea", "cleo", "dora"] {
        rename(&mut ann, name).await.assert_status(303);
    }
    age(&app, "ann", "50 days 1 hour").await;
    age(&app, "bea", "20 days").await;
    let form = [
        ("username", "eve"),
        ("email", "new@example.org"),
        ("current_password", PASSWORD),
    ];
    let refused = ann.post("/settings/account", &form).await;
    refused.assert_status(422);
    assert_eq!(
        (refused.field("username"), refused.field("email")),
        ("eve".into(), "new@example.org".into())
    );
    assert_eq!(
        refused
            .attribute("[name=username]", "aria-invalid")
            .as_deref(),
        Some("true")
    );
    let at: chrono::DateTime<Utc> =
        sqlx::query_scalar("select changed_at from username_history where username = 'ann'")
            .fetch_one(&app.database)
            .await
            .unwrap();
    let day = (at + TimeDelta::days(90)).format("%-d %B %Y, %H:%M UTC");
    assert_eq!(
        refused.one("#username-error"),
        format!(
            "An account keeps at most three earlier usernames, and you have @cleo, @bea, @ann. You can change yours again from {day}, or once an admin frees one of them."
        )
    );
    assert_eq!(
        (
            app.text("select username from users where id = (select max(id) from users)")
                .await,
            kept(&app).await
        ),
        ("dora".into(), "ann bea cleo".into())
    );
    // Another case keeps no handle, and one's own makes room.
    rename(&mut ann, "Dora").await.assert_status(303);
    rename(&mut ann, "bea").await.assert_status(303);
    assert_eq!(kept(&app).await, "Dora ann cleo");
    rename(&mut ann, "eve").await.assert_status(422);
    // With public posts there is no such day.
    let post = ann.publish("Hello", "a").await;
    let refused = rename(&mut ann, "eve").await;
    assert!(refused.one("#username-error").ends_with(
        "links to your posts use them. You can change yours again once an admin frees one of them."
    ));
    ann.post(&format!("/p/{}/unpublish", post.id), &[])
        .await
        .assert_status(303);
    // One that others may have does not count, and goes when there are more than three.
    assert_eq!(app.anonymous().get("/@ann").await.location(), "/@bea");
    age(&app, "ann", OVER).await;
    rename(&mut ann, "eve").await.assert_status(303);
    assert_eq!(kept(&app).await, "Dora bea cleo");
    app.anonymous().get("/@ann").await.assert_status(404);
    assert_eq!(app.anonymous().get("/@cleo").await.location(), "/@eve");
}

#[actix_web::test]
async fn an_admin_frees_one_which_nobody_takes_for_90_days() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Hello", "a").await;
    for name in ["bea", "cleo", "dora"] {
        rename(&mut ann, name).await.assert_status(303);
        ann.username = name.into();
    }
    rename(&mut ann, "eve").await.assert_status(422);
    let mut adam = app.person("adam", "admin").await;
    let path = handle_page(&app, "dora").await;
    assert_eq!(
        adam.get("/admin/people")
            .await
            .attribute("a[href$='/handles']", "href")
            .as_deref(),
        Some(path.as_str())
    );
    let list = adam.get(&path).await;
    assert_eq!(list.all(".rows bdi"), ["cleo", "bea", "ann"]);
    assert_eq!(
        list.all(".rows p")
            .iter()
            .filter(|text| text.ends_with("kept while the account has public posts"))
            .count(),
        3
    );
    // Without a script: a link to the question, and its form.
    let question = list.attribute(".rows a[href$='free=ann']", "href").unwrap();
    let question = adam.get(&question).await;
    assert!(
        question
            .one(".plain")
            .contains("Anyone can take @ann after 90 days")
    );
    let username = question.field("username");
    let action = question
        .attribute("main form[method=post]", "action")
        .unwrap();
    for _ in 0..2 {
        let done = adam.post(&action, &[("username", &username)]).await;
        done.assert_status(303);
        assert_eq!(
            adam.get(done.location()).await.all("[role=status]").len(),
            1
        );
    }
    let list = adam.get(&path).await;
    assert_eq!(list.all(".rows a").len(), 2, "it cannot be freed twice");
    assert_eq!(
        list.all(".rows p")
            .iter()
            .filter(|text| text.contains("freed by an admin, free for anyone from"))
            .count(),
        1
    );
    assert_eq!(
        app.text("select string_agg(concat_ws(' ', actor, object_kind, object, after ->> 'freed', object_id::text = (select public_id::text from users where username = 'dora')), ', ') from audit_log where act = 'person.free_handle'").await,
        "adam user dora ann t"
    );
    for address in [
        format!("{path}?free=ann"),
        format!("{path}?free=nobody"),
        format!("/admin/people/{}/handles", public_id()),
    ] {
        adam.get(&address).await.assert_status(404);
    }
    adam.post(&path, &[("username", "dora")])
        .await
        .assert_status(404);
    rename(&mut ann, "eve").await.assert_status(303);
    ann.username = "eve".into();

    age(&app, "ann", ALMOST).await;
    join(&app, "ann").await.assert_status(422);
    rename(&mut ann, "ann").await.assert_status(422);
    assert_eq!(
        app.anonymous().get(&post.path).await.location(),
        "/@eve/hello",
        "its links work until another account takes it"
    );
    age(&app, "ann", OVER).await;
    join(&app, "ann").await.assert_status(303);
    app.anonymous().get(&post.path).await.assert_status(404);
    assert_eq!(
        app.anonymous()
            .get("/@ann")
            .await
            .assert_status(200)
            .one("h1"),
        "ann"
    );
    assert_eq!(
        app.anonymous().get("/@dora/hello").await.location(),
        "/@eve/hello"
    );
}
