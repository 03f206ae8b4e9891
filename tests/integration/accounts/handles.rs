//! Handles: which there can be, and who is meant by one.

use crate::support::{PASSWORD, Response, TestApp};

async fn join(app: &TestApp, number: usize, username: &str) -> Response {
    let email = format!("joins{number}@example.org");
    app.anonymous()
        .post(
            "/signup",
            &[
                ("username", username),
                ("email", &email),
                ("password", PASSWORD),
            ],
        )
        .await
}

#[actix_web::test]
async fn handles_of_every_script_and_none_that_is_invisible_or_the_sites_own() {
    let app = TestApp::new().await;
    for (number, name) in [
        "सूर्य",
        "बिजली-२",
        "ひらがな漢字",
        "بسام",
        "สมชาย",
        "cafe\u{301}",
    ]
    .into_iter()
    .enumerate()
    {
        join(&app, number, name).await.assert_status(303);
    }
    assert_eq!(
        app.count("select count(*) from users where username = 'café'")
            .await,
        1
    );
    for login in ["सूर्य", "CAFÉ", "cafe\u{301}"] {
        app.anonymous()
            .post("/login", &[("login", login), ("password", PASSWORD)])
            .await
            .assert_status(303);
    }
    let encoded: String = "सूर्य".bytes().map(|byte| format!("%{byte:02X}")).collect();
    app.anonymous()
        .get(&format!("/@{encoded}"))
        .await
        .assert_status(200);
    for name in [
        "\u{115f}\u{1160}",
        "\u{3164}\u{3164}",
        "an\u{200d}n",
        "ann\u{fe0f}",
        "ADM1N",
        "ADMlN",
        "R00T",
        "सू\u{930}pal",
    ] {
        let refused = join(&app, 99, name).await;
        refused.assert_status(422);
        assert_eq!(
            refused
                .attribute("[name=username]", "aria-invalid")
                .as_deref(),
            Some("true"),
            "{name:?}"
        );
        assert_eq!(refused.field("username"), name);
    }
}

/// One that looked like nothing could be registered once: its key is empty.
#[actix_web::test]
async fn an_empty_name_signs_in_nobody() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    sqlx::query("update users set username = $1, username_key = '' where username = 'ann'")
        .bind("\u{115f}\u{1160}")
        .execute(&app.database)
        .await
        .unwrap();
    for login in ["", " ", "\u{200b}", "\u{3164}", "\u{1160}\u{115f}"] {
        app.anonymous()
            .post("/login", &[("login", login), ("password", PASSWORD)])
            .await
            .assert_status(422);
    }
    for login in ["\u{115f}\u{1160}", "person1@example.org"] {
        app.anonymous()
            .post("/login", &[("login", login), ("password", PASSWORD)])
            .await
            .assert_status(303);
    }
    // What exists stays good: the address can be changed without another handle.
    let form = [
        ("username", "\u{115f}\u{1160}"),
        ("email", "ann@example.org"),
        ("current_password", PASSWORD),
    ];
    ann.post("/settings/account", &form)
        .await
        .assert_status(303);
}

#[actix_web::test]
async fn names_in_which_nothing_can_be_seen_count_as_empty() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    for nothing in [
        "\u{200b}",
        "\u{115f}\u{1160}",
        " \u{2060}\u{ad} ",
        "\u{2800}",
    ] {
        ann.post("/settings/profile", &[("name", nothing), ("bio", nothing)])
            .await
            .assert_status(303);
        assert_eq!(app.text("select name || bio from users join user_profiles on user_id = id where username = 'ann'").await, "");
        let mut owner = app.owner().await;
        let site = [
            ("name", nothing),
            ("language", "en"),
            ("sign_up", "open"),
            ("sign_up_role", "author"),
            ("comment_policy", "members"),
        ];
        owner.post("/admin/site", &site).await.assert_status(422);
        let invitation = [
            ("role", "author"),
            ("note", nothing),
            ("max_uses", "1"),
            ("days", "3"),
        ];
        owner
            .post("/admin/invitations", &invitation)
            .await
            .assert_status(200);
    }
    assert_eq!(
        app.count("select count(*) from invitations where note = ''")
            .await,
        4
    );
    assert_eq!(app.anonymous().get("/@ann").await.one("h1"), "ann");
}

/// Accounts of earlier versions, with the keys that those wrote down.
#[actix_web::test]
async fn handles_of_former_rules_sign_in_and_stay_good() {
    let app = TestApp::new().await;
    let former = [
        ("ADM1N", "adrnln", "adm1n"),
        ("R00T", "root", "r00t"),
        ("SETTlNGS", "settlngs", "settlngs"),
        ("Ann0", "anno", "ANNO"),
        ("Роса", "poca", "РОСА"),
        ("中文", "中文", "中文"),
    ];
    for (number, (username, key, login)) in former.into_iter().enumerate() {
        let mut person = app.author(&format!("person{number}")).await;
        sqlx::query("update users set username = $1, username_key = $2 where username = $3")
            .bind(username)
            .bind(key)
            .bind(format!("person{number}"))
            .execute(&app.database)
            .await
            .unwrap();
        for login in [username, login] {
            app.anonymous()
                .post("/login", &[("login", login), ("password", PASSWORD)])
                .await
                .assert_status(303);
        }
        let page = format!(
            "/@{}",
            percent_encoding::utf8_percent_encode(username, percent_encoding::NON_ALPHANUMERIC)
        );
        assert_eq!(
            app.anonymous()
                .get(&page)
                .await
                .assert_status(200)
                .one("h1"),
            username
        );
        let email = format!("former{number}@example.org");
        let form = [
            ("username", username),
            ("email", email.as_str()),
            ("current_password", PASSWORD),
        ];
        person
            .post("/settings/account", &form)
            .await
            .assert_status(303);
        let post = person.publish("Hello", "a").await;
        app.anonymous().get(&post.path).await.assert_status(200);
        join(&app, 99, username).await.assert_status(422);
    }
}

/// Of each pair the second one, whichever came first.
const LOOK_ALIKE: [(&str, &str); 7] = [
    ("bill", "biII"),
    ("aIice", "alice"),
    ("google", "GOOGIE"),
    ("martin", "MARTlN"),
    ("M1CHAEI", "Michael"),
    ("lan", "Ian"),
    ("ТОМ", "tom"),
];

#[actix_web::test]
async fn handles_that_are_written_like_another_are_refused_as_they_were_typed() {
    let app = TestApp::new().await;
    for (number, (first, second)) in LOOK_ALIKE.into_iter().enumerate() {
        join(&app, number, first).await.assert_status(303);
        let refused = join(&app, 99, second).await;
        refused.assert_status(422);
        assert_eq!(
            refused
                .attribute("[name=username]", "aria-invalid")
                .as_deref(),
            Some("true"),
            "{second}"
        );
        assert_eq!(refused.field("username"), second);
    }
    // Small letters tell i and l apart.
    for (number, name) in ["biil", "ian", "mart1n", "allce"].into_iter().enumerate() {
        join(&app, 50 + number, name).await.assert_status(303);
    }
    for reserved in ["aII", "HEIp", "IegaI", "OFFlClAl", "ТОР"] {
        join(&app, 99, reserved).await.assert_status(422);
    }
}

#[actix_web::test]
async fn a_handle_is_not_changed_into_one_that_looks_like_another() {
    let app = TestApp::new().await;
    app.author("bill").await;
    let mut ann = app.author("ann").await;
    for (username, status) in [
        ("biII", 422),
        ("bIIl", 422),
        ("biil", 303),
        ("biiI", 303),
        ("ann", 303),
    ] {
        let form = [
            ("username", username),
            ("email", "person2@example.org"),
            ("current_password", PASSWORD),
        ];
        let answer = ann.post("/settings/account", &form).await;
        answer.assert_status(status);
    }
    // What another account keeps redirects to it, and is not passed for either.
    let mut bill = app.sign_in("bill").await;
    let form = [
        ("username", "william"),
        ("email", "person1@example.org"),
        ("current_password", PASSWORD),
    ];
    bill.post("/settings/account", &form)
        .await
        .assert_status(303);
    join(&app, 99, "biII").await.assert_status(422);
}

#[actix_web::test]
async fn look_alikes_that_exist_stay_good() {
    let app = TestApp::new().await;
    app.author("bill").await;
    let mut other = app.author("someone").await;
    sqlx::query(
        "update users set username = 'biII', username_key = 'biii' where username = 'someone'",
    )
    .execute(&app.database)
    .await
    .unwrap();
    let form = [
        ("username", "biII"),
        ("email", "other@example.org"),
        ("current_password", PASSWORD),
    ];
    other
        .post("/settings/account", &form)
        .await
        .assert_status(303);
    app.anonymous()
        .post("/login", &[("login", "biII"), ("password", PASSWORD)])
        .await
        .assert_status(303);
    app.anonymous().get("/@biII").await.assert_status(200);
}

#[actix_web::test]
async fn look_alikes_that_are_claimed_at_once_are_not_both_given_out() {
    let app = TestApp::new().await;
    for round in 0..5 {
        let (one, other) = (format!("mei{round}I"), format!("mei{round}l"));
        let (one, other) = futures_util::join!(
            join(&app, 2 * round, &one),
            join(&app, 2 * round + 1, &other)
        );
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 422], "round {round}");
    }
}
