//! Undoing an act with the button beside its message: everything is as it was, or nothing is done and it is said why.

use crate::support::{Actor, Response, TestApp};

/// Sends the form of the button on the page that an act led to, from where it stands.
async fn undo(by: &mut Actor, done: &Response) -> Response {
    let page = by.get(done.location()).await;
    page.assert_status(200);
    send(by, &page).await
}

async fn send(by: &mut Actor, page: &Response) -> Response {
    assert_eq!(page.all(".note [form=undo]"), ["Undo"], "{}", page.text());
    let (ticket, back) = (page.field("ticket"), page.field("back"));
    by.post("/dashboard/undo", &[("ticket", &ticket), ("back", &back)])
        .await
}

/// What the page that an act leads to says.
async fn said(by: &mut Actor, done: &Response) -> String {
    done.assert_status(303);
    let page = by.get(done.location()).await;
    page.assert_status(200);
    page.one(".note.ok[role=status] p")
}

#[actix_web::test]
async fn a_post_that_was_unpublished_comes_back_with_its_dates_and_its_entry() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("On tides", "Text.").await;
    // Long ago, and changed since: neither date may become that of the undoing.
    sqlx::query("update posts set published_at = '2020-01-01', changed_at = '2021-02-03'")
        .execute(&app.database)
        .await
        .unwrap();
    app.forget_pages();
    let before = (
        entry(&app).await,
        app.anonymous().get(&post.path).await.text(),
    );
    let path = format!("/p/{}/unpublish", post.id);
    let done = ann.post(&path, &[]).await;
    app.anonymous().get(&post.path).await.assert_status(404);
    assert!(
        said(&mut ann, &done)
            .await
            .starts_with("Unpublished. Readers can no longer see it.")
    );
    // On another node, by its own key.
    let other = app.second_node().await;
    let back = undo(&mut ann.at(&other), &done).await;
    assert!(said(&mut ann, &back).await.starts_with("Published again"));
    app.follow().await;
    let after = (
        entry(&app).await,
        app.anonymous().get(&post.path).await.text(),
    );
    assert_eq!(after, before);
    // A second click.
    undo(&mut ann, &done).await.assert_status(303);
}

async fn entry(app: &TestApp) -> Vec<String> {
    let feed = app.anonymous().get("/feed.atom").await;
    let mut parts = feed.all("entry > id");
    parts.extend(feed.all("entry > published"));
    parts.extend(feed.all("entry > updated"));
    assert_eq!(parts.len(), 3, "{}", feed.text());
    parts
}

#[actix_web::test]
async fn what_changed_since_is_not_undone() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("On tides", "Text.").await;
    let unpublish = format!("/p/{}/unpublish", post.id);
    let first = ann.post(&unpublish, &[]).await;
    ann.edit(&post.id, &[("markdown", "Newer text.")], "save")
        .await
        .assert_status(303);
    refused(undo(&mut ann, &first).await);
    app.anonymous().get(&post.path).await.assert_status(404);
    // Published and unpublished again: the first ticket is about another time.
    ann.post(&format!("/p/{}/publish", post.id), &[]).await;
    let second = ann.post(&unpublish, &[]).await;
    refused(undo(&mut ann, &first).await);
    let trash = ann.post(&format!("/p/{}/trash", post.id), &[]).await;
    refused(undo(&mut ann, &second).await);
    undo(&mut ann, &trash).await.assert_status(303);
    undo(&mut ann, &second).await.assert_status(303);
    app.anonymous().get(&post.path).await.assert_status(200);
}

fn refused(answer: Response) {
    answer.assert_status(409);
    assert!(answer.text().contains("so nothing was undone"));
}

#[actix_web::test]
async fn trashing_leads_back_to_the_list_that_offers_to_undo_it() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let public = ann.publish("On tides", "Text.").await;
    let draft = ann
        .draft(&[("title", "On moons"), ("markdown", "Text.")])
        .await;
    for (id, list, again) in [
        (
            &public.id,
            "/dashboard?",
            "Restored. Readers can see it again.",
        ),
        (&draft, "/dashboard?shelf=drafts&", "Restored as a draft."),
    ] {
        let done = ann.post(&format!("/p/{id}/trash"), &[]).await;
        assert!(done.location().starts_with(list), "{}", done.location());
        assert!(
            said(&mut ann, &done)
                .await
                .starts_with("Moved to the trash.")
        );
        let back = undo(&mut ann, &done).await;
        assert!(back.location().starts_with(list), "{}", back.location());
        assert_eq!(said(&mut ann, &back).await, again);
    }
    app.anonymous().get(&public.path).await.assert_status(200);
}

/// From the dashboard an act leads back to the same part of the list.
#[actix_web::test]
async fn an_act_of_the_dashboard_leads_back_to_where_it_stood() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("On tides", "Text.").await;
    let page = ann.get("/dashboard?shelf=posts").await;
    let action = page
        .attribute(
            &format!("form[action^='/p/{}/unpublish']", post.id),
            "action",
        )
        .unwrap();
    let done = ann.post(&action, &[]).await;
    assert!(
        done.location()
            .starts_with("/dashboard?shelf=posts&said=unpublished&")
    );
    ann.post(&format!("/p/{}/trash", post.id), &[]).await;
    // A restored draft says that it is one.
    let restored = ann.post(&format!("/p/{}/restore", post.id), &[]).await;
    assert_eq!(said(&mut ann, &restored).await, "Restored as a draft.");
    let away = format!("/p/{}/trash?back=https://evil.example", post.id);
    let done = ann.post(&away, &[]).await;
    assert!(done.location().starts_with("/dashboard?shelf=drafts"));
}

#[actix_web::test]
async fn a_role_goes_back_unless_another_was_given_since() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    app.author("ann").await;
    let id = app
        .text("select public_id::text from users where username = 'ann'")
        .await;
    let path = format!("/admin/people/{id}/role?q=an&after=");
    let done = owner.post(&path, &[("role", "moderator")]).await;
    assert!(done.location().starts_with("/admin/people?q=an&changed="));
    let role = "select role from users where username = 'ann'";
    assert_eq!(app.text(role).await, "moderator");
    let back = undo(&mut owner, &done).await;
    assert!(
        said(&mut owner, &back)
            .await
            .starts_with("They have their former role again")
    );
    assert_eq!(app.text(role).await, "author");
    let done = owner.post(&path, &[("role", "moderator")]).await;
    owner.post(&path, &[("role", "reader")]).await;
    refused(undo(&mut owner, &done).await);
    assert_eq!(app.text(role).await, "reader");
}

#[actix_web::test]
async fn a_hidden_comment_comes_back_with_its_reports() {
    let app = TestApp::new().await;
    let (mut ann, mut rob) = (app.author("ann").await, app.author("rob").await);
    let post = ann.publish("Talk", "Text.").await.path;
    let form = rob.get(&format!("{post}/comment")).await.field("id");
    rob.post(
        &format!("{post}/comment"),
        &[("id", &form), ("markdown", "Words.")],
    )
    .await
    .assert_status(303);
    let mut mia = app.author("mia").await;
    mia.post(&format!("/comments/{form}/report"), &[("reason", "spam")])
        .await
        .assert_status(303);
    let before = app.text(STATE).await;
    let hide = [("decision", "hide"), ("reason", "Spam."), ("version", "1")];
    let done = ann.post(&format!("/comments/{form}/decide"), &hide).await;
    assert!(
        said(&mut ann, &done)
            .await
            .starts_with("The comment is hidden.")
    );
    assert!(
        app.anonymous()
            .get(&post)
            .await
            .all(".comment .prose")
            .is_empty()
    );
    undo(&mut ann, &done).await.assert_status(303);
    assert_eq!(app.text(STATE).await, before);
    assert_eq!(
        app.anonymous().get(&post).await.all(".comment .prose"),
        ["Words."]
    );
    undo(&mut ann, &done).await.assert_status(303);
    // Hidden again by another account, it is that decision that stands.
    let hide = [("decision", "hide"), ("reason", "Spam."), ("version", "3")];
    app.owner()
        .await
        .post(&format!("/comments/{form}/decide"), &hide)
        .await
        .assert_status(303);
    refused(undo(&mut ann, &done).await);
}

/// What waited for approval waits again, and an account that may not decide any more undoes nothing.
#[actix_web::test]
async fn a_comment_that_was_held_is_held_again() {
    let app = TestApp::new().await;
    let mut moss = app.person("moss", "moderator").await;
    let (mut ann, mut rob) = (app.author("ann").await, app.author("rob").await);
    let post = ann
        .publish_with(&[
            ("title", "Talk"),
            ("markdown", "Text."),
            ("comment_policy", "all_held"),
        ])
        .await
        .path;
    let id = rob.get(&format!("{post}/comment")).await.field("id");
    let form = [("id", id.as_str()), ("markdown", "Words.")];
    rob.post(&format!("{post}/comment"), &form)
        .await
        .assert_status(303);
    let before = app.text(STATE).await;
    assert!(before.starts_with("held"), "{before}");
    let hide = async |version: &str| {
        let hide = [
            ("decision", "hide"),
            ("reason", "Spam."),
            ("version", version),
        ];
        let mut moss = app.sign_in("moss").await;
        let done = moss.post(&format!("/comments/{id}/decide"), &hide).await;
        (done, moss)
    };
    let (done, mut by) = hide("1").await;
    undo(&mut by, &done).await.assert_status(303);
    assert_eq!(app.text(STATE).await, before);
    let (done, mut by) = hide("3").await;
    let page = by.get(done.location()).await;
    sqlx::query("update users set role = 'reader' where username = 'moss'")
        .execute(&app.database)
        .await
        .unwrap();
    let refused = send(&mut by, &page).await.status;
    assert!([403, 404].contains(&refused.as_u16()), "{refused}");
    assert!(app.text(STATE).await.starts_with("hidden"));
    moss.get("/").await.assert_status(200);
}

const STATE: &str = "select concat_ws(' ', state, reason, decided_by, decided_at, comment_count,
        (select string_agg(concat(resolved_at, resolved_by, outcome, reason), ',') from reports))
    from comments join posts on posts.id = post_id";

/// A ticket is good for its account alone, and only as it was given.
#[actix_web::test]
async fn no_other_account_can_use_a_ticket() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("On tides", "Text.").await;
    let done = ann.post(&format!("/p/{}/trash", post.id), &[]).await;
    let page = ann.get(done.location()).await;
    let ticket = page.field("ticket");
    let mut owner = app.owner().await;
    for ticket in [ticket.as_str(), "x", ""] {
        let answer = owner.post("/dashboard/undo", &[("ticket", ticket)]).await;
        answer.assert_status(400);
    }
    let changed = ticket.replacen('1', "2", 1);
    ann.post("/dashboard/undo", &[("ticket", &changed)])
        .await
        .assert_status(400);
    // And shown to no other account, in whose address it may stand.
    let shared = owner.get(done.location()).await;
    assert!(shared.all("[form=undo]").is_empty());
    app.anonymous().get(&post.path).await.assert_status(404);
}
