//! What an open editor saves: by itself or by a button, in whatever order it arrives, beside other editors of the same text.

use actix_web::test::TestRequest;
use serde_json::Value;
use uuid::Uuid;

use crate::support::{Actor, Response, TestApp};

/// An open editor of a text, as its script knows itself.
struct Editor {
    id: String,
    editing: Uuid,
    edit: i32,
    version: i64,
}

impl Editor {
    /// Of a text that is there.
    fn of(id: &str, version: i64) -> Editor {
        Editor {
            id: id.to_owned(),
            editing: Uuid::new_v4(),
            edit: 0,
            version,
        }
    }

    /// Types a text whole and saves it, as the script does after some seconds.
    async fn autosave(&mut self, who: &mut Actor, markdown: &str) -> Response {
        self.edit += 1;
        let sent = self.send(who, markdown, (self.edit, " auto")).await;
        self.stand_on(&sent);
        sent
    }

    /// Saves the text by the button.
    async fn save(&mut self, who: &mut Actor, markdown: &str) -> Response {
        self.edit += 1;
        let sent = self.send(who, markdown, (self.edit, "")).await;
        self.stand_on(&sent);
        sent
    }

    fn stand_on(&mut self, answer: &Response) {
        if let Some(version) = answer.json()["version"].as_i64() {
            self.version = version;
        }
    }

    async fn send(&self, who: &mut Actor, markdown: &str, (edit, mark): (i32, &str)) -> Response {
        let form = [
            ("id", self.id.as_str()),
            ("title", "Kept"),
            ("markdown", markdown),
            ("action", "save"),
        ];
        let request = TestRequest::post()
            .uri(&format!("/p/{}/edit", self.id))
            .set_form(form)
            .insert_header(("sec-fetch-site", "same-origin"))
            .insert_header(("accept", "application/json"))
            .insert_header(("if-match", format!("\"c{}\"", self.version)))
            .insert_header(("masthead-editing", format!("{} {edit}{mark}", self.editing)));
        who.send(request).await
    }
}

async fn draft(ann: &mut Actor) -> Editor {
    let id = ann
        .draft(&[("title", "Kept"), ("markdown", "By hand.")])
        .await;
    Editor::of(&id, 1)
}

/// Number and text of every version, the oldest first.
async fn versions(app: &TestApp, id: &str) -> Vec<(i32, String)> {
    sqlx::query_as(
        "select number, markdown from revisions r join posts p on p.id = r.post_id
         where p.public_id = $1::uuid order by number",
    )
    .bind(id)
    .fetch_all(&app.database)
    .await
    .unwrap()
}

fn kept(versions: &[(i32, &str)]) -> Vec<(i32, String)> {
    let owned = versions
        .iter()
        .map(|(number, text)| (*number, (*text).to_owned()));
    owned.collect()
}

/// Lets the time pass after which an autosave stays.
async fn let_time_pass(app: &TestApp) {
    sqlx::query("update revisions set autosaved_since = autosaved_since - interval '11 minutes'")
        .execute(&app.database)
        .await
        .unwrap();
}

#[actix_web::test]
async fn what_saves_itself_is_one_version_until_some_time_has_passed() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut editor = draft(&mut ann).await;
    for text in ["One", "One two", "One two three"] {
        editor.autosave(&mut ann, text).await.assert_status(200);
    }
    assert_eq!(editor.version, 4, "every save counts up");
    assert_eq!(
        versions(&app, &editor.id).await,
        kept(&[(1, "By hand."), (4, "One two three")])
    );
    let_time_pass(&app).await;
    editor.autosave(&mut ann, "Later").await.assert_status(200);
    editor
        .save(&mut ann, "By the button")
        .await
        .assert_status(200);
    editor.autosave(&mut ann, "And on").await.assert_status(200);
    assert_eq!(
        versions(&app, &editor.id).await,
        kept(&[
            (1, "By hand."),
            (4, "One two three"),
            (6, "By the button"),
            (7, "And on")
        ]),
        "what its author saved stays"
    );
    let noted: i64 = sqlx::query_scalar("select count(*) from audit_log where act = 'post.save'")
        .fetch_one(&app.database)
        .await
        .unwrap();
    assert_eq!(
        noted, 5,
        "one entry for each version that stayed, none for those between"
    );
}

#[actix_web::test]
async fn a_button_pressed_after_the_text_had_saved_itself_keeps_that_version() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut editor = draft(&mut ann).await;
    editor.autosave(&mut ann, "Whole").await.assert_status(200);
    editor.save(&mut ann, "Whole").await.assert_status(200);
    editor
        .autosave(&mut ann, "Whole, and more")
        .await
        .assert_status(200);
    assert_eq!(
        versions(&app, &editor.id).await,
        kept(&[(1, "By hand."), (2, "Whole"), (3, "Whole, and more")])
    );
}

#[actix_web::test]
async fn a_text_that_got_much_shorter_takes_the_place_of_no_other() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut editor = draft(&mut ann).await;
    let long = "word ".repeat(100);
    editor
        .autosave(&mut ann, long.trim_end())
        .await
        .assert_status(200);
    editor.autosave(&mut ann, "w").await.assert_status(200);
    editor.autosave(&mut ann, "wo").await.assert_status(200);
    assert_eq!(
        versions(&app, &editor.id).await,
        kept(&[(1, "By hand."), (2, long.trim_end()), (4, "wo")])
    );
}

#[actix_web::test]
async fn an_editor_never_conflicts_with_itself_whatever_becomes_of_its_answers() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let editor = draft(&mut ann).await;
    // Saved, and the answer got lost: the next save still names version 1.
    let lost = editor.send(&mut ann, "First", (1, " auto")).await;
    lost.assert_status(200);
    let next = editor.send(&mut ann, "First, second", (2, " auto")).await;
    next.assert_status(200);
    // The first one once more, late: a proxy has sent it again.
    let late = editor.send(&mut ann, "First", (1, " auto")).await;
    late.assert_status(200);
    assert_eq!(late.json()["version"], next.json()["version"]);
    assert_eq!(
        versions(&app, &editor.id).await,
        kept(&[(1, "By hand."), (3, "First, second")]),
        "what was typed last stands"
    );
}

#[actix_web::test]
async fn another_editor_of_the_same_text_conflicts_though_it_is_the_same_account() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut first = draft(&mut ann).await;
    let mut second = Editor::of(&first.id, 1);
    first
        .autosave(&mut ann, "From the first")
        .await
        .assert_status(200);
    let refused = second.autosave(&mut ann, "From the second").await;
    refused.assert_status(412);
    assert_eq!(refused.json()["saved"]["markdown"], "From the first");
    // It stands on that version now, and takes the place of nothing that the first has written.
    second
        .autosave(&mut ann, "From the second")
        .await
        .assert_status(200);
    first
        .autosave(&mut ann, "On from the first")
        .await
        .assert_status(412);
    assert_eq!(
        versions(&app, &first.id).await,
        kept(&[
            (1, "By hand."),
            (2, "From the first"),
            (3, "From the second")
        ])
    );
}

#[actix_web::test]
async fn the_id_of_an_editor_helps_no_other_account() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut boss = app.owner().await;
    let mut editor = draft(&mut ann).await;
    editor
        .autosave(&mut ann, "Of its author")
        .await
        .assert_status(200);
    editor.version = 1;
    editor
        .autosave(&mut boss, "Of an admin")
        .await
        .assert_status(412);
}

#[actix_web::test]
async fn a_public_post_keeps_its_text_for_readers_while_it_saves_itself() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Kept", "What readers see.").await;
    let mut editor = Editor::of(&post.id, 1);
    editor
        .autosave(&mut ann, "Half a sent")
        .await
        .assert_status(200);
    editor
        .autosave(&mut ann, "Half a sentence.")
        .await
        .assert_status(200);
    let read = app.anonymous().get(&post.path).await;
    assert!(read.text().contains("What readers see."));
    assert_eq!(
        versions(&app, &post.id).await,
        kept(&[(1, "What readers see."), (3, "Half a sentence.")])
    );
    ann.post(&format!("/p/{}/publish", post.id), &[])
        .await
        .assert_status(303);
    // What readers have seen stays for ever.
    editor
        .autosave(&mut ann, "Half a sentence. More.")
        .await
        .assert_status(200);
    let all = versions(&app, &post.id).await;
    assert_eq!(all.len(), 3, "{all:?}");
}

#[actix_web::test]
async fn a_save_by_script_names_the_version_that_it_changes() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let editor = draft(&mut ann).await;
    let path = format!("/p/{}/edit", editor.id);
    let form = [
        ("id", editor.id.as_str()),
        ("markdown", "New"),
        ("action", "save"),
    ];
    let refused = ann.post_json(&path, &form).await;
    refused.assert_status(428);
    assert!(refused.json()["errors"]["version"].is_string());
    let named = editor.send(&mut ann, "New", (1, "")).await;
    named.assert_status(200);
    assert_eq!(named.header("etag"), Some("\"c2\""));
    let answer: Value = named.json();
    assert_eq!(answer["version"], 2);
}
