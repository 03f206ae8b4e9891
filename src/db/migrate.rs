//! Migrations, run by the owner role, and the rights of the serving role after them.

use sqlx::migrate::{Migrate, Migrator};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

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

/// Brings the schema up to this binary and gives `app_role` what serving needs.
///
/// Runs as the owner; several nodes may call it at once (a database lock lets one work). Refuses a
/// database that a newer binary migrated: guessing at its meaning could lose text.
pub async fn run(owner: &PgConnectOptions, app_role: &str) -> Result<(), MigrateError> {
    let mut conn = owner.connect().await.map_err(MigrateError::Connect)?;
    conn.ensure_migrations_table(&MIGRATIONS.table_name).await?;
    if let Some(found) = newest_applied(&mut conn).await?
        && MIGRATIONS.iter().all(|m| m.version < found)
    {
        return Err(MigrateError::Newer { found });
    }
    MIGRATIONS.run(&mut conn).await?;
    grant(&mut conn, app_role).await.map_err(MigrateError::Grants)?;
    conn.close().await.map_err(MigrateError::Connect)
}

async fn newest_applied(conn: &mut PgConnection) -> Result<Option<i64>, MigrateError> {
    let applied = conn.list_applied_migrations(&MIGRATIONS.table_name).await?;
    Ok(applied.iter().map(|m| m.version).max())
}

/// The serving role reads and writes rows; it owns nothing, cannot change the schema, and cannot rewrite
/// the audit log.
async fn grant(conn: &mut PgConnection, app_role: &str) -> Result<(), sqlx::Error> {
    let owner: String = sqlx::query_scalar("select current_user::text").fetch_one(&mut *conn).await?;
    if owner == app_role {
        return Ok(());
    }
    let role = format!("\"{}\"", app_role.replace('"', "\"\""));
    for statement in [
        format!("grant usage on schema public to {role}"),
        format!("grant select, insert, update, delete on all tables in schema public to {role}"),
        format!("grant usage on all sequences in schema public to {role}"),
        format!("revoke insert, update, delete on _sqlx_migrations from {role}"),
        format!("revoke update, delete on audit_log from {role}"),
    ] {
        // Role names cannot be bound as parameters; this one comes from the operator's own database
        // address and is quoted above.
        sqlx::query(AssertSqlSafe(statement)).execute(&mut *conn).await?;
    }
    // Partitions can be reached under their own names: the same rule for each.
    let partitions: Vec<String> =
        sqlx::query_scalar("select inhrelid::regclass::text from pg_inherits where inhparent = 'audit_log'::regclass")
            .fetch_all(&mut *conn)
            .await?;
    for partition in partitions {
        let statement = format!("revoke all on {partition} from {role}");
        sqlx::query(AssertSqlSafe(statement)).execute(&mut *conn).await?;
    }
    Ok(())
}
