//! What passwords cost, and who pays.

use crate::support::{Actor, PASSWORD, TestApp};

/// A hundred characters over which the look for guessable passwords takes a second.
fn costly() -> String {
    "4@8({[<369!1|0$5+7%2".repeat(5)
}

async fn switch_sign_up(owner: &mut Actor, mode: &str) {
    let site = [
        ("name", "Harbour"),
        ("language", "en"),
        ("sign_up", mode),
        ("sign_up_role", "reader"),
        ("comment_policy", "members"),
    ];
    owner.post("/admin/site", &site).await.assert_status(303);
}

#[actix_web::test]
async fn no_password_is_looked_at_behind_a_shut_door() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let password = costly();
    let person = [
        ("username", "eve"),
        ("email", "eve@example.org"),
        ("password", password.as_str()),
    ];
    let mut stranger = app.anonymous();
    // Whatever needs a thread for passwords is refused with 503 from now on.
    let _full = app.fill_password_queue().await;
    // The code that was printed is worth nothing once there is an owner.
    let code = app.set_up_code();
    let set_up = [
        &[("site_name", "Mine"), ("code", code.as_str())],
        &person[..],
    ]
    .concat();
    stranger.post("/setup", &set_up).await.assert_status(404);
    switch_sign_up(&mut owner, "closed").await;
    stranger.post("/signup", &person).await.assert_status(403);
    switch_sign_up(&mut owner, "invite").await;
    for invitation in ["", "made-up", &"A".repeat(43)] {
        let refused = stranger
            .post(
                "/signup",
                &[&[("invitation", invitation)], &person[..]].concat(),
            )
            .await;
        refused.assert_status(422);
        assert_eq!(
            refused
                .attribute("[name=invitation]", "aria-invalid")
                .as_deref(),
            Some("true"),
            "{invitation}"
        );
    }
    // Faults that cost nothing are found without a thread too.
    switch_sign_up(&mut owner, "open").await;
    let short = stranger
        .post(
            "/signup",
            &[
                ("username", "eve"),
                ("email", "eve@example.org"),
                ("password", "short"),
            ],
        )
        .await;
    short.assert_status(422);
    let long = "long enough ".repeat(4000);
    stranger
        .post(
            "/signup",
            &[
                ("username", "eve"),
                ("email", "eve@example.org"),
                ("password", &long),
            ],
        )
        .await
        .assert_status(422);
}

#[actix_web::test]
async fn forms_that_find_too_many_passwords_waiting_come_back_whole() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut stranger = app.anonymous();
    let weak = [
        ("username", "eve"),
        ("email", "eve@example.org"),
        ("password", "password"),
    ];
    let full = app.fill_password_queue().await;
    for (path, form) in [
        ("/signup", &weak[..]),
        (
            "/login",
            &[
                ("login", "ann"),
                ("password", PASSWORD),
                ("next", "/settings"),
            ],
        ),
        (
            "/settings/account",
            &[
                ("username", "annabel"),
                ("email", "a@example.org"),
                ("current_password", PASSWORD),
            ],
        ),
        (
            "/settings/password",
            &[
                ("current_password", PASSWORD),
                ("password", "seven loud kettles"),
            ],
        ),
    ] {
        let actor = if path.starts_with("/settings") {
            &mut ann
        } else {
            &mut stranger
        };
        let kept = actor.post(path, form).await;
        kept.assert_status(503);
        assert!(kept.header("retry-after").is_some(), "{path}");
        assert_eq!(kept.attribute("main form", "action").as_deref(), Some(path));
        for (name, value) in form {
            let shown = if name.contains("password") { "" } else { value };
            assert_eq!(kept.field(name), *shown, "{path} {name}");
        }
        assert_eq!(
            kept.attribute("main form [type=password]", "required")
                .as_deref(),
            Some(""),
            "{path}: it is typed again"
        );
        assert!(
            !kept.text().contains(PASSWORD),
            "a password is never sent back"
        );
    }
    drop(full);
    stranger
        .post(
            "/login",
            &[
                ("login", "ann"),
                ("password", PASSWORD),
                ("next", "/settings"),
            ],
        )
        .await
        .assert_status(303);
}

#[actix_web::test]
async fn only_the_first_thirty_characters_are_looked_at() {
    let app = TestApp::new().await;
    let join = |name: &str, password: String| {
        let mut visitor = app.anonymous();
        let (name, email) = (name.to_owned(), format!("{name}@example.org"));
        async move {
            visitor
                .post(
                    "/signup",
                    &[
                        ("username", &name),
                        ("email", &email),
                        ("password", &password),
                    ],
                )
                .await
        }
    };
    let refused = join("eve", format!("{}nine quiet lanterns", "a".repeat(30))).await;
    refused.assert_status(422);
    assert_eq!(
        refused
            .attribute("[name=password]", "aria-invalid")
            .as_deref(),
        Some("true")
    );
    join("eve", costly()).await.assert_status(303);
    join("zoe", format!("nine quiet lanterns {}", "a".repeat(230)))
        .await
        .assert_status(303);
}

/// The hash that versions before kept: of the bytes as they came.
fn hash_of_bytes(password: &str) -> String {
    let params = argon2::Params::new(8, 2, 1, None).unwrap();
    let argon2 = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    argon2::PasswordHasher::hash_password(&argon2, password.as_bytes())
        .unwrap()
        .to_string()
}

#[actix_web::test]
async fn a_password_is_the_same_on_every_keyboard() {
    let app = TestApp::new().await;
    let mut ann = app.anonymous();
    let join = [
        ("username", "ann"),
        ("email", "ann@example.org"),
        ("password", "neun\u{a0}stille Cafe\u{301}s"),
    ];
    ann.post("/signup", &join).await.assert_status(303);
    for password in [
        "neun stille Cafés",
        "neun\u{3000}stille Cafe\u{301}s",
        "neun\u{a0}stille Cafe\u{301}s",
    ] {
        app.anonymous()
            .post("/login", &[("login", "ann"), ("password", password)])
            .await
            .assert_status(303);
    }
    for password in ["neun stille cafés", "neunstille Cafés", "neun stille Cafes"] {
        app.anonymous()
            .post("/login", &[("login", "ann"), ("password", password)])
            .await
            .assert_status(422);
    }
    for control in ["nine\tquiet lanterns", "nine quiet\u{7f}lanterns"] {
        let eve = [
            ("username", "eve"),
            ("email", "eve@example.org"),
            ("password", control),
        ];
        let refused = app.anonymous().post("/signup", &eve).await;
        refused.assert_status(422);
        assert_eq!(
            refused
                .attribute("[name=password]", "aria-invalid")
                .as_deref(),
            Some("true")
        );
    }
}

#[actix_web::test]
async fn passwords_from_before_sign_in_as_they_were_typed_and_then_on_every_keyboard() {
    let app = TestApp::new().await;
    app.author("ann").await;
    let typed = "neun\u{a0}stille Cafe\u{301}s";
    for (old, others) in [
        (typed, &["neun stille Cafés"][..]),
        ("nine\tquiet lanterns", &[]),
    ] {
        sqlx::query("update user_profiles set password_hash = $1 where email like 'person1@%'")
            .bind(hash_of_bytes(old))
            .execute(&app.database)
            .await
            .unwrap();
        for other in others {
            app.anonymous()
                .post("/login", &[("login", "ann"), ("password", other)])
                .await
                .assert_status(422);
        }
        app.anonymous()
            .post("/login", &[("login", "ann"), ("password", old)])
            .await
            .assert_status(303);
        for password in others.iter().chain([&old]) {
            app.anonymous()
                .post("/login", &[("login", "ann"), ("password", password)])
                .await
                .assert_status(303);
        }
    }
}

#[actix_web::test]
async fn a_new_password_must_be_strong() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    for weak in ["password", "short", "annannannann", &"x".repeat(257)] {
        let refused = ann
            .post(
                "/settings/password",
                &[("current_password", PASSWORD), ("password", weak)],
            )
            .await;
        refused.assert_status(422);
        assert_eq!(
            refused
                .attribute("[name=password]", "aria-invalid")
                .as_deref(),
            Some("true"),
            "{weak}"
        );
    }
    app.sign_in("ann").await;
}
