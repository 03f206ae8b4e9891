//! `masthead doctor` from outside: its lines, its exit code, and that it changes nothing.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use masthead::app::config::Settings;
use masthead::app::doctor::{Finding, Level, examine};
use masthead::db::migrate;
use sqlx::postgres::PgConnectOptions;

use crate::support::{TempDir, fresh_database};

/// Runs a command of the binary on a data directory: whether it succeeded, and what it printed.
fn masthead(data_dir: &Path, command: &str) -> (bool, String) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_masthead"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("MASTHEAD_") && name != "MASTHEAD_POSTGRES_BIN_DIR" {
            program.env_remove(name);
        }
    }
    let output = program
        .args([command, "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(data_dir)
        .current_dir(std::env::temp_dir())
        .output()
        .unwrap();
    (
        output.status.success(),
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap(),
    )
}

async fn findings(options: &PgConnectOptions) -> Vec<Finding> {
    examine(options, &Settings::for_tests()).await
}

fn level_of(findings: &[Finding], part: &str) -> Level {
    findings
        .iter()
        .find(|f| f.what.contains(part))
        .unwrap_or_else(|| panic!("no {part:?} in {findings:#?}"))
        .level
}

#[test]
fn before_the_first_start_nothing_is_made() {
    let dir = TempDir::new();
    let data_dir = dir.0.join("data");
    let (in_order, text) = masthead(&data_dir, "doctor");
    assert!(in_order, "{text}");
    assert!(text.contains("is not there yet"), "{text}");
    assert!(!data_dir.exists());
}

#[test]
fn a_private_database_is_looked_into_and_left_alone() {
    let dir = TempDir::new();
    let (migrated, text) = masthead(&dir.0, "migrate");
    assert!(migrated, "{text}");
    let (in_order, text) = masthead(&dir.0, "doctor");
    assert!(in_order, "{text}");
    for part in [
        "was not running",
        "migrations are applied",
        "owns nothing",
        "no job failed for good",
        "warning  the site is not set up",
    ] {
        assert!(text.contains(part), "{part:?} is missing in\n{text}");
    }
    assert!(!text.contains("PgBouncer"), "{text}");
    assert!(
        !dir.0.join("postgres/data/postmaster.pid").exists(),
        "the database is still running"
    );
}

#[test]
fn an_open_key_is_a_problem() {
    let dir = TempDir::new();
    let key = dir.0.join("secret.key");
    std::fs::write(&key, [7; 32]).unwrap();
    std::fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    let (in_order, text) = masthead(&dir.0, "doctor");
    // Beginning of the SHA-256 of 32 bytes of 7.
    assert!(
        in_order && text.contains("fingerprint, the same on every node, is 4bb06f8e"),
        "{text}"
    );
    std::fs::set_permissions(&key, Permissions::from_mode(0o644)).unwrap();
    let (in_order, text) = masthead(&dir.0, "doctor");
    assert!(
        !in_order && text.contains("problem  other users can reach the site key"),
        "{text}"
    );
    assert!(!text.contains("fingerprint"), "{text}");
}

#[actix_web::test]
async fn one_role_for_everything_is_a_warning_and_superuser_a_problem() {
    let owner = fresh_database().await;
    assert_eq!(
        level_of(&findings(&owner).await, "not applied yet"),
        Level::Warning
    );
    migrate::run(&owner, "masthead_app").await.unwrap();
    let found = findings(&owner).await;
    assert_eq!(
        level_of(&found, "serves and owns the tables"),
        Level::Warning
    );
    assert_eq!(level_of(&found, "migrations are applied"), Level::Ok);
    let superuser = owner.clone().username("postgres");
    assert_eq!(
        level_of(&findings(&superuser).await, "is a superuser"),
        Level::Problem
    );
}

#[actix_web::test]
async fn a_serving_role_that_was_given_the_audit_log_is_a_problem() {
    use sqlx::ConnectOptions;
    let owner = fresh_database().await;
    migrate::run(&owner, "masthead_app").await.unwrap();
    let app = owner.clone().username("masthead_app");
    assert_eq!(
        level_of(&findings(&app).await, "cannot change the audit log"),
        Level::Ok
    );
    let mut conn = owner.connect().await.unwrap();
    sqlx::query("grant delete on audit_log_2030 to masthead_app")
        .execute(&mut conn)
        .await
        .unwrap();
    assert_eq!(
        level_of(&findings(&app).await, "can change the audit log"),
        Level::Problem
    );
}

#[actix_web::test]
async fn a_newer_database_is_a_problem() {
    use sqlx::ConnectOptions;
    let owner = fresh_database().await;
    migrate::run(&owner, "masthead_app").await.unwrap();
    let mut conn = owner.connect().await.unwrap();
    sqlx::query("update _sqlx_migrations set version = version + 90000000000000 where version = (select max(version) from _sqlx_migrations)")
        .execute(&mut conn)
        .await
        .unwrap();
    assert_eq!(
        level_of(&findings(&owner).await, "newer Masthead"),
        Level::Problem
    );
}

#[actix_web::test]
async fn no_answer_is_a_problem_and_no_panic() {
    let nowhere = PgConnectOptions::new_without_pgpass()
        .host("127.0.0.1")
        .port(1)
        .username("nobody")
        .database("none");
    assert_eq!(
        level_of(&findings(&nowhere).await, "did not answer"),
        Level::Problem
    );
}

#[actix_web::test]
async fn handles_that_collide_or_are_not_valid_are_listed_and_left_alone() {
    use sqlx::ConnectOptions;
    let owner = fresh_database().await;
    migrate::run(&owner, "masthead_app").await.unwrap();
    let app = owner.clone().username("masthead_app");
    assert_eq!(
        level_of(&findings(&app).await, "all handles are valid"),
        Level::Ok
    );
    let mut conn = owner.connect().await.unwrap();
    for (username, key) in [
        ("ann", "ann"),
        ("Paypal", "paypal"),
        ("pаypal", "older key"),
        ("ADM1N", "adrnln"),
        ("bill", "bill"),
        ("biII", "biii"),
        ("\u{115f}\u{1160}", ""),
    ] {
        sqlx::query("insert into users (public_id, username, username_key, role) values (gen_random_uuid(), $1, $2, 'author')")
            .bind(username)
            .bind(key)
            .execute(&mut conn)
            .await
            .unwrap();
    }
    let before: String =
        sqlx::query_scalar("select string_agg(u::text, '|' order by id) from users u")
            .fetch_one(&mut conn)
            .await
            .unwrap();
    let found = findings(&app).await;
    let line = |part: &str| {
        found
            .iter()
            .find(|f| f.what.contains(part))
            .unwrap_or_else(|| panic!("no {part:?} in {found:#?}"))
    };
    let colliding = line("look alike");
    assert!(
        colliding.level == Level::Warning && colliding.what.contains("@Paypal and @pаypal"),
        "{colliding}"
    );
    assert!(colliding.what.contains("@bill and @biII"), "{colliding}");
    let invalid = line("could not be registered");
    assert!(
        invalid.level == Level::Warning
            && invalid.what.contains("@ADM1N")
            && invalid.what.contains("\\u{115f}\\u{1160}"),
        "{invalid}"
    );
    assert!(
        !invalid.what.contains("ann") && !invalid.what.contains("@Paypal"),
        "{invalid}"
    );
    let after: String =
        sqlx::query_scalar("select string_agg(u::text, '|' order by id) from users u")
            .fetch_one(&mut conn)
            .await
            .unwrap();
    assert_eq!(before, after);
}
