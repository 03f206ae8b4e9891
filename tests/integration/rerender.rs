//! What an older renderer made is rendered again: readers see it, and nothing else happened to it.

use masthead::app::config::Settings;
use masthead::app::doctor::{Finding, Level, examine};
use masthead::features::reading::jobs::offer_posts;
use masthead::features::rerender::Place;
use masthead::features::rerender::job::{self, RenderAgain};
use masthead::features::rerender::queries::{self, RenewedPost};
use masthead::jobs::Lease;
use masthead::markdown::RENDERER_VERSION;
use sqlx::AssertSqlSafe;

use crate::support::{PATIENCE, Served, TestApp, free_port, until};

/// Everything that there is looks as a renderer before this one left it.
async fn age(app: &TestApp) {
    let older = RENDERER_VERSION - 1;
    let statements = format!(
        "update post_bodies set html = '<p>Made before.</p>', text = 'Made before.', renderer_version = {older};
         update posts set description = 'Made before.', minutes = 7, words = 1500;
         update comments set html = '<p>Said before.</p>', renderer_version = {older}"
    );
    sqlx::raw_sql(AssertSqlSafe(statements))
        .execute(&app.database)
        .await
        .unwrap();
    app.forget_pages();
}

async fn run(app: &TestApp) {
    job::run(&app.db(), RenderAgain::ALL).await.unwrap();
}

/// Posts and pages, or comments, that an older renderer made.
async fn older(app: &TestApp, table: &str) -> i64 {
    let count = format!("select count(*) from {table} where renderer_version < {RENDERER_VERSION}");
    sqlx::query_scalar(AssertSqlSafe(count))
        .fetch_one(&app.database)
        .await
        .unwrap()
}

async fn findings(app: &TestApp) -> Vec<Finding> {
    examine(&app.serving_role(), &Settings::for_tests()).await
}

/// Every column of what people wrote, with its revisions and its history.
const ALL: &str = "select concat_ws(E'\n',
    (select jsonb_agg(to_jsonb(p) order by id) from posts p), (select jsonb_agg(to_jsonb(b) order by post_id) from post_bodies b),
    (select jsonb_agg(to_jsonb(r) order by id) from revisions r), (select jsonb_agg(to_jsonb(c) order by id) from comments c),
    (select jsonb_agg(to_jsonb(t) order by post_id, tag_id) from post_tags t), (select count(*) from audit_log))";

#[actix_web::test]
async fn old_html_is_replaced_everywhere_and_nothing_else_moves() {
    let app = TestApp::new().await;
    let second = app.second_node().await;
    let mut ann = app.author("ann").await;
    let post = ann
        .publish_with(&[
            ("title", "Fresh"),
            ("markdown", "Made *now*."),
            ("tags", "Rust"),
        ])
        .await;
    ann.publish("Later", "Another text.").await;
    ann.edit(&post.id, &[("markdown", "Made *now*, again.")], "publish")
        .await
        .assert_status(303);
    ann.post(
        &format!("{}/comment", post.path),
        &[("markdown", "Said *now*.")],
    )
    .await
    .assert_status(303);
    let page = app
        .owner()
        .await
        .publish_page("About", "Who *we* are.")
        .await
        .path;
    let feeds = [
        "/feed.atom",
        "/feed.rss",
        "/feed.json",
        "/@ann/feed.atom",
        "/t/rust/feed.atom",
    ];
    let pages = [&post.path, &page, "/", "/newest", "/@ann", "/t/rust"];
    let paths: Vec<&str> = feeds.into_iter().chain(pages).collect();
    // The worker would do it at some moment of what follows.
    offer_posts(&app.db()).await.unwrap();
    let mut right = Vec::new();
    for path in &paths {
        let answer = second.anonymous().get(path).await;
        answer.assert_status(200);
        right.push((*path, answer.text()));
    }
    let before = app.text(ALL).await;
    age(&app).await;
    second.forget_pages();
    for node in [&app, &second] {
        for path in &paths {
            let answer = node.anonymous().get(path).await.text();
            assert!(answer.contains("Made before."), "{path}: {answer}");
        }
        assert!(
            node.anonymous()
                .get(&post.path)
                .await
                .text()
                .contains("Said before.")
        );
    }
    // The clock asks for it.
    let worker = app.start_worker();
    for node in [&app, &second] {
        for (path, text) in &right {
            until(path, PATIENCE, async || {
                node.anonymous().get(path).await.text() == *text
            })
            .await;
        }
    }
    worker.stop().await;
    assert_eq!(app.text(ALL).await, before);
    for node in [&app, &second] {
        assert_eq!(
            node.cache().counters().drift.get(),
            0,
            "a page changed without an invalidation"
        );
    }
}

#[actix_web::test]
async fn an_editor_that_is_open_meanwhile_saves_without_a_conflict() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Open", "First words.").await;
    ann.post(
        &format!("{}/comment", post.path),
        &[("markdown", "A remark.")],
    )
    .await
    .assert_status(303);
    let comment = app.text("select public_id::text from comments").await;
    age(&app).await;
    let editor = ann.get(&format!("/p/{}/edit", post.id)).await;
    let comment_form = ann.get(&format!("/comments/{comment}/edit")).await;
    run(&app).await;
    assert_eq!(
        (
            older(&app, "post_bodies").await,
            older(&app, "comments").await
        ),
        (0, 0)
    );
    let fields = ["id", "kind", "version", "title", "slug"].map(|name| (name, editor.field(name)));
    let mut form: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    form.extend([("markdown", "Second words."), ("action", "publish")]);
    ann.post(&format!("/p/{}/edit", post.id), &form)
        .await
        .assert_status(303);
    let comment_form = comment_form
        .attribute("form[action*='edit?version']", "action")
        .unwrap();
    ann.post_to(&comment_form, &[("markdown", "Another remark.")])
        .await
        .assert_status(303);
    let page = app.anonymous().get(&post.path).await.text();
    assert!(
        page.contains("Second words.") && page.contains("Another remark."),
        "{page}"
    );
}

#[actix_web::test]
async fn a_text_saved_meanwhile_is_not_written_over() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Race", "Old words.").await;
    let written = async |late: &str, from: &TestApp| {
        let read = queries::older_posts(&mut from.db().fresh().await.unwrap(), Place::START)
            .await
            .unwrap();
        let renewed = RenewedPost {
            html: Some(late.to_owned()),
            ..RenewedPost::unchanged(&read[0])
        };
        (read[0].id, renewed)
    };
    // Saved by a node of this release, then by one of the release before, between reading and writing.
    for saved_by in [RENDERER_VERSION, RENDERER_VERSION - 1] {
        age(&app).await;
        let (id, renewed) = written("<p>Late.</p>", &app).await;
        let words = format!("New words of {saved_by}.");
        ann.edit(&post.id, &[("markdown", &words)], "publish")
            .await
            .assert_status(303);
        sqlx::query("update post_bodies set renderer_version = $1")
            .bind(saved_by)
            .execute(&app.database)
            .await
            .unwrap();
        let mut tx = app.db().begin().await.unwrap();
        assert_eq!(queries::lock_posts(&mut tx, &[id]).await.unwrap().len(), 1);
        assert!(
            queries::write_posts(&mut tx, &[renewed])
                .await
                .unwrap()
                .is_empty()
        );
        tx.commit().await.unwrap();
        assert!(
            app.anonymous()
                .get(&post.path)
                .await
                .text()
                .contains(&words)
        );
    }
    // A save that is still under way is not waited for, and its post is found by the next run.
    age(&app).await;
    let mut saving = app.database.begin().await.unwrap();
    sqlx::query("select from posts for update")
        .execute(&mut *saving)
        .await
        .unwrap();
    run(&app).await;
    assert_eq!(older(&app, "post_bodies").await, 1);
    saving.commit().await.unwrap();
    run(&app).await;
    assert_eq!(older(&app, "post_bodies").await, 0);
}

#[actix_web::test]
async fn a_text_that_is_refused_keeps_its_html_and_is_named() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Deep", "Words.").await;
    let fine = ann.publish("Fine", "Words.").await;
    ann.post(
        &format!("{}/comment", fine.path),
        &[("markdown", "A remark.")],
    )
    .await
    .assert_status(303);
    age(&app).await;
    let deep =
        "update post_bodies set markdown = repeat('>', 2000) || ' x' where post_id = (select id from posts where slug = 'deep');
                update comments set markdown = repeat('>', 2000) || ' x'";
    sqlx::raw_sql(deep).execute(&app.database).await.unwrap();
    run(&app).await;
    assert!(
        app.anonymous()
            .get(&post.path)
            .await
            .text()
            .contains("Made before.")
    );
    let page = app.anonymous().get(&fine.path).await.text();
    assert!(
        !page.contains("Made before.") && page.contains("Said before."),
        "{page}"
    );
    let comment = app
        .text("select '/comments/' || public_id from comments")
        .await;
    let named = |found: &[Finding]| {
        found
            .iter()
            .find(|f| f.what.contains("refuses to render"))
            .cloned()
    };
    let finding = named(&findings(&app).await).unwrap();
    assert_eq!(finding.level, Level::Warning);
    for part in [
        &format!("{} (Line 1 starts more than", post.path),
        &format!("{comment} ("),
    ] {
        assert!(
            finding.what.contains(part.as_str()),
            "{part} in {}",
            finding.what
        );
    }
    assert!(!finding.what.contains(&fine.path));
    // Not asked again by the same renderer, and not for ever on the list of what is left.
    let tried = "select sum(extract(epoch from refused_at))::text from render_refusals";
    let first = app.text(tried).await;
    run(&app).await;
    assert_eq!(
        (app.text(tried).await, older(&app, "post_bodies").await),
        (first, 0)
    );
    assert!(
        findings(&app)
            .await
            .iter()
            .any(|f| f.what.starts_with("this version has rendered all"))
    );
    // What is written instead is fine.
    ann.edit(&post.id, &[("markdown", "Shallow.")], "publish")
        .await
        .assert_status(303);
    let finding = named(&findings(&app).await).unwrap();
    assert!(
        !finding.what.contains(&post.path) && finding.what.contains(&comment),
        "{}",
        finding.what
    );
}

#[actix_web::test]
async fn html_that_comes_out_the_same_gives_no_page_up() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Same", "Words.").await;
    ann.post(
        &format!("{}/comment", post.path),
        &[("markdown", "A remark.")],
    )
    .await
    .assert_status(303);
    for table in ["post_bodies", "comments"] {
        sqlx::query(AssertSqlSafe(format!(
            "update {table} set renderer_version = 1"
        )))
        .execute(&app.database)
        .await
        .unwrap();
    }
    app.anonymous().get(&post.path).await.assert_status(200);
    let invalidations = "select count(*) from cache_invalidations";
    let before = app.count(invalidations).await;
    run(&app).await;
    assert_eq!(
        (
            older(&app, "post_bodies").await,
            older(&app, "comments").await
        ),
        (0, 0)
    );
    assert_eq!(app.count(invalidations).await, before);
    let answer = app.anonymous().get(&post.path).await;
    assert!(
        answer.header("cache-status").unwrap().contains("; hit"),
        "{:?}",
        answer.header("cache-status")
    );
}

#[actix_web::test]
async fn what_a_newer_release_rendered_is_left_alone() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let newer = ann.publish("Newer", "Words.").await;
    let older_post = ann.publish("Older", "Words.").await;
    ann.post(
        &format!("{}/comment", newer.path),
        &[("markdown", "A remark.")],
    )
    .await
    .assert_status(303);
    age(&app).await;
    let next = format!(
        "update post_bodies set renderer_version = {0} where post_id = (select id from posts where slug = 'newer');
         update comments set renderer_version = {0}",
        RENDERER_VERSION + 1
    );
    sqlx::raw_sql(AssertSqlSafe(next))
        .execute(&app.database)
        .await
        .unwrap();
    run(&app).await;
    let page = app.anonymous().get(&newer.path).await.text();
    assert!(
        page.contains("Made before.") && page.contains("Said before."),
        "{page}"
    );
    assert!(
        !app.anonymous()
            .get(&older_post.path)
            .await
            .text()
            .contains("Made before.")
    );
    // A node of that release may say where its run has come to: that is no place of this one's.
    age(&app).await;
    let place = serde_json::json!({ "renderer_version": RENDERER_VERSION + 1, "posts": null, "comments": null, "left": 5 });
    job::run(&app.db(), serde_json::from_value(place).unwrap())
        .await
        .unwrap();
    assert_eq!(
        (
            older(&app, "post_bodies").await,
            older(&app, "comments").await
        ),
        (0, 0)
    );
}

#[actix_web::test]
async fn one_process_works_at_a_time_and_one_that_is_gone_holds_nothing_up() {
    let app = TestApp::new().await;
    let second = app.second_node().await;
    app.author("ann").await.publish("One", "Words.").await;
    age(&app).await;
    let lease = Lease::take(&second.db(), "texts.render")
        .await
        .unwrap()
        .unwrap();
    assert!(
        Lease::take(&app.db(), "texts.render")
            .await
            .unwrap()
            .is_none()
    );
    run(&app).await;
    assert_eq!(older(&app, "post_bodies").await, 1);
    let warned = async || {
        findings(&app)
            .await
            .into_iter()
            .find(|f| f.what.contains("still have the HTML of an older"))
            .unwrap()
    };
    assert_eq!(warned().await.level, Level::Warning);
    job::ask(&app.db()).await.unwrap();
    job::ask(&second.db()).await.unwrap();
    assert_eq!(
        app.count("select count(*) from jobs where kind = 'texts.render'")
            .await,
        1
    );
    let under_way = warned().await;
    assert!(
        under_way.level == Level::Ok
            && under_way
                .what
                .starts_with("1 posts and pages and 0 comments"),
        "{under_way}"
    );
    // As when its process dies.
    drop(lease);
    until("the text is rendered", PATIENCE, async || {
        run(&app).await;
        older(&app, "post_bodies").await == 0
    })
    .await;
    let nothing = "delete from jobs";
    sqlx::query(nothing).execute(&app.database).await.unwrap();
    job::ask(&app.db()).await.unwrap();
    assert_eq!(
        app.count("select count(*) from jobs").await,
        0,
        "there is nothing to ask for"
    );
}

/// Posts of some length, as an older renderer left them.
async fn many(app: &TestApp, count: i32) {
    let fill = format!(
        "insert into posts (public_id, kind, owner_id, title, slug, status, version, published_at, changed_at, listed_at)
             select gen_random_uuid(), 'post', u.id, 'Copy ' || n, 'copy-' || n, 'published', 1, now(), now(), now()
             from users u, generate_series(1, {count}) n where u.username = 'ann';
         insert into post_bodies (post_id, markdown, html, renderer_version, revision_number)
             select id, repeat('Words with *stress* and `code`. ', 30), '<p>Made before.</p>', {}, 1 from posts",
        RENDERER_VERSION - 1
    );
    sqlx::raw_sql(AssertSqlSafe(fill))
        .execute(&app.database)
        .await
        .unwrap();
}

#[actix_web::test]
async fn prove_a_killed_process_goes_on_where_it_was() {
    let app = TestApp::new().await;
    app.author("ann").await;
    many(&app, 400).await;
    let mut node = Served::start(&app, free_port(), &[]);
    until("the first ones are rendered", PATIENCE, async || {
        older(&app, "post_bodies").await < 400
    })
    .await;
    node.kill();
    let left = older(&app, "post_bodies").await;
    assert!(left > 0, "all were rendered before it was killed");
    // The newest come first.
    let order = format!(
        "select (select max(post_id) from post_bodies where renderer_version < {0})
              < (select min(post_id) from post_bodies where renderer_version = {0})",
        RENDERER_VERSION
    );
    assert!(
        sqlx::query_scalar::<_, bool>(AssertSqlSafe(order))
            .fetch_one(&app.database)
            .await
            .unwrap()
    );
    let done = format!(
        "select coalesce(jsonb_object_agg(post_id, xmin::text) filter (where post_id > {left}), '{{}}')::text from post_bodies"
    );
    let done = async || -> String {
        sqlx::query_scalar(AssertSqlSafe(done.clone()))
            .fetch_one(&app.database)
            .await
            .unwrap()
    };
    let written_by = done().await;
    let node = node.start_again(&app, &[], "/robots.txt");
    until("all are rendered", PATIENCE, async || {
        older(&app, "post_bodies").await == 0
    })
    .await;
    assert_eq!(done().await, written_by, "they were rendered twice");
    let shown = app
        .through(node.port)
        .anonymous()
        .get("/@ann/copy-1")
        .await
        .text();
    assert!(
        shown.contains("<em>stress</em>") && !shown.contains("Made before."),
        "{shown}"
    );
    until("it says so", PATIENCE, async || {
        node.log()
            .contains("rendered again what an older version had rendered")
    })
    .await;
}

#[actix_web::test]
async fn a_text_with_which_two_processes_ended_is_given_up_and_the_others_are_rendered() {
    let app = TestApp::new().await;
    app.author("ann").await;
    many(&app, 20).await;
    // Notes cannot be taken away, so each process ends as it would in the middle of rendering.
    sqlx::raw_sql(
        "create function wait() returns trigger language plpgsql security definer
             as $$ begin perform pg_advisory_xact_lock_shared(4711); return old; end $$;
         create trigger wait before delete on render_attempts for each row execute function wait()",
    )
    .execute(&app.database)
    .await
    .unwrap();
    let mut holding = app.database.begin().await.unwrap();
    sqlx::query("select pg_advisory_xact_lock(4711)")
        .execute(&mut *holding)
        .await
        .unwrap();
    let begun = "select concat_ws(' ', count(*), max(attempts), count(*) filter (where attempts = 2)) from render_attempts";
    let mut node = Served::start(&app, free_port(), &[]);
    until("all are begun together", PATIENCE, async || {
        app.text(begun).await == "20 1 0"
    })
    .await;
    node.kill();
    let mut node = node.start_again(&app, &[], "/robots.txt");
    until("the newest is begun alone", PATIENCE, async || {
        app.text(begun).await == "20 2 1"
    })
    .await;
    node.kill();
    holding.rollback().await.unwrap();
    // This process is the third. The servers of the killed ones may hold rows for a moment.
    until("all are decided about", PATIENCE, async || {
        run(&app).await;
        older(&app, "post_bodies").await == 0
    })
    .await;
    let found = findings(&app).await;
    let named = found
        .iter()
        .find(|f| f.what.contains("ended twice while it rendered"))
        .unwrap();
    assert!(
        named.what.contains("/@ann/copy-20 (") && !named.what.contains("/@ann/copy-19 ("),
        "{named}"
    );
    let page = async |path: &str| app.anonymous().get(path).await.text();
    assert!(page("/@ann/copy-20").await.contains("Made before."));
    for number in 1..20 {
        let text = page(&format!("/@ann/copy-{number}")).await;
        assert!(!text.contains("Made before."), "{number}: {text}");
    }
    assert_eq!(app.count("select count(*) from render_attempts").await, 0);
}

/// A process that ends while what it rendered waits for the database has not ended by its texts.
#[actix_web::test]
async fn a_process_that_ends_while_it_writes_says_nothing_of_its_texts() {
    let app = TestApp::new().await;
    app.author("ann").await;
    many(&app, 3).await;
    let mut writing = app.database.begin().await.unwrap();
    sqlx::query("lock table render_refusals in exclusive mode")
        .execute(&mut *writing)
        .await
        .unwrap();
    let waits = "select count(*) from pg_locks where not granted and database =
        (select oid from pg_database where datname = current_database()) and relation = 'render_refusals'::regclass";
    let mut node = Served::start(&app, free_port(), &[]);
    until("what is rendered waits", PATIENCE, async || {
        app.count(waits).await > 0
    })
    .await;
    assert_eq!(app.count("select count(*) from render_attempts").await, 0);
    node.kill();
    writing.rollback().await.unwrap();
    until("all are rendered", PATIENCE, async || {
        run(&app).await;
        older(&app, "post_bodies").await == 0
    })
    .await;
}
