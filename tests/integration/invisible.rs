//! Text in which nothing can be seen, and characters that are not seen and turn the text around them.

use crate::support::{Actor, PASSWORD, Response, TestApp};

const NOTHING: [(&str, &str); 5] = [
    ("", ""),
    ("\u{200b}", "\u{200b}"),
    (" \u{2060}", "&#8203;\n\n&#8203;"),
    ("\u{3164}", "<!-- nothing -->"),
    ("\u{2800}", "&nbsp;"),
];

/// The form came back with its text and a fault beside it.
#[track_caller]
fn assert_given_back(answer: &Response, field: &str, typed: &str) {
    answer.assert_status(422);
    assert_eq!(
        answer
            .attribute(&format!("[name={field}]"), "aria-invalid")
            .as_deref(),
        Some("true"),
        "{}",
        answer.text()
    );
    let whole = answer.field(field).replace("\r\n", "\n");
    assert_eq!(whole, typed, "what was typed stays");
}

#[actix_web::test]
async fn a_post_in_which_nothing_can_be_seen_is_not_published() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    for (title, markdown) in NOTHING {
        // Drafts may be empty.
        let id = ann
            .draft(&[("title", title), ("markdown", markdown), ("tags", "kept")])
            .await;
        let refused = ann.edit(&id, &[], "publish").await;
        assert_given_back(&refused, "markdown", markdown);
        assert_eq!(refused.field("tags"), "kept");
        let refused = ann.post(&format!("/p/{id}/publish"), &[]).await;
        assert_given_back(&refused, "markdown", markdown);
    }
    assert_eq!(
        app.count("select count(*) from posts where status = 'published'")
            .await,
        0
    );
    // The step before does not offer it.
    for (title, buttons) in [("", 0), ("\u{200b}", 0), ("A title", 1)] {
        let id = ann.draft(&[("title", title), ("markdown", "")]).await;
        let step = ann.get(&format!("/p/{id}/publish")).await;
        assert_eq!(
            step.all(&format!("form[action='/p/{id}/publish'] button"))
                .len(),
            buttons,
            "{title}"
        );
    }
    for fields in [
        [("title", "Only a title"), ("markdown", "")],
        [
            ("title", ""),
            ("markdown", "![A cat](https://example.org/cat.png)"),
        ],
    ] {
        ann.publish_with(&fields).await;
    }
}

#[actix_web::test]
async fn a_published_post_is_not_updated_to_nothing() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Hello", "The text.").await;
    for (title, markdown) in NOTHING {
        let refused = ann
            .edit(
                &post.id,
                &[("title", title), ("markdown", markdown)],
                "publish",
            )
            .await;
        assert_given_back(&refused, "markdown", markdown);
        // Saved first and published from the page in between, it is the same.
        ann.edit(
            &post.id,
            &[("title", title), ("markdown", markdown)],
            "save",
        )
        .await
        .assert_status(303);
        let refused = ann.post(&format!("/p/{}/publish", post.id), &[]).await;
        assert_given_back(&refused, "markdown", markdown);
        assert!(
            app.anonymous()
                .get(&post.path)
                .await
                .assert_status(200)
                .text()
                .contains("The text.")
        );
    }
}

#[actix_web::test]
async fn a_comment_in_which_nothing_can_be_seen_is_given_back() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Hello", "The text.").await;
    let mut ben = app.author("ben").await;
    // HTML in comments is shown as it was typed.
    let nothing = NOTHING
        .into_iter()
        .filter(|(_, markdown)| !markdown.starts_with('<'))
        .collect::<Vec<_>>();
    let page = format!("{}/comment", post.path);
    for (_, nothing) in &nothing {
        let id = ben.get(&page).await.field("id");
        let refused = ben.post(&page, &[("id", &id), ("markdown", nothing)]).await;
        assert_given_back(&refused, "markdown", nothing);
    }
    let id = ben.get(&page).await.field("id");
    ben.post(&page, &[("id", &id), ("markdown", "Seen.")])
        .await
        .assert_status(303);
    for (_, nothing) in &nothing {
        let refused = ben
            .post(&format!("/comments/{id}/edit"), &[("markdown", nothing)])
            .await;
        assert_given_back(&refused, "markdown", nothing);
    }
    assert_eq!(app.text("select markdown from comments").await, "Seen.");
}

/// What a person writes from right to left, and what turns other text around.
const TURNED: [&str; 5] = [
    "abc\u{202e}fed",
    "\u{2067}abc",
    "abc\u{2069}",
    "a\u{206a}b",
    "a\u{e0041}b",
];
const FINE: [&str; 5] = [
    "می\u{200c}خواهم",
    "क्\u{200d}ष",
    "שלום\u{200f}!",
    "辻\u{e0100}さん",
    "👩\u{200d}🚀",
];

async fn save_profile(actor: &mut Actor, name: &str, bio: &str) -> Response {
    actor
        .post("/settings/profile", &[("name", name), ("bio", bio)])
        .await
}

#[actix_web::test]
async fn names_that_turn_text_around_are_refused() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut owner = app.owner().await;
    let site = |name, tagline| {
        [
            ("name", name),
            ("tagline", tagline),
            ("language", "en"),
            ("sign_up", "open"),
            ("sign_up_role", "author"),
            ("comment_policy", "members"),
        ]
    };
    for turned in TURNED {
        assert_given_back(&save_profile(&mut ann, turned, "").await, "name", turned);
        assert_given_back(&save_profile(&mut ann, "Ann", turned).await, "bio", turned);
        assert_given_back(
            &owner.post("/admin/site", &site(turned, "")).await,
            "name",
            turned,
        );
        assert_given_back(
            &owner.post("/admin/site", &site("H", turned)).await,
            "tagline",
            turned,
        );
        let email = format!("{turned}@example.org");
        let form = [
            ("username", "eve"),
            ("name", turned),
            ("email", email.as_str()),
            ("password", PASSWORD),
        ];
        let refused = app.anonymous().post("/signup", &form).await;
        assert_given_back(&refused, "name", turned);
        assert_given_back(&refused, "email", &email);
        let id = ann.draft(&[("title", "A")]).await;
        assert_given_back(
            &ann.edit(&id, &[("tags", turned)], "save").await,
            "tags",
            turned,
        );
    }
    for fine in FINE {
        save_profile(&mut ann, fine, fine).await.assert_status(303);
        owner
            .post("/admin/site", &site(fine, fine))
            .await
            .assert_status(303);
        assert_eq!(
            app.text("select name from users where username = 'ann'")
                .await,
            fine
        );
    }
}

#[actix_web::test]
async fn titles_lose_what_turns_text_around_and_nothing_else() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    for turned in TURNED {
        let seen: String = turned.chars().filter(|c| c.is_ascii()).collect();
        let post = ann
            .publish_with(&[("title", turned), ("markdown", "a"), ("excerpt", turned)])
            .await;
        let page = app.anonymous().get(&post.path).await;
        assert_eq!((page.one("h1"), page.one(".deck")), (seen.clone(), seen));
    }
    for fine in FINE {
        let post = ann.publish(fine, "a").await;
        assert_eq!(app.anonymous().get(&post.path).await.one("h1"), fine);
    }
}
