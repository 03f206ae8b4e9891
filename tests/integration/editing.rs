//! What an open editor saves: by itself or by a button, in whatever order it arrives, beside other editors of the same text.

use actix_web::test::TestRequest;
use serde_json::Value;
use uuid::Uuid;

use crate::support::{Actor, Response, TestApp, rounds};

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
    late.assert_status(412);
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

/// A text that two have open, of which the other was saved first.
async fn late(ann: &mut Actor, id: &str, form: &[(&str, &str)]) -> Response {
    let mut sent = vec![("id", id), ("version", "1"), ("action", "save")];
    sent.extend_from_slice(form);
    let refused = ann.post(&format!("/p/{id}/edit"), &sent).await;
    refused.assert_status(409);
    refused
}

#[actix_web::test]
async fn two_texts_are_put_together_by_a_button_of_the_conflict() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let (base, saved, typed) = (
        "One.\n\nTwo.\n\nThree.",
        "One, as saved.\n\nTwo.\n\nThree.",
        "One.\n\nTwo.\n\nThree, as typed.",
    );
    let first = [
        ("title", "Both"),
        ("markdown", base),
        ("excerpt", "Short"),
        ("tags", "sea"),
    ];
    let id = ann.draft(&first).await;
    let meanwhile = [
        ("markdown", saved),
        ("excerpt", "Longer"),
        ("tags", "sea, wind"),
    ];
    ann.edit(&id, &meanwhile, "save").await.assert_status(303);
    let mine = [
        ("title", "Both of us"),
        ("markdown", typed),
        ("excerpt", "Short"),
        ("tags", "sea"),
    ];
    let refused = late(&mut ann, &id, &mine).await;
    let button = refused.attribute("[data-merge]", "formaction").unwrap();
    assert_eq!(button, format!("/p/{id}/merge?base=1"));
    let mut form = vec![("id", id.as_str()), ("version", "2")];
    form.extend_from_slice(&mine);
    let merged = ann.post(&button, &form).await;
    merged.assert_status(200);
    let fields = ["title", "markdown", "excerpt", "tags", "version"];
    assert_eq!(
        fields.map(|name| merged.field(name)),
        [
            "Both of us",
            "One, as saved.\n\nTwo.\n\nThree, as typed.",
            "Longer",
            "sea, wind",
            "2"
        ],
        "of each what was changed"
    );
    assert!(
        merged
            .one(".note")
            .starts_with("Both versions are in this text now. Look")
    );
    assert_eq!(versions(&app, &id).await.len(), 2, "nothing is saved yet");
    let by_script = ann.post_json(&button, &form).await.json();
    assert_eq!(by_script["fields"]["markdown"], merged.field("markdown"));
}

#[actix_web::test]
async fn what_both_changed_stands_in_the_text_twice() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let id = ann
        .draft(&[("title", "Both"), ("markdown", "One.\n\nTwo.")])
        .await;
    ann.edit(&id, &[("markdown", "Saved.\n\nTwo.")], "save")
        .await
        .assert_status(303);
    let form = [
        ("id", id.as_str()),
        ("version", "2"),
        ("title", "Both"),
        ("markdown", "Typed.\r\n\r\nTwo."),
    ];
    let merged = ann.post(&format!("/p/{id}/merge?base=1"), &form).await;
    merged.assert_status(200);
    assert_eq!(
        merged.field("markdown"),
        "<!-- Both changed this. As it was saved: -->\nSaved.\n<!-- As you typed it: -->\nTyped.\n\
         <!-- End of what both changed. -->\n\nTwo."
    );
    assert!(
        merged
            .one(".note")
            .contains("In one place both changed the same")
    );
    // A mark that is forgotten is seen by no reader.
    let text = merged.field("markdown");
    ann.edit(&id, &[("markdown", &text)], "publish").await;
    let path = ann
        .post(&format!("/p/{id}/publish"), &[])
        .await
        .path()
        .to_owned();
    let read = app.anonymous().get(&path).await;
    assert!(read.text().contains("Saved.") && read.text().contains("Typed."));
    assert!(!read.text().contains("Both changed this"));
}

#[actix_web::test]
async fn texts_are_put_together_also_where_their_base_was_an_autosave_that_is_gone() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut editor = draft(&mut ann).await;
    editor
        .autosave(&mut ann, "By hand.\n\nMore.")
        .await
        .assert_status(200);
    let base = editor.version;
    editor
        .autosave(&mut ann, "By hand, mended.\n\nMore.")
        .await
        .assert_status(200);
    let (id, version) = (editor.id.clone(), editor.version.to_string());
    let typed = "By hand.\n\nMore.\n\nTyped elsewhere.";
    let form = [
        ("id", id.as_str()),
        ("version", &version),
        ("title", "Kept"),
        ("markdown", typed),
    ];
    let merged = ann.post(&format!("/p/{id}/merge?base={base}"), &form).await;
    let text = merged.field("markdown");
    for line in ["By hand, mended.", "More.", "Typed elsewhere."] {
        assert!(text.contains(line), "{text}");
    }
}

#[actix_web::test]
async fn what_was_found_on_a_device_is_compared_with_what_is_saved() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let id = ann
        .draft(&[("title", "Found"), ("markdown", "As saved.")])
        .await;
    let form = [
        ("id", id.as_str()),
        ("version", "1"),
        ("title", "Found"),
        ("markdown", "As found."),
    ];
    let compared = ann.post(&format!("/p/{id}/compare"), &form).await;
    compared.assert_status(200);
    let html = compared.json()["html"].as_str().unwrap().to_owned();
    assert!(
        html.contains("<del>saved.</del>") && html.contains("<ins>found.</ins>"),
        "{html}"
    );
    assert!(
        !html.contains("data-merge"),
        "the text of the page is another one"
    );
}

#[actix_web::test]
async fn a_second_conflict_still_knows_what_the_text_began_from() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let id = ann
        .draft(&[("title", "Twice"), ("markdown", "One.\n\nTwo.")])
        .await;
    ann.edit(&id, &[("markdown", "One.\n\nTwo.\n\nThree.")], "save")
        .await
        .assert_status(303);
    let typed = "Nought.\n\nOne.\n\nTwo.";
    let mine = [("title", "Twice"), ("markdown", typed)];
    let first = late(&mut ann, &id, &mine).await;
    let address = first.attribute(".editor-form", "action").unwrap();
    assert_eq!(address, format!("/p/{id}/edit?base=1"));
    ann.edit(
        &id,
        &[("markdown", "One.\n\nTwo.\n\nThree.\n\nFour.")],
        "save",
    )
    .await
    .assert_status(303);
    // Without a script, from the page of the first conflict.
    let mut form = vec![("id", id.as_str()), ("version", "2"), ("action", "save")];
    form.extend_from_slice(&mine);
    let second = ann.post_to(&address, &form).await;
    second.assert_status(409);
    let button = second.attribute("[data-merge]", "formaction").unwrap();
    assert_eq!(button, format!("/p/{id}/merge?base=1"));
    let merged = ann.post(&button, &form).await;
    assert_eq!(
        merged.field("markdown"),
        "Nought.\n\nOne.\n\nTwo.\n\nThree.\n\nFour.",
        "what was saved first is not taken for deleted"
    );
}

#[actix_web::test]
async fn a_script_saves_as_no_other_account_than_its_own() {
    let app = TestApp::new().await;
    let mut boss = app.owner().await;
    let id = app
        .author("ann")
        .await
        .draft(&[("title", "Hers"), ("markdown", "Hers.")])
        .await;
    let ann = "select public_id::text from users where username = 'ann'";
    let ann = app.text(ann).await;
    let form = [
        ("id", id.as_str()),
        ("version", "1"),
        ("markdown", "Typed by ann."),
    ];
    for path in [format!("/p/{id}/edit"), "/new".to_owned()] {
        let request = TestRequest::post()
            .uri(&path)
            .set_form(form)
            .insert_header(("sec-fetch-site", "same-origin"))
            .insert_header(("accept", "application/json"))
            .insert_header(("masthead-account", ann.as_str()));
        boss.send(request).await.assert_status(401);
    }
    assert_eq!(app.count("select count(*) from revisions").await, 1);
}

/// Quick saves of one open editor, some of whose answers get lost, while the post is published, planned, unplanned, pinned and taken
/// back: none of that is a conflict.
#[actix_web::test]
async fn prove_an_editor_meets_no_false_conflict() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let later = [("at", "2034-01-01T12:00"), ("zone", "UTC")];
    for round in 0..rounds(5, 1000) {
        let mut editor = draft(&mut ann).await;
        let mut texts = Vec::new();
        for number in 0..20 {
            let text = format!("{round}, {number}: {}", "word ".repeat(number));
            if (round + number as u64) % 7 == 3 {
                // Its answer gets lost: the next save still names the version before.
                editor.edit += 1;
                let lost = editor
                    .send(&mut ann, text.trim_end(), (editor.edit, " auto"))
                    .await;
                lost.assert_status(200);
            } else if number % 5 == 4 {
                editor
                    .save(&mut ann, text.trim_end())
                    .await
                    .assert_status(200);
            } else {
                editor
                    .autosave(&mut ann, text.trim_end())
                    .await
                    .assert_status(200);
            }
            texts.push(text);
            let act = [
                "publish",
                "pin",
                "unpublish",
                "schedule",
                "unschedule",
                "publish",
            ];
            if number % 3 == 2 {
                let act = act[(number / 3 + round as usize) % act.len()];
                let form: &[(&str, &str)] = if act == "schedule" { &later } else { &[] };
                let done = ann.post(&format!("/p/{}/{act}", editor.id), form).await;
                // Some are of no use in this state; none may harm the text.
                assert!(
                    [303, 404, 409].contains(&done.status.as_u16()),
                    "{act} {}",
                    done.status
                );
            }
        }
        let shown = ann.get(&format!("/p/{}/edit", editor.id)).await;
        assert_eq!(
            shown.field("markdown"),
            texts[19].trim_end(),
            "round {round}"
        );
    }
}
