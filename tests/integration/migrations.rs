use masthead::db::migrate::{self, MIGRATIONS, MigrateError};
use sqlx::ConnectOptions;

use crate::support::fresh_database;

const SHAPE: &str = "select coalesce(string_agg(table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable, E'\n'
                                     order by table_name, column_name), '')
                     from information_schema.columns where table_schema = 'public' and table_name <> '_sqlx_migrations'";

#[actix_web::test]
async fn up_down_and_up_again() {
    let owner = fresh_database().await;
    migrate::run(&owner, "masthead_app").await.unwrap();
    let mut conn = owner.connect().await.unwrap();
    let first: String = sqlx::query_scalar(SHAPE).fetch_one(&mut conn).await.unwrap();
    assert!(first.contains("posts.title"));
    MIGRATIONS.undo(&mut conn, 0).await.unwrap();
    let nothing: String = sqlx::query_scalar(SHAPE).fetch_one(&mut conn).await.unwrap();
    assert_eq!(nothing, "", "the way down leaves something behind");
    migrate::run(&owner, "masthead_app").await.unwrap();
    let second: String = sqlx::query_scalar(SHAPE).fetch_one(&mut conn).await.unwrap();
    assert_eq!(first, second);
}

#[actix_web::test]
async fn every_migration_has_its_way_back() {
    for migration in MIGRATIONS.iter().filter(|m| m.migration_type.is_up_migration()) {
        let back = MIGRATIONS.iter().any(|m| m.version == migration.version && m.migration_type.is_down_migration());
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
    assert!(matches!(refused, MigrateError::Newer { found: 99999999999999 }), "{refused}");
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
        assert_eq!(refused.as_database_error().and_then(|e| e.code()).as_deref(), Some("42501"), "{statement}: {refused}");
    }
}

#[actix_web::test]
async fn read_connections_refuse_to_write() {
    let app = crate::support::TestApp::new().await;
    let db = app.db();
    let mut conn = db.read(&masthead::db::Reading::any()).await.unwrap();
    let refused = sqlx::query("update site set name = 'x'").execute(&mut *conn).await.unwrap_err();
    assert_eq!(refused.as_database_error().and_then(|e| e.code()).as_deref(), Some("25006"), "{refused}");
}
