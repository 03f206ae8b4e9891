//! Texts and names that are meant to do harm.

use super::{Guest, notes, plain, share, shared};
use crate::support::TestApp;

#[actix_web::test]
async fn notes_are_plain_text_wherever_they_are_shown() {
    let app = TestApp::new().await;
    let (mut ann, id, mut guest) = shared(&app).await;
    let evil = "<script>alert(1)</script> [x](javascript:alert(1)) **b**";
    let fields = [
        ("comment", evil),
        ("suggestion", "<img src=x onerror=alert(1)>"),
        ("name", "<b>Ada</b>"),
    ];
    guest.leave(1, &fields).await.assert_status(303);
    let page = notes(&mut ann, &id).await;
    assert_eq!(page.one(".said"), evil);
    assert!(
        page.one(".guest-note .meta")
            .starts_with("<b>Ada</b> (guest)")
    );
    for wrong in ["<script>alert", "<img src=x", "<b>Ada"] {
        assert!(!page.text().contains(wrong), "{wrong}");
    }
    assert_eq!(page.attribute(".said", "dir"), Some("auto".into()));
    let dismiss = super::act(&page, "dismiss");
    ann.post(&dismiss, &[]).await.assert_status(303);
    let page = notes(&mut ann, &id).await;
    assert!(!page.text().contains("<script>alert"));
    ann.post(&super::act(&page, "reopen"), &[])
        .await
        .assert_status(303);
    let done = super::act(&notes(&mut ann, &id).await, "accept");
    ann.post(&done, &[]).await.assert_status(303);
    let page = guest.read().await;
    assert_eq!(page.one(".taken-up .said"), evil);
    assert!(!page.text().contains("<script>alert") && !page.text().contains("<b>Ada"));
}

#[actix_web::test]
async fn what_is_too_long_or_broken_is_refused_and_comes_back() {
    let app = TestApp::new().await;
    let (mut ann, id, mut guest) = shared(&app).await;
    let emojis = "🚀".repeat(2_000);
    guest.comment(0, &emojis).await;
    let long = "x".repeat(2_001);
    for (field, typed) in [
        ("comment", &long),
        ("suggestion", &long),
        ("name", &"x".repeat(41)),
    ] {
        let both = [("comment", "Well."), (field, typed.as_str())];
        let fields = if field == "comment" {
            &both[1..]
        } else {
            &both
        };
        let refused = guest.leave(0, fields).await;
        refused.assert_status(422);
        assert!(refused.one(&format!("#{field}-error")).contains("at most"));
        assert_eq!(&refused.field(field), typed);
    }
    let huge = "x".repeat(100_000);
    let refused = guest.leave(0, &[("comment", &huge)]).await;
    refused.assert_status(413);
    assert_eq!(refused.header("referrer-policy"), Some("no-referrer"));
    guest
        .leave(0, &[("comment", "a\0b")])
        .await
        .assert_status(400);
    let refused = guest.leave(0, &[("comment", "a\u{7}b")]).await;
    refused.assert_status(422);
    let refused = guest
        .leave(0, &[("comment", " \u{200b} "), ("name", "Ada")])
        .await;
    refused.assert_status(422);
    assert!(
        refused
            .one("#comment-error")
            .starts_with("Write a comment, or change")
    );
    assert_eq!(refused.field("name"), "Ada");
    guest.comment(0, "abc \u{202e}cba").await;
    guest.suggest(2, "Boats\u{202e} lie\u{7} here.").await;
    assert_eq!(app.count("select count(*) from guest_notes").await, 3);
    let page = notes(&mut ann, &id).await;
    assert!(
        !page.text().contains('\u{202e}'),
        "nothing turns the page around"
    );
    assert!(page.text().contains(&emojis));
}

#[actix_web::test]
async fn a_guest_passes_for_no_account() {
    let app = TestApp::new().await;
    let (mut ann, id, mut guest) = shared(&app).await;
    app.author("bill").await;
    app.author("old_salt").await;
    for name in [
        "ann",
        "ANN",
        "Ａｎｎ",
        "аnn",
        "a\u{200b}nn",
        "a n n",
        "ann.",
        "biII",
        "BILL",
        "old_salt",
        "Admin",
        "(ann)",
    ] {
        let refused = guest
            .leave(0, &[("comment", "Well."), ("name", name)])
            .await;
        refused.assert_status(422);
        assert!(
            refused
                .one("#name-error")
                .starts_with("This name is, or looks like"),
            "{name:?}"
        );
        assert_eq!(refused.field("comment"), "Well.");
    }
    let refused = guest
        .leave(0, &[("comment", "Well."), ("name", "@ada")])
        .await;
    refused.assert_status(422);
    assert!(refused.one("#name-error").contains("without an @"));
    for name in ["Ada", "Ann Lee", "سلمى", "林", "", "O’Neill 🚀"] {
        guest
            .leave(0, &[("comment", name), ("name", name), ("suggestion", "x")])
            .await
            .assert_status(303);
    }
    let page = notes(&mut ann, &id).await;
    let named = page.all(".guest-note .meta b");
    assert_eq!(
        named,
        [
            "Ada (guest)",
            "Ann Lee (guest)",
            "سلمى (guest)",
            "林 (guest)",
            "A guest",
            "O’Neill 🚀 (guest)"
        ]
    );
}

#[actix_web::test]
async fn a_long_text_has_a_way_for_each_paragraph_and_one_form() {
    let app = TestApp::new().await;
    let (mut ann, _, _) = shared(&app).await;
    let long: String = (0..500).map(|n| format!("Paragraph *{n}*.\n\n")).collect();
    let mixed = format!(
        "{long}{}\n\n```\na\n\nb\n```\n\n| a |\n|---|\n| b |\n\nNote[^1].\n\n[^1]: End.",
        "y".repeat(2_500)
    );
    let id = ann.draft(&[("title", "Long"), ("markdown", &mixed)]).await;
    let mut guest = Guest::new(&app, &share(&mut ann, &id).await);
    let ways = guest.ways().await;
    assert_eq!(ways.len(), 505);
    let page = guest.open(499).await;
    assert_eq!(page.all(".note-form").len(), 1);
    assert_eq!(page.field("suggestion"), "Paragraph *499*.");
    println!("{} bytes with 505 paragraphs", page.body.len());
    let page = guest.open(500).await;
    assert!(
        page.one(".note-form")
            .contains("too long to be edited here")
    );
    guest.comment(500, "Too long.").await;
    guest.comment(504, "On a note.").await;
    let way = plain(&ways[501]).to_owned();
    let page = guest.who.get(&format!("{}{way}", guest.link)).await;
    assert_eq!(page.field("suggestion"), "```\na\n\nb\n```");
    assert_eq!(
        notes(&mut ann, &id).await.all(".noted h2"),
        ["Paragraph 501", "Paragraph 505"]
    );
}

/// Raw HTML that goes over several paragraphs: the text is shown as it is, and all can be written about.
#[actix_web::test]
async fn a_text_that_cannot_be_cut_has_its_ways_below() {
    let app = TestApp::new().await;
    let (mut ann, _, _) = shared(&app).await;
    let text = "First.\n\n<pre>\n\na\n\n</pre>\n\nLast.";
    let id = ann.draft(&[("title", "Raw"), ("markdown", text)]).await;
    let mut guest = Guest::new(&app, &share(&mut ann, &id).await);
    let ways = guest.ways().await;
    let page = guest.open(ways.len() - 1).await;
    assert_eq!(page.field("suggestion"), "Last.");
    assert_eq!(page.all(".prose").len(), 1);
    guest.comment(ways.len() - 1, "Of the last.").await;
    assert_eq!(
        notes(&mut ann, &id).await.one(".noted > .saved-text"),
        "Last."
    );
}
