mod avatars;
mod handles;
mod kept_handles;
mod membership;
mod passwords;
mod refused;
mod sessions;

use masthead::db::public_id;
use masthead::features::accounts::Hasher;
use masthead::features::accounts::password::Cost;

use crate::support::{PASSWORD, TestApp};

#[actix_web::test]
async fn signing_up_signs_in_and_wrong_input_comes_back() {
    let app = TestApp::new().await;
    let mut visitor = app.anonymous();
    let wrong = [
        ("username", "an n"),
        ("name", "Ann Lee"),
        ("email", "ann"),
        ("password", "password"),
    ];
    let again = visitor.post("/signup", &wrong).await;
    again.assert_status(422);
    assert_eq!(again.field("username"), "an n");
    assert_eq!(again.field("name"), "Ann Lee");
    assert_eq!(again.field("email"), "ann");
    assert_eq!(again.field("password"), "", "a password is never sent back");
    for field in ["username", "email", "password"] {
        assert_eq!(
            again
                .attribute(&format!("[name={field}]"), "aria-invalid")
                .as_deref(),
            Some("true"),
            "{field}"
        );
    }
    let mut ann = app.author("ann").await;
    let me = ann.get("/me.json").await.json();
    assert_eq!(me["user"]["username"], "ann");
}

#[actix_web::test]
async fn sign_in_by_name_or_address_and_back_to_the_page() {
    let app = TestApp::new().await;
    app.author("ann").await;
    for login in ["ann", "ANN", "person1@example.org", "Person1@Example.org"] {
        let mut visitor = app.anonymous();
        let done = visitor
            .post(
                "/login",
                &[
                    ("login", login),
                    ("password", PASSWORD),
                    ("next", "/settings"),
                ],
            )
            .await;
        assert_eq!(done.location(), "/settings", "{login}");
    }
    let mut visitor = app.anonymous();
    for next in ["//evil.example", "https://evil.example", "/\\evil.example"] {
        let done = visitor
            .post(
                "/login",
                &[("login", "ann"), ("password", PASSWORD), ("next", next)],
            )
            .await;
        assert_eq!(done.location(), "/", "{next}");
    }
}

#[actix_web::test]
async fn who_signs_in_from_no_page_lands_where_they_work() {
    let app = TestApp::new().await;
    for (name, role, to) in [
        ("ann", "author", "/dashboard"),
        ("moe", "moderator", "/dashboard"),
        ("ben", "reader", "/"),
    ] {
        app.person(name, role).await;
        let mut visitor = app.anonymous();
        let next = visitor.get("/login").await.field("next");
        let done = visitor
            .post(
                "/login",
                &[("login", name), ("password", PASSWORD), ("next", &next)],
            )
            .await;
        assert_eq!(done.location(), to, "{name}");
        assert_eq!(
            visitor.get("/login").await.location(),
            to,
            "{name} is signed in already"
        );
        // The page that sent them there wins.
        let mut visitor = app.anonymous();
        let next = visitor.get("/login?next=/t").await.field("next");
        let done = visitor
            .post(
                "/login",
                &[("login", name), ("password", PASSWORD), ("next", &next)],
            )
            .await;
        assert_eq!(done.location(), "/t", "{name}");
    }
}

#[actix_web::test]
async fn an_unknown_account_answers_like_a_wrong_password() {
    let app = TestApp::new().await;
    app.author("ann").await;
    let mut visitor = app.anonymous();
    let unknown = visitor
        .post("/login", &[("login", "nobody-here"), ("password", "x")])
        .await;
    let wrong = visitor
        .post("/login", &[("login", "ann"), ("password", "x")])
        .await;
    unknown.assert_status(422);
    assert_eq!(unknown.text().replace("nobody-here", "ann"), wrong.text());
}

#[actix_web::test]
async fn the_session_cookie_is_exact_and_a_planted_one_is_worth_nothing() {
    let app = TestApp::with(|s| s.site_url = "https://blog.example".parse().unwrap()).await;
    app.set_up().await;
    let mut visitor = app.anonymous();
    visitor.set_cookie("__Host-sid", &"A".repeat(43));
    let done = visitor
        .post("/login", &[("login", "olga"), ("password", PASSWORD)])
        .await;
    let cookie = done.header("set-cookie").unwrap();
    let value = cookie
        .strip_prefix("__Host-sid=")
        .unwrap()
        .split(';')
        .next()
        .unwrap();
    assert_eq!(value.len(), 43, "256 bits");
    assert_ne!(value, "A".repeat(43));
    for part in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Domain"));
}

#[actix_web::test]
async fn hashes_of_other_costs_are_renewed_at_sign_in() {
    let app = TestApp::new().await;
    app.author("ann").await;
    let old = Hasher::new(
        Cost {
            memory_kib: 16,
            passes: 1,
        },
        1,
    )
    .unwrap()
    .hash(PASSWORD.to_owned().into())
    .await
    .unwrap();
    sqlx::query("update user_profiles set password_hash = $1 where email like 'person1@%'")
        .bind(&old)
        .execute(&app.database)
        .await
        .unwrap();
    app.sign_in("ann").await;
    let stored = app
        .text("select password_hash from user_profiles where email like 'person1@%'")
        .await;
    assert!(stored.contains("m=8,t=2"), "{stored}");
}

#[actix_web::test]
async fn sign_up_by_invitation_and_closed() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let made = owner
        .post(
            "/admin/invitations",
            &[
                ("role", "author"),
                ("note", "For Ben"),
                ("max_uses", "1"),
                ("days", "3"),
            ],
        )
        .await;
    made.assert_status(200);
    let text = made.text();
    let link = text.split("/signup?invitation=").nth(1).unwrap();
    let token: String = link
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_')
        .collect();
    let site = |mode| {
        vec![
            ("name", "Harbour"),
            ("language", "en"),
            ("sign_up", mode),
            ("sign_up_role", "reader"),
            ("comment_policy", "members"),
        ]
    };
    owner
        .post("/admin/site", &site("invite"))
        .await
        .assert_status(303);

    let person = |name: &'static str, email: &'static str| {
        vec![("username", name), ("email", email), ("password", PASSWORD)]
    };
    let mut stranger = app.anonymous();
    stranger.get("/signup").await.assert_status(403);
    let refused = stranger
        .post("/signup", &person("carl", "carl@example.org"))
        .await;
    assert_eq!(refused.status.as_u16(), 422);
    stranger
        .get(&format!("/signup?invitation={token}"))
        .await
        .assert_status(200);
    let mut form = person("ben", "ben@example.org");
    form.push(("invitation", &token));
    stranger.post("/signup", &form).await.assert_status(303);
    assert_eq!(
        stranger.get("/me.json").await.json()["user"]["role"],
        "author",
        "the invitation says which role"
    );
    let used = app
        .anonymous()
        .get(&format!("/signup?invitation={token}"))
        .await;
    used.assert_status(403);
    assert!(used.one(".empty").contains("used up"));
    let list = owner.get("/admin/invitations").await;
    assert!(list.one("ul.rows p + p").ends_with("used up"));
    let mut second = person("dora", "dora@example.org");
    second.push(("invitation", &token));
    app.anonymous()
        .post("/signup", &second)
        .await
        .assert_status(422);

    owner
        .post("/admin/site", &site("closed"))
        .await
        .assert_status(303);
    app.anonymous().get("/signup").await.assert_status(403);
    app.anonymous()
        .post("/signup", &second)
        .await
        .assert_status(403);
    assert_eq!(app.count("select count(*) from users").await, 2);
}

#[actix_web::test]
async fn racing_for_one_name_has_one_winner() {
    let app = TestApp::new().await;
    let emails: Vec<String> = (0..8).map(|i| format!("racer{i}@example.org")).collect();
    let names = [
        "mara", "Mara", "MARA", "mаra", "mara", "mArA", "marа", "mara",
    ];
    let tries = names.iter().zip(&emails).map(|(name, email)| {
        let mut visitor = app.anonymous();
        async move {
            visitor
                .post(
                    "/signup",
                    &[("username", name), ("email", email), ("password", PASSWORD)],
                )
                .await
                .status
                .as_u16()
        }
    });
    let done = futures_util::future::join_all(tries).await;
    assert_eq!(done.iter().filter(|s| **s == 303).count(), 1, "{done:?}");
    assert_eq!(
        app.count(
            "select count(*) from users where username_key = 'rnara' or username ilike 'mara'"
        )
        .await,
        1
    );
}

#[actix_web::test]
async fn racing_for_one_invitation_has_one_winner() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let closed = [
        ("name", "Harbour"),
        ("language", "en"),
        ("sign_up", "invite"),
        ("sign_up_role", "reader"),
        ("comment_policy", "members"),
    ];
    owner.post("/admin/site", &closed).await.assert_status(303);
    for (uses, winners) in [("1", 1), ("3", 3)] {
        let form = [("role", "author"), ("max_uses", uses), ("days", "3")];
        let link = owner
            .post("/admin/invitations", &form)
            .await
            .assert_status(200)
            .one(".note .code");
        let token = link.split_once("invitation=").unwrap().1;
        let tries = (0..8).map(|racer| {
            let mut visitor = app.anonymous();
            async move {
                let (name, email) = (
                    format!("racer{uses}{racer}"),
                    format!("racer{uses}{racer}@example.org"),
                );
                let form = [
                    ("username", name.as_str()),
                    ("email", &email),
                    ("password", PASSWORD),
                    ("invitation", token),
                ];
                visitor.post("/signup", &form).await.status.as_u16()
            }
        });
        let mut done = futures_util::future::join_all(tries).await;
        done.sort_unstable();
        let expected: Vec<u16> = (0..8)
            .map(|place| if place < winners { 303 } else { 422 })
            .collect();
        assert_eq!(done, expected, "{uses}");
    }
    assert_eq!(
        app.count("select count(*) from users where username like 'racer%'")
            .await,
        4
    );
    assert_eq!(
        app.count("select sum(uses)::bigint from invitations").await,
        4
    );
}

#[actix_web::test]
async fn a_new_handle_keeps_the_old_addresses() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Hello", "World.").await;
    ann.post(
        "/settings/account",
        &[
            ("username", "annabel"),
            ("email", "person1@example.org"),
            ("current_password", PASSWORD),
        ],
    )
    .await
    .assert_status(303);
    let mut reader = app.anonymous();
    assert_eq!(reader.get("/@ann").await.location(), "/@annabel");
    assert_eq!(reader.get(&post.path).await.location(), "/@annabel/hello");
    reader.get("/@annabel/hello").await.assert_status(200);
    // Nobody else gets the old name, its owner does.
    app.anonymous()
        .post(
            "/signup",
            &[
                ("username", "ann"),
                ("email", "x@example.org"),
                ("password", PASSWORD),
            ],
        )
        .await
        .assert_status(422);
    ann.post(
        "/settings/account",
        &[
            ("username", "ann"),
            ("email", "person1@example.org"),
            ("current_password", PASSWORD),
        ],
    )
    .await
    .assert_status(303);
    assert_eq!(reader.get("/@annabel").await.location(), "/@ann");
}

#[actix_web::test]
async fn a_taken_address_is_told_as_it_concerns_the_account() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    app.author("ben").await;
    let form = [
        ("username", "ann"),
        ("email", "person2@example.org"),
        ("current_password", PASSWORD),
    ];
    let refused = ann.post("/settings/account", &form).await;
    let told = refused.assert_status(422).one("#email-error");
    assert_eq!(
        told.trim(),
        "There is an account with this e-mail address already."
    );
    let form = [
        ("username", "anne"),
        ("email", "person2@example.org"),
        ("password", PASSWORD),
    ];
    let refused = app.anonymous().post("/signup", &form).await;
    assert!(refused.one("#email-error").contains("Sign in instead."));
}

#[actix_web::test]
async fn roles_are_given_below_ones_own_and_end_sessions() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let mut ben = app.author("ben").await;
    let id = app
        .text("select public_id::text from users where username = 'ben'")
        .await;
    let path = format!("/admin/people/{id}/role");
    let people = owner.get("/admin/people").await;
    assert!(people.one("#role-hint").contains("signed out everywhere"));
    assert_eq!(
        people.attribute("#role-ben", "aria-describedby").as_deref(),
        Some("role-hint")
    );
    let done = owner.post(&path, &[("role", "moderator")]).await;
    done.assert_status(303);
    let told = owner.get(done.location()).await.one("[role=status]");
    assert!(told.contains("ben is a moderator now."), "{told}");
    assert!(
        ben.get("/settings").await.location().starts_with("/login"),
        "a new role begins with a new sign-in"
    );
    let mut ben = app.sign_in("ben").await;
    owner
        .post(&path, &[("role", "moderator")])
        .await
        .assert_status(303);
    ben.get("/settings").await.assert_status(200);
    let nobody = owner
        .get(&format!("/admin/people?changed={}", public_id()))
        .await;
    assert!(nobody.assert_status(200).all("[role=status]").is_empty());
    owner
        .post(&path, &[("role", "owner")])
        .await
        .assert_status(403);
    owner
        .post(&path, &[("role", "king")])
        .await
        .assert_status(400);
    let own = app
        .text("select public_id::text from users where username = 'olga'")
        .await;
    owner
        .post(&format!("/admin/people/{own}/role"), &[("role", "reader")])
        .await
        .assert_status(403);
    assert_eq!(
        app.text("select before->>'role' || ' ' || (after->>'role') from audit_log where act = 'person.change_role'").await,
        "author moderator"
    );
}

#[actix_web::test]
async fn signing_out_ends_the_session_on_the_server() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let stolen = ann.cookie("sid").unwrap().to_owned();
    let done = ann.post("/logout", &[]).await;
    assert_eq!(done.header("clear-site-data"), Some("\"cache\""));
    let mut thief = app.anonymous();
    thief.set_cookie("sid", &stolen);
    assert!(thief.get("/me.json").await.json()["user"].is_null());
}

#[actix_web::test]
async fn a_form_sent_after_the_session_ended_loses_nothing() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let id = ann.draft(&[("title", "Kept"), ("markdown", "a")]).await;
    sqlx::query("delete from sessions")
        .execute(&app.database)
        .await
        .unwrap();
    let typed = "A long text that took all morning,\nwith \"quotes\" & <tags>.";
    let path = format!("/p/{id}/edit");
    let kept = ann
        .post(
            &path,
            &[
                ("id", &id),
                ("version", "1"),
                ("title", "Kept"),
                ("markdown", typed),
                ("action", "save"),
            ],
        )
        .await;
    kept.assert_status(401);
    assert_eq!(kept.header("cache-control"), Some("private, no-store"));
    assert_eq!(kept.field("markdown"), typed);
    assert_eq!(
        kept.attribute("main form", "action").as_deref(),
        Some(path.as_str())
    );
    let mut ann = app.sign_in("ann").await;
    let fields: Vec<(String, String)> = ["id", "version", "title", "markdown", "action"]
        .iter()
        .map(|n| ((*n).to_owned(), kept.field(n)))
        .collect();
    let again: Vec<(&str, &str)> = fields
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    ann.post(&path, &again).await.assert_status(303);
    assert_eq!(
        app.text("select markdown from revisions order by number desc limit 1")
            .await,
        typed
    );
    let secret = app
        .anonymous()
        .post(
            "/settings/password",
            &[
                ("current_password", "s3cret-one"),
                ("password", "s3cret-two"),
            ],
        )
        .await;
    secret.assert_status(401);
    assert!(
        !secret.text().contains("s3cret"),
        "passwords are never sent back"
    );
}

#[actix_web::test]
async fn limits_of_forms_are_those_of_the_database() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let website = format!("https://example.org/{}", "a".repeat(600));
    let refused = ann
        .post(
            "/settings/profile",
            &[("name", "Ann"), ("bio", "b"), ("website", &website)],
        )
        .await;
    refused.assert_status(422);
    assert_eq!(refused.field("website"), website);
    // As a browser counts: a line break is one character.
    let bio = "ä\r\n".repeat(500);
    ann.post(
        "/settings/profile",
        &[("name", "Ann\nLee"), ("bio", &bio), ("website", "")],
    )
    .await
    .assert_status(303);
    assert_eq!(
        app.text("select name from users where username = 'ann'")
            .await,
        "Ann Lee"
    );
}

#[actix_web::test]
async fn signing_up_to_comment_leads_back_to_the_post() {
    let app = TestApp::new().await;
    let mut visitor = app.anonymous();
    let form = visitor.get("/signup?next=/@ann/hello/comment").await;
    assert_eq!(form.field("next"), "/@ann/hello/comment");
    let fields = [
        ("username", "ben"),
        ("email", "ben@example.org"),
        ("password", PASSWORD),
        ("next", "/@ann/hello/comment"),
    ];
    assert_eq!(
        visitor.post("/signup", &fields).await.location(),
        "/@ann/hello/comment"
    );
}

/// By a double click, or because the first answer was lost.
#[actix_web::test]
async fn a_sign_up_sent_twice_is_one_account() {
    let app = TestApp::new().await;
    sqlx::query("update site set sign_up_role = 'author'")
        .execute(&app.database)
        .await
        .unwrap();
    let mut ann = app.anonymous();
    let id = ann.get("/signup").await.field("id");
    let form = [
        ("id", id.as_str()),
        ("username", "ann"),
        ("name", ""),
        ("email", "ann@example.org"),
        ("password", PASSWORD),
    ];
    let mut again = ann.clone();
    let (first, second) =
        futures_util::join!(ann.post("/signup", &form), again.post("/signup", &form));
    first.assert_status(303);
    second.assert_status(303);
    // To the same page, by the role of the account.
    assert_eq!(
        [first.location(), second.location()],
        ["/dashboard", "/dashboard"]
    );
    assert_eq!(
        ann.get("/dashboard").await.status,
        again.get("/dashboard").await.status
    );
    assert_eq!(
        app.count("select count(*) from users where username = 'ann'")
            .await,
        1
    );
    // With another password it is somebody who knows the id only.
    let other = [
        form[0],
        form[1],
        form[2],
        form[3],
        ("password", "quite another sentence"),
    ];
    app.anonymous()
        .post("/signup", &other)
        .await
        .assert_status(422);
    let by_id = again.post("/signup", &other).await;
    by_id.assert_status(409);
    assert!(by_id.header("set-cookie").is_none());
}

#[actix_web::test]
async fn an_invitation_sent_twice_is_one_link() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let id = owner.get("/admin/invitations").await.field("id");
    let form = [
        ("id", id.as_str()),
        ("role", "author"),
        ("note", "for Ben"),
        ("max_uses", "1"),
        ("days", "3"),
    ];
    let first = owner
        .post("/admin/invitations", &form)
        .await
        .one(".note .code");
    let again = owner.post("/admin/invitations", &form).await;
    assert_eq!(again.one(".note .code"), first);
    assert_ne!(again.field("id"), id, "the next one is another");
    assert_eq!(app.count("select count(*) from invitations").await, 1);
    let token = first.split_once("invitation=").unwrap().1.to_owned();
    let join = [
        ("username", "ben"),
        ("name", ""),
        ("email", "ben@example.org"),
        ("password", PASSWORD),
        ("invitation", token.as_str()),
    ];
    app.anonymous()
        .post("/signup", &join)
        .await
        .assert_status(303);
}
