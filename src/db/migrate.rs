//! Migrations, run by the owner role, and the rights of the serving role after them.

use sqlx::Connection;
use sqlx::migrate::{AppliedMigration, Migrate, Migrator};
use sqlx::postgres::{PgConnectOptions, PgConnection};

use super::grants::{self, Grants};

/// Every migration of this binary.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    #[error("cannot connect to the database for migrations")]
    Connect(#[source] sqlx::Error),
    #[error(
        "the database was migrated by a newer Masthead (migration {found} is unknown here): start that version or a newer one"
    )]
    Newer { found: i64 },
    #[error("migration failed")]
    Failed(#[from] sqlx::migrate::MigrateError),
    #[error("cannot give the serving role its rights")]
    Grants(#[source] sqlx::Error),
}

/// What the serving role may do with tables that it must not change: neither say which migrations were applied, nor
/// rewrite the audit log.
const RESTRICTED: &[(&str, &[&str])] = &[("_sqlx_migrations", &["select"]), ("audit_log", &["select", "insert"])];

/// Brings the schema up to this binary and gives `app_role` what serving needs.
///
/// Runs as the owner; several nodes may call it at once (a database lock lets one work), and one that finds everything in
/// place only looks. Refuses a database that a newer binary migrated: guessing at its meaning could lose text.
pub async fn run(owner: &PgConnectOptions, app_role: &str) -> Result<(), MigrateError> {
    let mut conn = grants::connect_alone(owner).await.map_err(MigrateError::Connect)?;
    let applied = applied(&mut conn).await?;
    if let Some(found) = applied.iter().map(|m| m.version).max()
        && MIGRATIONS.iter().all(|m| m.version < found)
    {
        return Err(MigrateError::Newer { found });
    }
    if !is_current(&applied) {
        MIGRATIONS.run(&mut conn).await?;
    }
    let rights = Grants { schema: "public", role: app_role, restricted: RESTRICTED };
    grants::complete(&mut conn, async |conn| rights.missing(conn).await).await.map_err(MigrateError::Grants)?;
    // The lock goes with the connection.
    conn.close().await.map_err(MigrateError::Connect)
}

async fn applied(conn: &mut PgConnection) -> Result<Vec<AppliedMigration>, MigrateError> {
    let is_there = sqlx::query_scalar("select to_regclass('_sqlx_migrations') is not null").fetch_one(&mut *conn);
    if !is_there.await.map_err(MigrateError::Connect)? {
        return Ok(Vec::new());
    }
    // One that was begun and not finished is found by running them.
    let whole = sqlx::query_scalar("select coalesce(bool_and(success), true) from _sqlx_migrations").fetch_one(&mut *conn);
    if !whole.await.map_err(MigrateError::Connect)? {
        MIGRATIONS.run(&mut *conn).await?;
    }
    Ok(conn.list_applied_migrations(&MIGRATIONS.table_name).await?)
}

/// Whether exactly these migrations were applied.
fn is_current(applied: &[AppliedMigration]) -> bool {
    let mut own: Vec<_> = MIGRATIONS.iter().filter(|m| m.migration_type.is_up_migration()).collect();
    own.sort_by_key(|m| m.version);
    own.len() == applied.len()
        && own.iter().zip(applied).all(|(own, there)| own.version == there.version && own.checksum == there.checksum)
}
