//! A report is about words, and stays about them whatever their writer does.

use masthead::features::comments::jobs::prune_revisions;

use super::{audited, comment, counter, decide, texts};
use crate::support::{Actor, Response, TestApp};

const REPORTED: &str = "/dashboard/comments?show=reported";

async fn report(actor: &mut Actor, id: &str) {
    let form = actor.get(&format!("/comments/{id}/report")).await;
    send(actor, &form).await;
}

/// Sends a form that was opened some time ago.
async fn send(actor: &mut Actor, form: &Response) {
    let action = form.attribute("form[action*='/report']", "action").unwrap();
    actor
        .post(&action, &[("reason", "spam"), ("details", "Look at that.")])
        .await
        .assert_status(303);
}

async fn edit(actor: &mut Actor, id: &str, markdown: &str) {
    actor
        .post(&format!("/comments/{id}/edit"), &[("markdown", markdown)])
        .await
        .assert_status(303);
}

async fn kept(app: &TestApp) -> i64 {
    app.count("select count(*) from comment_revisions").await
}

#[actix_web::test]
async fn a_report_keeps_the_words_and_the_name_that_were_reported() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut rob = app.person("rob", "reader").await;
    let mut eve = app.person("eve", "reader").await;
    let mut mia = app.person("mia", "moderator").await;
    let post = ann.publish("On tides", "Text.").await.path;
    rob.post("/settings/profile", &[("name", "Coins at coins.example")])
        .await
        .assert_status(303);
    let id = comment(&mut rob, &post, "Buy my **coins**.", "").await;
    report(&mut eve, &id).await;
    let page = mia.get(REPORTED).await;
    assert_eq!(
        page.all(".queue .prose"),
        ["Buy my coins."],
        "nothing changed, nothing twice"
    );
    edit(&mut rob, &id, "A fine post.").await;
    rob.post("/settings/profile", &[("name", "Rob")])
        .await
        .assert_status(303);
    assert_eq!(texts(&app, &post).await, ["A fine post."]);
    for page in [mia.get(REPORTED).await, ann.get(REPORTED).await] {
        assert_eq!(page.all(".queue .prose"), ["A fine post.", "Buy my coins."]);
        assert_eq!(page.all(".queue .prose strong"), ["coins"]);
        assert!(page.one(".queue .hint").contains("Coins at coins.example"));
    }
    let step = mia
        .get(&format!("/comments/{id}/decide?decision=hide"))
        .await;
    assert_eq!(
        step.all("blockquote.prose"),
        ["A fine post.", "Buy my coins."]
    );
    decide(&mut mia, &id, "hide", "Advertising.")
        .await
        .assert_status(303);
    assert!(
        !mia.get("/dashboard/comments?show=hidden")
            .await
            .text()
            .contains("coins")
    );
    assert_eq!(kept(&app).await, 0, "what was decided about is not kept");
}

#[actix_web::test]
async fn a_report_is_about_what_its_form_showed() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut rob = app.person("rob", "reader").await;
    let (mut eve, mut max) = (
        app.person("eve", "reader").await,
        app.person("max", "reader").await,
    );
    let post = ann.publish("On tides", "Text.").await.path;
    let id = comment(&mut rob, &post, "Buy my coins.", "").await;
    let form = eve.get(&format!("/comments/{id}/report")).await;
    for text in ["Buy my stamps.", "A fine post."] {
        edit(&mut rob, &id, text).await;
    }
    send(&mut eve, &form).await;
    assert_eq!(
        ann.get(REPORTED).await.all(".queue .prose"),
        ["A fine post.", "Buy my coins."]
    );
    // A version that nobody has made up, from a form of an older node, or nonsense: the words of now.
    for (actor, query) in [
        (&mut max, ""),
        (&mut app.person("pia", "reader").await, "?version=soon"),
    ] {
        actor
            .post(
                &format!("/comments/{id}/report{query}"),
                &[("reason", "abuse")],
            )
            .await
            .assert_status(303);
    }
    assert_eq!(
        ann.get(REPORTED).await.all(".queue .prose"),
        ["A fine post.", "Buy my coins."]
    );
    decide(&mut ann, &id, "keep", "").await.assert_status(303);
    assert_eq!(
        app.count("select count(*) from reports where outcome = 'kept' and version is not null")
            .await,
        3
    );
}

#[actix_web::test]
async fn deleting_first_gets_nobody_out_of_a_report() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut rob = app.person("rob", "reader").await;
    let mut eve = app.person("eve", "reader").await;
    let mut mia = app.person("mia", "moderator").await;
    let post = ann.publish("On tides", "Text.").await.path;
    let id = comment(&mut rob, &post, "I know where you live.", "").await;
    comment(&mut ann, &post, "Stop that.", &id).await;
    report(&mut eve, &id).await;
    edit(&mut rob, &id, "Nice weather.").await;
    rob.post(&format!("/comments/{id}/delete"), &[])
        .await
        .assert_status(303);
    assert_eq!(
        texts(&app, &post).await,
        ["Deleted by the author.", "Stop that."]
    );
    let queue = mia.get(REPORTED).await;
    assert_eq!(
        queue.all(".queue .prose"),
        ["Deleted by the author.", "I know where you live."]
    );
    assert!(queue.one(".reports").contains("Look at that."));
    assert_eq!(queue.all(".row-actions button").len(), 1);
    let step = mia.get(&format!("/comments/{id}/decide")).await;
    assert!(step.text().contains("I know where you live."));
    assert_eq!(
        step.attribute("[name=decision]", "value").as_deref(),
        Some("keep"),
        "the only thing left to do"
    );
    assert_eq!(step.all("[name=decision]").len(), 1);
    for decision in ["approve", "hide", "delete"] {
        decide(&mut mia, &id, decision, "Too late.")
            .await
            .assert_status(409);
    }
    for _ in 0..2 {
        decide(&mut mia, &id, "keep", "Noted.")
            .await
            .assert_status(303);
    }
    assert_eq!(
        audited(&app, "comment.keep").await,
        [("mia".into(), "Noted.".to_owned())]
    );
    assert!(
        mia.get(REPORTED)
            .await
            .text()
            .contains("No reports are open.")
    );
    assert_eq!(
        app.count(
            "select count(*) from reports where outcome = 'deleted' and resolved_by is not null"
        )
        .await,
        1
    );
    assert_eq!(
        texts(&app, &post).await,
        ["Deleted by the author.", "Stop that."],
        "it was not the moderator"
    );
    assert_eq!((kept(&app).await, counter(&app).await), (0, 1));
    // What nobody reported is gone at once.
    let other = comment(&mut rob, &post, "A slip.", "").await;
    edit(&mut rob, &other, "Another slip.").await;
    assert_eq!(kept(&app).await, 1);
    rob.post(&format!("/comments/{other}/delete"), &[])
        .await
        .assert_status(303);
    assert_eq!(kept(&app).await, 0);
}

#[actix_web::test]
async fn what_comments_said_before_is_forgotten_once_nothing_is_to_be_decided() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut rob = app.person("rob", "reader").await;
    let mut eve = app.person("eve", "reader").await;
    let post = ann.publish("On tides", "Text.").await.path;
    let corrected = comment(&mut rob, &post, "Teh tide.", "").await;
    edit(&mut rob, &corrected, "The tide.").await;
    for text in ["Reported.", "Reported and deleted."] {
        let id = comment(&mut rob, &post, text, "").await;
        report(&mut eve, &id).await;
        if text != "Reported." {
            rob.post(&format!("/comments/{id}/delete"), &[])
                .await
                .assert_status(303);
        }
    }
    let left = async |days: i32| {
        sqlx::query("update comment_revisions set kept_at = now() - make_interval(days => $1)")
            .bind(days)
            .execute(&app.database)
            .await
            .unwrap();
        sqlx::query("update comments set decided_at = now() - make_interval(days => $1) where decided_at is not null")
            .bind(days)
            .execute(&app.database)
            .await
            .unwrap();
        prune_revisions(&app.db()).await.unwrap();
        kept(&app).await
    };
    assert_eq!((left(0).await, left(2).await, left(31).await), (3, 2, 1));
    assert!(ann.get(REPORTED).await.text().contains("Reported."));
}

#[actix_web::test]
async fn what_is_reviewed_says_whose_where_and_when_one_apart_from_the_other() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let path = owner.publish("The square", "Come and talk.").await.path;
    let mut rita = app.person("rita", "reader").await;
    let page = format!("{path}/comment");
    let id = rita.get(&page).await.field("id");
    rita.post(&page, &[("id", &id), ("markdown", "I agree.")])
        .await
        .assert_status(303);
    let review = owner.get(&format!("/comments/{id}/decide")).await;
    assert_eq!(
        review.all(".head .meta .dot").len(),
        2,
        "{}",
        review.one(".head")
    );
    let people = owner.get("/admin/people").await;
    assert!(
        people.text().contains("<wbr>@example.org"),
        "a line is broken before the @"
    );
}
