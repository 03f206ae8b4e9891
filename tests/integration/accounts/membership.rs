//! Who may join, what may be changed with which proof, and the row that each act leaves.

use actix_web::test::TestRequest;

use masthead::db::public_id;

use crate::support::{Actor, PASSWORD, TestApp};

async fn invite(app: &TestApp) -> String {
    let mut owner = app.owner().await;
    let made = owner
        .post(
            "/admin/invitations",
            &[("role", "author"), ("max_uses", "1"), ("days", "3")],
        )
        .await;
    let link = made.one(".note .code");
    let site = [
        ("name", "H"),
        ("language", "en"),
        ("sign_up", "invite"),
        ("sign_up_role", "reader"),
        ("comment_policy", "members"),
    ];
    owner.post("/admin/site", &site).await.assert_status(303);
    link.split_once("invitation=").unwrap().1.to_owned()
}

async fn join(app: &TestApp, token: &str) -> u16 {
    let form = [
        ("username", "ben"),
        ("email", "b@example.org"),
        ("password", PASSWORD),
        ("invitation", token),
    ];
    app.anonymous().post("/signup", &form).await.status.as_u16()
}

#[actix_web::test]
async fn an_invitation_that_was_withdrawn_or_is_too_old_is_worth_nothing() {
    let app = TestApp::new().await;
    let withdrawn = invite(&app).await;
    let id = app.text("select public_id::text from invitations").await;
    let mut owner = app.owner().await;
    // The second click lands where the first did.
    for _ in 0..2 {
        let done = owner
            .post(&format!("/admin/invitations/{id}/revoke"), &[])
            .await;
        done.assert_status(303);
        assert_eq!(done.location(), "/admin/invitations");
    }
    owner
        .post(&format!("/admin/invitations/{}/revoke", public_id()), &[])
        .await
        .assert_status(404);
    let acts = "select count(*) from audit_log where act = 'invitation.revoke'";
    assert_eq!(app.count(acts).await, 1);
    assert_eq!(join(&app, &withdrawn).await, 422);
    let old = invite(&app).await;
    sqlx::query("update invitations set expires_at = now() - interval '1 second'")
        .execute(&app.database)
        .await
        .unwrap();
    assert_eq!(join(&app, &old).await, 422);
    let good = invite(&app).await;
    assert_eq!(join(&app, &good).await, 303);
}

#[actix_web::test]
async fn a_worthless_invitation_is_not_passed_over_where_anybody_can_sign_up() {
    let app = TestApp::new().await;
    let used = invite(&app).await;
    assert_eq!(join(&app, &used).await, 303);
    let site = [
        ("name", "H"),
        ("language", "en"),
        ("sign_up", "open"),
        ("sign_up_role", "reader"),
        ("comment_policy", "members"),
    ];
    app.owner()
        .await
        .post("/admin/site", &site)
        .await
        .assert_status(303);
    let withdrawn = {
        let mut owner = app.owner().await;
        let made = owner
            .post(
                "/admin/invitations",
                &[("role", "author"), ("max_uses", "1"), ("days", "3")],
            )
            .await;
        let id = app
            .text("select public_id::text from invitations order by id desc limit 1")
            .await;
        owner
            .post(&format!("/admin/invitations/{id}/revoke"), &[])
            .await
            .assert_status(303);
        made.one(".note .code")
            .split_once("invitation=")
            .unwrap()
            .1
            .to_owned()
    };
    for worthless in [used.as_str(), &withdrawn, "not-a-token"] {
        let mut eve = app.anonymous();
        let opened = eve.get(&format!("/signup?invitation={worthless}")).await;
        opened.assert_status(200);
        assert_eq!(
            opened
                .attribute("[name=invitation]", "aria-invalid")
                .as_deref(),
            Some("true")
        );
        let form = [
            ("username", "eve"),
            ("name", "Eve"),
            ("email", "eve@example.org"),
            ("password", PASSWORD),
            ("invitation", worthless),
        ];
        let refused = eve.post("/signup", &form).await;
        refused.assert_status(422);
        assert_eq!(
            (
                refused.field("username"),
                refused.field("name"),
                refused.field("email")
            ),
            ("eve".into(), "Eve".into(), "eve@example.org".into())
        );
        assert_eq!(
            refused
                .attribute("[name=invitation]", "aria-invalid")
                .as_deref(),
            Some("true")
        );
        assert_eq!(
            (
                refused.field("invitation"),
                refused.attribute("[name=invitation]", "required")
            ),
            (worthless.to_owned(), None)
        );
    }
    assert_eq!(
        app.count("select count(*) from users where username = 'eve'")
            .await,
        0
    );
    // Without it, knowingly.
    let form = [
        ("username", "eve"),
        ("email", "eve@example.org"),
        ("password", PASSWORD),
        ("invitation", " "),
    ];
    app.anonymous()
        .post("/signup", &form)
        .await
        .assert_status(303);
    assert_eq!(
        app.text("select role from users where username = 'eve'")
            .await,
        "reader"
    );
}

#[actix_web::test]
async fn an_invitation_that_is_opened_while_signed_in_says_what_it_is_for() {
    let app = TestApp::new().await;
    let token = invite(&app).await;
    let mut olga = app.owner().await;
    let told = olga.get(&format!("/signup?invitation={token}")).await;
    told.assert_status(409);
    assert!(told.text().contains("Sign out"), "{}", told.text());
    assert_eq!(olga.get("/signup").await.location(), "/");
}

#[actix_web::test]
async fn people_who_sign_up_get_the_role_of_the_site() {
    let app = TestApp::new().await;
    for (role, name) in [("reader", "ann"), ("author", "ben")] {
        let site = [
            ("name", "H"),
            ("language", "en"),
            ("sign_up", "open"),
            ("sign_up_role", role),
            ("comment_policy", "members"),
        ];
        app.owner()
            .await
            .post("/admin/site", &site)
            .await
            .assert_status(303);
        let mut person = app.author(name).await;
        assert_eq!(person.get("/me.json").await.json()["user"]["role"], role);
    }
}

#[actix_web::test]
async fn handle_and_address_are_changed_with_the_password_only() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    for (username, email) in [
        ("annabel", "person1@example.org"),
        ("ann", "thief@example.org"),
    ] {
        for password in ["", "wrong"] {
            let form = [
                ("username", username),
                ("email", email),
                ("current_password", password),
            ];
            let refused = ann.post("/settings/account", &form).await;
            refused.assert_status(422);
            assert_eq!(
                (refused.field("username"), refused.field("email")),
                (username.to_owned(), email.to_owned())
            );
        }
    }
    assert_eq!(
        app.text("select username || ' ' || email from users join user_profiles on user_id = id where username like 'ann%'")
            .await,
        "ann person1@example.org"
    );
}

#[actix_web::test]
async fn the_list_of_people_goes_on_after_its_first_page() {
    let app = TestApp::new().await;
    // Letters that are their own key.
    sqlx::raw_sql(
        "insert into users (public_id, username, username_key, role)
             select gen_random_uuid(), name, name, 'reader'
             from generate_series(101, 220) n, concat('p', translate(n::text, '0123456789', 'abcdefghjk')) name;
         insert into user_profiles (user_id) select id from users where username like 'p%'",
    )
    .execute(&app.database)
    .await
    .unwrap();
    let mut owner = app.owner().await;
    let mut seen = Vec::new();
    let mut path = Some("/admin/people".to_owned());
    while let Some(next) = path {
        assert!(seen.len() < 200, "it ends");
        let page = owner.get(&next).await;
        seen.extend(page.all("tbody .sub"));
        path = page.attribute("a[rel=next]", "href");
    }
    let mut all = seen.clone();
    all.sort();
    all.dedup();
    assert_eq!((seen.len(), all.len()), (121, 121), "everybody once");
    let found = owner.get("/admin/people?q=pb").await;
    assert!(
        found
            .all("tbody .sub")
            .iter()
            .all(|name| name.starts_with("@pb"))
    );
    assert!(
        found
            .attribute("a[rel=next]", "href")
            .unwrap()
            .contains("q=pb")
    );
}

fn picture() -> TestRequest {
    let mut png = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(64, 64)
        .write_to(&mut png, image::ImageFormat::Png)
        .unwrap();
    let mut body =
        b"--x\r\ncontent-disposition: form-data; name=\"avatar\"; filename=\"a.png\"\r\n\r\n"
            .to_vec();
    body.extend(png.into_inner());
    body.extend(b"\r\n--x--\r\n");
    TestRequest::post()
        .uri("/settings/avatar")
        .insert_header(("content-type", "multipart/form-data; boundary=x"))
        .insert_header(("sec-fetch-site", "same-origin"))
        .set_payload(body)
}

#[actix_web::test]
async fn a_picture_taken_back_is_taken_down() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    // There was none before that it takes the place of.
    let first = ann.send(picture()).await;
    assert_eq!(first.location(), "/settings?saved=avatar");
    let path = ann.get("/me.json").await.json()["user"]["avatar"]
        .as_str()
        .unwrap()
        .to_owned();
    let tags = app
        .anonymous()
        .get(&path)
        .await
        .header("surrogate-key")
        .unwrap()
        .to_owned();
    let done = ann.post("/settings/avatar/remove", &[]).await;
    done.assert_status(303);
    let told = ann.get(done.location()).await.all("[role=status]");
    assert!(told[0].contains("Your picture is removed."), "{told:?}");
    assert!(told[1].contains("Readers can no longer see it"), "{told:?}");
    // A second click takes nothing down.
    let again = ann.post("/settings/avatar/remove", &[]).await;
    again.assert_status(303);
    let told = ann.get(again.location()).await.one("[role=status]");
    assert!(told.contains("Your picture is removed."), "{told}");
    assert!(!again.location().contains("gone="), "{}", again.location());
    let tag = tags.split(' ').next().unwrap();
    let gone = sqlx::query_scalar(
        "select count(*) from cache_invalidations where gone and $1 = any(tags)",
    )
    .bind(tag);
    let gone: i64 = gone.fetch_one(&app.database).await.unwrap();
    assert_eq!(gone, 1);
    app.anonymous().get(&path).await.assert_status(404);
}

/// The acts in the log since the last look, each with its actor.
async fn acts_of(app: &TestApp, by: &mut Actor, path: &str, form: &[(&str, &str)]) -> String {
    let before = app
        .count("select coalesce(max(id), 0) from audit_log")
        .await;
    let status = by.post(path, form).await.status.as_u16();
    assert!(matches!(status, 200 | 303), "{path}: {status}");
    sqlx::query_scalar("select coalesce(string_agg(act || ' ' || actor, ', ' order by id), '') from audit_log where id > $1")
        .bind(before)
        .fetch_one(&app.database)
        .await
        .unwrap()
}

#[actix_web::test]
async fn every_act_of_an_account_leaves_its_row() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut owner = app.owner().await;
    let other = app.sign_in("ann").await;
    let session = app
        .text("select public_id::text from sessions order by id desc limit 1")
        .await;
    drop(other);
    ann.send(picture()).await.assert_status(303);
    let pictures =
        "select count(*) from audit_log where act = 'account.change_avatar' and actor = 'ann'";
    assert_eq!(app.count(pictures).await, 1);
    let site = [
        ("name", "H"),
        ("language", "en"),
        ("sign_up", "open"),
        ("sign_up_role", "reader"),
        ("comment_policy", "members"),
    ];
    let revoke = format!("/settings/sessions/{session}/revoke");
    let changed = [
        ("username", "anna"),
        ("email", "person1@example.org"),
        ("current_password", PASSWORD),
    ];
    for (path, form, acts) in [
        (
            "/settings/profile",
            &[("name", "A")][..],
            "account.update_profile ann",
        ),
        ("/settings/avatar/remove", &[], "account.remove_avatar ann"),
        (revoke.as_str(), &[], "session.revoke ann"),
        (
            "/settings/sessions/revoke",
            &[],
            "session.revoke_others ann",
        ),
        ("/settings/account", &changed, "account.update ann"),
        (
            "/settings/password",
            &[
                ("current_password", PASSWORD),
                ("password", "seven loud kettles"),
            ],
            "account.change_password anna",
        ),
        ("/logout", &[], "session.end anna"),
        (
            "/login",
            &[("login", "anna"), ("password", "seven loud kettles")],
            "session.create anna",
        ),
        (
            "/signup",
            &[
                ("username", "ben"),
                ("email", "b@example.org"),
                ("password", PASSWORD),
            ],
            "account.create ben",
        ),
    ] {
        assert_eq!(acts_of(&app, &mut ann, path, form).await, acts, "{path}");
    }
    let invitation = [
        ("role", "author"),
        ("note", "for Zoe"),
        ("max_uses", "1"),
        ("days", "3"),
    ];
    assert_eq!(
        acts_of(&app, &mut owner, "/admin/invitations", &invitation).await,
        "invitation.create olga"
    );
    let id = app.text("select public_id::text from invitations").await;
    assert_eq!(
        acts_of(
            &app,
            &mut owner,
            &format!("/admin/invitations/{id}/revoke"),
            &[]
        )
        .await,
        "invitation.revoke olga"
    );
    assert_eq!(
        acts_of(&app, &mut owner, "/admin/site", &site).await,
        "site.update olga"
    );
    let id = app
        .text("select public_id::text from users where username = 'ben'")
        .await;
    let role = [("role", "moderator")];
    assert_eq!(
        acts_of(&app, &mut owner, &format!("/admin/people/{id}/role"), &role).await,
        "person.change_role olga"
    );
    // Each row tells from which request it is.
    assert_eq!(
        app.count(
            "select count(*) from audit_log where correlation_id is null or transaction_id is null"
        )
        .await,
        0
    );
}
