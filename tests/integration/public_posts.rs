//! What readers may get is said in one place, the view `public_posts`, and so is the address at which they get it.

use masthead::features::posts::{page_path, post_path};
use sqlx::{AssertSqlSafe, Row};

use crate::support::{Actor, TestApp};

/// A post or page with "Hidden" in its title.
async fn page(owner: &mut Actor, fields: &[(&str, &str)]) -> String {
    let id = owner.get("/new?kind=page").await.field("id");
    let mut form = vec![
        ("id", id.as_str()),
        ("kind", "page"),
        ("version", "0"),
        ("action", "save"),
    ];
    form.extend_from_slice(fields);
    owner.post("/new", &form).await.assert_status(303);
    let done = owner.post(&format!("/p/{id}/publish"), &[]).await;
    done.assert_status(303);
    id
}

/// One more condition, as a later release may add it: nothing with this word in its title is for readers.
async fn hide(app: &TestApp, word: &str) {
    let view = app
        .text("select pg_get_viewdef('public_posts'::regclass)")
        .await;
    let view = view.trim_end_matches(';');
    let statement =
        format!("create or replace view public_posts as {view} and p.title not like '%{word}%'");
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&app.database)
        .await
        .unwrap();
}

#[actix_web::test]
async fn one_more_condition_of_the_view_holds_on_every_page_for_readers() {
    let app = TestApp::new().await.without_memory().await;
    let (mut owner, mut ann, mut reader) =
        (app.owner().await, app.author("ann").await, app.anonymous());
    let hidden = ann
        .publish_with(&[
            ("title", "Hidden words"),
            ("markdown", "Secret."),
            ("slug", "early"),
            ("tags", "one"),
        ])
        .await;
    ann.edit(&hidden.id, &[("slug", "late")], "publish")
        .await
        .assert_status(303);
    ann.publish_with(&[("title", "Shown"), ("markdown", "Words."), ("tags", "one")])
        .await;
    app.author("ben")
        .await
        .publish("Hidden too", "Secret.")
        .await;
    let about = [
        ("title", "Hidden page"),
        ("markdown", "Secret."),
        ("slug", "about"),
        ("menu_position", "1"),
    ];
    let about = page(&mut owner, &about).await;
    let team = [
        ("title", "Team"),
        ("markdown", "Words."),
        ("slug", "team"),
        ("parent", "about"),
    ];
    page(&mut owner, &team).await;
    let notes = [
        ("title", "Hidden notes"),
        ("markdown", "Secret."),
        ("slug", "notes"),
        ("parent", "about/team"),
    ];
    page(&mut owner, &notes).await;
    let moved =
        "insert into redirects (path, post_id) select '/once', id from posts where slug = 'late'";
    sqlx::query(moved).execute(&app.database).await.unwrap();
    let comment_form = "/@ann/late/comment";
    let first = ann.get(comment_form).await.field("id");
    ann.post(comment_form, &[("id", &first), ("markdown", "Mine.")])
        .await
        .assert_status(303);
    let comment = app.text("select public_id::text from comments").await;

    let month = chrono::Utc::now().format("/archive/%Y/%m").to_string();
    let lists = [
        "/",
        "/newest",
        &month,
        "/authors",
        "/@ann",
        "/t/one",
        "/feed.atom",
        "/feed.rss",
        "/feed.json",
        "/@ann/feed.atom",
        "/t/one/feed.atom",
        "/sitemap.xml",
        "/about/team",
    ];
    let own = [
        hidden.path.replace("early", "late"),
        "/@ann/late.md".to_owned(),
        "/@ann/early".to_owned(),
        "/@ann/LATE".to_owned(),
        "/once".to_owned(),
        format!("/p/{}", hidden.id),
        "/about".to_owned(),
        format!("/p/{about}"),
        "/about/team/notes".to_owned(),
    ];
    let shows =
        |text: &str| text.contains("Hidden") || text.contains("/late") || text.contains("Secret");
    for path in lists {
        let answer = reader.get(path).await;
        answer.assert_status(200);
        assert!(shows(&answer.text()), "{path} shows it until then");
    }
    for path in &own {
        let status = reader.get(path).await.status.as_u16();
        assert!([200, 301, 308].contains(&status), "{path}: {status}");
    }

    hide(&app, "Hidden").await;
    for path in lists {
        let answer = reader.get(path).await;
        assert!(
            answer.status == 200 && !shows(&answer.text()),
            "{path} shows what is hidden: {}",
            answer.text()
        );
    }
    for path in &own {
        let answer = reader.get(path).await;
        assert_eq!(
            answer.status,
            404,
            "{path} leads to {:?}",
            answer.header("location")
        );
    }
    ann.get(comment_form).await.assert_status(404);
    ann.post(comment_form, &[("id", &first), ("markdown", "More.")])
        .await
        .assert_status(404);
    let edit = ann.get(&format!("/comments/{comment}/edit")).await;
    assert_ne!(edit.status, 200, "a comment under it is not changed");
    assert!(
        reader.get("/newest").await.text().contains("Shown"),
        "the others stay"
    );
}

#[actix_web::test]
async fn the_program_and_the_database_give_a_post_one_address() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let id = page(
        &mut app.owner().await,
        &[("title", "Über uns"), ("markdown", "We.")],
    )
    .await;
    for title in ["Hello", "Привет, мир", "日本語 & 한국어", "مرحبا"] {
        let post = ann.publish(title, "Words.").await;
        let permalink = app.anonymous().get(&format!("/p/{}", post.id)).await;
        assert_eq!(permalink.location(), post.path);
    }
    let all =
        "select p.id, v.path as shown, p.kind, p.page_path, p.slug, u.username from public_posts v
               join posts p on p.id = v.id join users u on u.id = p.owner_id";
    let rows = sqlx::query(all).fetch_all(&app.database).await.unwrap();
    assert_eq!(rows.len(), 5, "with the page {id}");
    for row in rows {
        let of_program = match row.get::<Option<String>, _>("page_path") {
            Some(path) => page_path(&path),
            None => post_path(row.get("username"), row.get("slug")),
        };
        assert_eq!(row.get::<String, _>("shown"), of_program);
    }
}
