//! One act on many posts: what it says first, what it does, what it leaves, and undoing all of it at once.

use std::fmt::Write;

use crate::support::{Actor, Response, TestApp};

/// The boxes of the rows on a page, by title.
async fn boxes(by: &mut Actor, shelf: &str) -> Vec<(String, String)> {
    let page = by.get(&format!("/dashboard?shelf={shelf}")).await;
    page.assert_status(200);
    let titles = page.all("tbody th");
    let mut found = Vec::new();
    for (at, title) in titles.into_iter().enumerate() {
        let row = format!("tbody tr:nth-child({}) input[name=post]", at + 1);
        found.push((title, page.attribute(&row, "value").unwrap()));
    }
    found
}

fn of(rows: &[(String, String)], title: &str) -> String {
    let found = rows.iter().find(|(row, _)| row == title);
    found
        .unwrap_or_else(|| panic!("no row {title}: {rows:?}"))
        .1
        .clone()
}

/// Sends the form, with what was looked at before or not.
async fn send(by: &mut Actor, act: &str, posts: &[&str], more: &[(&str, &str)]) -> Response {
    let mut form = vec![("act", act), ("back", "/dashboard?shelf=drafts")];
    form.extend(posts.iter().map(|post| ("post", *post)));
    form.extend_from_slice(more);
    by.post("/dashboard/bulk", &form).await
}

const SEEN: (&str, &str) = ("confirmed", "yes");

async fn undo(by: &mut Actor, done: &Response) -> Response {
    assert_eq!(done.all("[form=undo-bulk]"), ["Undo"], "{}", done.text());
    let (ticket, back) = (done.field("ticket"), done.field("back"));
    by.post("/dashboard/undo", &[("ticket", &ticket), ("back", &back)])
        .await
}

async fn drafts(by: &mut Actor, titles: &[&str]) -> Vec<String> {
    let mut ids = Vec::new();
    for title in titles {
        let text = format!("Text of {title}.");
        ids.push(by.draft(&[("title", title), ("markdown", &text)]).await);
    }
    ids
}

/// Everything that undoing has to bring back.
async fn state(app: &TestApp) -> String {
    app.text(
        "select string_agg(concat_ws(' ', title, status, published_at, changed_at, deleted_at is not null, listed_at, slug,
                                     (select string_agg(t.name, ',' order by pt.position) from post_tags pt join tags t on t.id = pt.tag_id
                                      where pt.post_id = p.id)), '; ' order by id)
         from posts p",
    )
    .await
}

#[actix_web::test]
async fn drafts_are_published_together_and_undone_together() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    drafts(&mut ann, &["One", "Two", "Three"]).await;
    let before = state(&app).await;
    let rows = boxes(&mut ann, "drafts").await;
    let chosen = [of(&rows, "One"), of(&rows, "Two")];
    let chosen: Vec<&str> = chosen.iter().map(String::as_str).collect();
    let step = send(&mut ann, "publish", &chosen, &[]).await;
    step.assert_status(200);
    assert_eq!(step.one("h1"), "Publish 2 posts?");
    assert_eq!(step.all(".bulk-list li"), ["One", "Two"]);
    assert_eq!(state(&app).await, before, "the step only shows");
    let done = send(&mut ann, "publish", &chosen, &[SEEN]).await;
    done.assert_status(200);
    assert!(done.one(".note").starts_with("2 posts published."));
    let reader = app.anonymous().get("/@ann").await;
    assert!(reader.text().contains("One") && reader.text().contains("Two"));
    assert!(!reader.text().contains("Three"));
    // A second click: nothing twice, and it is said.
    let again = send(&mut ann, "publish", &chosen, &[SEEN]).await;
    assert!(again.one(".note").starts_with("Nothing was published."));
    assert_eq!(again.all(".section .hint"), ["It is public already."; 2]);
    let back = undo(&mut ann, &done).await;
    back.assert_status(303);
    assert!(back.location().starts_with("/dashboard?shelf=drafts&said="));
    assert_eq!(state(&app).await, before);
    app.anonymous().get("/@ann/one").await.assert_status(404);
    // Once more changes nothing.
    undo(&mut ann, &done).await.assert_status(303);
    assert_eq!(state(&app).await, before);
}

#[actix_web::test]
async fn what_changed_since_is_left_by_undoing_and_named() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut ids = Vec::new();
    for title in ["One", "Two", "Three"] {
        ids.push(ann.publish(title, "Text.").await.id);
    }
    let rows = boxes(&mut ann, "posts").await;
    let chosen: Vec<&str> = rows.iter().map(|(_, value)| value.as_str()).collect();
    let done = send(&mut ann, "trash", &chosen, &[SEEN]).await;
    assert!(done.one(".note").starts_with("3 posts moved to the trash."));
    for post in ["/@ann/one", "/@ann/two", "/@ann/three"] {
        app.anonymous().get(post).await.assert_status(404);
    }
    ann.post(&format!("/p/{}/restore", ids[0]), &[])
        .await
        .assert_status(303);
    ann.edit(&ids[0], &[("markdown", "Newer.")], "publish")
        .await
        .assert_status(303);
    ann.post(&format!("/p/{}/trash", ids[0]), &[])
        .await
        .assert_status(303);
    let undone = undo(&mut ann, &done).await;
    undone.assert_status(200);
    assert!(undone.one(".note").starts_with("Undone for 2 posts."));
    assert_eq!(undone.all(".section bdi"), ["One"]);
    assert_eq!(undone.all(".section .hint"), ["It has changed since."]);
    app.anonymous().get("/@ann/one").await.assert_status(404);
    app.anonymous().get("/@ann/two").await.assert_status(200);
    app.anonymous().get("/@ann/three").await.assert_status(200);
}

#[actix_web::test]
async fn a_draft_that_was_published_and_changed_since_stays_public() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let ids = drafts(&mut ann, &["One", "Two"]).await;
    let rows = boxes(&mut ann, "drafts").await;
    let chosen: Vec<&str> = rows.iter().map(|(_, value)| value.as_str()).collect();
    let done = send(&mut ann, "publish", &chosen, &[SEEN]).await;
    // One is unpublished and published again, without another version: its ticket is about another time.
    ann.post(&format!("/p/{}/unpublish", ids[0]), &[]).await;
    ann.post(&format!("/p/{}/publish", ids[0]), &[]).await;
    let undone = undo(&mut ann, &done).await;
    assert_eq!(undone.all(".section bdi"), ["One"]);
    app.anonymous().get("/@ann/one").await.assert_status(200);
    app.anonymous().get("/@ann/two").await.assert_status(404);
}

#[actix_web::test]
async fn unpublishing_and_restoring_are_undone_as_they_were() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    for title in ["One", "Two"] {
        ann.publish(title, "Text.").await;
    }
    let trashed = ann.publish("Three", "Text.").await;
    ann.post(&format!("/p/{}/trash", trashed.id), &[]).await;
    let before = state(&app).await;
    for (shelf, act, said) in [
        ("posts", "unpublish", "2 posts unpublished."),
        ("trash", "restore", "1 post restored."),
    ] {
        let rows = boxes(&mut ann, shelf).await;
        let chosen: Vec<&str> = rows.iter().map(|(_, value)| value.as_str()).collect();
        let done = send(&mut ann, act, &chosen, &[SEEN]).await;
        assert!(done.one(".note").starts_with(said), "{}", done.text());
        assert_ne!(state(&app).await, before);
        undo(&mut ann, &done).await.assert_status(303);
        assert_eq!(state(&app).await, before);
    }
}

#[actix_web::test]
async fn a_tag_is_added_and_taken_off_where_readers_see_it() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    ann.publish_with(&[("title", "One"), ("markdown", "Text."), ("tags", "sea")])
        .await;
    let pending = ann.publish("Two", "Text.").await;
    ann.edit(&pending.id, &[("markdown", "Not public yet.")], "save")
        .await
        .assert_status(303);
    ann.publish_with(&[("title", "Three"), ("markdown", "Text."), ("tags", "Tides")])
        .await;
    let before = state(&app).await;
    let rows = boxes(&mut ann, "posts").await;
    let chosen: Vec<&str> = rows.iter().map(|(_, value)| value.as_str()).collect();
    for (typed, fault) in [
        ("", "Type the tag"),
        ("a, b", "one tag"),
        ("!!!", "letter or digit"),
        (&"x".repeat(61), "60"),
    ] {
        let step = send(&mut ann, "tag", &chosen, &[SEEN, ("tag", typed)]).await;
        step.assert_status(422);
        assert!(step.one("#tag-error").contains(fault), "{}", step.text());
        assert_eq!(step.field("tag"), typed);
    }
    let done = send(&mut ann, "tag", &chosen, &[SEEN, ("tag", "tides")]).await;
    assert!(done.one(".note").starts_with("2 posts have the tag now."));
    assert_eq!(done.all(".section .hint"), ["It has the tag already."]);
    let tagged = app.anonymous().get("/t/tides").await;
    assert!(tagged.text().contains("One") && tagged.text().contains("Three"));
    assert!(!tagged.text().contains("Two"), "its changes are not public");
    assert!(
        !app.anonymous()
            .get(&pending.path)
            .await
            .text()
            .contains("Not public yet.")
    );
    undo(&mut ann, &done).await.assert_status(303);
    let after = state(&app).await;
    assert_eq!(names_of_tags(&after), names_of_tags(&before));
    let tagged = app.anonymous().get("/t/tides").await;
    assert!(!tagged.text().contains("One"));
}

/// The last word of each post, which its tags are.
fn names_of_tags(state: &str) -> Vec<&str> {
    let of_post = |post: &'_ str| post.rsplit(' ').next().unwrap_or_default().len();
    state
        .split("; ")
        .filter(|post| of_post(post) > 0)
        .map(|post| post.rsplit(' ').next().unwrap())
        .collect()
}

#[actix_web::test]
async fn each_post_that_cannot_be_done_is_named_with_the_reason() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let ids = drafts(&mut ann, &["Fine", "Edited", "Planned", "Empty"]).await;
    let rows = boxes(&mut ann, "drafts").await;
    ann.edit(&ids[1], &[("markdown", "Newer.")], "save")
        .await
        .assert_status(303);
    let at = [("at", "2034-01-01T12:00"), ("zone", "UTC")];
    ann.post(&format!("/p/{}/schedule", ids[2]), &at)
        .await
        .assert_status(303);
    // Nothing of it is seen: what an import or an old release may have left.
    sqlx::query("update revisions set title = '', markdown = '<!-- -->' where post_id = (select id from posts where title = 'Empty')")
        .execute(&app.database)
        .await
        .unwrap();
    let public = ann.publish("Public", "Text.").await;
    let mut chosen: Vec<&str> = rows.iter().map(|(_, value)| value.as_str()).collect();
    let public = format!("{}.1", public.id);
    chosen.push(&public);
    let step = send(&mut ann, "publish", &chosen, &[]).await;
    assert_eq!(step.one("h1"), "Publish 3 posts?");
    let done = send(&mut ann, "publish", &chosen, &[SEEN]).await;
    assert!(done.one(".note").starts_with("1 post published."));
    let left = done.all(".section li");
    assert_eq!(left.len(), 4);
    for (title, why) in [
        ("Edited", "A newer version was saved meanwhile"),
        ("Planned", "It is scheduled"),
        ("Empty", "There is nothing to publish yet"),
        ("Public", "It is public already"),
    ] {
        assert!(
            left.iter()
                .any(|line| line.contains(title) && line.contains(why)),
            "{title}: {left:?}"
        );
    }
    app.anonymous().get("/@ann/edited").await.assert_status(404);
    app.anonymous().get("/@ann/fine").await.assert_status(200);
}

#[actix_web::test]
async fn posts_of_others_are_not_there() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut ben = app.author("ben").await;
    let secret = drafts(&mut ann, &["Secret of Ann"]).await.remove(0);
    let public = ann.publish("Public of Ann", "Text.").await.id;
    let own = drafts(&mut ben, &["Own"]).await.remove(0);
    let before = state(&app).await;
    let (secret, public) = (format!("{secret}.1"), format!("{public}.1"));
    let none = "0190aaaa-0000-7000-8000-000000000001.1";
    for act in ["publish", "unpublish", "tag", "trash", "restore"] {
        for more in [&[][..], &[SEEN, ("tag", "sea")]] {
            let answer = send(&mut ben, act, &[&secret, &public, none], more).await;
            answer.assert_status(404);
        }
    }
    assert_eq!(state(&app).await, before);
    // Beside one's own they are counted as those that never were.
    let own = format!("{own}.1");
    let done = send(&mut ben, "trash", &[&secret, &own, none], &[SEEN]).await;
    assert!(done.one(".note").starts_with("1 post moved to the trash."));
    assert!(!done.text().contains("Ann"), "{}", done.text());
    assert_eq!(
        done.all(".section li"),
        ["2 posts that are not there any more"]
    );
    // Her ticket is nothing to him.
    let rows = boxes(&mut ann, "drafts").await;
    let mine: Vec<&str> = rows.iter().map(|(_, value)| value.as_str()).collect();
    let hers = send(&mut ann, "trash", &mine, &[SEEN]).await;
    let ticket = hers.field("ticket");
    ben.post("/dashboard/undo", &[("ticket", &ticket)])
        .await
        .assert_status(400);
    let mut reader = app.person("rita", "reader").await;
    send(&mut reader, "trash", &[&public], &[SEEN])
        .await
        .assert_status(403);
}

#[actix_web::test]
async fn made_up_forms_get_a_clear_answer_and_change_nothing() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let id = drafts(&mut ann, &["One"]).await.remove(0);
    let before = state(&app).await;
    let post = format!("{id}.1");
    for (act, posts, status) in [
        ("publish", vec![], 422),
        ("nonsense", vec![post.as_str()], 400),
        ("publish", vec!["x"], 400),
        ("publish", vec![id.as_str()], 400),
        (
            "publish",
            vec!["0190aaaa-0000-7000-8000-000000000001.99999999999"],
            400,
        ),
    ] {
        send(&mut ann, act, &posts, &[SEEN])
            .await
            .assert_status(status);
    }
    let many: Vec<String> = (0..101)
        .map(|n| format!("0190aaaa-0000-7000-8000-{n:012}.1"))
        .collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let answer = send(&mut ann, "trash", &many, &[SEEN]).await;
    answer.assert_status(422);
    assert!(answer.text().contains("at most 100 posts"));
    let mut body = String::from("act=trash&confirmed=yes");
    for n in 0..10_000 {
        write!(body, "&post=0190aaaa-0000-7000-8000-{n:012}.1").unwrap();
    }
    let huge = actix_web::test::TestRequest::post()
        .uri("/dashboard/bulk")
        .insert_header(("content-type", "application/x-www-form-urlencoded"))
        .insert_header(("sec-fetch-site", "same-origin"))
        .set_payload(body);
    ann.send(huge).await.assert_status(413);
    send(&mut ann, "trash", &[&post], &[SEEN, ("tag", "a\0b")])
        .await
        .assert_status(400);
    // The same post twice is one.
    let done = send(&mut ann, "trash", &[&post, &post], &[SEEN]).await;
    assert!(done.one(".note").starts_with("1 post moved to the trash."));
    assert_ne!(state(&app).await, before);
}

#[actix_web::test]
async fn a_hundred_posts_are_done_and_undone_in_one_form() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let titles: Vec<String> = (0..100).map(|n| format!("Post {n}")).collect();
    let mut chosen = Vec::new();
    for title in &titles {
        chosen.push(format!("{}.1", ann.publish(title, "Text.").await.id));
    }
    let before = state(&app).await;
    let chosen: Vec<&str> = chosen.iter().map(String::as_str).collect();
    let done = send(&mut ann, "unpublish", &chosen, &[SEEN]).await;
    assert!(done.one(".note").starts_with("100 posts unpublished."));
    undo(&mut ann, &done).await.assert_status(303);
    assert_eq!(state(&app).await, before);
    let acts = "select count(*) from audit_log where act = 'post.unpublish'";
    assert_eq!(app.count(acts).await, 100);
}
