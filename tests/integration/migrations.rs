use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use masthead::app::history::migrate_all;
use masthead::db::grants::{self, LockError};
use masthead::db::migrate::{self, MIGRATIONS, MigrateError};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection, SqlSafeStr};

use crate::support::{PATIENCE, TempDir, fresh_database, rounds, until};

const SHAPE: &str = "select coalesce(string_agg(table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable, E'\n'
                                     order by table_name, column_name), '')
                     from information_schema.columns where table_schema = 'public' and table_name <> '_sqlx_migrations'";

#[actix_web::test]
async fn up_down_and_up_again() {
    let owner = fresh_database().await;
    migrate::run(&owner, "masthead_app").await.unwrap();
    let mut conn = owner.connect().await.unwrap();
    let first: String = sqlx::query_scalar(SHAPE)
        .fetch_one(&mut conn)
        .await
        .unwrap();
    assert!(first.contains("posts.title"));
    MIGRATIONS.undo(&mut conn, 0).await.unwrap();
    let nothing: String = sqlx::query_scalar(SHAPE)
        .fetch_one(&mut conn)
        .await
        .unwrap();
    assert_eq!(nothing, "", "the way down leaves something behind");
    migrate::run(&owner, "masthead_app").await.unwrap();
    let second: String = sqlx::query_scalar(SHAPE)
        .fetch_one(&mut conn)
        .await
        .unwrap();
    assert_eq!(first, second);
}

#[actix_web::test]
async fn every_migration_has_its_way_back() {
    for migration in MIGRATIONS
        .iter()
        .filter(|m| m.migration_type.is_up_migration())
    {
        let back = MIGRATIONS
            .iter()
            .any(|m| m.version == migration.version && m.migration_type.is_down_migration());
        assert!(back, "{} cannot be undone", migration.description);
    }
}

#[actix_web::test]
async fn a_database_of_a_newer_version_is_refused() {
    let owner = fresh_database().await;
    migrate::run(&owner, "masthead_app").await.unwrap();
    let mut conn = owner.connect().await.unwrap();
    sqlx::query("insert into _sqlx_migrations (version, description, success, checksum, execution_time) values (99999999999999, 'later', true, ''::bytea, 0)")
        .execute(&mut conn)
        .await
        .unwrap();
    let refused = migrate::run(&owner, "masthead_app").await.unwrap_err();
    assert!(
        matches!(
            refused,
            MigrateError::Newer {
                found: 99999999999999
            }
        ),
        "{refused}"
    );
}

#[actix_web::test]
async fn the_serving_role_cannot_rewrite_history_or_the_schema() {
    let app = crate::support::TestApp::new().await;
    let db = app.db();
    for statement in [
        "update audit_log set actor = 'nobody'",
        "delete from audit_log",
        "delete from audit_log_2026",
        "truncate audit_log",
        "drop table posts",
        "create table mine (id int)",
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time) values (1, '', true, '', 0)",
    ] {
        let mut tx = db.begin().await.unwrap();
        let refused = sqlx::query(statement).execute(&mut *tx).await.unwrap_err();
        assert_eq!(
            refused
                .as_database_error()
                .and_then(|e| e.code())
                .as_deref(),
            Some("42501"),
            "{statement}: {refused}"
        );
    }
}

/// Where a database is told to give new functions to no role, every page would fail whose query calls one. What runs with the
/// rights of the owner is for the serving role alone.
#[actix_web::test]
async fn the_serving_role_may_call_functions_that_no_role_may_by_default() {
    let owner = fresh_database().await;
    let mut conn = owner.connect().await.unwrap();
    sqlx::query("alter default privileges revoke execute on functions from public")
        .execute(&mut conn)
        .await
        .unwrap();
    migrate::run(&owner, "masthead_app").await.unwrap();
    let mut may = async |role: &str, function: &str| {
        sqlx::query_scalar::<_, bool>("select has_function_privilege($1, $2, 'execute')")
            .bind(role)
            .bind(function)
            .fetch_one(&mut conn)
            .await
            .unwrap()
    };
    for (function, is_for_all) in [
        ("post_path(text, text, text, text)", true),
        ("take_over_graphile_jobs(bigint, boolean)", false),
        ("graphile_jobs()", false),
    ] {
        assert!(may("masthead_app", function).await, "{function}");
        assert_eq!(may("public", function).await, is_for_all, "{function}");
    }
}

#[actix_web::test]
async fn read_connections_refuse_to_write() {
    let app = crate::support::TestApp::new().await;
    let db = app.db();
    let mut conn = db
        .read(&masthead::db::ReadRequirement::any())
        .await
        .unwrap();
    let refused = sqlx::query("update site set name = 'x'")
        .execute(&mut *conn)
        .await
        .unwrap_err();
    assert_eq!(
        refused
            .as_database_error()
            .and_then(|e| e.code())
            .as_deref(),
        Some("25006"),
        "{refused}"
    );
}

/// With a role that serves and with one role for everything; nodes and commands of an empty database, and of one that is
/// up to date.
#[actix_web::test]
async fn prove_any_number_of_nodes_may_start_together() {
    for serving in ["masthead_app", "masthead_owner"] {
        for _ in 0..rounds(2, 40) {
            let owner = fresh_database().await;
            for _ in 0..2 {
                for done in join_all((0..8).map(|_| migrate_all(&owner, serving))).await {
                    done.unwrap();
                }
            }
        }
    }
}

#[actix_web::test]
async fn any_number_of_commands_may_start_together() {
    for serving in ["masthead_app", "masthead_owner"] {
        let (owner, dir) = (fresh_database().await, TempDir::new());
        let commands: Vec<_> = (0..6)
            .map(|_| migrate_command(&owner, serving, &dir.0))
            .collect();
        for command in commands {
            let output = command.wait_with_output().unwrap();
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
}

fn migrate_command(
    owner: &PgConnectOptions,
    serving: &str,
    data_dir: &Path,
) -> std::process::Child {
    let (socket, port, name) = (
        owner.get_socket().unwrap(),
        owner.get_port(),
        owner.get_database().unwrap(),
    );
    let url = |role: &str| {
        format!(
            "postgres://{role}@localhost:{port}/{name}?host={}&sslmode=disable",
            socket.display()
        )
    };
    let mut program = Command::new(env!("CARGO_BIN_EXE_masthead"));
    program
        .arg("migrate")
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    program
        .env("MASTHEAD_DATABASE_URL", url(serving))
        .env("MASTHEAD_MIGRATION_DATABASE_URL", url("masthead_owner"));
    program.env("MASTHEAD_DATA_DIR", data_dir).spawn().unwrap()
}

#[actix_web::test]
async fn prove_no_start_gives_the_serving_role_the_audit_log_even_for_a_moment() {
    let owner = fresh_database().await;
    migrate_all(&owner, "masthead_app").await.unwrap();
    let (over, mut conn) = (
        Arc::new(AtomicBool::new(false)),
        owner.connect().await.unwrap(),
    );
    let is_over = over.clone();
    let sampler = tokio::spawn(async move {
        let mut samples = 0;
        while !is_over.load(Ordering::Relaxed) {
            let may_rewrite: bool = sqlx::query_scalar(
                "select bool_or(has_table_privilege('masthead_app', oid, 'update, delete, truncate'))
                 from pg_class where relname like 'audit_log%' and relkind in ('r', 'p')",
            )
            .fetch_one(&mut conn)
            .await
            .unwrap();
            assert!(!may_rewrite, "after {samples} samples");
            samples += 1;
        }
        samples
    });
    for round in 0..rounds(30, 1000) {
        // A right that is missing is given without giving others.
        if round % 3 == 0 {
            let mut owner = owner.connect().await.unwrap();
            sqlx::query("revoke insert on audit_log, posts from masthead_app")
                .execute(&mut owner)
                .await
                .unwrap();
        }
        migrate_all(&owner, "masthead_app").await.unwrap();
    }
    over.store(true, Ordering::Relaxed);
    assert!(sampler.await.unwrap() > 0);
    let mut conn = owner.connect().await.unwrap();
    let given = "select has_table_privilege('masthead_app', 'audit_log', 'insert') and has_table_privilege('masthead_app', 'posts', 'insert')";
    assert!(
        sqlx::query_scalar::<_, bool>(given)
            .fetch_one(&mut conn)
            .await
            .unwrap()
    );
}

#[actix_web::test]
async fn a_start_changes_nothing_where_nothing_is_missing_and_takes_back_what_is_too_much() {
    const CATALOGUE: &str = "select string_agg(line, ' ' order by line) from (
        select xmin || ' ' || oid from pg_class union all select xmin || ' ' || oid from pg_namespace
        union all select xmin || ' ' || oid from pg_policy union all select xmin || ' ' || oid from pg_proc) as lines (line)";
    let owner = fresh_database().await;
    migrate_all(&owner, "masthead_app").await.unwrap();
    let mut conn = owner.connect().await.unwrap();
    let before: String = sqlx::query_scalar(CATALOGUE)
        .fetch_one(&mut conn)
        .await
        .unwrap();
    migrate_all(&owner, "masthead_app").await.unwrap();
    let after: String = sqlx::query_scalar(CATALOGUE)
        .fetch_one(&mut conn)
        .await
        .unwrap();
    assert!(before == after, "a start changed the catalogue");
    sqlx::query("grant update, truncate on audit_log to masthead_app")
        .execute(&mut conn)
        .await
        .unwrap();
    sqlx::query("grant delete on audit_log_2030 to masthead_app")
        .execute(&mut conn)
        .await
        .unwrap();
    migrate_all(&owner, "masthead_app").await.unwrap();
    let too_much = "select has_table_privilege('masthead_app', 'audit_log', 'update, truncate')
                        or has_table_privilege('masthead_app', 'audit_log_2030', 'delete')";
    assert!(
        !sqlx::query_scalar::<_, bool>(too_much)
            .fetch_one(&mut conn)
            .await
            .unwrap()
    );
}

/// This release and a later one that adds an index to a table with rows.
fn with_an_index_created_concurrently() -> Migrator {
    let create =
        "-- no-transaction\ncreate index concurrently posts_of_a_later_release on posts (title)";
    let index = Migration::new(
        NEXT,
        "an index".into(),
        MigrationType::ReversibleUp,
        create.into_sql_str(),
        true,
    );
    // As most files that alter a table begin; it would hold for the rest of the session.
    let before = "set lock_timeout = '1ms'".into_sql_str();
    let before = Migration::new(
        NEXT - 1,
        "a short patience".into(),
        MigrationType::ReversibleUp,
        before,
        false,
    );
    Migrator::with_migrations(MIGRATIONS.iter().cloned().chain([before, index]).collect())
}

const NEXT: i64 = 29990101000001;

/// A transaction that is creating a row of `posts`: what is created concurrently waits for its end.
async fn writer_of_posts(owner: &PgConnectOptions) -> PgConnection {
    let mut writer = owner.connect().await.unwrap();
    sqlx::raw_sql("begin; lock table posts in row exclusive mode")
        .execute(&mut writer)
        .await
        .unwrap();
    writer
}

async fn sessions_in(owner: &PgConnectOptions, statement: &str) -> i64 {
    let mut conn = owner.connect().await.unwrap();
    let count = "select count(*) from pg_stat_activity
                 where datname = current_database() and pid <> pg_backend_pid() and query ilike '%' || $1 || '%'";
    sqlx::query_scalar(count)
        .bind(statement)
        .fetch_one(&mut conn)
        .await
        .unwrap()
}

async fn is_valid(conn: &mut PgConnection) -> Option<bool> {
    let index = "select indisvalid from pg_index where indexrelid = to_regclass('posts_of_a_later_release')";
    sqlx::query_scalar(index)
        .fetch_optional(conn)
        .await
        .unwrap()
}

/// One node creates it, another of the same release waits for it, and one of the release before starts meanwhile.
#[actix_web::test]
async fn nodes_that_start_while_an_index_is_created_do_not_end_it() {
    let owner = fresh_database().await;
    migrate::run(&owner, "masthead_app").await.unwrap();
    let mut writer = writer_of_posts(&owner).await;
    let start = || {
        let owner = owner.clone();
        actix_web::rt::spawn(async move {
            migrate::run_set(
                &with_an_index_created_concurrently(),
                &owner,
                "masthead_app",
            )
            .await
        })
    };
    let first = start();
    until("it is being created", PATIENCE, async || {
        sessions_in(&owner, "create index concurrently").await == 1
    })
    .await;
    let second = start();
    let mut conn = owner.connect().await.unwrap();
    let older = actix_web::rt::spawn(async move {
        let result = MIGRATIONS.run(&mut conn).await;
        // Its lock ends with its connection.
        conn.close().await.unwrap();
        result
    });
    until("the second asks for the lock", PATIENCE, async || {
        sessions_in(&owner, "advisory_lock($1, $2)").await == 1
    })
    .await;
    let is_waiting = async || sessions_in(&owner, "advisory_lock($1)").await == 1;
    until("the older one is over or waits", PATIENCE, async || {
        older.is_finished() || is_waiting().await
    })
    .await;
    sqlx::raw_sql("commit").execute(&mut writer).await.unwrap();
    first.await.unwrap().unwrap();
    second.await.unwrap().unwrap();
    let refused = older.await.unwrap().unwrap_err();
    assert!(
        matches!(refused, sqlx::migrate::MigrateError::VersionMissing(_)),
        "{refused}"
    );
    assert_eq!(is_valid(&mut writer).await, Some(true));
}

#[actix_web::test]
async fn an_index_that_was_begun_and_not_finished_is_created_again() {
    let owner = fresh_database().await;
    migrate::run(&owner, "masthead_app").await.unwrap();
    let mut writer = writer_of_posts(&owner).await;
    let mut broken = owner.connect().await.unwrap();
    sqlx::query("set lock_timeout = '1ms'")
        .execute(&mut broken)
        .await
        .unwrap();
    let create = "create index concurrently posts_of_a_later_release on posts (title)";
    sqlx::query(create).execute(&mut broken).await.unwrap_err();
    assert_eq!(is_valid(&mut broken).await, Some(false));
    sqlx::raw_sql("commit").execute(&mut writer).await.unwrap();
    migrate::run_set(
        &with_an_index_created_concurrently(),
        &owner,
        "masthead_app",
    )
    .await
    .unwrap();
    assert_eq!(is_valid(&mut writer).await, Some(true));
}

#[actix_web::test]
async fn a_start_that_cannot_get_the_lock_says_so() {
    let owner = fresh_database().await;
    let holder = grants::connect_alone(&owner).await.unwrap();
    let second = tokio::time::timeout(
        Duration::from_secs(60),
        grants::connect_alone_within(&owner, Duration::from_millis(100)),
    );
    let refused = second.await.expect("it waits for ever").unwrap_err();
    assert!(matches!(refused, LockError::Held(_)), "{refused}");
    assert!(refused.to_string().contains("migration lock"), "{refused}");
    holder.close().await.unwrap();
    grants::connect_alone(&owner).await.unwrap();
}
