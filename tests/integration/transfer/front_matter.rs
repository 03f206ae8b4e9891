//! However front matter is written, a draft in it is no public post.

use super::folder::{Folder, import, masthead};
use crate::support::TestApp;

/// `DRAFT` stands for the setting that makes it a draft, in the notation of the file.
const READ: &[&str] = &[
    "---\ntitle: N\ndate: 2020-01-01\nDRAFT: true\n---\nText\n",
    "\n---\ntitle: N\ndate: 2020-01-01\nDRAFT: true\n---\nText\n",
    "\u{feff}\n \t\n---\ntitle: N\ndate: 2020-01-01\nDRAFT: true\n---\nText\n",
    "  ---\ntitle: N\ndate: 2020-01-01\nDRAFT: true\n  ---\nText\n",
    "---  \ntitle: N\ndate: 2020-01-01\nDRAFT: true\n---\t\nText\n",
    "--- # settings\n# a comment\ntitle: N\ndate: 2020-01-01\n\nDRAFT: true # later\n---\nText\n",
    "---\r\ntitle: N\r\ndate: 2020-01-01\r\nDRAFT: true\r\n---\r\nText\r\n",
    "---\rtitle: N\rdate: 2020-01-01\rDRAFT: true\r---\rText\r",
    "---\ntitle: N\ndate: 2020-01-01\nDRAFT: true\n...\nText\n",
    "-----\ntitle: N\ndate: 2020-01-01\nDRAFT: true\n-----\nText\n",
    "---yaml\ntitle: N\ndate: 2020-01-01\nDRAFT: true\n---\nText\n",
    "---\ntitle: N\ndate: 2020-01-01\nextra:\n\tx: 1\nDRAFT: true\n---\nText\n",
    "---\ntitle: N\ndate: 2020-01-01\nDRAFT: true\nDRAFT: false\n---\nText\n",
    "---\ntitle: N\ndate: 2020-01-01\ndraft: false\nDRAFT: true\n---\nText\n",
    "---\ntitle: N\ndate: 2020-01-01\nDRAFT: True\n---\nText\n",
    "---\ntitle: N\ndate: 2020-01-01\nDRAFT: 'yes'\n---\nText\n",
    "---\ntitle: N\ndate: 2020-01-01\nDRAFT: On\n---\nText\n",
    "---\ntitle: N\ndate: 2020-01-01\nDRAFT: 1\n---\nText\n",
    "---\ntitle: N\ndate: 2020-01-01\nDRAFT: perhaps\n---\nText\n",
    "---\n{title: N, date: 2020-01-01, DRAFT: true}\n---\nText\n",
    "title: N\ndate: 2020-01-01\nDRAFT: true\n---\nText\n",
    "\n\ntitle: N\ndate: 2020-01-01\nDRAFT: true\n---\nText\n",
    "+++\ntitle = 'N'\ndate = 2020-01-01\nDRAFT = true\n+++\nText\n",
    "\n\n+++  \ntitle = 'N'\ndate = 2020-01-01\nDRAFT = true\n+++ \nText\n",
    "---toml\ntitle = 'N'\ndate = 2020-01-01\nDRAFT = true\n---\nText\n",
    "{\n\"title\": \"N\", \"date\": \"2020-01-01\", \"DRAFT\": true\n}\nText\n",
    "\n {\"title\": \"N\", \"date\": \"2020-01-01\", \"DRAFT\": true}\nText\n",
    ";;;\n\"title\": \"N\",\n\"date\": \"2020-01-01\",\n\"DRAFT\": true\n;;;\nText\n",
    "\"title\": \"N\",\n\"date\": \"2020-01-01\",\n\"DRAFT\": true\n;;;\nText\n",
    "#+title: N\n#+date: <2020-01-01 Wed>\n#+DRAFT: true\nText\n",
];

/// What no generator reads, or another way than it was meant.
const UNREAD: &[&str] = &[
    "---\ntitle: N\ndate: 2020-01-01\ndraft: true\n\nText without an end\n",
    "---\ntitle: N\ndraft:true\n---\nText\n",
    "---\ntitle: N\n draft: true\n---\nText\n",
    "---\ntitle: [N\ndraft: true\n---\nText\n",
    "---title: N\ndraft: true\n---\nText\n",
    "—\ntitle: N\ndraft: true\n—\nText\n",
    "--– \ntitle: N\ndraft: true\n---\nText\n",
    "title: N: M\ndraft: true\n---\nText\n",
    "title: N\ndraft: true\n\nText\n",
    "Title: N\nDate: 2020-01-01\nStatus: draft\n\nText\n",
    "title = 'N'\ndraft = true\n\nText\n",
    "+++\ntitle: N\ndraft: true\n+++\nText\n",
    "+++\ntitle = 'N'\ndraft = true\n---\nText\n",
    "{\ntitle: 'N',\ndraft: true\n}\nText\n",
    "{\"title\": \"N\", \"draft\": true, }\nText\n",
    "<!-- licence -->\n---\ntitle: N\ndraft: true\n---\nText\n",
    "<!--\ntitle: N\ndraft: true\n-->\nText\n",
    "---\n---\ntitle: N\ndraft: true\n---\nText\n",
    "---\nlayout: post\n---\n---\ndraft: true\n---\nText\n",
    "export const meta = { title: 'N', draft: true }\n\nText\n",
    "draft：true\n\nText\n",
];

fn folder(texts: impl Iterator<Item = String>) -> Folder {
    let folder = Folder::new(&[]);
    for (number, text) in texts.enumerate() {
        folder.write(&format!("2020-01-01-n{number}.md"), text.as_bytes());
    }
    folder
}

#[actix_web::test]
async fn a_draft_is_one_in_every_notation() {
    let app = TestApp::new().await;
    let cases = READ
        .iter()
        .flat_map(|text| [text.replace("DRAFT", "draft"), (*text).to_owned()]);
    let folder = folder(cases);
    import(&app, &folder.0).await;
    assert_eq!(
        app.count("select count(*) from posts where status = 'published'")
            .await,
        0
    );
    assert_eq!(
        app.count("select count(*) from posts where title = 'N'")
            .await,
        2 * READ.len() as i64,
        "each was read"
    );
}

#[actix_web::test]
async fn the_same_without_the_setting_is_public() {
    let app = TestApp::new().await;
    let without = |text: &&&str| {
        !text.contains("perhaps") && text.matches("DRAFT").count() == 1 && !text.contains("draft")
    };
    let texts: Vec<String> = READ
        .iter()
        .filter(without)
        .map(|text| text.replace("DRAFT", "weight"))
        .collect();
    let count = texts.len() as i64;
    import(&app, &folder(texts.into_iter()).0).await;
    assert_eq!(
        app.count("select count(*) from posts where status = 'published' and title = 'N'")
            .await,
        count
    );
}

#[actix_web::test]
async fn what_only_looks_like_front_matter_is_never_public() {
    let app = TestApp::new().await;
    let folder = folder(UNREAD.iter().map(|text| (*text).to_owned()));
    let told = masthead(&app, &["import", "markdown", folder.0.to_str().unwrap()]);
    assert_eq!(
        app.text(
            "select coalesce(string_agg(title, ', '), '') from posts where status = 'published'"
        )
        .await,
        ""
    );
    for number in 0..UNREAD.len() {
        let line = told.of(&format!("2020-01-01-n{number}.md"));
        assert!(
            line.starts_with("failed") || line.contains("it is a draft here"),
            "{line}"
        );
    }
}

#[actix_web::test]
async fn plain_texts_stay_public() {
    let app = TestApp::new().await;
    let texts = [
        "# Heading\n\nText\n",
        "Note: a heading\n---\nText\n",
        "Dear reader: welcome.\n\nText\n",
        "--- said the man\n\nText\n",
        "{{ content }}\n",
        "Write `draft: true` into it.\n",
        "---\ntitle: Breaks\n---\n\n---\n\nText\n\n---\n",
    ];
    import(&app, &folder(texts.iter().map(|text| (*text).to_owned())).0).await;
    assert_eq!(
        app.count("select count(*) from posts where status = 'published'")
            .await,
        texts.len() as i64
    );
}

#[actix_web::test]
async fn pictures_with_http_are_kept_and_said() {
    let app = TestApp::new().await;
    let folder = Folder::new(&[(
        "a.md",
        "---\ntitle: A\ndate: 2020-01-01\ncover: http://e.example/c.jpg\n---\n![a](http://e.example/a.png) ![b](https://e.example/b.png)\n",
    )]);
    app.owner().await;
    let told = masthead(&app, &["import", "markdown", folder.0.to_str().unwrap()]);
    let line = told.of("a.md");
    assert!(
        line.contains(
            "the cover is shown with https:// in the place of http://: http://e.example/c.jpg"
        ),
        "{line}"
    );
    assert!(
        line.contains("shown with https:// in the place of http://: 1"),
        "{line}"
    );
    let list = app.anonymous().get("/").await.text();
    assert!(list.contains("src=\"https://e.example/c.jpg\""), "{list}");
}
