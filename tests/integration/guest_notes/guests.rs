//! What a guest sees and can do.

use actix_web::test::TestRequest;

use super::{Guest, act, notes, plain, run, share, shared};
use crate::support::{Response, TestApp};

fn is_unlinked(page: &Response) {
    assert_eq!(page.header("cache-control"), Some("private, no-store"));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(page.header("x-robots-tag"), Some("noindex, nofollow"));
}

#[actix_web::test]
async fn a_guest_writes_about_a_paragraph_and_sees_that_it_was_sent() {
    let app = TestApp::new().await;
    let (mut ann, id, mut guest) = shared(&app).await;
    let token = guest.link.rsplit('/').next().unwrap().to_owned();
    let page = guest.read().await;
    is_unlinked(&page);
    assert!(page.text().contains("The sea is <em>calm</em> today."));
    assert_eq!(
        page.all(".note-way"),
        (1..=4)
            .map(|n| format!("Note on paragraph {n}"))
            .collect::<Vec<_>>()
    );
    assert!(
        page.all("textarea").is_empty(),
        "no form until it is asked for"
    );
    let form = guest.open(1).await;
    is_unlinked(&form);
    assert_eq!(form.field("suggestion"), "The sea is *calm* today.");
    assert_eq!(form.all("form textarea").len(), 2, "one form");
    let fields = [
        ("comment", "Is it?\n\nReally"),
        ("suggestion", "The sea is *calm* today."),
        ("name", " Ada "),
    ];
    let sent = guest.send(&form, &fields).await;
    sent.assert_status(303);
    is_unlinked(&sent);
    let done = guest.who.get(sent.path()).await;
    assert!(
        done.one("#sent")
            .starts_with("Thank you. Your note was sent")
    );
    assert!(!done.text().contains("Really"), "it waits for the authors");
    for shown in [&page, &form, &done] {
        assert!(!shown.text().contains(&token), "no page repeats the token");
    }
    let page = notes(&mut ann, &id).await;
    assert_eq!(page.one(".noted h2"), "Paragraph 2");
    assert_eq!(page.one(".noted > .saved-text"), "The sea is *calm* today.");
    assert_eq!(page.one_raw(".said"), "Is it?\n\nReally");
    assert!(page.one(".guest-note .meta").starts_with("Ada (guest)"));
    assert!(page.all(".diff").is_empty(), "nothing was changed");
    assert!(!page.text().contains(&token));
}

#[actix_web::test]
async fn a_get_leaves_nothing_and_a_form_sent_twice_leaves_one() {
    let app = TestApp::new().await;
    let (_, _, mut guest) = shared(&app).await;
    let page = guest.open(0).await;
    let action = page.attribute(".note-form form", "action").unwrap();
    let address = format!("{}{}&comment=x", guest.link, plain(&action));
    guest.who.get(&address).await.assert_status(200);
    assert_eq!(app.count("select count(*) from guest_notes").await, 0);
    for _ in 0..2 {
        let sent = guest.send(&page, &[("comment", "Once.")]).await;
        sent.assert_status(303);
    }
    assert_eq!(app.count("select count(*) from guest_notes").await, 1);
    // An id that the site did not make for this link.
    let id = "0199aaaa-0000-7000-8000-000000000001";
    let address = format!("{}{}", guest.link, plain(&action));
    let form = [("id", id), ("comment", "Mine.")];
    let refused = guest.who.post_to(&address, &form).await;
    refused.assert_status(422);
    assert_eq!(refused.field("comment"), "Mine.");
    guest.send(&refused, &form[1..]).await.assert_status(303);
}

#[actix_web::test]
async fn without_a_link_that_allows_notes_there_is_nothing_to_send_to() {
    let app = TestApp::new().await;
    let (mut ann, id, mut guest) = shared(&app).await;
    let way = plain(&guest.ways().await[0]).to_owned();
    let plain_link = ann
        .post(&format!("/p/{id}/preview-links"), &[("days", "7")])
        .await
        .one(".note .code");
    let plain_link = &plain_link[plain_link.find("/preview/").unwrap()..];
    let page = app.anonymous().get(plain_link).await;
    page.assert_status(200);
    assert!(page.all(".note-way").is_empty());
    let comment = [("comment", "Well.")];
    let wrong = "/preview/AAAAAAAAAAAAAAAAAAAAAA";
    for link in [plain_link, wrong] {
        let address = format!("{link}{way}");
        app.anonymous().get(&address).await.assert_status(404);
        let refused = app.anonymous().post_to(&address, &comment).await;
        refused.assert_status(404);
        is_unlinked(&refused);
        assert!(
            refused.text().contains("Well."),
            "what was typed comes back"
        );
    }
    for query in [
        "",
        "?note=",
        "?note=1",
        "?note=0-000000000000",
        "?sent=x",
        "?note=1-00000000000g",
    ] {
        let address = format!("{}{query}", guest.link);
        guest
            .who
            .post_to(&address, &comment)
            .await
            .assert_status(404);
        if !query.is_empty() {
            guest.who.get(&address).await.assert_status(404);
        }
    }
    run(&app, "update preview_links set expires_at = now()").await;
    let address = format!("{}{way}", guest.link);
    guest
        .who
        .post_to(&address, &comment)
        .await
        .assert_status(404);
    run(
        &app,
        "update preview_links set expires_at = now() + interval '1 day', revoked_at = now()",
    )
    .await;
    guest
        .who
        .post_to(&address, &comment)
        .await
        .assert_status(404);
    run(&app, "update preview_links set revoked_at = null").await;
    ann.post(&format!("/p/{id}/trash"), &[])
        .await
        .assert_status(303);
    guest
        .who
        .post_to(&address, &comment)
        .await
        .assert_status(404);
    ann.post(&format!("/p/{id}/restore"), &[])
        .await
        .assert_status(303);
    let public = ann.post(&format!("/p/{id}/publish"), &[]).await;
    let moved = guest.who.get(&address).await;
    moved.assert_status(301);
    assert_eq!(moved.location(), public.path());
    let refused = guest.who.post_to(&address, &comment).await;
    refused.assert_status(409);
    is_unlinked(&refused);
    assert!(refused.text().contains("This text is public now"));
    assert_eq!(refused.field("comment"), "Well.");
    assert_eq!(app.count("select count(*) from guest_notes").await, 0);
}

#[actix_web::test]
async fn guests_see_what_authors_took_up_and_only_by_their_own_link() {
    let app = TestApp::new().await;
    let (mut ann, id, mut guest) = shared(&app).await;
    let mut other = Guest::new(&app, &share(&mut ann, &id).await);
    guest.comment(1, "First of mine.").await;
    guest.comment(2, "Second of mine.").await;
    other.comment(1, "Of another.").await;
    let sees = async |guest: &mut Guest| {
        let page = guest.read().await;
        page.all(".taken-up .said").join("|")
    };
    assert_eq!(sees(&mut guest).await, "");
    let page = notes(&mut ann, &id).await;
    ann.post(&act(&page, "accept"), &[])
        .await
        .assert_status(303);
    assert_eq!(sees(&mut guest).await, "First of mine.");
    assert_eq!(sees(&mut other).await, "");
    let page = notes(&mut ann, &id).await;
    ann.post(&act(&page, "dismiss"), &[])
        .await
        .assert_status(303);
    assert_eq!(sees(&mut other).await, "");
}

#[actix_web::test]
async fn other_sites_send_nothing() {
    let app = TestApp::new().await;
    let (_, _, mut guest) = shared(&app).await;
    let way = guest.ways().await[0].clone();
    let address = format!("{}{}", guest.link, plain(&way));
    for site in ["cross-site", "same-site"] {
        let request = TestRequest::post()
            .uri(&address)
            .insert_header(("sec-fetch-site", site))
            .insert_header(("content-type", "application/x-www-form-urlencoded"))
            .set_payload("comment=x");
        let refused = guest.who.send(request).await;
        refused.assert_status(403);
        is_unlinked(&refused);
        let token = guest.link.rsplit('/').next().unwrap();
        assert!(!refused.text().contains(token));
    }
    assert_eq!(app.count("select count(*) from guest_notes").await, 0);
}

#[actix_web::test]
async fn a_paragraph_that_changed_meanwhile_is_shown_with_what_was_typed() {
    let app = TestApp::new().await;
    let (mut ann, id, mut guest) = shared(&app).await;
    let form = guest.open(1).await;
    let newer = format!("New.\n\n{TEXT}", TEXT = super::TEXT);
    ann.edit(&id, &[("markdown", &newer)], "save")
        .await
        .assert_status(303);
    // Another one was added above: it is found.
    guest
        .send(&form, &[("comment", "Of the sea.")])
        .await
        .assert_status(303);
    assert_eq!(notes(&mut ann, &id).await.one(".noted h2"), "Paragraph 3");
    let form = guest.open(2).await;
    let newest = newer.replace("calm", "rough");
    ann.edit(&id, &[("markdown", &newest)], "save")
        .await
        .assert_status(303);
    let fields = [("comment", "Calm?"), ("suggestion", "The sea is flat.")];
    let refused = guest.send(&form, &fields).await;
    refused.assert_status(409);
    is_unlinked(&refused);
    assert!(
        refused
            .one(".errors")
            .contains("This paragraph has changed")
    );
    assert_eq!(refused.field("comment"), "Calm?");
    assert_eq!(refused.field("suggestion"), "The sea is flat.");
    guest.send(&refused, &fields).await.assert_status(303);
    assert_eq!(app.count("select count(*) from guest_notes").await, 2);
}
