//! What waits for the authors of a post: in their queue and in its counts, whatever becomes of comment, post or byline.

use masthead::db::migrate::{self, MIGRATIONS};
use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection};

use super::{comment, decide};
use crate::support::{Actor, Published, TestApp, rounds};

/// Where what the triggers keep differs from what the tables say that it is made of.
const DIFFERENCES: &str = "
    with wanted as (
             select a.user_id, c.state as kind, c.id as comment_id, 0::bigint as report_id, c.post_id
             from comments c join post_authors a using (post_id) where c.state in ('held', 'hidden')
             union all
             select a.user_id, 'reported', c.id, r.id, c.post_id
             from reports r join comments c on c.id = r.comment_id join post_authors a on a.post_id = c.post_id
             where r.resolved_at is null and a.user_id <> c.author_id
             union all
             select a.user_id, 'shared', 0, 0, p.id from post_authors a join posts p on p.id = a.post_id where p.owner_id <> a.user_id),
         kept as (
             select user_id, kind, comment_id, report_id, post_id from comment_queue
             union all select user_id, 'shared', 0, 0, post_id from shared_posts)
    select count(*) from ((table wanted except table kept) union all (table kept except table wanted)) d";

const KEPT: &str =
    "select (select count(*) from comment_queue) + (select count(*) from shared_posts)";

/// The comments of a tab, newest first, behind the counts of the tabs that have one.
async fn queue(actor: &mut Actor, show: &str) -> Vec<String> {
    let page = actor.get(&format!("/dashboard/comments?show={show}")).await;
    page.assert_status(200);
    let counts = page.all("nav.tabs a").join(", ");
    let mut lines = vec![counts.replace(", Hidden, All", "")];
    lines.extend(page.all("ol.queue div.prose"));
    lines
}

async fn assert_queues(app: &TestApp, who: &mut [&mut Actor], show: &str, expected: &[&str]) {
    for actor in who {
        assert_eq!(queue(actor, show).await, expected, "{show}");
    }
    assert_eq!(app.count(DIFFERENCES).await, 0, "{show}");
}

async fn report(actor: &mut Actor, id: &str) {
    let path = format!("/comments/{id}/report");
    let form = actor.get(&path).await;
    let action = form.attribute("form[action*='/report']", "action").unwrap();
    let fields = [("reason", "spam"), ("details", "")];
    actor.post(&action, &fields).await.assert_status(303);
}

/// A post of Ann's that Ben writes, too, and on which every comment waits.
async fn shared(ann: &mut Actor, ben: &mut Actor) -> Published {
    let fields = [
        ("title", "Together"),
        ("markdown", "a"),
        ("authors", "ann, ben"),
        ("comment_policy", "all_held"),
    ];
    let post = ann.publish_with(&fields).await;
    ben.accept(&post.id).await;
    post
}

#[actix_web::test]
async fn each_author_sees_what_waits_until_it_is_decided() {
    let app = TestApp::new().await;
    let (mut ann, mut ben) = (app.author("ann").await, app.author("ben").await);
    let (mut mia, mut eve) = (
        app.person("mia", "moderator").await,
        app.author("eve").await,
    );
    let (mut rob, mut sue) = (
        app.person("rob", "reader").await,
        app.person("sue", "reader").await,
    );
    eve.publish("Of another", "a").await;
    let post = shared(&mut ann, &mut ben).await;
    let first = comment(&mut rob, &post.path, "First.", "").await;
    let second = comment(&mut rob, &post.path, "Second.", "").await;
    let everyone = &mut [&mut ann, &mut ben, &mut mia];
    let held = ["Held 2, Reported", "Second.", "First."];
    assert_queues(&app, everyone, "held", &held).await;
    assert_queues(&app, &mut [&mut eve], "held", &["Held, Reported"]).await;

    decide(&mut ben, &first, "approve", "").await;
    decide(&mut ann, &second, "hide", "Off the subject.").await;
    let everyone = &mut [&mut ann, &mut ben, &mut mia];
    assert_queues(&app, everyone, "held", &["Held, Reported"]).await;
    assert_queues(&app, everyone, "hidden", &["Held, Reported", "Second."]).await;

    // Two reports are one comment that waits; about their own comment authors learn nothing.
    report(&mut sue, &first).await;
    report(&mut eve, &first).await;
    let own = comment(&mut ben, &post.path, "Mine.", "").await;
    report(&mut sue, &own).await;
    let both = ["Held, Reported 2", "Mine.", "First."];
    assert_queues(&app, &mut [&mut ann, &mut mia], "reported", &both).await;
    let one = ["Held, Reported 1", "First."];
    assert_queues(&app, &mut [&mut ben], "reported", &one).await;
    decide(&mut ann, &first, "keep", "").await;
    let one = ["Held, Reported 1", "Mine."];
    assert_queues(&app, &mut [&mut ann, &mut mia], "reported", &one).await;
    assert_queues(&app, &mut [&mut ben], "reported", &["Held, Reported"]).await;

    decide(&mut ann, &own, "delete", "Enough.").await;
    decide(&mut ann, &second, "approve", "It fits.").await;
    let everyone = &mut [&mut ann, &mut ben, &mut mia];
    for show in ["held", "reported", "hidden"] {
        assert_queues(&app, everyone, show, &["Held, Reported"]).await;
    }
    let all = ["Held, Reported", "Second.", "First."];
    assert_queues(&app, everyone, "all", &all).await;
}

#[actix_web::test]
async fn what_waits_follows_the_post_and_its_byline() {
    let app = TestApp::new().await;
    let (mut ann, mut ben) = (app.author("ann").await, app.author("ben").await);
    let mut rob = app.person("rob", "reader").await;
    let fields = [
        ("title", "Alone"),
        ("markdown", "a"),
        ("comment_policy", "all_held"),
    ];
    let post = ann.publish_with(&fields).await;
    let first = comment(&mut rob, &post.path, "First.", "").await;
    let second = comment(&mut rob, &post.path, "Second.", "").await;
    let third = comment(&mut rob, &post.path, "Third.", "").await;
    decide(&mut ann, &second, "hide", "Off the subject.").await;
    decide(&mut ann, &third, "approve", "").await;
    report(&mut ann, &third).await;
    assert_queues(&app, &mut [&mut ben], "held", &["Held, Reported"]).await;
    assert_eq!(
        ben.get("/dashboard").await.all(".rows h2, .rows h3").len(),
        0
    );

    // What waited before they came waits for them, too.
    ann.edit(&post.id, &[("authors", "ann, ben")], "publish")
        .await
        .assert_status(303);
    ben.accept(&post.id).await;
    let both = &mut [&mut ann, &mut ben];
    assert_queues(&app, both, "held", &["Held 1, Reported 1", "First."]).await;
    assert_queues(&app, both, "hidden", &["Held 1, Reported 1", "Second."]).await;
    assert_queues(&app, both, "reported", &["Held 1, Reported 1", "Third."]).await;
    assert!(ben.get("/dashboard").await.text().contains("Alone"));

    let trash = format!("/p/{}/trash", post.id);
    ann.post(&trash, &[]).await.assert_status(303);
    for show in ["held", "hidden", "reported"] {
        assert_queues(&app, &mut [&mut ann, &mut ben], show, &["Held, Reported"]).await;
    }
    assert!(
        ben.get("/dashboard?shelf=trash")
            .await
            .text()
            .contains("Alone")
    );
    let restore = format!("/p/{}/restore", post.id);
    ann.post(&restore, &[]).await.assert_status(303);
    let held = ["Held 1, Reported 1", "First."];
    assert_queues(&app, &mut [&mut ann, &mut ben], "held", &held).await;

    ben.post(&format!("/p/{}/byline/decline", post.id), &[])
        .await
        .assert_status(303);
    for show in ["held", "hidden", "reported"] {
        assert_queues(&app, &mut [&mut ben], show, &["Held, Reported"]).await;
    }
    assert!(!ben.get("/dashboard").await.text().contains("Alone"));
    assert_queues(&app, &mut [&mut ann], "held", &held).await;
    decide(&mut ann, &first, "approve", "").await;
    assert_queues(&app, &mut [&mut ann], "held", &["Held, Reported 1"]).await;

    // Gone by hand, or with all that goes with the post.
    comment(&mut rob, &post.path, "Fourth.", "").await;
    sqlx::query("delete from comments where markdown = 'Fourth.'")
        .execute(&app.database)
        .await
        .unwrap();
    assert_queues(&app, &mut [&mut ann], "held", &["Held, Reported 1"]).await;
    sqlx::query("delete from posts")
        .execute(&app.database)
        .await
        .unwrap();
    assert_eq!(app.count(KEPT).await, 0);
}

/// The release before goes on writing until the new one has brought the database up to date, and after it.
#[actix_web::test]
async fn what_waited_before_the_upgrade_waits_after_it() {
    let app = TestApp::new().await;
    let (mut ann, mut ben) = (app.author("ann").await, app.author("ben").await);
    let mut rob = app.person("rob", "reader").await;
    let post = shared(&mut ann, &mut ben).await;
    // The program that comments here is of this version, so it does it before the way back; what happens to comments comes after.
    for words in ["One.", "Two.", "Three."] {
        comment(&mut rob, &post.path, words, "").await;
    }
    let owner: PgConnectOptions = app.database_urls().1.parse().unwrap();
    let mut conn = PgConnection::connect_with(&owner).await.unwrap();
    MIGRATIONS.undo(&mut conn, 20261127190101).await.unwrap();
    let by_hand = "
        update comments set state = 'hidden' where markdown = 'Two.';
        update comments set state = 'visible' where markdown = 'Three.';
        insert into reports (public_id, comment_id, reporter_id, reason)
            select gen_random_uuid(), c.id, u.id, 'spam' from comments c, users u where c.markdown = 'Three.' and u.username = 'ben'";
    sqlx::raw_sql(by_hand).execute(&app.database).await.unwrap();
    conn.close().await.unwrap();
    migrate::run(&owner, "masthead_app").await.unwrap();
    for (show, words) in [("held", "One."), ("hidden", "Two."), ("reported", "Three.")] {
        let expected = ["Held 1, Reported 1", words];
        assert_queues(&app, &mut [&mut ann, &mut ben], show, &expected).await;
    }
    assert!(ben.get("/dashboard").await.text().contains("Together"));
    // Nothing is added by doing it again.
    let kept = app.count(KEPT).await;
    let rows = include_str!("../../../migrations/20261127190601_comment_queue_rows.up.sql");
    sqlx::raw_sql(rows).execute(&app.database).await.unwrap();
    assert_eq!(app.count(KEPT).await, kept);
}

#[actix_web::test]
async fn counts_end_at_more_than_ninety_nine() {
    let app = TestApp::new().await;
    let (mut ann, mut ben) = (app.author("ann").await, app.author("ben").await);
    let mut rob = app.person("rob", "reader").await;
    let post = shared(&mut ann, &mut ben).await;
    comment(&mut rob, &post.path, "One.", "").await;
    let copies = async |count: i32| {
        sqlx::query(
            "insert into comments (public_id, post_id, author_id, depth, markdown, html, renderer_version, state, transaction_id)
             select gen_random_uuid(), post_id, author_id, 0, 'More.', '<p>More.</p>', renderer_version, state, transaction_id
             from comments, generate_series(1, $1) where markdown = 'One.'",
        )
        .bind(count)
        .execute(&app.database)
        .await
        .unwrap();
    };
    copies(98).await;
    assert_eq!(queue(&mut ben, "held").await[0], "Held 99, Reported");
    copies(1).await;
    let full = queue(&mut ben, "held").await;
    assert_eq!((full[0].as_str(), full.len()), ("Held 99+, Reported", 21));
    let older = ben
        .get("/dashboard/comments?show=held")
        .await
        .attribute("a[rel=next]", "href")
        .unwrap();
    assert_eq!(ben.get(&older).await.all("ol.queue div.prose").len(), 20);
}

/// Comments that come, and change, while the byline of their post does.
#[actix_web::test]
async fn nothing_is_lost_between_a_decision_and_a_byline_that_changes() {
    let app = TestApp::new().await;
    let (mut ann, mut ben) = (app.author("ann").await, app.author("ben").await);
    let mut mia = app.person("mia", "moderator").await;
    let mut rob = app.person("rob", "reader").await;
    for round in 0..rounds(5, 200) {
        let title = format!("Round {round}");
        let fields = [
            ("title", title.as_str()),
            ("markdown", "a"),
            ("authors", "ann, ben"),
            ("comment_policy", "all_held"),
        ];
        let post = ann.publish_with(&fields).await;
        let first = comment(&mut rob, &post.path, "First.", "").await;
        let version = super::version(&mut mia, &first).await;
        futures_util::join!(
            async {
                ben.accept(&post.id).await;
                if round % 2 == 0 {
                    ben.post(&format!("/p/{}/byline/decline", post.id), &[])
                        .await
                        .assert_status(303);
                }
            },
            super::decide_on(&mut mia, &first, &version, "hide", "Off the subject."),
            comment(&mut rob, &post.path, "Second.", ""),
        );
        assert_eq!(app.count(DIFFERENCES).await, 0, "{title}");
    }
}

/// What the menu of an account counts.
async fn counted(actor: &mut Actor) -> Option<i64> {
    let me = actor.get("/me.json").await;
    me.assert_status(200);
    me.json()["waiting"].as_i64()
}

#[actix_web::test]
async fn the_menu_counts_what_waits_for_its_account() {
    let app = TestApp::new().await;
    let (mut ann, mut eve) = (app.author("ann").await, app.author("eve").await);
    let mut mia = app.person("mia", "moderator").await;
    let mut rob = app.person("rob", "reader").await;
    let fields = [
        ("title", "Lamps"),
        ("markdown", "a"),
        ("comment_policy", "all_held"),
    ];
    let held = ann.publish_with(&fields).await;
    let open = eve.publish("Boats", "a").await;
    let waits = comment(&mut rob, &held.path, "Please?", "").await;
    let shown = comment(&mut rob, &open.path, "Buy boats.", "").await;
    report(&mut ann, &shown).await;
    assert_eq!(counted(&mut ann).await, Some(1), "of her own post");
    assert_eq!(counted(&mut eve).await, Some(1), "reported below hers");
    assert_eq!(counted(&mut mia).await, Some(2), "of the whole site");
    assert_eq!(counted(&mut rob).await, None, "a reader decides on none");
    decide(&mut ann, &waits, "approve", "")
        .await
        .assert_status(303);
    assert_eq!(counted(&mut ann).await, Some(0));
    assert_eq!(counted(&mut mia).await, Some(1));
}
