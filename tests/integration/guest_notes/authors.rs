//! What an author does with notes.

use futures_util::future::join_all;

use super::{Guest, TEXT, act, acts, markdown, notes, run, share, shared};
use crate::support::TestApp;

const PUT_IN: [(&str, &str); 1] = [("edit", "put-in")];

#[actix_web::test]
async fn an_accepted_edit_is_a_version_with_that_paragraph_changed() {
    let app = TestApp::new().await;
    let (mut ann, id, mut guest) = shared(&app).await;
    guest
        .suggest(1, "The sea is *rough* today.\r\n\r\nVery.")
        .await;
    guest.suggest(3, "- one\n- three").await;
    let editor = ann.get(&format!("/p/{id}/edit")).await;
    assert!(editor.one(".panel").contains("2 notes from guests"));
    assert!(editor.links(".panel").contains(&format!("/p/{id}/notes")));
    let list = ann.get(&format!("/p/{id}/preview-links")).await;
    assert!(list.links(".head").contains(&format!("/p/{id}/notes")));
    let page = notes(&mut ann, &id).await;
    assert_eq!(page.all(".noted h2"), ["Paragraph 2", "Paragraph 4"]);
    assert_eq!(page.all("del"), ["*calm*", "two"]);
    assert_eq!(page.all(".diff ins")[0], "*rough*");
    // What was saved meanwhile stays.
    let newer = TEXT.replace("# Tides", "# Low tides");
    ann.edit(&id, &[("markdown", &newer)], "save")
        .await
        .assert_status(303);
    let done = ann.post(&act(&page, "accept"), &PUT_IN).await;
    done.assert_status(303);
    let expected = newer.replace(
        "The sea is *calm* today.",
        "The sea is *rough* today.\n\nVery.",
    );
    assert_eq!(markdown(&mut ann, &id).await, expected);
    let page = ann.get(done.path()).await;
    assert!(page.text().contains("The edit is in the text."));
    assert_eq!(page.all(".noted h2"), ["Paragraph 5"]);
    assert!(page.one(".rows").contains("accepted, in version 3"));
    assert!(acts(&page, "reopen").is_empty());
    let history = ann.get(&format!("/p/{id}/history")).await;
    assert!(history.text().contains(&format!("/p/{id}/history/3")));
    let seen = guest.read().await;
    assert!(seen.one(".taken-up").contains("The text has the edit."));
}

#[actix_web::test]
async fn an_edit_of_a_paragraph_that_changed_is_refused_and_waits_on() {
    let app = TestApp::new().await;
    let (mut ann, id, mut guest) = shared(&app).await;
    guest.suggest(1, "The sea is *rough* today.").await;
    let page = notes(&mut ann, &id).await;
    let newer = TEXT.replace("*calm* today", "*calm* this morning");
    ann.edit(&id, &[("markdown", &newer)], "save")
        .await
        .assert_status(303);
    let refused = ann.post(&act(&page, "accept"), &PUT_IN).await;
    refused.assert_status(409);
    assert!(
        refused
            .one(".guest-note [role=alert]")
            .contains("has changed since this edit")
    );
    assert_eq!(markdown(&mut ann, &id).await, newer);
    let page = notes(&mut ann, &id).await;
    assert_eq!(page.one(".noted h2"), "Paragraph 2");
    assert!(page.one(".guest-note").contains("can't be put in for you"));
    assert_eq!(page.one("form[action$=accept] button"), "Mark as done");
    // One that would take in what follows.
    guest.suggest(2, "```\nBoats").await;
    let page = notes(&mut ann, &id).await;
    let refused = ann.post(&acts(&page, "accept")[1], &PUT_IN).await;
    refused.assert_status(409);
    assert!(
        refused
            .one("[role=alert]")
            .contains("would change other paragraphs too")
    );
    assert_eq!(markdown(&mut ann, &id).await, newer);
    assert_eq!(
        app.count("select count(*) from guest_notes where state = 'pending'")
            .await,
        2
    );
}

#[actix_web::test]
async fn edits_that_are_accepted_and_saved_at_once_are_all_in_the_text() {
    let app = TestApp::new().await;
    let node = app.second_node().await;
    let mut ann = app.author("ann").await;
    let text: String = (0..6)
        .map(|n| format!("Paragraph {n} of the text.\n\n"))
        .collect();
    let id = ann.draft(&[("title", "Busy"), ("markdown", &text)]).await;
    let mut guest = Guest::new(&app, &share(&mut ann, &id).await);
    for n in 0..6 {
        guest.suggest(n, &format!("Number {n} of the text.")).await;
    }
    let page = notes(&mut ann, &id).await;
    let mut open = acts(&page, "accept");
    assert_eq!(open.len(), 6);
    // Some are refused where too many came in between, and are accepted again.
    while !open.is_empty() {
        let tries = open.iter().enumerate().map(|(n, accept)| {
            let mut who = ann.at([&app, &node][n % 2]);
            async move { who.post(accept, &PUT_IN).await.status.as_u16() }
        });
        let done = join_all(tries).await;
        assert!(done.contains(&303), "{done:?}");
        let left = open
            .into_iter()
            .zip(done)
            .filter(|(_, status)| *status != 303);
        open = left.map(|(accept, _)| accept).collect();
    }
    assert_eq!(
        markdown(&mut ann, &id).await.trim(),
        text.replace("Paragraph", "Number").trim()
    );
    // Twice is once.
    ann.post(&act(&page, "accept"), &PUT_IN)
        .await
        .assert_status(404);
}

#[actix_web::test]
async fn readers_of_a_public_post_see_an_accepted_edit_when_it_is_updated() {
    let app = TestApp::new().await;
    let (mut ann, id, mut guest) = shared(&app).await;
    guest.suggest(1, "The sea is *rough* today.").await;
    let path = ann
        .post(&format!("/p/{id}/publish"), &[])
        .await
        .path()
        .to_owned();
    let page = notes(&mut ann, &id).await;
    assert!(
        page.text()
            .contains("Readers see accepted edits when you update the post.")
    );
    ann.post(&act(&page, "accept"), &PUT_IN)
        .await
        .assert_status(303);
    assert!(markdown(&mut ann, &id).await.contains("*rough*"));
    let public = app.anonymous().get(&path).await;
    assert!(
        public.text().contains("<em>calm</em>"),
        "not before it is published"
    );
    ann.post(&format!("/p/{id}/publish"), &[])
        .await
        .assert_status(303);
    assert!(
        app.anonymous()
            .get(&path)
            .await
            .text()
            .contains("<em>rough</em>")
    );
}

#[actix_web::test]
async fn a_scheduled_text_keeps_what_was_settled() {
    let app = TestApp::new().await;
    let (mut ann, id, mut guest) = shared(&app).await;
    guest.suggest(1, "The sea is *rough* today.").await;
    let form = [("at", "2034-01-01T12:00"), ("zone", "UTC")];
    ann.post(&format!("/p/{id}/schedule"), &form)
        .await
        .assert_status(303);
    let page = notes(&mut ann, &id).await;
    ann.post(&act(&page, "accept"), &PUT_IN)
        .await
        .assert_status(303);
    let settled = app.text("select b.markdown from post_bodies b").await;
    assert!(settled.contains("*calm*"), "{settled}");
    assert!(markdown(&mut ann, &id).await.contains("*rough*"));
}

#[actix_web::test]
async fn notes_survive_edits_and_stay_where_their_text_is_gone() {
    let app = TestApp::new().await;
    let (mut ann, id, mut guest) = shared(&app).await;
    guest.comment(1, "Of the sea.").await;
    guest.comment(2, "Of boats.").await;
    guest.suggest(3, "- one\n- 2").await;
    let newer =
        "Something new above.\n\nBoats lie at anchor in the bay.\n\n- one\n- two\n\n# Tides";
    ann.edit(&id, &[("markdown", newer)], "save")
        .await
        .assert_status(303);
    let page = notes(&mut ann, &id).await;
    assert_eq!(
        page.all(".noted h2"),
        ["Paragraph 2", "Paragraph 3", "On text that has changed"]
    );
    assert_eq!(
        page.all(".guest-note .saved-text"),
        ["Boats lie at anchor.", "The sea is *calm* today."]
    );
    assert_eq!(page.all(".noted:last-of-type .said"), ["Of the sea."]);
    // Dismissed, and back.
    ann.post(&act(&page, "dismiss"), &[])
        .await
        .assert_status(303);
    let page = notes(&mut ann, &id).await;
    assert!(page.one(".rows").contains("Of boats.") && page.one(".rows").contains("dismissed"));
    ann.post(&act(&page, "reopen"), &[])
        .await
        .assert_status(303);
    assert_eq!(notes(&mut ann, &id).await.all(".noted h2").len(), 3);
    let stale = act(&page, "reopen");
    ann.post(&stale, &[]).await.assert_status(404);
}

#[actix_web::test]
async fn notes_are_for_the_authors_of_their_post() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let (mut ben, mut eve) = (app.author("ben").await, app.author("eve").await);
    let fields = [
        ("title", "Of two"),
        ("markdown", TEXT),
        ("authors", "ann, ben"),
    ];
    let id = ann.draft(&fields).await;
    let mut guest = Guest::new(&app, &share(&mut ann, &id).await);
    guest.comment(0, "Well.").await;
    let page = notes(&mut ann, &id).await;
    let own = eve.draft(&[("title", "Hers"), ("markdown", "x")]).await;
    for who in [&mut ben, &mut eve] {
        who.get(&format!("/p/{id}/notes")).await.assert_status(404);
        for word in ["accept", "dismiss", "reopen"] {
            let path = act(&page, "accept").replace("accept", word);
            who.post(&path, &[]).await.assert_status(404);
        }
    }
    // Not by the way of another post either.
    let path = act(&page, "dismiss").replace(&id, &own);
    eve.post(&path, &[]).await.assert_status(404);
    eve.post(&path.replace("dismiss", "accept"), &PUT_IN)
        .await
        .assert_status(404);
    ben.accept(&id).await;
    assert_eq!(notes(&mut ben, &id).await.one(".said"), "Well.");
    ben.post(&act(&page, "dismiss"), &[])
        .await
        .assert_status(303);
    app.anonymous()
        .get(&format!("/p/{id}/notes"))
        .await
        .assert_status(303);
}

#[actix_web::test]
async fn a_link_is_revoked_with_its_notes_or_without() {
    let app = TestApp::new().await;
    let (mut ann, id, mut guest) = shared(&app).await;
    guest.comment(0, "By the first.").await;
    let mut other = Guest::new(&app, &share(&mut ann, &id).await);
    other.comment(0, "By the second.").await;
    let links = ann.get(&format!("/p/{id}/preview-links")).await;
    assert_eq!(
        links.all(".rows button"),
        ["Revoke", "Revoke and delete its notes"].repeat(2)
    );
    let revoke = links.attribute(".rows form", "action").unwrap();
    ann.post(&revoke, &[("notes", "delete")])
        .await
        .assert_status(303);
    other.read().await.assert_status(404);
    assert_eq!(notes(&mut ann, &id).await.all(".said"), ["By the first."]);
    let links = ann.get(&format!("/p/{id}/preview-links")).await;
    let revoke = links.attribute(".rows form", "action").unwrap();
    ann.post(&revoke, &[]).await.assert_status(303);
    guest.read().await.assert_status(404);
    assert_eq!(
        notes(&mut ann, &id).await.all(".said"),
        ["By the first."],
        "the author keeps them"
    );
    let mut ben = app.author("ben").await;
    ben.post(&revoke, &[("notes", "delete")])
        .await
        .assert_status(404);
    assert_eq!(app.count("select count(*) from guest_notes").await, 1);
}

#[actix_web::test]
async fn what_is_removed_for_good_takes_its_notes_along() {
    let app = TestApp::new().await;
    let (mut ann, id, mut guest) = shared(&app).await;
    guest.comment(0, "Well.").await;
    ann.post(&format!("/p/{id}/trash"), &[])
        .await
        .assert_status(303);
    assert_eq!(app.count("select count(*) from guest_notes").await, 1);
    ann.post(&format!("/p/{id}/restore"), &[])
        .await
        .assert_status(303);
    assert_eq!(notes(&mut ann, &id).await.all(".said"), ["Well."]);
    run(&app, "delete from posts").await;
    assert_eq!(app.count("select count(*) from guest_notes").await, 0);
}

#[actix_web::test]
async fn the_audit_log_says_what_was_done_and_no_guests_name() {
    let app = TestApp::new().await;
    let (mut ann, id, mut guest) = shared(&app).await;
    let fields = [("comment", "Well."), ("name", "Ada")];
    guest.leave(0, &fields).await.assert_status(303);
    let page = notes(&mut ann, &id).await;
    ann.post(&act(&page, "dismiss"), &[])
        .await
        .assert_status(303);
    let acts = "select string_agg(act || ' ' || actor, ', ' order by id) from audit_log where act like '%note'";
    assert_eq!(
        app.text(acts).await,
        "post.leave_note , post.dismiss_note ann"
    );
}
