//! `/admin`: what waits, what a new site lacks, and its samples.

use masthead::features::demo;

use crate::support::{Actor, TestApp};

async fn waiting(by: &mut Actor) -> Vec<String> {
    let page = by.get("/admin").await;
    page.assert_status(200);
    page.all("section[aria-labelledby=waits] :is(li, .plain)")
}

#[actix_web::test]
async fn what_waits_is_said_with_the_way_to_it() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    assert_eq!(waiting(&mut owner).await, ["Nothing waits for you."]);
    let mut ann = app.author("ann").await;
    let post = ann.publish("Talk", "Text.").await.path;
    let mut rob = app.author("rob").await;
    for words in ["One.", "Two."] {
        let id = rob.get(&format!("{post}/comment")).await.field("id");
        let form = [("id", id.as_str()), ("markdown", words)];
        rob.post(&format!("{post}/comment"), &form)
            .await
            .assert_status(303);
    }
    for statement in [
        "update comments set state = 'held' where markdown = 'One.'",
        "update posts set comment_count = 1",
    ] {
        sqlx::query(statement).execute(&app.database).await.unwrap();
    }
    let id = app
        .text("select public_id::text from comments where markdown = 'Two.'")
        .await;
    ann.post(&format!("/comments/{id}/report"), &[("reason", "spam")])
        .await
        .assert_status(303);
    assert_eq!(
        waiting(&mut owner).await,
        ["One comment waits for approval", "One comment is reported"]
    );
    let links = owner
        .get("/admin")
        .await
        .links("section[aria-labelledby=waits]");
    for link in &links {
        assert_eq!(owner.get(link).await.all("main article").len(), 1, "{link}");
    }
}

#[actix_web::test]
async fn a_new_site_is_made_ones_own_step_by_step() {
    let app = TestApp::empty().await;
    let form = app.anonymous().get("/setup").await;
    assert_eq!(
        form.attribute("#sample", "checked"),
        None,
        "samples are asked for"
    );
    let mut owner = app.set_up().await;
    let done = async |owner: &mut Actor| {
        let page = owner.get("/admin").await;
        page.all(".steps .done").len()
    };
    assert_eq!(done(&mut owner).await, 0);
    owner.publish("First", "Text.").await;
    assert_eq!(done(&mut owner).await, 1);
    let invitation = [("role", "author"), ("max_uses", "1"), ("days", "1")];
    owner.post("/admin/invitations", &invitation).await;
    assert_eq!(done(&mut owner).await, 2);
    let site = [
        ("name", "Harbour"),
        ("tagline", "Where ships meet"),
        ("language", "en"),
        ("sign_up", "invite"),
        ("sign_up_role", "reader"),
        ("comment_policy", "members"),
    ];
    owner.post("/admin/site", &site).await.assert_status(303);
    let page = owner.get("/admin").await;
    assert!(page.all(".steps").is_empty(), "{}", page.text());
}

#[actix_web::test]
async fn samples_are_removed_with_a_button() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let button = "form[action='/admin/samples/remove']";
    assert!(owner.get("/admin").await.all(button).is_empty());
    demo::load(&app.db(), &masthead::access::Actor::command("tests"))
        .await
        .unwrap();
    assert!(app.anonymous().get("/").await.all(".h-entry").len() > 5);
    assert_eq!(owner.get("/admin").await.all(button).len(), 1);
    let done = owner.post("/admin/samples/remove", &[]).await;
    done.assert_status(303);
    let page = owner.get(done.location()).await;
    assert!(
        page.one(".note.ok p")
            .starts_with("The samples are removed.")
    );
    assert!(page.all(button).is_empty());
    assert!(app.anonymous().get("/").await.all(".h-entry").is_empty());
}

/// What was edited stays, and is no sample any more: nothing is left to be removed.
#[actix_web::test]
async fn samples_that_were_edited_are_not_offered_for_removal() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    demo::load(&app.db(), &masthead::access::Actor::command("tests"))
        .await
        .unwrap();
    let id = app
        .text("select public_id::text from posts where status = 'published' and kind = 'post' order by id limit 1")
        .await;
    owner
        .edit(&id, &[("markdown", "Our own words.")], "save")
        .await
        .assert_status(303);
    owner
        .post("/admin/samples/remove", &[])
        .await
        .assert_status(303);
    let button = "form[action='/admin/samples/remove']";
    assert!(owner.get("/admin").await.all(button).is_empty());
    let again = owner.post("/admin/samples/remove", &[]).await;
    assert_eq!(
        again.location(),
        "/admin?said=samples-removed",
        "nothing is taken down"
    );
}

async fn fail(app: &TestApp, kind: &str, error: &str) -> String {
    sqlx::query(
        "insert into jobs (kind, payload, run_at, max_attempts, attempts, failed_at, last_error)
         values ($1, '{\"correlation_id\": \"019a1111-2222-7333-8444-555566667777\"}', now(), 12, 12, now(), $2)",
    )
    .bind(kind)
    .bind(error)
    .execute(&app.database)
    .await
    .unwrap();
    app.text("select max(id)::text from jobs").await
}

#[actix_web::test]
async fn a_failed_job_is_shown_with_its_reason_and_begins_again() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    sqlx::query("delete from jobs")
        .execute(&app.database)
        .await
        .unwrap();
    let page = owner.get("/admin/jobs").await;
    let told = page.assert_status(200).all("main .plain");
    assert_eq!(told, ["No job has failed.", "Nothing is to be done."]);

    let id = fail(&app, "cdn.purge", "the CDN answered <503>").await;
    assert_eq!(
        waiting(&mut owner).await,
        ["One job in the background has failed"]
    );
    let page = owner.get("/admin/jobs").await;
    let lines = page.all("main .rows p");
    assert_eq!(lines[..2], ["cdn.purge", "the CDN answered <503>"]);
    assert!(lines[2].starts_with("Tried 12 times, asked for "));
    assert!(lines[2].ends_with("Correlation id 019a1111-2222-7333-8444-555566667777"));
    let retry = format!("/admin/jobs/{id}/retry");
    assert_eq!(
        page.attribute("main .rows form", "action"),
        Some(retry.clone())
    );
    let done = owner.post(&retry, &[]).await;
    assert_eq!(
        done.assert_status(303).location(),
        "/admin/jobs?said=jobs-retried"
    );
    let page = owner.get(done.location()).await;
    assert!(page.text().contains("Begun again."));
    assert_eq!(page.all("dt code"), ["cdn.purge"]);
    assert!(page.all("main dd")[0].starts_with("0 running, 1 due, 0 later."));
    let begun = "select count(*) from jobs where failed_at is null and attempts = 0 and run_at <= clock_timestamp()";
    assert_eq!(app.count(begun).await, 1);
    let acts = "select string_agg(act || ' ' || actor, ' ') from audit_log where act like 'job.%'";
    assert_eq!(app.text(acts).await, "job.retry olga");

    // It waits already, or there is no such job.
    for gone in [id.as_str(), "0", "-1", "x", "99999999999999999999"] {
        let again = owner.post(&format!("/admin/jobs/{gone}/retry"), &[]).await;
        again.assert_status(404);
    }
    fail(&app, "posts.relate", "one").await;
    fail(&app, "posts.offer", "two").await;
    owner
        .post("/admin/jobs/retry", &[])
        .await
        .assert_status(303);
    assert_eq!(
        app.count("select count(*) from jobs where failed_at is not null")
            .await,
        0
    );
    assert_eq!(app.text(acts).await, "job.retry olga job.retry olga");
}
