//! Forms that carry an id: sent twice they make one thing; with the same id and other content they come back, and nothing
//! typed is lost; an id that the site did not make is never taken.

use crate::support::{Actor, PASSWORD, Response, TestApp};

/// Chosen by a browser: its last 64 bits could be those of somebody else's post.
const CHOSEN: &str = "0199aaaa-0000-7000-8000-000000000001";

/// Where a form is that makes something new, and what is typed into it.
struct Maker {
    page: String,
    fields: Vec<(&'static str, String)>,
    /// A field and what else could stand in it.
    other: (&'static str, &'static str),
    /// What readers of the answer are told of the thing that stands.
    stands: &'static str,
    count: &'static str,
}

fn makers(post: &str) -> Vec<Maker> {
    let own = |fields: &[(&'static str, &str)]| {
        fields
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect()
    };
    vec![
        Maker {
            page: "/new".into(),
            fields: own(&[
                ("version", "0"),
                ("title", "Tides"),
                ("markdown", "High water."),
                ("action", "save"),
            ]),
            other: ("markdown", "Low water."),
            stands: "High water.",
            count: "select count(*) from posts where title = 'Tides'",
        },
        Maker {
            page: format!("{post}/comment"),
            fields: own(&[("markdown", "First words."), ("parent", "")]),
            other: ("markdown", "Second words."),
            stands: "First words.",
            count: "select count(*) from comments",
        },
        Maker {
            page: "/admin/invitations".into(),
            fields: own(&[
                ("role", "reader"),
                ("note", "for Ben"),
                ("max_uses", "1"),
                ("days", "3"),
            ]),
            other: ("role", "author"),
            stands: "reader for 1 person (“for Ben”)",
            count: "select count(*) from invitations",
        },
        Maker {
            page: "/signup".into(),
            fields: own(&[
                ("username", "carl"),
                ("name", "Carl"),
                ("email", "carl@example.org"),
                ("password", PASSWORD),
            ]),
            other: ("email", "other@example.org"),
            stands: "@carl",
            count: "select count(*) from users where username in ('carl', 'carla')",
        },
    ]
}

impl Maker {
    async fn open(&self, by: &mut Actor) -> Response {
        let page = by.get(&self.page).await;
        page.assert_status(200);
        page
    }

    /// The form as it was typed, with one field changed if asked.
    fn form<'a>(
        &'a self,
        id: &'a str,
        change: Option<(&'a str, &'a str)>,
    ) -> Vec<(&'a str, &'a str)> {
        let typed = self
            .fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        let typed = typed.map(|(name, value)| {
            (
                name,
                change
                    .filter(|(changed, _)| *changed == name)
                    .map_or(value, |c| c.1),
            )
        });
        std::iter::once(("id", id)).chain(typed).collect()
    }

    fn sender(&self, owner: &Actor, app: &TestApp) -> Actor {
        if self.page == "/signup" {
            app.anonymous()
        } else {
            owner.clone()
        }
    }
}

async fn stage() -> (TestApp, Actor, String) {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let post = owner.publish("The square", "Come and talk.").await.path;
    (app, owner, post)
}

fn taken(answer: &Response) -> bool {
    answer.status.as_u16() == 303
        || (answer.status.as_u16() == 200 && !answer.all(".note .code").is_empty())
}

#[actix_web::test]
async fn the_same_id_with_the_same_content_makes_one_thing() {
    let (app, owner, post) = stage().await;
    for maker in makers(&post) {
        let mut sender = maker.sender(&owner, &app);
        let id = maker.open(&mut sender).await.field("id");
        let mut again = sender.clone();
        for _ in 0..2 {
            let answer = sender.post(&maker.page, &maker.form(&id, None)).await;
            assert!(taken(&answer), "{}: {}", maker.page, answer.status);
        }
        let answer = again.post(&maker.page, &maker.form(&id, None)).await;
        assert!(taken(&answer), "{}: {}", maker.page, answer.status);
        assert_eq!(app.count(maker.count).await, 1, "{}", maker.page);
    }
}

#[actix_web::test]
async fn the_same_id_with_other_content_comes_back_with_its_text_and_says_what_stands() {
    let (app, owner, post) = stage().await;
    for maker in makers(&post) {
        let mut sender = maker.sender(&owner, &app);
        let id = maker.open(&mut sender).await.field("id");
        let mut again = sender.clone();
        assert!(
            taken(&sender.post(&maker.page, &maker.form(&id, None)).await),
            "{}",
            maker.page
        );
        let refused = again
            .post(&maker.page, &maker.form(&id, Some(maker.other)))
            .await;
        refused.assert_status(409);
        let (field, typed) = maker.other;
        assert_eq!(refused.field(field), typed, "{}", maker.page);
        assert!(
            !refused.all(".errors li").is_empty(),
            "{}: no sentence",
            maker.page
        );
        assert!(
            refused.one("main").contains(maker.stands),
            "{}: {}",
            maker.page,
            refused.one("main")
        );
        assert_eq!(app.count(maker.count).await, 1, "{}", maker.page);
        if maker.page == "/new" {
            // A text goes on from what stands; the conflict page shows both.
            assert_eq!(
                (refused.field("id"), refused.field("version")),
                (id, "1".to_owned())
            );
            continue;
        }
        let fresh = refused.field("id");
        assert_ne!(fresh, id, "{}", maker.page);
        let change = if maker.page == "/signup" {
            ("username", "carla")
        } else {
            maker.other
        };
        let mut form = maker.form(&fresh, Some(change));
        if maker.page == "/signup" {
            form.iter_mut()
                .filter(|(name, _)| *name == "email")
                .for_each(|field| field.1 = "other@example.org");
        }
        let second = again.post(&maker.page, &form).await;
        assert!(
            taken(&second),
            "{}: {} {}",
            maker.page,
            second.status,
            second.text()
        );
        assert_eq!(app.count(maker.count).await, 2, "{}", maker.page);
    }
}

#[actix_web::test]
async fn an_id_that_the_site_did_not_make_for_this_form_is_replaced_and_the_text_kept() {
    let (app, owner, post) = stage().await;
    let stranger = app.person("adam", "admin").await;
    for maker in makers(&post) {
        let mut sender = maker.sender(&owner, &app);
        let page = maker.open(&mut sender).await;
        let id = page.field("id");
        // Chosen, unsigned as from a page of the release before, signed for another id, for another form.
        let others = app
            .owner()
            .await
            .get(if maker.page == "/new" {
                "/admin/invitations"
            } else {
                "/new"
            })
            .await;
        let foreign = maker.open(&mut maker.sender(&stranger, &app)).await;
        let signature = |page: &Response| page.action().split_once('?').unwrap().1.to_owned();
        let mut tries = vec![
            (CHOSEN.to_owned(), maker.page.clone()),
            (id.clone(), maker.page.clone()),
            (
                CHOSEN.to_owned(),
                format!("{}?{}", maker.page, signature(&page)),
            ),
            (
                others.field("id"),
                format!("{}?{}", maker.page, signature(&others)),
            ),
        ];
        if maker.page != "/signup" {
            tries.push((
                foreign.field("id"),
                format!("{}?{}", maker.page, signature(&foreign)),
            ));
        }
        for (id, to) in tries {
            let refused = sender.post_to(&to, &maker.form(&id, None)).await;
            refused.assert_status(422);
            for (name, typed) in maker
                .fields
                .iter()
                .filter(|(name, _)| !["password", "action", "version"].contains(name))
            {
                assert_eq!(refused.field(name), *typed, "{to}");
            }
            assert!(
                refused.one(".errors li").contains("Nothing is lost"),
                "{to}"
            );
            assert_ne!(refused.field("id"), id, "{to}");
            assert_eq!(app.count(maker.count).await, 0, "{to}");
        }
        let refused = sender.post_to(&maker.page, &maker.form(CHOSEN, None)).await;
        let answer = sender
            .post_to(&refused.action(), &maker.form(&refused.field("id"), None))
            .await;
        assert!(
            taken(&answer),
            "{}: sent again it goes through: {}",
            maker.page,
            answer.status
        );
        assert_eq!(app.count(maker.count).await, 1, "{}", maker.page);
    }
}

#[actix_web::test]
async fn a_form_is_taken_by_every_node_and_after_a_restart() {
    let (app, owner, post) = stage().await;
    for maker in makers(&post) {
        let mut sender = maker.sender(&owner, &app);
        let id = maker.open(&mut sender).await.field("id");
        // A process that was started later, with the same key.
        let later = app.without_memory().await;
        let answer = sender
            .at(&later)
            .post(&maker.page, &maker.form(&id, None))
            .await;
        assert!(taken(&answer), "{}: {}", maker.page, answer.status);
    }
}

/// The script of the editor saves as one types: it is given what it needs to go on by itself.
#[actix_web::test]
async fn a_save_by_script_under_an_id_of_the_release_before_names_the_new_one() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let form = |id| {
        [
            ("id", id),
            ("version", "0"),
            ("title", "Tides"),
            ("markdown", "High water."),
            ("action", "save"),
        ]
    };
    let refused = ann.post_json("/new", &form(CHOSEN)).await;
    refused.assert_status(422);
    let told = refused.json();
    assert!(
        told["errors"][""]
            .as_str()
            .unwrap()
            .contains("kept on this device")
    );
    let (id, action) = (
        told["id"].as_str().unwrap(),
        told["action"].as_str().unwrap(),
    );
    assert_ne!(id, CHOSEN);
    ann.post_to(action, &form(id)).await.assert_status(303);
    assert_eq!(app.text("select public_id::text from posts").await, id);
}

#[actix_web::test]
async fn a_report_sent_again_in_other_words_is_not_thanked_for() {
    let (app, mut owner, post) = stage().await;
    owner
        .post(&format!("{post}/comment"), &[("markdown", "Provoking.")])
        .await
        .assert_status(303);
    let path = format!(
        "/comments/{}/report",
        app.text("select public_id::text from comments").await
    );
    let mut eve = app.author("eve").await;
    let report = [("reason", "spam"), ("details", "Sells watches.")];
    for _ in 0..2 {
        assert_eq!(eve.post(&path, &report).await.location(), path);
    }
    let refused = eve
        .post(
            &path,
            &[("reason", "abuse"), ("details", "And it threatens me.")],
        )
        .await;
    refused.assert_status(409);
    assert_eq!(refused.field("details"), "And it threatens me.");
    assert!(refused.attribute("[value=abuse]", "checked").is_some());
    assert!(
        refused.one("main").contains("Sells watches."),
        "what stands is named"
    );
    assert_eq!(app.count("select count(*) from reports").await, 1);
}

#[actix_web::test]
async fn a_decision_sent_again_is_done_and_with_another_reason_it_is_not_thrown_away() {
    let (app, owner, post) = stage().await;
    let mut ben = app.author("ben").await;
    let mut owner = owner;
    ben.post(&format!("{post}/comment"), &[("markdown", "Buy watches.")])
        .await
        .assert_status(303);
    let path = format!(
        "/comments/{}/decide",
        app.text("select public_id::text from comments").await
    );
    let mut version = 1;
    for decision in ["hide", "approve", "delete"] {
        let before = version.to_string();
        let form = |reason| {
            [
                ("decision", decision),
                ("reason", reason),
                ("version", before.as_str()),
            ]
        };
        for _ in 0..2 {
            owner
                .post(&path, &form("One reason."))
                .await
                .assert_status(303);
        }
        let refused = owner.post(&path, &form("Another reason.")).await;
        refused.assert_status(409);
        let shown = refused.text().contains("value=\"Another reason.\"")
            || refused.one("main").contains("Another reason.");
        assert!(shown, "{decision}: the reason is gone");
        version += 1;
        assert_eq!(
            app.count("select version::bigint from comments").await,
            version,
            "{decision}"
        );
    }
}

#[actix_web::test]
async fn two_tabs_that_correct_one_comment_lose_neither_text() {
    let (app, _, post) = stage().await;
    let mut ben = app.author("ben").await;
    ben.post(
        &format!("{post}/comment"),
        &[("markdown", "Tipe of the tongue.")],
    )
    .await
    .assert_status(303);
    let path = format!(
        "/comments/{}/edit",
        app.text("select public_id::text from comments").await
    );
    let to = ben
        .get(&path)
        .await
        .attribute("form.compose", "action")
        .unwrap();
    ben.post_to(&to, &[("markdown", "Tip of the tongue.")])
        .await
        .assert_status(303);
    ben.post_to(&to, &[("markdown", "Tip of the tongue.")])
        .await
        .assert_status(303);
    let refused = ben.post_to(&to, &[("markdown", "Slip of the pen.")]).await;
    refused.assert_status(409);
    assert_eq!(refused.field("markdown"), "Slip of the pen.");
    assert!(
        refused.one("main").contains("Tip of the tongue."),
        "the other text is shown"
    );
    assert_eq!(
        app.text("select markdown from comments").await,
        "Tip of the tongue."
    );
    let again = refused.attribute("form.compose", "action").unwrap();
    ben.post_to(&again, &[("markdown", "Slip of the pen.")])
        .await
        .assert_status(303);
    assert_eq!(
        app.text("select markdown from comments").await,
        "Slip of the pen."
    );
}

/// The page that gives a form back, with a status that says why it was not taken.
fn assert_given_back(answer: &Response, status: u16, typed: &[(&str, &str)]) {
    answer.assert_status(status);
    assert!(
        answer
            .one("main")
            .contains("what you typed is on this page"),
        "{}",
        answer.one("main")
    );
    for (name, value) in typed {
        assert_eq!(answer.field(name), *value, "{name}");
        let hidden = answer.attribute(&format!("[name={name}]"), "type");
        assert_ne!(hidden.as_deref(), Some("hidden"), "{name} cannot be seen");
    }
}

const TYPED: [(&str, &str); 2] = [("title", "Short title"), ("markdown", "Short text.")];

async fn save(actor: &mut Actor, id: &str) -> Response {
    let form = [
        ("id", id),
        ("kind", "post"),
        ("version", "1"),
        ("action", "save"),
        TYPED[0],
        TYPED[1],
    ];
    actor.post(&format!("/p/{id}/edit"), &form).await
}

#[actix_web::test]
async fn a_post_that_went_out_of_reach_while_it_was_written_gives_the_text_back() {
    let app = TestApp::new().await;
    let (mut ann, mut ben, mut eve) = (
        app.author("ann").await,
        app.author("ben").await,
        app.author("eve").await,
    );
    let id = ann
        .draft(&[
            ("title", "Tides"),
            ("markdown", "High."),
            ("authors", "ann, ben"),
        ])
        .await;
    ben.accept(&id).await;
    ben.get(&format!("/p/{id}/edit")).await.assert_status(200);
    ann.edit(&id, &[("authors", "ann")], "save")
        .await
        .assert_status(303);
    let taken_off = save(&mut ben, &id).await;
    assert_given_back(&taken_off, 404, &TYPED);
    // Sent under another account, and of a post that never was: the same page.
    let missing = CHOSEN;
    for (answer, what) in [
        (save(&mut eve, &id).await, "unseen"),
        (save(&mut eve, missing).await, "missing"),
    ] {
        assert_given_back(&answer, 404, &TYPED);
        assert_eq!(answer.one("main p"), taken_off.one("main p"), "{what}");
    }
    sqlx::query("update users set role = 'reader' where username = 'ann'")
        .execute(&app.database)
        .await
        .unwrap();
    assert_given_back(&save(&mut ann, &id).await, 403, &TYPED);
}

#[actix_web::test]
async fn a_comment_under_a_post_that_is_gone_or_too_long_gives_the_text_back() {
    let (app, mut owner, path) = stage().await;
    let mut rita = app.person("rita", "reader").await;
    let comment = format!("{path}/comment");
    let id = rita.get(&comment).await.field("id");
    let long = "word ".repeat(40_000);
    let too_long = rita
        .post(
            &comment,
            &[("id", &id), ("parent", ""), ("markdown", &long)],
        )
        .await;
    assert_given_back(&too_long, 413, &[("markdown", &long)]);
    let post = app.text("select public_id::text from posts").await;
    owner
        .post(&format!("/p/{post}/unpublish"), &[])
        .await
        .assert_status(303);
    let gone = rita
        .post(
            &comment,
            &[("id", &id), ("parent", ""), ("markdown", "I agree.")],
        )
        .await;
    assert_given_back(&gone, 404, &[("markdown", "I agree.")]);
}

/// Far more than the form may hold, and as much as the editor's.
#[actix_web::test]
async fn a_form_that_is_much_too_long_gives_the_text_back() {
    let (app, _, path) = stage().await;
    let mut rita = app.person("rita", "reader").await;
    let comment = format!("{path}/comment");
    let id = rita.get(&comment).await.field("id");
    let long = "word ".repeat(700_000);
    let too_long = rita
        .post(
            &comment,
            &[("id", &id), ("parent", ""), ("markdown", &long)],
        )
        .await;
    assert_given_back(&too_long, 413, &[("markdown", &long)]);
    let too_long = rita
        .post(
            "/settings/profile",
            &[("name", "Rita"), ("bio", &long[..600_000])],
        )
        .await;
    assert_given_back(
        &too_long,
        413,
        &[("name", "Rita"), ("bio", &long[..600_000])],
    );
    // What is too much to be shown again still stands in the browser.
    let endless = rita
        .post(&comment, &[("id", &id), ("markdown", &long.repeat(2))])
        .await;
    endless.assert_status(413);
    assert!(
        endless.one("main").contains("Go back in your browser"),
        "{}",
        endless.one("main")
    );
}

#[actix_web::test]
async fn a_form_that_cannot_be_read_or_breaks_something_gives_the_text_back() {
    let (app, mut owner, path) = stage().await;
    let mut rita = app.person("rita", "reader").await;
    let unknown = rita
        .post(
            "/settings/profile",
            &[("name", "Rita"), ("bio", "I sail."), ("colour", "red")],
        )
        .await;
    assert_given_back(&unknown, 400, &[("name", "Rita"), ("bio", "I sail.")]);
    let comment = format!("{path}/comment");
    let id = rita.get(&comment).await.field("id");
    let nul = rita
        .post(&comment, &[("id", &id), ("markdown", "High\0 water.")])
        .await;
    nul.assert_status(400);
    assert!(nul.field("markdown").ends_with(" water."));
    let post = app.text("select public_id::text from posts").await;
    sqlx::query("alter table revisions rename to revisions_away")
        .execute(&app.database)
        .await
        .unwrap();
    let broken = save(&mut owner, &post).await;
    assert_given_back(&broken, 500, &TYPED);
    assert!(
        broken.one(".code").len() > 30,
        "the code finds the cause in the log"
    );
}

/// Where the links of the summary lead, in its order, and the same in the order of the page.
fn summary(answer: &Response) -> (Vec<String>, Vec<String>) {
    answer.assert_status(422);
    let listed = answer.links(".errors");
    let text = answer.text();
    let place = |link: &String| {
        text.find(&format!("id=\"{}\"", link.trim_start_matches('#')))
            .unwrap_or_else(|| panic!("no field {link}"))
    };
    let mut by_place = listed.clone();
    by_place.sort_by_key(place);
    (listed, by_place)
}

#[actix_web::test]
async fn the_summary_lists_faults_in_the_order_of_the_fields() {
    let (app, mut owner, _) = stage().await;
    let long = "x".repeat(5000);
    let check = |answer: Response, most: usize| {
        let (listed, by_place) = summary(&answer);
        assert!(listed.len() >= most, "{listed:?}");
        assert_eq!(listed, by_place);
    };
    let account = [
        ("username", "a"),
        ("name", long.as_str()),
        ("email", "no"),
        ("password", "short"),
    ];
    check(app.anonymous().post("/signup", &account).await, 4);
    let wrong = [
        ("username", "a"),
        ("email", "no"),
        ("current_password", "wrong"),
    ];
    check(owner.post("/settings/account", &wrong).await, 3);
    check(
        owner
            .post(
                "/settings/password",
                &[("current_password", "wrong"), ("password", "short")],
            )
            .await,
        2,
    );
    check(
        owner
            .post(
                "/settings/profile",
                &[("name", &long), ("bio", &long), ("website", "no")],
            )
            .await,
        3,
    );
    check(
        owner
            .post(
                "/admin/site",
                &[("name", ""), ("tagline", &long), ("language", "")],
            )
            .await,
        5,
    );
    check(
        owner
            .post(
                "/admin/invitations",
                &[
                    ("role", "king"),
                    ("note", &long),
                    ("max_uses", "no"),
                    ("days", "no"),
                ],
            )
            .await,
        4,
    );
    for kind in ["post", "page"] {
        let id = owner.get(&format!("/new?kind={kind}")).await.field("id");
        let fields = [
            ("id", id.as_str()),
            ("kind", kind),
            ("title", &long),
            ("slug", "!!"),
            ("tags", "!!"),
            ("excerpt", &long),
            ("canonical_url", "no"),
            ("cover_url", "no"),
            ("cover_alt", &long),
            ("language", "???"),
            ("menu_position", "first"),
            ("authors", &long),
            ("parent", &long),
            ("action", "save"),
        ];
        // Each kind sends the fields that its page has.
        let others: &[&str] = if kind == "post" {
            &["menu_position", "parent"]
        } else {
            &["tags"]
        };
        let fields: Vec<_> = fields
            .into_iter()
            .filter(|(name, _)| !others.contains(name))
            .collect();
        check(owner.post("/new", &fields).await, 8);
    }
    let empty = TestApp::empty().await;
    let code = empty.set_up_code();
    let set_up = [
        ("code", code.as_str()),
        ("site_name", ""),
        ("sign_up", "no"),
        ("sign_up_role", "no"),
        account[0],
        account[1],
        account[2],
        account[3],
    ];
    check(empty.anonymous().post("/setup", &set_up).await, 6);
}
