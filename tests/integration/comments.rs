mod reports;
mod waiting;

use std::time::Duration;

use actix_web::http::Method;
use actix_web::test::TestRequest;

use crate::support::{Actor, Response, TestApp, until};

const PATIENCE: Duration = Duration::from_secs(60);

/// Sends a comment as the form would.
async fn send(actor: &mut Actor, post: &str, markdown: &str, parent: &str) -> Response {
    let form = [
        ("markdown", markdown),
        ("parent", parent),
        ("action", "save"),
    ];
    actor.post(&format!("{post}/comment"), &form).await
}

/// Sends a comment that is accepted; gives its id.
async fn comment(actor: &mut Actor, post: &str, markdown: &str, parent: &str) -> String {
    let done = send(actor, post, markdown, parent).await;
    done.assert_status(303);
    let to = done.location();
    to.rsplit_once("#c-")
        .or_else(|| to.rsplit_once('/'))
        .unwrap()
        .1
        .to_owned()
}

async fn decide(actor: &mut Actor, id: &str, decision: &str, reason: &str) -> Response {
    let version = version(actor, id).await;
    decide_on(actor, id, &version, decision, reason).await
}

/// The same, about the words of a version that was on the screen earlier.
async fn decide_on(
    actor: &mut Actor,
    id: &str,
    version: &str,
    decision: &str,
    reason: &str,
) -> Response {
    let form = [
        ("version", version),
        ("decision", decision),
        ("reason", reason),
    ];
    actor.post(&format!("/comments/{id}/decide"), &form).await
}

/// What the page for deciding names as the version; nothing where there is nothing to decide.
async fn version(actor: &mut Actor, id: &str) -> String {
    let page = actor.get(&format!("/comments/{id}/decide")).await;
    page.attribute("[name=version]", "value")
        .unwrap_or_default()
}

/// The texts of the comments on a page, in order, stubs included.
async fn texts(app: &TestApp, path: &str) -> Vec<String> {
    let page = app.anonymous().get(path).await;
    page.assert_status(200);
    page.all(".comment .prose")
}

async fn counter(app: &TestApp) -> i64 {
    let counted = app
        .count("select sum(comment_count)::bigint from posts")
        .await;
    assert_eq!(
        counted,
        app.count("select count(*) from comments where state = 'visible'")
            .await
    );
    counted
}

async fn audited(app: &TestApp, act: &str) -> Vec<(String, String)> {
    sqlx::query_as("select actor, reason from audit_log where act = $1 order by id")
        .bind(act)
        .fetch_all(&app.database)
        .await
        .unwrap()
}

/// Moves a comment into the past, as if time had passed.
async fn age(app: &TestApp, id: &str, minutes: i32) {
    sqlx::query("update comments set created_at = created_at - make_interval(mins => $2) where public_id = $1::uuid")
        .bind(id)
        .bind(minutes)
        .execute(&app.database)
        .await
        .unwrap();
}

/// The page is the same for all and does not show it: its author is told by the private fetch, and no other account.
#[actix_web::test]
async fn the_author_of_a_comment_that_readers_do_not_see_is_told_where_it_is() {
    let app = TestApp::new().await;
    let (mut ann, mut rob) = (app.author("ann").await, app.author("rob").await);
    let post = ann.publish("Talk", "Text.").await;
    let hidden = comment(&mut rob, &post.path, "Rude words.", "").await;
    comment(&mut rob, &post.path, "Kind words.", "").await;
    let unseen = async |by: &mut Actor| {
        let me = by.get(&format!("/me.json?post={}", post.id)).await.json();
        me["post"]["unseen_comments"].clone()
    };
    assert_eq!(unseen(&mut rob).await, serde_json::json!([]));
    decide(&mut ann, &hidden, "hide", "Rude.").await;
    let told = unseen(&mut rob).await;
    assert_eq!(told[0]["text"], "Your comment was hidden.");
    assert_eq!(told[0]["url"], format!("/comments/{hidden}"));
    assert_eq!(told.as_array().unwrap().len(), 1);
    let page = rob.get(&format!("/comments/{hidden}")).await;
    assert!(page.assert_status(200).text().contains("Rude."));
    sqlx::query("update comments set state = 'held' where state = 'hidden'")
        .execute(&app.database)
        .await
        .unwrap();
    assert_eq!(
        unseen(&mut rob).await[0]["text"],
        "Your comment waits for approval."
    );
    assert_eq!(unseen(&mut ann).await, serde_json::json!([]));
}

/// What readers did not see cannot be taken down, and its author is not told so.
#[actix_web::test]
async fn of_a_take_down_is_told_only_where_readers_saw_the_comment() {
    let app = TestApp::new().await;
    let (mut ann, mut rob) = (app.author("ann").await, app.author("rob").await);
    let post = ann.publish("Talk", "Text.").await;
    let hidden = comment(&mut rob, &post.path, "Rude words.", "").await;
    let shown = comment(&mut rob, &post.path, "Kind words.", "").await;
    let under_a_draft = comment(&mut rob, &post.path, "More words.", "").await;
    let told = |answer: Response| {
        answer.assert_status(303);
        answer.location().contains("gone=")
    };
    assert!(told(decide(&mut ann, &hidden, "hide", "Rude.").await));
    assert!(!told(
        rob.post(&format!("/comments/{hidden}/delete"), &[]).await
    ));
    assert!(told(
        rob.post(&format!("/comments/{shown}/delete"), &[]).await
    ));
    ann.post(&format!("/p/{}/unpublish", post.id), &[])
        .await
        .assert_status(303);
    assert!(!told(
        decide(&mut ann, &under_a_draft, "hide", "Old.").await
    ));
}

#[actix_web::test]
async fn a_thread_grows_under_a_post() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut rob = app.person("rob", "reader").await;
    let post = ann.publish("On tides", "Text.").await.path;
    let page = app.anonymous().get(&post).await;
    assert!(page.text().contains("Nobody has commented yet."));
    assert_eq!(
        page.attribute("[data-reply]", "href").unwrap(),
        format!("{post}/comment")
    );
    let form = rob.get(&format!("{post}/comment")).await;
    form.assert_status(200);
    assert_eq!(form.header("cache-control"), Some("private, no-store"));
    let first = comment(&mut rob, &post, "A *fine* post.", "").await;
    let reply = rob.get(&format!("{post}/comment?parent={first}")).await;
    assert!(
        reply.one("blockquote.note").contains("A fine post."),
        "the comment answered is shown"
    );
    assert_eq!(reply.field("parent"), first);
    let second = comment(&mut ann, &post, "Thank you.", &first).await;
    let page = app.anonymous().get(&post).await;
    assert_eq!(page.all(".comment .prose"), ["A fine post.", "Thank you."]);
    assert!(page.text().contains("A <em>fine</em> post."));
    assert_eq!(page.one("#comments-title"), "2 comments");
    assert_eq!(
        page.all("ol.thread > li > ol.thread > li > article .comment-to"),
        ["to rob"]
    );
    assert_eq!(page.all(".by-author").len(), 1);
    assert_eq!(
        page.attribute(&format!("#c-{second}"), "data-author")
            .as_deref(),
        Some("ann")
    );
    assert_eq!(counter(&app).await, 2);
    assert_eq!(audited(&app, "comment.create").await.len(), 2);
    assert_eq!(
        rob.get(&post).await.header("etag"),
        page.header("etag"),
        "the same bytes for everybody"
    );
}

#[actix_web::test]
async fn preview_writes_nothing() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("On tides", "Text.").await.path;
    let shown = ann
        .post(
            &format!("{post}/comment"),
            &[("markdown", "So **bold**"), ("action", "preview")],
        )
        .await;
    shown.assert_status(200);
    assert!(shown.text().contains("So <strong>bold</strong>"));
    assert_eq!(shown.field("markdown"), "So **bold**");
    assert_eq!(app.count("select count(*) from comments").await, 0);
}

#[actix_web::test]
async fn a_form_sent_twice_is_one_comment() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("On tides", "Text.").await.path;
    let id = ann.get(&format!("{post}/comment")).await.field("id");
    let form = [("id", id.as_str()), ("markdown", "Once."), ("parent", "")];
    let path = format!("{post}/comment");
    let first = ann.post(&path, &form).await;
    let again = ann.post(&path, &form).await;
    assert_eq!(first.location(), again.location());
    assert_eq!(counter(&app).await, 1);
    let mut ben = app.author("ben").await;
    let refused = ben.post(&path, &form).await;
    refused.assert_status(422);
    assert_eq!(refused.field("markdown"), "Once.");
    assert_ne!(refused.field("id"), id, "sending again goes through");
}

#[actix_web::test]
async fn wrong_texts_come_back_as_typed() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("On tides", "Text.").await.path;
    let long = "字".repeat(10_001);
    let deep = "> ".repeat(2000) + "x";
    for text in ["  \n ", long.as_str(), deep.as_str()] {
        let refused = send(&mut ann, &post, text, "").await;
        refused.assert_status(422);
        assert_eq!(refused.field("markdown").trim_end(), text.trim_end());
        assert_eq!(
            refused.attribute("#markdown", "aria-invalid").as_deref(),
            Some("true")
        );
        assert!(!refused.one("#markdown-error").is_empty());
    }
    for form in [
        [("markdown", "a"), ("parent", "nonsense")],
        [("markdown", "a"), ("colour", "red")],
    ] {
        ann.post(&format!("{post}/comment"), &form)
            .await
            .assert_status(400);
    }
    assert_eq!(app.count("select count(*) from comments").await, 0);
    send(&mut ann, &post, &"字".repeat(10_000), "")
        .await
        .assert_status(303);
}

#[actix_web::test]
async fn what_is_typed_never_becomes_markup_of_ours() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("On tides", "Text.").await.path;
    let evil = "<script>alert(1)</script><img src=x onerror=alert(1)> [a](javascript:alert(1)) </article></li></ol>";
    comment(&mut ann, &post, evil, "").await;
    let page = app.anonymous().get(&post).await;
    assert_eq!(
        page.all(".comment script, .comment img, .comment [onerror], .comment a[href^=javascript]")
            .len(),
        0
    );
    assert_eq!(
        page.all("#comments > ol.thread > li > article.comment > .prose")
            .len(),
        1
    );
}

#[actix_web::test]
async fn where_comments_are_closed_nobody_writes_and_no_text_is_lost() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann
        .publish_with(&[
            ("title", "Quiet"),
            ("markdown", "a"),
            ("comment_policy", "off"),
        ])
        .await
        .path;
    assert!(
        app.anonymous()
            .get(&post)
            .await
            .text()
            .contains("Comments are closed.")
    );
    ann.get(&format!("{post}/comment")).await.assert_status(403);
    let refused = send(&mut ann, &post, "But I must say", "").await;
    refused.assert_status(403);
    assert_eq!(refused.field("markdown"), "But I must say");
    assert!(
        refused
            .text()
            .contains("Comments under this post are closed.")
    );
    assert_eq!(app.count("select count(*) from comments").await, 0);
}

#[actix_web::test]
async fn a_held_comment_is_seen_by_its_writer_and_the_deciders_only() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut rob = app.person("rob", "reader").await;
    let mut eve = app.person("eve", "reader").await;
    let mut mia = app.person("mia", "moderator").await;
    let post = ann
        .publish_with(&[
            ("title", "Held"),
            ("markdown", "a"),
            ("comment_policy", "all_held"),
        ])
        .await
        .path;
    assert!(
        rob.get(&format!("{post}/comment"))
            .await
            .text()
            .contains("as soon as it is approved")
    );
    let done = send(&mut rob, &post, "Patience.", "").await;
    let own = done.location().to_owned();
    assert!(own.starts_with("/comments/"), "{own}");
    let id = own.trim_start_matches("/comments/").to_owned();
    assert!(
        rob.get(&own)
            .await
            .one(".lead")
            .contains("waits for approval")
    );
    for other in [&mut eve, &mut app.author("ben").await] {
        for part in ["", "/edit", "/delete", "/report"] {
            let answer = other.get(&format!("{own}{part}")).await;
            answer.assert_status(404);
        }
    }
    assert_eq!(texts(&app, &post).await, Vec::<String>::new());
    assert_eq!(counter(&app).await, 0);
    for decider in [&mut ann, &mut mia] {
        assert!(
            decider
                .get("/dashboard/comments")
                .await
                .text()
                .contains("Patience.")
        );
        decider.get(&own).await.assert_status(200);
    }
    eve.get(&format!("{post}/comment?parent={id}"))
        .await
        .assert_status(404);
    let approved = decide(&mut ann, &id, "approve", "").await;
    assert_eq!(approved.location(), "/dashboard/comments?said=decided");
    assert_eq!(texts(&app, &post).await, ["Patience."]);
    assert_eq!(counter(&app).await, 1);
    assert_eq!(eve.get(&own).await.location(), format!("{post}#c-{id}"));
    // The author and the moderator do not wait; the reader does again.
    comment(&mut ann, &post, "Mine.", "").await;
    comment(&mut mia, &post, "Staff.", "").await;
    send(&mut rob, &post, "Once more.", "").await;
    assert_eq!(texts(&app, &post).await, ["Patience.", "Mine.", "Staff."]);
}

#[actix_web::test]
async fn only_the_first_comment_waits_under_first_held() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut rob = app.person("rob", "reader").await;
    let post = ann
        .publish_with(&[
            ("title", "First"),
            ("markdown", "a"),
            ("comment_policy", "first_held"),
        ])
        .await
        .path;
    let first = comment(&mut rob, &post, "One.", "").await;
    comment(&mut rob, &post, "Two, before anybody looked.", "").await;
    assert_eq!(counter(&app).await, 0);
    decide(&mut ann, &first, "approve", "")
        .await
        .assert_status(303);
    comment(&mut rob, &post, "Three.", "").await;
    assert_eq!(texts(&app, &post).await, ["One.", "Three."]);
}

#[actix_web::test]
async fn only_what_somebody_else_approved_makes_a_member_known() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut rob = app.author("rob").await;
    let mut mia = app.person("mia", "moderator").await;
    let careful = ann
        .publish_with(&[
            ("title", "First"),
            ("markdown", "a"),
            ("comment_policy", "first_held"),
        ])
        .await
        .path;
    let open = ann.publish("Open to all", "Text.").await.path;
    let shared = ann
        .publish_with(&[
            ("title", "Shared"),
            ("markdown", "a"),
            ("comment_policy", "all_held"),
        ])
        .await;
    let statement = "insert into post_authors (post_id, user_id, position)
                     select p.id, u.id, 1 from posts p, users u where p.title = 'Shared' and u.username = 'rob'";
    sqlx::query(statement).execute(&app.database).await.unwrap();
    let own = rob.publish("Mine", "Text.").await.path;
    for post in [&open, &shared.path, &own] {
        comment(&mut rob, post, "Unread.", "").await;
    }
    assert_eq!(counter(&app).await, 3, "all of them are public");
    let first = comment(&mut rob, &careful, "One.", "").await;
    assert_eq!(texts(&app, &careful).await, Vec::<String>::new());
    decide(&mut ann, &first, "approve", "")
        .await
        .assert_status(303);
    comment(&mut rob, &careful, "Two.", "").await;
    assert_eq!(texts(&app, &careful).await, ["One.", "Two."]);
    // What was taken out again speaks for nobody.
    decide(&mut mia, &first, "hide", "On second thoughts.")
        .await
        .assert_status(303);
    comment(&mut rob, &careful, "Three.", "").await;
    assert_eq!(texts(&app, &careful).await, ["Two."]);
}

#[actix_web::test]
async fn hiding_and_deleting_need_a_reason_that_the_writer_reads() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut rob = app.person("rob", "reader").await;
    let post = ann.publish("On tides", "Text.").await.path;
    let id = comment(&mut rob, &post, "Rude words.", "").await;
    let reply = comment(&mut ann, &post, "Really?", &id).await;
    let refused = decide(&mut ann, &id, "hide", "  ").await;
    refused.assert_status(422);
    assert_eq!(
        refused.attribute("#reason", "aria-invalid").as_deref(),
        Some("true")
    );
    assert_eq!(
        refused
            .attribute("[name=decision][checked]", "value")
            .as_deref(),
        Some("hide"),
        "the choice is kept"
    );
    let long = "x".repeat(501);
    assert_eq!(
        decide(&mut ann, &id, "delete", &long)
            .await
            .assert_status(422)
            .field("reason"),
        long
    );
    decide(&mut ann, &id, "burn", "Why not")
        .await
        .assert_status(422);
    assert_eq!(counter(&app).await, 2);

    decide(&mut ann, &id, "hide", "Insults a neighbour.")
        .await
        .assert_status(303);
    assert_eq!(
        texts(&app, &post).await,
        ["Hidden by a moderator.", "Really?"]
    );
    assert_eq!(counter(&app).await, 1);
    assert_eq!(
        audited(&app, "comment.hide").await,
        [("ann".into(), "Insults a neighbour.".to_owned())]
    );
    let own = rob.get(&format!("/comments/{id}")).await.text();
    assert!(
        own.contains("Insults a neighbour.") && own.contains("Rude words."),
        "hidden is not gone"
    );
    assert!(
        ann.get("/dashboard/comments?show=hidden")
            .await
            .text()
            .contains("Rude words.")
    );
    send(&mut rob, &post, "To a hidden one.", &id)
        .await
        .assert_status(422);
    let again = decide(&mut ann, &id, "hide", "Insults a neighbour.").await;
    again.assert_status(303);
    assert_eq!(
        audited(&app, "comment.hide").await.len(),
        1,
        "a second click is no second act"
    );

    decide(&mut ann, &id, "approve", "Talked it over.")
        .await
        .assert_status(303);
    assert_eq!(texts(&app, &post).await, ["Rude words.", "Really?"]);
    decide(&mut ann, &id, "delete", "Not again.")
        .await
        .assert_status(303);
    assert_eq!(
        texts(&app, &post).await,
        ["Deleted by a moderator.", "Really?"]
    );
    assert_eq!(
        app.count("select count(*) from comments where markdown = '' and html = ''")
            .await,
        1
    );
    assert_eq!(counter(&app).await, 1);
    decide(&mut ann, &id, "approve", "")
        .await
        .assert_status(409);
    let states = app
        .text(
            "select string_agg((before->>'state') || '>' || (after->>'state'), ' ' order by id) from audit_log
             where act in ('comment.approve', 'comment.hide', 'comment.delete')",
        )
        .await;
    assert_eq!(states, "visible>hidden hidden>visible visible>deleted");
    let actions = app
        .count(
            "select count(distinct a.transaction_id) from audit_log a
             join comments c on c.public_id = a.object_id and c.transaction_id = a.transaction_id",
        )
        .await;
    assert_eq!(
        actions, 2,
        "one business action a comment, from its first word to the last decision"
    );
    rob.get(&format!("{post}/comment?parent={reply}"))
        .await
        .assert_status(200);
}

#[actix_web::test]
async fn the_decision_page_works_by_itself_and_leads_back() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut rob = app.person("rob", "reader").await;
    let post = ann.publish("On tides", "Text.").await.path;
    let id = comment(&mut rob, &post, "Look at me.", "").await;
    let queue = ann.get("/dashboard/comments?show=all").await;
    let link = queue.attribute(".row-actions a.bad", "href").unwrap();
    let step = ann.get(&link).await;
    step.assert_status(200);
    assert!(step.text().contains("Look at me."));
    assert_eq!(
        step.attribute("[name=decision][checked]", "value")
            .as_deref(),
        Some("delete")
    );
    assert_eq!(step.field("back"), "/dashboard/comments?show=all");
    for (back, to) in [
        (
            "/dashboard/comments?show=all",
            "/dashboard/comments?show=all",
        ),
        ("//evil.example/", "/dashboard/comments"),
    ] {
        let version = version(&mut ann, &id).await;
        let form = [
            ("decision", "hide"),
            ("reason", back),
            ("version", version.as_str()),
            ("back", back),
        ];
        let done = ann.post(&format!("/comments/{id}/decide"), &form).await;
        let (page, query) = done.location().split_at(to.len());
        assert!(
            page == to && (query.is_empty() || query[1..].starts_with("said=")),
            "{}",
            done.location()
        );
    }
}

#[actix_web::test]
async fn who_decides() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut ben = app.author("ben").await;
    let mut rob = app.person("rob", "reader").await;
    let mut mia = app.person("mia", "moderator").await;
    let post = ann.publish("On tides", "Text.").await.path;
    let id = comment(&mut rob, &post, "A remark.", "").await;
    for other in [&mut ben, &mut rob] {
        let refused = decide(other, &id, "hide", "I do not like it.").await;
        refused.assert_status(403);
        other
            .get(&format!("/comments/{id}/decide"))
            .await
            .assert_status(403);
    }
    assert!(
        !ben.get("/dashboard/comments?show=all")
            .await
            .text()
            .contains("A remark.")
    );
    rob.get("/dashboard/comments").await.assert_status(403);
    assert!(
        mia.get("/dashboard/comments?show=all")
            .await
            .text()
            .contains("A remark.")
    );
    decide(&mut mia, &id, "hide", "House rules.")
        .await
        .assert_status(303);
    decide(&mut ben, &id, "approve", "")
        .await
        .assert_status(404);
    // An author stands below the moderators of the site.
    let overruled = decide(&mut ann, &id, "approve", "").await;
    overruled.assert_status(403);
    assert!(
        overruled
            .text()
            .contains("only a moderator can decide otherwise")
    );
    // Nobody judges their own words.
    let own = comment(&mut ann, &post, "My own.", "").await;
    decide(&mut ann, &own, "hide", "Oops.")
        .await
        .assert_status(403);
    decide(&mut mia, &own, "hide", "Off the subject.")
        .await
        .assert_status(303);
    decide(&mut ann, &own, "approve", "")
        .await
        .assert_status(403);
    assert_eq!(counter(&app).await, 0);
    decide(&mut mia, &id, "approve", "")
        .await
        .assert_status(303);
    assert_eq!(counter(&app).await, 1);
}

#[actix_web::test]
async fn an_author_overrules_a_moderator_in_no_number_of_steps() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut rob = app.person("rob", "reader").await;
    let mut eve = app.person("eve", "reader").await;
    let mut mia = app.person("mia", "moderator").await;
    let post = ann.publish("On tides", "Text.").await.path;
    let hidden = comment(&mut rob, &post, "Hidden by staff.", "").await;
    let kept = comment(&mut rob, &post, "Kept by staff.", "").await;
    decide(&mut mia, &hidden, "hide", "House rules.")
        .await
        .assert_status(303);
    eve.post(&format!("/comments/{kept}/report"), &[("reason", "spam")])
        .await
        .assert_status(303);
    decide(&mut mia, &kept, "keep", "").await.assert_status(303);
    // A second report opens what could be settled anew.
    ann.post(&format!("/comments/{kept}/report"), &[("reason", "abuse")])
        .await
        .assert_status(303);
    for (id, decision) in [
        (&hidden, "hide"),
        (&hidden, "approve"),
        (&kept, "keep"),
        (&kept, "hide"),
        (&kept, "approve"),
    ] {
        decide(&mut ann, id, decision, "I see it differently.")
            .await
            .assert_status(403);
    }
    let deciders = app.count("select count(*) from comments c join users u on u.id = c.decided_by where u.username = 'mia'");
    assert_eq!(deciders.await, 2, "no refused step leaves a trace");
    assert_eq!(texts(&app, &post).await, ["Kept by staff."]);
    for id in [&hidden, &kept] {
        let page = ann.get(&format!("/comments/{id}/decide")).await;
        assert_eq!(
            page.all("[name=decision]").len(),
            1,
            "only deleting is offered"
        );
        assert_eq!(
            page.attribute("[name=decision]", "value").as_deref(),
            Some("delete")
        );
    }
    let queue = ann.get("/dashboard/comments?show=all").await;
    assert_eq!(
        (
            queue.all(".row-actions button").len(),
            queue.all(".row-actions a").len()
        ),
        (0, 2)
    );
    assert_eq!(
        mia.get("/dashboard/comments?show=all")
            .await
            .all(".row-actions button")
            .len(),
        2
    );
    decide(&mut ann, &hidden, "delete", "Not under my post.")
        .await
        .assert_status(303);
}

#[actix_web::test]
async fn a_decision_is_about_the_words_that_were_read() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut rob = app.person("rob", "reader").await;
    let mut mia = app.person("mia", "moderator").await;
    let post = ann
        .publish_with(&[
            ("title", "Held"),
            ("markdown", "a"),
            ("comment_policy", "all_held"),
        ])
        .await
        .path;
    let id = comment(&mut rob, &post, "Harmless.", "").await;
    let seen = mia.get("/dashboard/comments").await.field("version");
    assert_eq!(
        seen,
        version(&mut mia, &id).await,
        "both forms name what they show"
    );
    rob.post(
        &format!("/comments/{id}/edit"),
        &[("markdown", "Buy my coins.")],
    )
    .await
    .assert_status(303);
    for stale in [seen.as_str(), "", "newest"] {
        let refused = decide_on(&mut mia, &id, stale, "approve", "").await;
        refused.assert_status(409);
        assert!(
            refused
                .one(".errors")
                .contains("changed after you opened it")
        );
        let shown = if stale == seen {
            vec!["Buy my coins.", "Harmless."]
        } else {
            vec!["Buy my coins."]
        };
        assert_eq!(
            refused.all("blockquote.prose"),
            shown,
            "the new words and those that were read"
        );
    }
    let unreasoned = decide_on(&mut mia, &id, &seen, "hide", "").await;
    unreasoned.assert_status(409);
    assert!(
        unreasoned
            .one(".errors")
            .contains("changed after you opened it"),
        "the way back names it too"
    );
    assert_eq!(
        app.count("select count(*) from comments where state = 'held'")
            .await,
        1
    );
    let fresh = decide_on(&mut mia, &id, &seen, "approve", "")
        .await
        .field("version");
    decide_on(&mut mia, &id, &fresh, "approve", "")
        .await
        .assert_status(303);
    decide_on(&mut mia, &id, &fresh, "approve", "")
        .await
        .assert_status(303);
    assert_eq!(
        audited(&app, "comment.approve").await.len(),
        1,
        "a second click is no second act"
    );
    decide_on(&mut ann, &id, &fresh, "delete", "Spam.")
        .await
        .assert_status(409);
}

#[actix_web::test]
async fn the_title_of_what_is_not_public_is_for_its_authors() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut rob = app.person("rob", "reader").await;
    let mut mia = app.person("mia", "moderator").await;
    let mut owner = app.owner().await;
    let published = ann.publish("On tides", "Text.").await;
    let id = comment(&mut rob, &published.path, "Early.", "").await;
    let own = format!("/comments/{id}");
    assert!(rob.get(&own).await.one(".crumbs").contains("On tides"));
    ann.post(&format!("/p/{}/unpublish", published.id), &[])
        .await
        .assert_status(303);
    ann.edit(
        &published.id,
        &[("title", "Secret merger"), ("slug", "secret-merger")],
        "save",
    )
    .await
    .assert_status(303);
    let (decision, queue) = (
        format!("{own}/decide"),
        "/dashboard/comments?show=all".to_owned(),
    );
    let mut pages = vec![
        rob.get(&own).await,
        rob.post(&format!("{own}/edit"), &[("markdown", " ")]).await,
    ];
    pages.push(
        rob.post(
            &format!("{own}/edit"),
            &[("markdown", "Late."), ("action", "save")],
        )
        .await,
    );
    for path in [&own, &decision, &queue] {
        pages.push(mia.get(path).await);
    }
    for page in pages {
        let text = page.text();
        assert!(text.contains("A post that is not public"), "{text}");
        assert!(
            !text
                .to_lowercase()
                .replace('-', " ")
                .contains("secret merger"),
            "{text}"
        );
        assert!(!text.contains("on-tides"), "{text}");
    }
    for editor in [&mut ann, &mut owner] {
        for path in [&own, &decision, &queue] {
            let page = editor.get(path).await.assert_status(200).text();
            assert!(
                page.contains("Secret merger") && !page.contains("/secret-merger"),
                "{path}"
            );
        }
    }
}

#[actix_web::test]
async fn a_text_finds_the_post_that_moved_meanwhile() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut rob = app.person("rob", "reader").await;
    let post = ann.publish("On tides", "Text.").await;
    let old = post.path.clone();
    let first = comment(&mut rob, &old, "Before.", "").await;
    ann.edit(&post.id, &[("slug", "tides")], "publish")
        .await
        .assert_status(303);
    let between = "/@ann/tides";
    let email = ann.get("/settings").await.field("email");
    let account = [
        ("username", "anna"),
        ("email", email.as_str()),
        ("current_password", crate::support::PASSWORD),
    ];
    ann.post("/settings/account", &account)
        .await
        .assert_status(303);
    let new = "/@anna/tides";
    for from in [old.as_str(), between, "/@anna/on-tides"] {
        let moved = rob.get(&format!("{from}/comment?parent={first}")).await;
        moved.assert_status(301);
        assert_eq!(
            moved.location(),
            format!("{new}/comment?parent={first}"),
            "{from}"
        );
        assert_eq!(
            rob.get(&format!("{from}/comment")).await.location(),
            format!("{new}/comment")
        );
        let wrong = send(&mut rob, from, "  ", &first).await;
        wrong.assert_status(422);
        assert!(
            wrong.action().starts_with(&format!("{new}/comment?")),
            "{}",
            wrong.action()
        );
        let done = send(&mut rob, from, from, &first).await;
        done.assert_status(303);
        assert!(
            done.location().starts_with(&format!("{new}#c-")),
            "{}",
            done.location()
        );
    }
    assert_eq!(
        texts(&app, new).await,
        ["Before.", old.as_str(), between, "/@anna/on-tides"]
    );
    rob.get(&format!("{new}/comment")).await.assert_status(200);
    // Where it went is nobody's business once it is not public.
    ann.post(&format!("/p/{}/unpublish", post.id), &[])
        .await
        .assert_status(303);
    rob.get(&format!("{old}/comment")).await.assert_status(404);
    send(&mut rob, between, "Late.", "")
        .await
        .assert_status(404);
}

#[actix_web::test]
async fn the_queue_shows_what_is_answered_as_readers_see_it() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut rob = app.person("rob", "reader").await;
    let post = ann.publish("On tides", "Text.").await.path;
    let first = comment(&mut rob, &post, "So **bold** <script>alert(1)</script>", "").await;
    comment(&mut ann, &post, "Is it?", &first).await;
    let queue = ann.get("/dashboard/comments?show=all").await;
    assert_eq!(queue.all(".queue blockquote.prose strong"), ["bold"]);
    assert!(!queue.one(".queue blockquote.prose").contains("**"));
    assert_eq!(queue.all(".queue script").len(), 0);
    rob.post(&format!("/comments/{first}/delete"), &[])
        .await
        .assert_status(303);
    assert_eq!(
        ann.get("/dashboard/comments?show=all")
            .await
            .one(".queue blockquote.prose"),
        "(deleted)"
    );
}

#[actix_web::test]
async fn a_comment_can_be_corrected_for_a_quarter_of_an_hour() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut rob = app.person("rob", "reader").await;
    let post = ann.publish("On tides", "Text.").await.path;
    let id = comment(&mut rob, &post, "Teh tide.", "").await;
    let path = format!("/comments/{id}/edit");
    assert_eq!(rob.get(&path).await.field("markdown"), "Teh tide.");
    assert!(!app.anonymous().get(&post).await.text().contains(">edited<"));
    let preview = rob
        .post(&path, &[("markdown", "*New*"), ("action", "preview")])
        .await;
    assert!(preview.text().contains("<em>New</em>"));
    let empty = rob
        .post(&path, &[("markdown", " "), ("action", "save")])
        .await;
    empty.assert_status(422);
    let done = rob
        .post(&path, &[("markdown", "The tide."), ("action", "save")])
        .await;
    assert_eq!(done.location(), format!("{post}#c-{id}"));
    assert_eq!(texts(&app, &post).await, ["The tide."]);
    assert!(app.anonymous().get(&post).await.text().contains(">edited<"));
    assert_eq!(audited(&app, "comment.edit").await.len(), 1);
    for other in [&mut ann, &mut app.owner().await] {
        other
            .post(&path, &[("markdown", "Put in your mouth.")])
            .await
            .assert_status(403);
    }
    age(&app, &id, 14).await;
    rob.get(&path).await.assert_status(200);
    age(&app, &id, 1).await;
    rob.get(&path).await.assert_status(403);
    let late = rob
        .post(&path, &[("markdown", "Too late."), ("action", "save")])
        .await;
    late.assert_status(403);
    assert_eq!(
        late.field("markdown"),
        "Too late.",
        "what was typed can be copied"
    );
    assert_eq!(texts(&app, &post).await, ["The tide."]);
}

#[actix_web::test]
async fn what_was_approved_stays_as_it_was_read() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut rob = app.person("rob", "reader").await;
    let post = ann
        .publish_with(&[
            ("title", "Held"),
            ("markdown", "a"),
            ("comment_policy", "all_held"),
        ])
        .await
        .path;
    let id = comment(&mut rob, &post, "Harmless.", "").await;
    let path = format!("/comments/{id}/edit");
    rob.post(&path, &[("markdown", "Harmless!")])
        .await
        .assert_status(303);
    decide(&mut ann, &id, "approve", "")
        .await
        .assert_status(303);
    rob.post(&path, &[("markdown", "Buy my coins.")])
        .await
        .assert_status(403);
    assert_eq!(texts(&app, &post).await, ["Harmless!"]);
}

#[actix_web::test]
async fn a_writer_deletes_and_only_what_has_answers_leaves_a_stub() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut rob = app.person("rob", "reader").await;
    let post = ann.publish("On tides", "Text.").await.path;
    let answered = comment(&mut rob, &post, "With an answer.", "").await;
    let reply = comment(&mut ann, &post, "The answer.", &answered).await;
    let alone = comment(&mut rob, &post, "Alone.", "").await;
    ann.post(&format!("/comments/{alone}/delete"), &[])
        .await
        .assert_status(403);
    assert!(
        rob.get(&format!("/comments/{alone}/delete"))
            .await
            .text()
            .contains("Alone.")
    );
    for id in [&answered, &alone, &alone] {
        rob.post(&format!("/comments/{id}/delete"), &[])
            .await
            .assert_status(303);
    }
    assert_eq!(
        texts(&app, &post).await,
        ["Deleted by the author.", "The answer."]
    );
    let page = app.anonymous().get(&post).await;
    assert!(!page.text().contains("@rob"), "a stub names nobody");
    assert_eq!(counter(&app).await, 1);
    assert_eq!(
        app.count("select count(*) from comments where markdown || html <> ''")
            .await,
        1
    );
    assert_eq!(audited(&app, "comment.withdraw").await.len(), 2);
    // With its last answer the stub goes too.
    ann.post(&format!("/comments/{reply}/delete"), &[])
        .await
        .assert_status(303);
    assert_eq!(texts(&app, &post).await, Vec::<String>::new());
    assert_eq!(counter(&app).await, 0);
}

#[actix_web::test]
async fn a_report_reaches_the_queue_once_and_never_its_subject() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut rob = app.person("rob", "reader").await;
    let mut eve = app.person("evelyn", "reader").await;
    let mut mia = app.person("mia", "moderator").await;
    let post = ann.publish("On tides", "Text.").await.path;
    let id = comment(&mut rob, &post, "Cheap coins!", "").await;
    let path = format!("/comments/{id}/report");
    let link = format!(".actions a[href='{path}']");
    assert_eq!(app.anonymous().get(&post).await.all(&link).len(), 1);
    assert_eq!(
        app.anonymous().get(&path).await.location(),
        format!("/login?next=%2Fcomments%2F{id}%2Freport")
    );
    let typed = eve
        .post(&path, &[("reason", "other"), ("details", " ")])
        .await;
    typed.assert_status(422);
    assert!(!typed.one("#details-error").is_empty());
    assert_eq!(
        typed
            .attribute("[name=reason][checked]", "value")
            .as_deref(),
        Some("other")
    );
    eve.post(&path, &[("reason", ""), ("details", "")])
        .await
        .assert_status(422);
    let wrong = eve
        .post(&path, &[("reason", "spam"), ("details", &"x".repeat(1001))])
        .await;
    assert_eq!(wrong.assert_status(422).field("details").len(), 1001);
    for _ in 0..2 {
        let done = eve
            .post(
                &path,
                &[("reason", "spam"), ("details", "Under every post.")],
            )
            .await;
        assert!(eve.get(done.location()).await.text().contains("Thank you"));
    }
    assert_eq!(app.count("select count(*) from reports").await, 1);
    assert_eq!(
        audited(&app, "comment.report").await,
        [("evelyn".to_owned(), "Under every post.".to_owned())]
    );
    rob.post(&path, &[("reason", "spam")])
        .await
        .assert_status(403);
    ann.post(&path, &[("reason", "off_topic")])
        .await
        .assert_status(303);
    let queue = mia.get("/dashboard/comments?show=reported").await;
    assert_eq!(queue.one(".status.reported"), "Reported 2 times");
    assert!(
        queue.one(".reports").contains("Under every post.")
            && queue.one(".reports").contains("@evelyn")
    );
    let for_author = ann.get("/dashboard/comments?show=reported").await;
    assert!(for_author.text().contains("Under every post."));
    assert!(
        !for_author.text().contains("evelyn"),
        "names are for moderators"
    );
    for seen in [format!("/comments/{id}"), post.clone()] {
        let text = rob.get(&seen).await.text();
        assert!(
            !text.contains("evelyn") && !text.contains("Under every post."),
            "{seen}"
        );
    }
    decide(&mut mia, &id, "keep", "").await.assert_status(303);
    assert_eq!(audited(&app, "comment.keep").await.len(), 1);
    assert_eq!(texts(&app, &post).await, ["Cheap coins!"]);
    assert!(
        mia.get("/dashboard/comments?show=reported")
            .await
            .text()
            .contains("No reports are open.")
    );
    assert_eq!(
        app.count(
            "select count(*) from reports where outcome = 'kept' and resolved_by is not null"
        )
        .await,
        2
    );
}

#[actix_web::test]
async fn an_author_neither_reads_nor_settles_reports_about_their_own_comment() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut eve = app.person("evelyn", "reader").await;
    let post = ann.publish("On tides", "Text.").await.path;
    let id = comment(&mut ann, &post, "Harsh words.", "").await;
    eve.post(
        &format!("/comments/{id}/report"),
        &[("reason", "abuse"), ("details", "Hurts.")],
    )
    .await
    .assert_status(303);
    for page in ["held", "reported", "all"] {
        let text = ann
            .get(&format!("/dashboard/comments?show={page}"))
            .await
            .text();
        assert!(
            !text.contains("Hurts.") && !text.contains("Reported once"),
            "{page}"
        );
    }
    ann.get(&format!("/comments/{id}/decide"))
        .await
        .assert_status(403);
    decide(&mut ann, &id, "keep", "").await.assert_status(403);
    assert!(
        app.owner()
            .await
            .get("/dashboard/comments?show=reported")
            .await
            .text()
            .contains("Hurts.")
    );
}

#[actix_web::test]
async fn what_is_not_public_takes_no_comments() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut rob = app.person("rob", "reader").await;
    let published = ann.publish("On tides", "Text.").await;
    let post = published.path.clone();
    let id = comment(&mut rob, &post, "Early.", "").await;
    ann.post(&format!("/p/{}/unpublish", published.id), &[])
        .await
        .assert_status(303);
    rob.get(&format!("{post}/comment")).await.assert_status(404);
    send(&mut rob, &post, "Late.", "").await.assert_status(404);
    rob.get(&format!("/comments/{id}/edit"))
        .await
        .assert_status(403);
    app.person("eve", "reader")
        .await
        .get(&format!("/comments/{id}"))
        .await
        .assert_status(404);
    rob.post(&format!("/comments/{id}/delete"), &[])
        .await
        .assert_status(303);
    assert_eq!(counter(&app).await, 0);
    ann.post(&format!("/p/{}/trash", published.id), &[])
        .await
        .assert_status(303);
    send(&mut rob, &post, "Later.", "").await.assert_status(404);
    rob.get("/@ann/nothing/comment").await.assert_status(404);
}

#[actix_web::test]
async fn the_text_survives_when_the_comment_answered_goes_away() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut rob = app.person("rob", "reader").await;
    let post = ann.publish("On tides", "Text.").await.path;
    let other = ann.publish("Another", "Text.").await.path;
    let id = comment(&mut rob, &post, "Fleeting.", "").await;
    send(&mut ann, &other, "Across posts.", &id)
        .await
        .assert_status(422);
    rob.post(&format!("/comments/{id}/delete"), &[])
        .await
        .assert_status(303);
    let refused = send(&mut ann, &post, "A long answer.", &id).await;
    refused.assert_status(422);
    assert_eq!(refused.field("markdown"), "A long answer.");
    assert_eq!(
        refused.field("parent"),
        "",
        "it can be sent as a comment of its own"
    );
    assert!(refused.one(".errors").contains("no longer there"));
}

#[actix_web::test]
async fn another_site_cannot_comment_for_a_reader() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("On tides", "Text.").await.path;
    let forged = TestRequest::with_uri(&format!("{post}/comment"))
        .method(Method::POST)
        .insert_header(("content-type", "application/x-www-form-urlencoded"))
        .insert_header(("origin", "http://evil.example"))
        .set_payload("markdown=Hello&action=save");
    ann.send(forged).await.assert_status(403);
    assert_eq!(app.count("select count(*) from comments").await, 0);
}

/// Comments written straight into the table: `parents` yields the parent of each by number from 1, 0 for none.
async fn fill(app: &TestApp, count: i32, parent: &'static str) {
    let parents = match parent {
        "none" => "null::bigint",
        "first" => "nullif(1, n)",
        _ => "nullif(n - 1, 0)",
    };
    let depth = match parent {
        "none" => "0",
        "first" => "(n > 1)::int",
        _ => "n - 1",
    };
    let statement = format!(
        "with made as (
             insert into comments (id, public_id, post_id, parent_id, author_id, depth, markdown, html, renderer_version, state,
                                   transaction_id)
             overriding system value
             select n, gen_random_uuid(), p.id, {parents}, p.owner_id, {depth}, 'c' || n, '<p>c' || n || '</p>', 1, 'visible',
                    gen_random_uuid()
             from generate_series(1, {count}) n, posts p returning 1)
         update posts set comment_count = (select count(*) from made)"
    );
    sqlx::query(sqlx::AssertSqlSafe(statement))
        .execute(&app.database)
        .await
        .unwrap();
    sqlx::query("select setval(pg_get_serial_sequence('comments', 'id'), 100000)")
        .execute(&app.database)
        .await
        .unwrap();
}

/// All texts of all pages, from the first by the links between them, and how many pages there were.
async fn walk(app: &TestApp, post: &str) -> (Vec<String>, usize) {
    let (mut all, mut pages, mut path) = (Vec::new(), 0, post.to_owned());
    loop {
        let page = app.anonymous().get(&path).await;
        page.assert_status(200);
        all.extend(page.all(".comment .prose"));
        pages += 1;
        assert!(pages < 20, "the pages do not end");
        match page.attribute("#comments a[rel=next]", "href") {
            Some(next) => path = next.split('#').next().unwrap().to_owned(),
            None => return (all, pages),
        }
    }
}

#[actix_web::test]
async fn a_thread_two_hundred_replies_deep_is_shown_and_ends_there() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Depths", "Text.").await.path;
    fill(&app, 201, "chain").await;
    let page = app.anonymous().get(&post).await;
    assert_eq!(page.all(".comment .prose").len(), 201);
    let text = page.text();
    assert_eq!(text.matches("<ol class=\"thread\">").count(), 201);
    assert_eq!(
        text.matches("</li></ol>").count(),
        text.matches("<ol class=\"thread\">").count()
    );
    let deepest = app
        .text("select public_id::text from comments where id = 201")
        .await;
    let above = app
        .text("select public_id::text from comments where id = 200")
        .await;
    let refused = send(&mut ann, &post, "Deeper still.", &deepest).await;
    refused.assert_status(422);
    assert!(refused.one(".errors").contains("200 replies deep"));
    assert_eq!(refused.field("markdown"), "Deeper still.");
    send(&mut ann, &post, "Beside it.", &above)
        .await
        .assert_status(303);
}

#[actix_web::test]
async fn many_threads_are_paged_without_loss() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Busy", "Text.").await.path;
    fill(&app, 250, "none").await;
    sqlx::query("update comments set state = 'held' where id in (100, 101)")
        .execute(&app.database)
        .await
        .unwrap();
    sqlx::query("update posts set comment_count = 248")
        .execute(&app.database)
        .await
        .unwrap();
    let (all, pages) = walk(&app, &post).await;
    let expected: Vec<String> = (1..=250)
        .filter(|n| *n != 100 && *n != 101)
        .map(|n| format!("c{n}"))
        .collect();
    assert_eq!(all, expected);
    assert_eq!(pages, 3);
    // Whoever writes is led to the page that has the comment.
    let done = send(&mut ann, &post, "The newest.", "").await;
    let (path, fragment) = done.location().split_once('#').unwrap();
    let page = app.anonymous().get(path).await;
    assert_eq!(
        page.one(&format!("[id='{fragment}'] .prose")),
        "The newest."
    );
    assert!(page.attribute("#comments a[rel=prev]", "href").is_some());
    app.anonymous()
        .get(&format!("{post}?after=no-id"))
        .await
        .assert_status(404);
}

/// Whoever writes is led to the first page where readers see few comments, so that page has them all.
#[actix_web::test]
async fn many_hidden_threads_push_no_comment_off_the_page() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Cleaned up", "Text.").await.path;
    fill(&app, 150, "none").await;
    sqlx::query("update comments set state = 'hidden' where id <= 140")
        .execute(&app.database)
        .await
        .unwrap();
    sqlx::query("update posts set comment_count = 10")
        .execute(&app.database)
        .await
        .unwrap();
    let (all, pages) = walk(&app, &post).await;
    assert_eq!((all.len(), pages), (10, 1));
    let done = send(&mut ann, &post, "The newest.", "").await;
    let (path, fragment) = done.location().split_once('#').unwrap();
    assert_eq!(
        app.anonymous()
            .get(path)
            .await
            .one(&format!("[id='{fragment}'] .prose")),
        "The newest."
    );
}

#[actix_web::test]
async fn one_very_long_thread_goes_on_on_the_next_page() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Busy", "Text.").await.path;
    fill(&app, 2300, "first").await;
    let (all, pages) = walk(&app, &post).await;
    assert_eq!(all, (1..=2300).map(|n| format!("c{n}")).collect::<Vec<_>>());
    assert_eq!(pages, 3);
}

#[actix_web::test]
async fn the_queue_is_paged_newest_first() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    ann.publish("Busy", "Text.").await;
    fill(&app, 45, "none").await;
    let mut owner = app.owner().await;
    let (mut all, mut path) = (Vec::new(), Some("/dashboard/comments?show=all".to_owned()));
    while let Some(here) = path {
        let page = owner.get(&here).await;
        page.assert_status(200);
        all.extend(page.all(".queue .prose"));
        assert!(all.len() <= 45, "the pages do not end");
        path = page.attribute("a[rel=next]", "href");
    }
    assert_eq!(
        all,
        (1..=45).rev().map(|n| format!("c{n}")).collect::<Vec<_>>()
    );
    for wrong in ["?show=everything", "?show=all&before=zzz"] {
        owner
            .get(&format!("/dashboard/comments{wrong}"))
            .await
            .assert_status(404);
    }
}

/// The post is asked for before the text is rendered; what changes in that moment counts when the comment is written.
#[actix_web::test]
async fn a_post_that_changes_while_a_comment_is_rendered_decides_as_it_is_then() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let changes = [
        ("update posts set comment_policy = 'off'", 403, 0),
        ("update posts set status = 'draft'", 404, 0),
        ("update posts set comment_policy = 'all_held'", 303, 1),
        (
            "delete from post_authors where user_id = (select id from users where username = 'ben')",
            303,
            1,
        ),
    ];
    for (number, (change, status, held)) in changes.into_iter().enumerate() {
        let mut ben = app.author(&format!("ben{number}")).await;
        let change = change.replace("'ben'", &format!("'ben{number}'"));
        let policy = if change.starts_with("delete") {
            "all_held"
        } else {
            "members"
        };
        let title = format!("Text {number}");
        let post = ann
            .publish_with(&[
                ("title", &title),
                ("markdown", "a"),
                ("comment_policy", policy),
            ])
            .await;
        let name = "insert into post_authors (post_id, user_id, position)
                    select p.id, u.id, 1 from posts p, users u where p.title = $1 and u.username = $2";
        if change.starts_with("delete") {
            sqlx::query(name)
                .bind(&title)
                .bind(format!("ben{number}"))
                .execute(&app.database)
                .await
                .unwrap();
        }
        // Reading goes on, and the statement that writes the comment waits.
        let mut other = app.database.begin().await.unwrap();
        sqlx::query("lock table comments in share mode")
            .execute(&mut *other)
            .await
            .unwrap();
        let waits = "select count(*) from pg_locks l join pg_database d on d.oid = l.database
                     where d.datname = current_database() and not l.granted";
        let meanwhile = async {
            until("the comment waits to be written", PATIENCE, async || {
                count_of(&app, waits).await > 0
            })
            .await;
            let where_it_is = if change.starts_with("delete") {
                ""
            } else {
                " where title = $1"
            };
            let change = sqlx::AssertSqlSafe(format!("{change}{where_it_is}"));
            let query = sqlx::query(change);
            let query = if where_it_is.is_empty() {
                query
            } else {
                query.bind(&title)
            };
            query.execute(&mut *other).await.unwrap();
            other.commit().await.unwrap();
        };
        let (answer, ()) =
            futures_util::join!(send(&mut ben, &post.path, "Some words", ""), meanwhile);
        answer.assert_status(status);
        let count = format!(
            "select count(*) from comments c join posts p on p.id = c.post_id where p.title = '{title}' and c.state = 'held'"
        );
        assert_eq!(count_of(&app, &count).await, held, "{title}");
        let shown = format!("select comment_count::bigint from posts where title = '{title}'");
        assert_eq!(count_of(&app, &shown).await, 0, "{title}");
    }
}

async fn count_of(app: &TestApp, query: &str) -> i64 {
    sqlx::query_scalar(sqlx::AssertSqlSafe(query))
        .fetch_one(&app.database)
        .await
        .unwrap()
}
