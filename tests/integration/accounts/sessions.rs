//! When a session begins and what ends it.

use futures_util::future::join_all;
use masthead::db::public_id;
use masthead::features::accounts::Hasher;
use masthead::features::accounts::password::Cost;

use crate::support::{Actor, PASSWORD, PATIENCE, TestApp, until};

const NEW: &str = "seven loud kettles";

async fn is_out(actor: &mut Actor) -> bool {
    let answer = actor.get("/settings").await;
    answer.status.as_u16() == 303 && answer.location().starts_with("/login")
}

#[actix_web::test]
async fn sessions_are_listed_and_revoked() {
    let app = TestApp::new().await;
    let mut here = app.author("ann").await;
    let mut there = app.sign_in("ann").await;
    let mut ben = app.author("ben").await;
    let other = app.text("select s.public_id::text from sessions s join users u on u.id = s.user_id where u.username = 'ann' order by s.id desc limit 1").await;
    ben.post(&format!("/settings/sessions/{other}/revoke"), &[])
        .await
        .assert_status(404);
    there.get("/settings").await.assert_status(200);
    // The second click lands where the first did.
    for _ in 0..2 {
        let done = here
            .post(&format!("/settings/sessions/{other}/revoke"), &[])
            .await;
        done.assert_status(303);
        assert_eq!(done.location(), "/settings?saved=sessions");
    }
    ben.post(&format!("/settings/sessions/{other}/revoke"), &[])
        .await
        .assert_status(404);
    here.post(&format!("/settings/sessions/{}/revoke", public_id()), &[])
        .await
        .assert_status(404);
    let acts = "select count(*) from audit_log where act = 'session.revoke'";
    assert_eq!(app.count(acts).await, 1);
    assert!(
        there
            .get("/settings")
            .await
            .location()
            .starts_with("/login")
    );
    here.get("/settings").await.assert_status(200);
}

/// A copy of a browser's cookies.
#[actix_web::test]
async fn a_new_password_ends_every_session_and_opens_one_with_a_new_token() {
    let app = TestApp::new().await;
    let mut here = app.author("ann").await;
    let mut there = app.sign_in("ann").await;
    here.post(
        "/settings/password",
        &[("current_password", "wrong"), ("password", NEW)],
    )
    .await
    .assert_status(422);
    assert!(!is_out(&mut there).await, "nothing was changed");
    let mut copied = here.clone();
    let token = here.cookie("sid").unwrap().to_owned();
    here.post(
        "/settings/password",
        &[("current_password", PASSWORD), ("password", NEW)],
    )
    .await
    .assert_status(303);
    assert_ne!(here.cookie("sid").unwrap(), token);
    here.get("/settings").await.assert_status(200);
    assert!(is_out(&mut there).await && is_out(&mut copied).await);
    assert_eq!(app.count("select count(*) from sessions s join users u on u.id = s.user_id where username = 'ann'").await, 1);
    app.anonymous()
        .post("/login", &[("login", "ann"), ("password", PASSWORD)])
        .await
        .assert_status(422);
    app.anonymous()
        .post("/login", &[("login", "ann"), ("password", NEW)])
        .await
        .assert_status(303);
}

/// Six that have read the old hash already when it is replaced, on another node.
async fn none_survives(app: &TestApp, act: &str, form: &[(&str, &str)], actors: Vec<Actor>) {
    let other = app.second_node().await;
    let mut ann = other.sign_in("ann").await;
    let held = app.hold_password_thread().await;
    // Each waits for three seconds: on a very busy machine the first may have given up before the last has come.
    let mut under_way = loop {
        let posts = actors
            .iter()
            .cloned()
            .map(|mut actor| async move { actor.post(act, form).await.status.as_u16() });
        let mut posts = Box::pin(join_all(posts));
        tokio::select! {
            given_up = &mut posts => assert_eq!(given_up, [503; 6]),
            () = until("six wait", PATIENCE, async || app.passwords_waiting() == 6) => break posts,
        }
    };
    let change = async {
        let done = ann
            .post(
                "/settings/password",
                &[("current_password", PASSWORD), ("password", NEW)],
            )
            .await;
        drop(held);
        done
    };
    let (statuses, changed) = futures_util::join!(&mut under_way, change);
    changed.assert_status(303);
    // On a very busy machine some may have waited for too long.
    assert!(
        statuses.iter().all(|status| matches!(status, 422 | 503)),
        "{statuses:?}"
    );
    assert!(statuses.contains(&422), "{statuses:?}");
    let sessions =
        "select count(*) from sessions s join users u on u.id = s.user_id where username = 'ann'";
    assert_eq!(app.count(sessions).await, 1);
    assert!(!is_out(&mut ann).await);
    app.anonymous()
        .post("/login", &[("login", "ann"), ("password", PASSWORD)])
        .await
        .assert_status(422);
    app.anonymous()
        .post("/login", &[("login", "ann"), ("password", NEW)])
        .await
        .assert_status(303);
}

#[actix_web::test]
async fn no_sign_in_with_the_old_password_survives_a_new_one() {
    let app = TestApp::new().await;
    app.author("ann").await;
    let form = [("login", "ann"), ("password", PASSWORD)];
    none_survives(
        &app,
        "/login",
        &form,
        (0..6).map(|_| app.anonymous()).collect(),
    )
    .await;
}

#[actix_web::test]
async fn a_hash_that_is_renewed_never_takes_the_place_of_a_new_password() {
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
    let replace =
        sqlx::query("update user_profiles set password_hash = $1 where email like 'person1@%'")
            .bind(&old);
    // Before each sign-in of the other node renews it.
    let other = app.second_node().await;
    other.sign_in("ann").await;
    replace.execute(&app.database).await.unwrap();
    let form = [("login", "ann"), ("password", PASSWORD)];
    let held = app.hold_password_thread().await;
    let mut visitor = app.anonymous();
    let change = async {
        until("one waits", PATIENCE, async || app.passwords_waiting() == 1).await;
        let mut ann = other.sign_in("ann").await;
        ann.post(
            "/settings/password",
            &[("current_password", PASSWORD), ("password", NEW)],
        )
        .await
        .assert_status(303);
        drop(held);
    };
    let (late, ()) = futures_util::join!(visitor.post("/login", &form), change);
    late.assert_status(422);
    app.anonymous()
        .post("/login", &form)
        .await
        .assert_status(422);
    app.anonymous()
        .post("/login", &[("login", "ann"), ("password", NEW)])
        .await
        .assert_status(303);
}

/// An address changed under the old password would open the account again.
#[actix_web::test]
async fn no_change_of_the_address_with_the_old_password_survives_a_new_one() {
    let app = TestApp::new().await;
    let ann = app.author("ann").await;
    let form = [
        ("username", "ann"),
        ("email", "thief@example.org"),
        ("current_password", PASSWORD),
    ];
    none_survives(
        &app,
        "/settings/account",
        &form,
        (0..6).map(|_| ann.clone()).collect(),
    )
    .await;
    assert_eq!(
        app.count("select count(*) from user_profiles where email like 'thief@%'")
            .await,
        0
    );
}

#[actix_web::test]
async fn sign_ins_that_renew_the_same_hash_at_once_all_succeed() {
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
    let replace =
        sqlx::query("update user_profiles set password_hash = $1 where email like 'person1@%'")
            .bind(&old);
    replace.execute(&app.database).await.unwrap();
    let tries = (0..3).map(|_| {
        let mut visitor = app.anonymous();
        async move {
            visitor
                .post("/login", &[("login", "ann"), ("password", PASSWORD)])
                .await
                .status
                .as_u16()
        }
    });
    assert_eq!(join_all(tries).await, [303; 3]);
}

#[actix_web::test]
async fn a_second_sign_in_in_a_browser_ends_its_first_session() {
    let app = TestApp::new().await;
    app.author("ben").await;
    let mut browser = app.author("ann").await;
    let mut elsewhere = app.sign_in("ann").await;
    for login in ["ann", "ben"] {
        let mut before = browser.clone();
        browser
            .post("/login", &[("login", login), ("password", PASSWORD)])
            .await
            .assert_status(303);
        assert!(is_out(&mut before).await, "{login}");
    }
    assert!(!is_out(&mut elsewhere).await);
    // A sign-in that is refused ends nothing.
    browser
        .post("/login", &[("login", "ann"), ("password", "wrong")])
        .await
        .assert_status(422);
    assert_eq!(
        browser.get("/me.json").await.json()["user"]["username"],
        "ben"
    );
}

#[actix_web::test]
async fn sessions_end_by_idleness_and_by_age_and_sooner_for_staff() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut mia = app.person("mia", "moderator").await;
    let age = async |column: &str, by: &str| {
        let statement = format!("update sessions set {column} = now() - interval '{by}'");
        sqlx::query(sqlx::AssertSqlSafe(statement))
            .execute(&app.database)
            .await
            .unwrap();
    };
    for (column, by, ann_is_out, mia_is_out) in [
        ("last_seen_at", "29 minutes", false, false),
        ("last_seen_at", "31 minutes", false, true),
        ("last_seen_at", "13 days 23 hours", false, true),
        ("last_seen_at", "14 days 1 minute", true, true),
        ("last_seen_at", "0 minutes", false, false),
        ("created_at", "11 hours 59 minutes", false, false),
        ("created_at", "12 hours 1 minute", false, true),
        ("created_at", "59 days 23 hours", false, true),
        ("created_at", "60 days 1 minute", true, true),
        ("created_at", "0 minutes", false, false),
        ("expires_at", "-1 minutes", false, false),
        ("expires_at", "1 second", true, true),
    ] {
        age(column, by).await;
        assert_eq!(
            (is_out(&mut ann).await, is_out(&mut mia).await),
            (ann_is_out, mia_is_out),
            "{column} {by} ago"
        );
    }
}

#[actix_web::test]
async fn a_person_who_is_busy_is_not_idle() {
    let app = TestApp::new().await;
    let mut mia = app.person("mia", "moderator").await;
    sqlx::query("update sessions set last_seen_at = now() - interval '6 minutes'")
        .execute(&app.database)
        .await
        .unwrap();
    mia.get("/settings").await.assert_status(200);
    let lately = "select count(*) from sessions s join users u on u.id = s.user_id
                  where u.username = 'mia' and last_seen_at > now() - interval '1 minute'";
    assert_eq!(app.count(lately).await, 1);
    // Not with every page.
    sqlx::query("update sessions set last_seen_at = now() - interval '4 minutes'")
        .execute(&app.database)
        .await
        .unwrap();
    mia.get("/settings").await.assert_status(200);
    assert_eq!(app.count(lately).await, 0);
}

#[actix_web::test]
async fn a_node_whose_clock_is_wrong_judges_sessions_like_every_other() {
    for by in ["-1 hour", "1 hour"] {
        let app = TestApp::empty().await;
        app.shift_database_clock(by).await;
        app.set_up().await;
        let mut mia = app.person("mia", "moderator").await;
        assert!(!is_out(&mut mia).await, "{by}: the session has just begun");
        for (idle, out) in [("29 minutes", false), ("31 minutes", true)] {
            let mut mia = app.sign_in("mia").await;
            let statement =
                format!("update sessions set last_seen_at = last_seen_at - interval '{idle}'");
            sqlx::query(sqlx::AssertSqlSafe(statement))
                .execute(&app.database)
                .await
                .unwrap();
            assert_eq!(is_out(&mut mia).await, out, "{by}, idle for {idle}");
        }
        let mut mia = app.sign_in("mia").await;
        sqlx::query("update sessions set created_at = created_at - interval '12 hours 1 minute'")
            .execute(&app.database)
            .await
            .unwrap();
        assert!(is_out(&mut mia).await, "{by}: half a day is over");
        assert_eq!(
            app.count(
                "select count(*) from sessions where expires_at - created_at < interval '60 days'"
            )
            .await,
            0
        );
    }
}

#[actix_web::test]
async fn signing_out_everywhere_else_ends_all_other_sessions() {
    let app = TestApp::new().await;
    let mut here = app.author("ann").await;
    let mut there = app.sign_in("ann").await;
    let mut ben = app.author("ben").await;
    here.post("/settings/sessions/revoke", &[])
        .await
        .assert_status(303);
    assert!(!is_out(&mut here).await && is_out(&mut there).await && !is_out(&mut ben).await);
}

#[actix_web::test]
async fn a_disabled_account_is_out_at_once_and_cannot_come_back() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    sqlx::query("update users set disabled_at = now() where username = 'ann'")
        .execute(&app.database)
        .await
        .unwrap();
    assert!(is_out(&mut ann).await);
    for login in ["ann", "person1@example.org"] {
        app.anonymous()
            .post("/login", &[("login", login), ("password", PASSWORD)])
            .await
            .assert_status(422);
    }
}
