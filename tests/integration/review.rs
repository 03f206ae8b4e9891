//! Review: contributors write and submit; editors publish, change and send back what they were given.

use crate::support::{Actor, Response, TestApp};

async fn draft(cora: &mut Actor) -> String {
    cora.draft(&[("title", "Low tide"), ("markdown", "Mud and birds.")])
        .await
}

async fn submit(who: &mut Actor, id: &str, note: &str) -> Response {
    who.post(&format!("/p/{id}/review"), &[("note", note)])
        .await
}

async fn stage() -> (TestApp, Actor, Actor) {
    let app = TestApp::new().await;
    let cora = app.person("cora", "contributor").await;
    let edda = app.person("edda", "editor").await;
    (app, cora, edda)
}

const ADDRESS: &str = "/@cora/low-tide";
const IN_REVIEW: &str = "/dashboard?shelf=review";

#[actix_web::test]
async fn a_contributor_submits_and_an_editor_publishes() {
    let (app, mut cora, mut edda) = stage().await;
    let id = draft(&mut cora).await;
    let step = cora.get(&format!("/p/{id}/publish")).await;
    step.assert_status(200);
    assert!(
        step.all(&format!("form[action='/p/{id}/publish']"))
            .is_empty()
    );
    assert!(
        !step
            .all(&format!("form[action='/p/{id}/review']"))
            .is_empty()
    );
    assert!(!edda.get(IN_REVIEW).await.text().contains("Low tide"));

    let submitted = submit(&mut cora, &id, "Is the first sentence <i>good</i>?").await;
    submitted.assert_status(303);
    assert_eq!(submitted.location(), IN_REVIEW);
    for path in [
        ADDRESS,
        &format!("/p/{id}"),
        "/@cora/feed.atom",
        "/",
        "/sitemap-1.xml",
    ] {
        let page = app.anonymous().get(path).await;
        assert!(!page.text().contains("Mud and birds"), "{path}");
    }
    assert!(cora.get(IN_REVIEW).await.text().contains("Low tide"));
    let desk = edda.get(IN_REVIEW).await;
    assert!(desk.text().contains("Low tide") && desk.text().contains("@cora"));
    let step = edda.get(&format!("/p/{id}/publish")).await;
    assert!(
        step.text()
            .contains("Is the first sentence &#60;i&#62;good&#60;/i&#62;?")
    );

    let published = edda.post(&format!("/p/{id}/publish"), &[]).await;
    published.assert_status(303);
    let page = app.anonymous().get(ADDRESS).await;
    page.assert_status(200);
    // By its writer, whichever account published it.
    assert!(page.text().contains("@cora") && !page.text().contains("@edda"));
    assert!(!edda.get(IN_REVIEW).await.text().contains("Low tide"));
    let ended = "select outcome || ' ' || (select username from users where id = ended_by) from submissions";
    assert_eq!(app.text(ended).await, "published edda");
}

#[actix_web::test]
async fn what_a_contributor_sends_changes_nothing_for_readers() {
    let (app, mut cora, mut edda) = stage().await;
    let id = draft(&mut cora).await;
    let at = [("at", "2034-01-01T12:00"), ("zone", "UTC")];
    for (act, form) in [("publish", &[][..]), ("schedule", &at), ("unschedule", &[])] {
        cora.post(&format!("/p/{id}/{act}"), form)
            .await
            .assert_status(403);
    }
    app.anonymous().get(ADDRESS).await.assert_status(404);
    submit(&mut cora, &id, "").await.assert_status(303);
    edda.post(&format!("/p/{id}/publish"), &[])
        .await
        .assert_status(303);

    // “Update” in the editor saves a version that readers do not see, and leads to the step where it is submitted.
    let updated = cora
        .edit(&id, &[("markdown", "Spam and birds.")], "publish")
        .await;
    updated.assert_status(303);
    assert_eq!(updated.location(), format!("/p/{id}/publish"));
    for (act, refused) in [
        ("unpublish", 403),
        ("trash", 403),
        ("pin", 403),
        ("publish", 403),
    ] {
        cora.post(&format!("/p/{id}/{act}"), &[])
            .await
            .assert_status(refused);
    }
    let page = app.anonymous().get(ADDRESS).await;
    assert!(page.text().contains("Mud and birds") && !page.text().contains("Spam"));

    // The newer version is in review in its turn.
    submit(&mut cora, &id, "").await.assert_status(303);
    assert!(edda.get(IN_REVIEW).await.text().contains("Low tide"));
    edda.post(&format!("/p/{id}/publish"), &[])
        .await
        .assert_status(303);
    assert!(
        app.anonymous()
            .get(ADDRESS)
            .await
            .text()
            .contains("Spam and birds")
    );
    // Out of the trash it would be public again.
    edda.post(&format!("/p/{id}/trash"), &[])
        .await
        .assert_status(303);
    cora.post(&format!("/p/{id}/restore"), &[])
        .await
        .assert_status(403);
    app.anonymous().get(ADDRESS).await.assert_status(404);
}

#[actix_web::test]
async fn an_editor_sends_back_with_a_word_why() {
    let (app, mut cora, mut edda) = stage().await;
    let id = draft(&mut cora).await;
    submit(&mut cora, &id, "").await.assert_status(303);
    let back = format!("/p/{id}/review/send-back");
    let empty = edda.post(&back, &[("reply", " ")]).await;
    empty.assert_status(422);
    assert!(empty.one("#reply-error").contains("what should change"));
    let long = "x".repeat(2001);
    let too_long = edda.post(&back, &[("reply", &long)]).await;
    too_long.assert_status(422);
    assert!(
        too_long.one("#reply").contains(&long),
        "what was typed is in the field"
    );
    edda.post(&back, &[("reply", "Which birds?")])
        .await
        .assert_status(303);
    assert!(
        cora.get(&format!("/p/{id}/edit"))
            .await
            .text()
            .contains("Which birds?")
    );
    let drafts = cora.get("/dashboard?shelf=drafts").await;
    assert!(drafts.text().contains("Sent back"));
    assert!(!edda.get(IN_REVIEW).await.text().contains("Low tide"));
    // Twice, from an old page.
    edda.post(&back, &[("reply", "Which birds?")])
        .await
        .assert_status(409);

    cora.edit(&id, &[("markdown", "Mud and oystercatchers.")], "save")
        .await
        .assert_status(303);
    submit(&mut cora, &id, "Oystercatchers.")
        .await
        .assert_status(303);
    let editor = cora.get(&format!("/p/{id}/edit")).await;
    assert!(!editor.text().contains("Which birds?") && editor.text().contains("In review"));
    let acts = "select string_agg(act, ' ' order by id) from audit_log where act like 'post.%' and act <> 'post.save' and act <> 'post.create'";
    assert_eq!(
        app.text(acts).await,
        "post.submit post.send_back post.submit"
    );
}

#[actix_web::test]
async fn what_is_withdrawn_waits_no_longer() {
    let (app, mut cora, mut edda) = stage().await;
    let id = draft(&mut cora).await;
    submit(&mut cora, &id, "").await.assert_status(303);
    // A second click is the same submission.
    submit(&mut cora, &id, "").await.assert_status(303);
    assert_eq!(app.count("select count(*) from submissions").await, 1);
    for _ in 0..2 {
        cora.post(&format!("/p/{id}/review/withdraw"), &[])
            .await
            .assert_status(303);
    }
    assert!(!edda.get(IN_REVIEW).await.text().contains("Low tide"));
    assert!(!cora.get(IN_REVIEW).await.text().contains("Low tide"));
}

#[actix_web::test]
async fn what_is_submitted_is_what_its_author_looked_at_and_there_is_something() {
    let (_, mut cora, _) = stage().await;
    let id = draft(&mut cora).await;
    cora.edit(&id, &[("markdown", "Changed elsewhere.")], "save")
        .await
        .assert_status(303);
    let path = format!("/p/{id}/review");
    let old = cora
        .post(&path, &[("version", "1"), ("note", "Kept?")])
        .await;
    old.assert_status(409);
    let long = "x".repeat(1001);
    let too_long = cora.post(&path, &[("note", &long)]).await;
    too_long.assert_status(422);
    assert!(too_long.one("#note").contains(&long));
    let blank = cora.draft(&[("title", ""), ("markdown", "")]).await;
    let refused = submit(&mut cora, &blank, "").await;
    refused.assert_status(422);
    cora.post(&format!("/p/{id}/trash"), &[])
        .await
        .assert_status(303);
    submit(&mut cora, &id, "").await.assert_status(409);
}

#[actix_web::test]
async fn editors_edit_and_plan_posts_of_all_and_no_comment_of_others() {
    let (app, mut cora, mut edda) = stage().await;
    let id = draft(&mut cora).await;
    submit(&mut cora, &id, "").await.assert_status(303);
    edda.edit(
        &id,
        &[
            ("markdown", "Mud, birds and an editor."),
            ("authors", "cora"),
        ],
        "save",
    )
    .await
    .assert_status(303);
    let at = [("at", "2034-01-01T12:00"), ("zone", "UTC")];
    edda.post(&format!("/p/{id}/schedule"), &at)
        .await
        .assert_status(303);
    assert!(!edda.get(IN_REVIEW).await.text().contains("Low tide"));
    assert_eq!(
        app.text("select owner_id::text || status from posts").await,
        app.text("select id::text || 'scheduled' from users where username = 'cora'")
            .await
    );
    // Neither the settings of the site nor the comments of others are an editor's.
    for path in ["/admin", "/admin/people", "/new?kind=page"] {
        edda.get(path).await.assert_status(403);
    }
    cora.get("/dashboard/comments").await.assert_status(403);
    edda.get("/dashboard/comments").await.assert_status(200);
}

#[actix_web::test]
async fn an_editor_who_is_none_any_more_decides_nothing() {
    let (app, mut cora, mut edda) = stage().await;
    let id = draft(&mut cora).await;
    submit(&mut cora, &id, "").await.assert_status(303);
    sqlx::query("update users set role = 'author' where username = 'edda'")
        .execute(&app.database)
        .await
        .unwrap();
    for act in ["publish", "review/send-back"] {
        edda.post(
            &format!("/p/{id}/{act}"),
            &[("reply", "No.")][..usize::from(act != "publish")],
        )
        .await
        .assert_status(404);
    }
    assert!(!edda.get(IN_REVIEW).await.text().contains("Low tide"));
}

#[actix_web::test]
async fn a_post_that_a_release_without_reviews_published_waits_no_longer() {
    let (app, mut cora, mut edda) = stage().await;
    let id = draft(&mut cora).await;
    submit(&mut cora, &id, "").await.assert_status(303);
    edda.post(&format!("/p/{id}/publish"), &[])
        .await
        .assert_status(303);
    // As that release leaves it.
    sqlx::query("update submissions set ended_at = null, ended_by = null, outcome = null")
        .execute(&app.database)
        .await
        .unwrap();
    assert!(!edda.get(IN_REVIEW).await.text().contains("Low tide"));
    assert!(
        !cora
            .get(&format!("/p/{id}/edit"))
            .await
            .text()
            .contains("In review")
    );
}

#[actix_web::test]
async fn new_members_can_be_contributors() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let made = owner
        .post(
            "/admin/invitations",
            &[("role", "editor"), ("max_uses", "1"), ("days", "3")],
        )
        .await;
    made.assert_status(200);
    owner
        .post(
            "/admin/invitations",
            &[("role", "moderator"), ("max_uses", "1"), ("days", "3")],
        )
        .await
        .assert_status(422);
    sqlx::query("update site set sign_up = 'open', sign_up_role = 'contributor'")
        .execute(&app.database)
        .await
        .unwrap();
    let settings = owner.get("/admin/site").await;
    assert!(
        settings
            .attribute("#sign_up_role option[value=contributor]", "selected")
            .is_some()
    );
}

#[actix_web::test]
async fn what_was_submitted_anew_is_not_sent_back_unseen() {
    let (_, mut cora, mut edda) = stage().await;
    let id = draft(&mut cora).await;
    submit(&mut cora, &id, "").await.assert_status(303);
    let step = edda.get(&format!("/p/{id}/publish")).await;
    let seen = step
        .attribute("form[action$=send-back] [name=version]", "value")
        .unwrap();
    cora.edit(&id, &[("markdown", "Mended.")], "save")
        .await
        .assert_status(303);
    submit(&mut cora, &id, "Mended.").await.assert_status(303);
    let form = [("version", seen.as_str()), ("reply", "Mend it.")];
    edda.post(&format!("/p/{id}/review/send-back"), &form)
        .await
        .assert_status(409);
    assert!(edda.get(IN_REVIEW).await.text().contains("Low tide"));
}

#[actix_web::test]
async fn what_was_sent_back_is_over_once_readers_have_a_later_version() {
    let (app, mut cora, mut edda) = stage().await;
    let id = draft(&mut cora).await;
    submit(&mut cora, &id, "").await.assert_status(303);
    edda.post(
        &format!("/p/{id}/review/send-back"),
        &[("reply", "Which birds?")],
    )
    .await
    .assert_status(303);
    cora.edit(&id, &[("markdown", "Mud and geese.")], "save")
        .await
        .assert_status(303);
    edda.post(&format!("/p/{id}/publish"), &[])
        .await
        .assert_status(303);
    cora.edit(&id, &[("markdown", "Mud and gulls.")], "save")
        .await
        .assert_status(303);
    for path in [format!("/p/{id}/edit"), "/dashboard".to_owned()] {
        let page = cora.get(&path).await.text();
        assert!(
            !page.contains("Sent back") && !page.contains("sent back"),
            "{path}"
        );
    }
    // Nothing is new of what is planned or public.
    edda.post(&format!("/p/{id}/publish"), &[])
        .await
        .assert_status(303);
    submit(&mut cora, &id, "").await.assert_status(409);
    edda.post(&format!("/p/{id}/unpublish"), &[])
        .await
        .assert_status(303);
    assert!(
        !cora
            .get(&format!("/p/{id}/edit"))
            .await
            .text()
            .contains("Sent back")
    );
    assert_eq!(
        app.count("select count(*) from submissions where ended_at is null")
            .await,
        0
    );
}

#[actix_web::test]
async fn a_version_that_was_submitted_stays() {
    let (app, mut cora, _) = stage().await;
    let id = draft(&mut cora).await;
    sqlx::query("update revisions set autosaved_since = now()")
        .execute(&app.database)
        .await
        .unwrap();
    submit(&mut cora, &id, "").await.assert_status(303);
    assert_eq!(
        app.count("select count(*) from revisions where autosaved_since is not null")
            .await,
        0
    );
}
