//! What is left of sign-ins that were refused.

use crate::support::{PASSWORD, Served, TestApp, free_port};

#[actix_web::test]
async fn refused_sign_ins_are_counted_by_account_or_network_and_minute() {
    let app = TestApp::new().await;
    app.author("ann").await;
    let mut visitor = app.anonymous();
    for _ in 0..3 {
        for login in ["ann", "Person1@example.org", "my secret pass phrase"] {
            visitor
                .post("/login", &[("login", login), ("password", "wrong")])
                .await
                .assert_status(422);
        }
    }
    // A minute may have ended between two of them.
    let counted = "select string_agg(subject || ' ' || n, ', ' order by subject) from (
        select case when user_id is null then subject else 'user:' || username end as subject, sum(failures) as n
        from sign_in_failures left join users on id = user_id group by 1) as counted";
    assert_eq!(app.text(counted).await, "net:unknown 3, user:ann 6");
    assert!(app.count("select count(*) from sign_in_failures").await <= 4);
    assert_eq!(
        app.count("select count(*) from sign_in_failures f where f::text like '%secret%'")
            .await,
        0
    );
    let before = app
        .count("select sum(failures)::bigint from sign_in_failures")
        .await;
    app.sign_in("ann").await;
    assert_eq!(
        app.count("select sum(failures)::bigint from sign_in_failures")
            .await,
        before
    );
}

#[actix_web::test]
async fn the_log_names_accounts_and_never_what_was_typed_instead() {
    let app = TestApp::new().await;
    app.author("ann").await;
    let node = Served::start(&app, free_port(), &[]);
    let mut visitor = app.through(node.port).anonymous();
    let long = "typed-by-mistake ".repeat(3000);
    for login in ["ann", "typed-by-mistake", &long] {
        visitor
            .post("/login", &[("login", login), ("password", "wrong too")])
            .await
            .assert_status(422);
    }
    let log = node.log();
    let lines: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("sign-in refused"))
        .collect();
    assert_eq!(lines.len(), 3, "{log}");
    assert!(
        lines[0].contains("ann") && lines[0].contains("wrong password"),
        "{}",
        lines[0]
    );
    assert!(
        lines[1].contains("no account has this name"),
        "{}",
        lines[1]
    );
    assert!(
        lines.iter().all(|line| line.len() < 600)
            && !log.contains("typed-by-mistake")
            && !log.contains("wrong too")
    );
    assert!(!log.contains(PASSWORD));
}

/// Otherwise the time tells who has an account.
#[actix_web::test]
async fn an_unknown_name_costs_a_hash_like_a_known_one() {
    let app = TestApp::new().await;
    app.author("ann").await;
    let mut visitor = app.anonymous();
    let _full = app.fill_password_queue().await;
    for login in [
        "ann",
        "nobody-here",
        "nobody@example.org",
        "",
        &"x".repeat(300),
    ] {
        visitor
            .post("/login", &[("login", login), ("password", PASSWORD)])
            .await
            .assert_status(503);
    }
}
