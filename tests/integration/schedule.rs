//! Posts that are planned: nowhere before their time, everywhere from then on, whatever runs.

use actix_web::test::TestRequest;
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use masthead::features::posts::jobs::note_missed_publications;

use crate::support::{Actor, PATIENCE, Response, TestApp, rounds, until};

const TITLE: &str = "Tomorrow’s tides";

/// As a form has a time of the site's clock.
fn typed(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S").to_string()
}

async fn plan(who: &mut Actor, id: &str, at: DateTime<Utc>) -> Response {
    let form = [("at", typed(at)), ("zone", "UTC".to_owned())];
    let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
    who.post(&format!("/p/{id}/schedule"), &form).await
}

async fn draft(who: &mut Actor) -> String {
    let fields = [
        ("title", TITLE),
        ("markdown", "High water."),
        ("tags", "sea"),
    ];
    who.draft(&fields).await
}

/// So that nobody has to wait long, and everything can be looked at before.
fn soon(app: &TestApp) -> DateTime<Utc> {
    (app.db().now() + TimeDelta::seconds(5)).trunc_subsecs(0)
}

fn later(app: &TestApp) -> DateTime<Utc> {
    app.db().now() + TimeDelta::days(1)
}

/// Pages that show a post of Ann's with the tag "sea".
const SHOW_IT: [&str; 9] = [
    "/",
    "/newest",
    "/@ann",
    "/t/sea",
    "/feed.atom",
    "/@ann/feed.json",
    "/t/sea/feed.rss",
    "/sitemap.xml",
    // As its next one.
    "/@ann/before",
];
const ADDRESS: &str = "/@ann/tomorrows-tides";

fn shows(page: &Response) -> bool {
    page.text().contains(TITLE) || page.text().contains(ADDRESS)
}

async fn assert_shown(app: &TestApp, is_shown: bool) {
    for path in SHOW_IT {
        let page = app.anonymous().get(path).await;
        assert_eq!(shows(&page), is_shown, "{path}");
    }
}

#[actix_web::test]
async fn a_planned_post_is_nowhere_before_its_time_and_everywhere_then() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    // There has to be something under the tag, or its page is missing.
    ann.publish_with(&[
        ("title", "Before"),
        ("markdown", "Low water."),
        ("tags", "sea"),
    ])
    .await;
    assert_shown(&app, false).await;
    let id = draft(&mut ann).await;
    let at = soon(&app);
    let planned = plan(&mut ann, &id, at).await;
    planned.assert_status(303);
    assert_eq!(planned.location(), "/dashboard?shelf=scheduled");
    // Twice, so that the second comes from memory.
    for _ in 0..2 {
        assert_shown(&app, false).await;
        for path in [ADDRESS, &format!("/p/{id}"), &format!("{ADDRESS}.md")] {
            app.anonymous().get(path).await.assert_status(404);
        }
    }
    assert!(app.db().now() < at, "there was time enough for all of that");
    // No worker runs. Nothing happens at that time but that it comes.
    until("it is public", PATIENCE, async || {
        app.anonymous().get(ADDRESS).await.status == 200
    })
    .await;
    assert!(app.db().now() + TimeDelta::milliseconds(50) >= at);
    assert_shown(&app, true).await;
    app.anonymous()
        .get(&format!("/p/{id}"))
        .await
        .assert_status(301);
    app.anonymous()
        .get(&format!("{ADDRESS}.md"))
        .await
        .assert_status(200);
    let said =
        "select status || ' ' || (published_at is null) from posts where scheduled_for is not null";
    assert_eq!(app.text(said).await, "scheduled true");
    // A job notes it, and changes nothing that readers see.
    let worker = app.start_worker();
    until("it is noted", PATIENCE, async || {
        app.count("select count(*) from posts where status = 'published'")
            .await
            == 2
    })
    .await;
    worker.stop().await;
    assert_shown(&app, true).await;
    assert_eq!(
        app.count("select post_count::bigint from tags where slug = 'sea'")
            .await,
        2
    );
    let published: DateTime<Utc> =
        sqlx::query_scalar("select published_at from posts where public_id = $1::uuid")
            .bind(&id)
            .fetch_one(&app.database)
            .await
            .unwrap();
    assert_eq!(published.timestamp(), at.timestamp());
    assert_eq!(
        app.text("select string_agg(act, ' ' order by id) from audit_log where object = 'Tomorrow’s tides'")
            .await,
        "post.save post.schedule post.publish"
    );
}

#[actix_web::test]
async fn shared_caches_are_told_to_ask_again_when_something_comes_out() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let id = draft(&mut ann).await;
    let before = app.anonymous().get("/").await;
    assert_eq!(
        before.header("cache-control"),
        Some("public, max-age=0, s-maxage=10, stale-if-error=86400")
    );
    plan(&mut ann, &id, soon(&app)).await.assert_status(303);
    for path in ["/", ADDRESS] {
        for _ in 0..2 {
            let page = app.anonymous().get(path).await;
            let told = page.header("cache-control").unwrap();
            let seconds = told.strip_prefix("public, max-age=0, s-maxage=").unwrap();
            assert!(seconds.parse::<u32>().unwrap() <= 4, "{path}: {told}");
        }
    }
}

#[actix_web::test]
async fn what_is_written_after_it_was_planned_is_not_published_with_it() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let id = draft(&mut ann).await;
    plan(&mut ann, &id, later(&app)).await.assert_status(303);
    let changed = [
        ("title", "Half a ti"),
        ("markdown", "Half a sent"),
        ("slug", "half"),
    ];
    ann.edit(&id, &changed, "save").await.assert_status(303);
    let editor = ann.get(&format!("/p/{id}/edit")).await;
    assert_eq!(editor.field("markdown"), "Half a sent");
    assert!(
        editor
            .one("[data-save-status]")
            .contains("with changes that are not")
    );
    let step = ann.get(&format!("/p/{id}/publish")).await;
    assert!(step.text().contains("what was changed since goes out"));
    come(&app).await;
    let read = app.anonymous().get(ADDRESS).await;
    read.assert_status(200);
    assert!(read.text().contains("High water."));
    assert!(!read.text().contains("Half a"));
}

/// The time of everything that is planned has come, a moment ago.
async fn come(app: &TestApp) {
    let now =
        "update posts set scheduled_for = now() - interval '1 second' where status = 'scheduled'";
    sqlx::query(now).execute(&app.database).await.unwrap();
    app.forget_pages();
}

#[actix_web::test]
async fn a_plan_is_changed_taken_back_and_thrown_away() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let id = draft(&mut ann).await;
    plan(&mut ann, &id, later(&app)).await.assert_status(303);
    let step = ann.get(&format!("/p/{id}/publish")).await;
    assert!(
        step.field("at")
            .starts_with(&later(&app).format("%Y-%m-%dT").to_string())
    );
    let listed = ann.get("/dashboard?shelf=scheduled").await;
    assert!(listed.one("tbody td .status").starts_with("Scheduled for"));
    for other in ["/dashboard", "/dashboard?shelf=drafts"] {
        assert!(ann.get(other).await.all("tbody tr").is_empty(), "{other}");
    }
    // Changed: once more, for later.
    let two_days = app.db().now() + TimeDelta::days(2);
    plan(&mut ann, &id, two_days).await.assert_status(303);
    let planned = "select count(*) from posts where status = 'scheduled' and scheduled_for > now() + interval '30 hours'";
    assert_eq!(app.count(planned).await, 1);
    // Taken back.
    ann.post(&format!("/p/{id}/unschedule"), &[])
        .await
        .assert_status(303);
    let nothing =
        "select (select count(*) from posts where listed_at is not null or status <> 'draft')
                        + (select count(*) from post_tags where listed_at is not null)
                        + (select count(*) from post_authors where listed_at is not null)";
    assert_eq!(app.count(nothing).await, 0);
    // Thrown away, and brought back as a draft.
    plan(&mut ann, &id, later(&app)).await.assert_status(303);
    ann.post(&format!("/p/{id}/trash"), &[])
        .await
        .assert_status(303);
    come(&app).await;
    app.anonymous().get(ADDRESS).await.assert_status(404);
    ann.post(&format!("/p/{id}/restore"), &[])
        .await
        .assert_status(303);
    app.anonymous().get(ADDRESS).await.assert_status(404);
    assert_eq!(app.count(nothing).await, 0);
    // Published at once after all.
    plan(&mut ann, &id, later(&app)).await.assert_status(303);
    ann.post(&format!("/p/{id}/publish"), &[])
        .await
        .assert_status(303);
    app.anonymous().get(ADDRESS).await.assert_status(200);
    assert_eq!(
        app.count("select post_count::bigint from tags where slug = 'sea'")
            .await,
        1
    );
    assert_eq!(
        app.count("select count(*) from posts where scheduled_for is not null")
            .await,
        0
    );
    // What is out is not planned.
    plan(&mut ann, &id, later(&app)).await.assert_status(409);
    app.anonymous().get(ADDRESS).await.assert_status(200);
}

#[actix_web::test]
async fn a_post_whose_time_has_come_is_taken_back_before_anything_noted_it() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    for act in ["unpublish", "trash"] {
        let id = draft(&mut ann).await;
        let address = ann
            .get(&format!("/p/{id}/publish"))
            .await
            .one(".summary dd");
        plan(&mut ann, &id, later(&app)).await.assert_status(303);
        come(&app).await;
        app.anonymous().get(&address).await.assert_status(200);
        // Too late for that.
        ann.post(&format!("/p/{id}/unschedule"), &[])
            .await
            .assert_status(409);
        app.anonymous().get(&address).await.assert_status(200);
        ann.post(&format!("/p/{id}/{act}"), &[])
            .await
            .assert_status(303);
        app.anonymous().get(&address).await.assert_status(404);
        let worker = app.start_worker();
        until("the job was there", PATIENCE, async || {
            app.count("select count(*) from jobs where kind = 'posts.note_publication' and run_at <= now()").await == 0
        })
        .await;
        worker.stop().await;
        app.forget_pages();
        app.anonymous().get(&address).await.assert_status(404);
        assert_eq!(
            app.count("select coalesce(sum(post_count), 0)::bigint from tags")
                .await,
            0
        );
    }
}

#[actix_web::test]
async fn a_time_that_cannot_be_meant_comes_back_with_why() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let id = draft(&mut ann).await;
    for (at, zone, why) in [
        ("2020-01-01T12:00", "UTC", "Choose a time to come."),
        ("2999-01-01T12:00", "UTC", "Choose a time within ten years."),
        ("soon", "UTC", ""),
        ("", "UTC", ""),
        ("2027-01-01T12:00", "Nowhere", ""),
        // The clocks of Berlin are put forward then.
        ("2027-03-28T02:30", "Europe/Berlin", ""),
    ] {
        let form = [("at", at), ("zone", zone)];
        let refused = ann.post(&format!("/p/{id}/schedule"), &form).await;
        refused.assert_status(422);
        assert_eq!(refused.field("at"), at);
        assert!(refused.one("#at-error").contains(why), "{at} {zone}");
    }
    let blank = ann.draft(&[("title", ""), ("markdown", " ")]).await;
    plan(&mut ann, &blank, later(&app)).await.assert_status(422);
    assert_eq!(
        app.count("select count(*) from posts where status <> 'draft'")
            .await,
        0
    );
}

/// As many as are asked for come out in the same second: all are public by the clock, and each is noted once.
#[actix_web::test]
async fn prove_many_planned_for_one_moment_are_all_out_then_and_noted_once() {
    let count = rounds(20, 1000);
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut ids = Vec::new();
    for number in 0..count {
        ids.push(
            ann.draft(&[
                ("title", &format!("Planned {number}")),
                ("markdown", "Text."),
                ("tags", "sea"),
            ])
            .await,
        );
    }
    for id in &ids {
        plan(&mut ann, id, later(&app)).await.assert_status(303);
    }
    // All for the same moment, a few seconds from now.
    let moment = "with m as (select now() + interval '3 seconds' as at),
                  j as (update jobs set run_at = m.at from m where kind = 'posts.note_publication')
                  update posts set scheduled_for = m.at from m where status = 'scheduled'";
    sqlx::query(moment).execute(&app.database).await.unwrap();
    assert_eq!(app.count("select count(*) from public_posts").await, 0);
    let workers = [app.start_worker(), app.second_node().await.start_worker()];
    let mut first = None;
    until("one is out", PATIENCE, async || {
        let out = app.count("select count(*) from public_posts").await;
        first = Some(out).filter(|out| *out > 0);
        first.is_some()
    })
    .await;
    assert_eq!(
        first,
        Some(i64::try_from(count).unwrap()),
        "with the first all of them"
    );
    until("all are noted", PATIENCE * 4, async || {
        app.count("select count(*) from posts where status = 'published'")
            .await
            == i64::try_from(count).unwrap()
    })
    .await;
    for worker in workers {
        worker.stop().await;
    }
    let counted = "select count(*) from audit_log where act = 'post.publish'";
    assert_eq!(app.count(counted).await, i64::try_from(count).unwrap());
    assert_eq!(
        app.count("select post_count::bigint from tags where slug = 'sea'")
            .await,
        i64::try_from(count).unwrap()
    );
}

#[actix_web::test]
async fn the_version_that_is_planned_stays_whatever_is_saved_after_it() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let id = draft(&mut ann).await;
    // As if its editor had saved it by itself, a moment ago.
    let auto = "update revisions set autosaved_since = now(), editing = $1::uuid, edit = 1";
    sqlx::query(auto)
        .bind(&id)
        .execute(&app.database)
        .await
        .unwrap();
    plan(&mut ann, &id, later(&app)).await.assert_status(303);
    let form = [
        ("id", id.as_str()),
        ("title", TITLE),
        ("markdown", "On and on."),
        ("action", "save"),
    ];
    let request = TestRequest::post()
        .uri(&format!("/p/{id}/edit"))
        .set_form(form)
        .insert_header(("sec-fetch-site", "same-origin"))
        .insert_header(("accept", "application/json"))
        .insert_header(("if-match", "\"c1\""))
        .insert_header(("masthead-editing", format!("{id} 2 auto")));
    ann.send(request).await.assert_status(200);
    let kept = "select string_agg(number || ' ' || markdown, ', ' order by number) from revisions";
    assert_eq!(app.text(kept).await, "1 High water., 2 On and on.");
    come(&app).await;
    note_missed_publications(&app.db()).await.unwrap();
    let seen = "select string_agg(number::text, ' ') from revisions where published";
    assert_eq!(app.text(seen).await, "1");
}

#[actix_web::test]
async fn what_is_done_to_a_post_that_is_due_finds_it_as_readers_do() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let id = draft(&mut ann).await;
    plan(&mut ann, &id, later(&app)).await.assert_status(303);
    come(&app).await;
    let too_late = ann.post(&format!("/p/{id}/unschedule"), &[]).await;
    too_late.assert_status(409);
    assert!(too_late.text().contains("It is public already"));
    let changed = [("title", "Another name"), ("markdown", "Low water.")];
    ann.edit(&id, &changed, "publish").await.assert_status(303);
    let read = app.anonymous().get(ADDRESS).await;
    read.assert_status(200);
    assert!(
        read.text().contains("Low water."),
        "at the address that it came out under"
    );
    let seen =
        "select string_agg(number::text, ' ' order by number) from revisions where published";
    assert_eq!(app.text(seen).await, "1 2", "readers have seen both");
    let acts = "select string_agg(actor || ' ' || act, ', ' order by id) from audit_log where act in ('post.publish', 'post.update')";
    assert_eq!(
        app.text(acts).await,
        "schedule post.publish, ann post.update"
    );
    assert_eq!(
        app.count("select post_count::bigint from tags where slug = 'sea'")
            .await,
        1
    );
    assert_eq!(app.count("select count(*) from listed_posts").await, 1);
}

#[actix_web::test]
async fn a_plan_ends_in_the_trash_also_where_an_earlier_release_put_it_there() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let id = draft(&mut ann).await;
    plan(&mut ann, &id, later(&app)).await.assert_status(303);
    // As a release does that takes it for a draft.
    sqlx::query("update posts set deleted_at = now()")
        .execute(&app.database)
        .await
        .unwrap();
    ann.post(&format!("/p/{id}/restore"), &[])
        .await
        .assert_status(303);
    come(&app).await;
    assert_eq!(app.text("select status from posts").await, "draft");
    app.anonymous().get(ADDRESS).await.assert_status(404);
}

#[actix_web::test]
async fn a_tag_counts_a_post_that_is_due_once_whatever_is_merged() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    ann.publish_with(&[
        ("title", "Before"),
        ("markdown", "Low water."),
        ("tags", "ocean"),
    ])
    .await;
    let id = draft(&mut ann).await;
    plan(&mut ann, &id, later(&app)).await.assert_status(303);
    come(&app).await;
    let mut boss = app.owner().await;
    boss.post("/admin/tags/sea/merge", &[("into", "ocean")])
        .await
        .assert_status(303);
    note_missed_publications(&app.db()).await.unwrap();
    let counted = "select post_count::bigint from tags where slug = 'ocean'";
    assert_eq!(app.count(counted).await, 2);
}
