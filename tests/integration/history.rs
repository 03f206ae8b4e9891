//! The versions of a post: which there are, how they differ, and bringing one back.

use crate::support::{Actor, Published, Response, TestApp};

/// A public post with two versions that readers saw, and one that they did not see yet.
async fn edited(app: &TestApp) -> (Actor, Published) {
    let mut ann = app.author("ann").await;
    let first = [
        ("title", "The clock"),
        ("markdown", "It is four minutes slow.\n\nNobody minds."),
        ("tags", "harbour"),
        ("excerpt", "Of time."),
    ];
    let post = ann.publish_with(&first).await;
    let second = [("markdown", "It is five minutes slow.\n\nNobody minds.")];
    ann.edit(&post.id, &second, "publish")
        .await
        .assert_status(303);
    let third = [
        ("title", "The harbour clock"),
        ("markdown", "Gone."),
        ("tags", "sea"),
        ("excerpt", ""),
    ];
    ann.edit(&post.id, &third, "save").await.assert_status(303);
    (ann, post)
}

fn history(post: &Published) -> String {
    format!("/p/{}/history", post.id)
}

async fn bring_back(who: &mut Actor, post: &Published, number: i32, newest: &str) -> Response {
    let path = format!("{}/{number}/restore", history(post));
    who.post(&path, &[("newest", newest)]).await
}

#[actix_web::test]
async fn every_version_is_listed_with_the_one_that_readers_see() {
    let app = TestApp::new().await;
    let (mut ann, post) = edited(&app).await;
    let page = ann.get(&history(&post)).await;
    let listed = page.assert_status(200).all("main .rows li p:first-child");
    let listed: Vec<String> = listed
        .iter()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        listed,
        [
            "Version 3",
            "Version 2 readers see this one",
            "Version 1 published"
        ]
    );
    let editor = ann.get(&format!("/p/{}/edit", post.id)).await;
    let from_editor = editor.links(".history");
    let version = |number| format!("{}/{number}", history(&post));
    assert_eq!(from_editor, [version(3), version(2), version(1)]);

    // To everybody else there is no such post, and no such version of it.
    let mut ben = app.author("ben").await;
    let mut rita = app.person("rita", "reader").await;
    for path in [history(&post), version(1)] {
        ben.get(&path).await.assert_status(404);
        rita.get(&path).await.assert_status(403);
        app.anonymous().get(&path).await.assert_status(303);
    }
    for none in ["0", "4", "99999999999", "-1", "x", "1?with=9"] {
        ann.get(&format!("{}/{none}", history(&post)))
            .await
            .assert_status(404);
    }
}

#[actix_web::test]
async fn a_version_is_compared_with_the_one_before_or_with_any_other() {
    let app = TestApp::new().await;
    let (mut ann, post) = edited(&app).await;
    let page = ann.get(&format!("{}/2", history(&post))).await;
    page.assert_status(200);
    assert_eq!(page.all(".diff del"), ["four"]);
    assert_eq!(page.all(".diff ins"), ["five"]);
    assert_eq!(page.all(".summary dt"), [""; 0], "no setting differs");
    assert!(page.all("#difference-title")[0].contains("version 1 to version 2"));

    // Whichever was asked for first, the older one is the old text.
    for path in ["3?with=1", "1?with=3"] {
        let page = ann.get(&format!("{}/{path}", history(&post))).await;
        assert_eq!(page.all("main section > p del"), ["The clock"]);
        assert_eq!(page.all("main section > p ins"), ["The harbour clock"]);
        assert_eq!(page.all(".summary dt"), ["Tags", "Excerpt"]);
        assert_eq!(page.all(".summary del"), ["harbour", "Of time."]);
        assert_eq!(page.all(".summary ins"), ["sea", "empty"]);
    }
    let first = ann.get(&format!("{}/1", history(&post))).await;
    assert!(first.all(".diff").is_empty(), "there is nothing before it");
    assert!(first.text().contains("Nobody minds."));
}

#[actix_web::test]
async fn what_a_version_says_comes_back_as_the_newest_and_the_rest_stays() {
    let app = TestApp::new().await;
    let (mut ann, post) = edited(&app).await;
    let done = bring_back(&mut ann, &post, 1, "3").await;
    let edit = format!("/p/{}/edit?said=version-restored", post.id);
    assert_eq!(done.assert_status(303).location(), edit);
    let editor = ann.get(done.location()).await;
    assert!(editor.text().contains("That version is back"));
    assert_eq!(editor.field("version"), "4");
    assert_eq!(editor.field("title"), "The clock");
    assert_eq!(editor.field("excerpt"), "Of time.");
    assert!(
        editor
            .field("markdown")
            .starts_with("It is four minutes slow.")
    );
    assert_eq!(
        editor.field("tags"),
        "sea",
        "where it stands was settled since"
    );

    // Readers see it when it is updated, and at the address that they know.
    let seen = app.anonymous().get(&post.path).await.text();
    assert!(seen.contains("five minutes"));
    ann.post(&format!("/p/{}/publish", post.id), &[])
        .await
        .assert_status(303);
    let seen = app.anonymous().get(&post.path).await;
    assert!(seen.assert_status(200).text().contains("four minutes"));
    let kept = format!("{}/3", history(&post));
    assert!(
        ann.get(&kept)
            .await
            .assert_status(200)
            .text()
            .contains("Gone.")
    );

    // Pressed again, or sent twice: it says that already.
    let again = bring_back(&mut ann, &post, 1, "3").await;
    again.assert_status(303);
    let versions = "select max(number)::bigint from revisions";
    assert_eq!(app.count(versions).await, 4);
}

#[actix_web::test]
async fn a_version_that_was_saved_meanwhile_is_shown_first() {
    let app = TestApp::new().await;
    let (mut ann, post) = edited(&app).await;
    let other = [("markdown", "Typed elsewhere.")];
    ann.edit(&post.id, &other, "save").await.assert_status(303);
    let refused = bring_back(&mut ann, &post, 1, "3").await;
    refused.assert_status(409);
    assert!(refused.all("[role=alert]")[0].contains("Version 4 was saved meanwhile"));
    assert!(
        refused.text().contains("Typed elsewhere."),
        "and how it differs"
    );
    assert_eq!(
        app.count("select max(number)::bigint from revisions").await,
        4
    );
    // The button of that page knows of it.
    let newest = refused.field("newest");
    bring_back(&mut ann, &post, 1, &newest)
        .await
        .assert_status(303);
    assert_eq!(
        app.count("select max(number)::bigint from revisions").await,
        5
    );
    for wrong in ["", "x", "99999999999"] {
        bring_back(&mut ann, &post, 1, wrong)
            .await
            .assert_status(400);
    }
    bring_back(&mut ann, &post, 77, "5")
        .await
        .assert_status(404);
}

#[actix_web::test]
async fn two_versions_are_compared_as_readers_see_them() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let first =
        "## First\n\nStays.\n\nGoes <script>alert(1)</script>.\n\n> Moves.\n\n1. one\n2. two";
    let post = ann.publish("A clock", first).await;
    let second = "> Moves.\n\n## First\n\nStays.\n\n*Comes.*\n\n1. one\n2. two";
    ann.edit(&post.id, &[("markdown", second)], "save")
        .await
        .assert_status(303);
    let page = ann
        .get(&format!("{}/2?rendered=true", history(&post)))
        .await;
    page.assert_status(200);
    assert_eq!(page.all(".rendered > ins p em"), ["Comes."]);
    assert_eq!(page.all(".rendered > del p"), ["Goes ."]);
    assert_eq!(page.all(".rendered > .moved blockquote"), ["Moves."]);
    assert_eq!(page.all(".rendered > ol").len(), 1);
    assert_eq!(page.all(".rendered [id]"), [""; 0], "ids would stand twice");
    let other = page.links("main .conflict .plain");
    assert_eq!(
        other[0],
        format!("{}/2?with=1&rendered=false", history(&post))
    );
    let typed = ann.get(&other[0]).await;
    assert_eq!(typed.assert_status(200).all(".rendered"), [""; 0]);
    let back = typed.links("main .conflict .plain");
    assert_eq!(
        back[0],
        format!("{}/2?with=1&rendered=true", history(&post))
    );
    let wrong = format!("{}/2?rendered=perhaps", history(&post));
    ann.get(&wrong).await.assert_status(404);
}

/// Only published versions are kept for ever, so there are gaps between them.
#[actix_web::test]
async fn a_long_history_goes_on_and_knows_gaps() {
    let app = TestApp::new().await;
    let (mut ann, post) = edited(&app).await;
    for statement in [
        "insert into revisions (public_id, post_id, number, title, markdown, details, saved_by, transaction_id, correlation_id)
         select gen_random_uuid(), post_id, 3 + n, title, markdown || n, details, saved_by, transaction_id, correlation_id
         from revisions, generate_series(1, 120) n where number = 3",
        "update posts set version = 123",
        "delete from revisions where number between 60 and 69",
    ] {
        sqlx::query(statement).execute(&app.database).await.unwrap();
    }
    let (mut seen, mut next) = (Vec::new(), Some(history(&post)));
    while let Some(path) = next {
        let page = ann.get(&path).await;
        seen.extend(page.assert_status(200).links("main .rows"));
        next = page.attribute("a[rel=next]", "href");
        assert!(seen.len() <= 113, "the pages do not end");
    }
    assert_eq!(seen.len(), 113);
    let page = ann.get(&format!("{}/70", history(&post))).await;
    assert!(page.all("#difference-title")[0].contains("version 59 to version 70"));
}

#[actix_web::test]
async fn what_a_version_holds_is_shown_as_text() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann
        .publish("<b>Bold</b>", "<script>alert(1)</script>\n\nسلام دنیا")
        .await;
    let other = [
        ("title", "</title><i>"),
        ("markdown", "<script>alert(2)</script>\n\nسلام شما"),
    ];
    ann.edit(&post.id, &other, "save").await.assert_status(303);
    let page = ann.get(&format!("{}/2", history(&post))).await;
    assert_eq!(
        page.assert_status(200)
            .all("main script, main i, main b:not(:first-child)"),
        [""; 0]
    );
    assert!(page.all(".diff .plus")[0].contains("<script>alert(2)</script>"));
    assert_eq!(page.all(".diff ins"), ["شما"]);
}
