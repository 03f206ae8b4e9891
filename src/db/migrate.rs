//! Migrations, run by the owner role, and the rights of the serving role after them.

use sqlx::migrate::{AppliedMigration, Migrate, Migration, Migrator};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection};

use super::grants::{self, Grants, LockError};

/// Every migration of this binary.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// Why a database is not as this binary needs it.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The owner role cannot connect.
    #[error("cannot connect to the database for migrations")]
    Connect(#[source] sqlx::Error),
    /// The lock that keeps other processes from migrating was not had: another holds it, or the server could not be asked.
    #[error("cannot begin with migrations")]
    Lock(#[from] LockError),
    /// A newer binary was here; nothing was changed.
    #[error(
        "the database was migrated by a newer Masthead (migration {found} is unknown here): start that version or a newer one"
    )]
    Newer {
        /// The number of the first migration that is unknown here.
        found: i64,
    },
    /// A migration did not run; those before it stay.
    #[error("migration failed")]
    Failed(#[from] sqlx::migrate::MigrateError),
    /// A migration that broke off left an invalid index, which could not be dropped before the migration runs again.
    #[error("cannot remove an index that was begun and not finished")]
    Unfinished(#[source] sqlx::Error),
    /// The schema is up to date, and the serving role cannot use all of it.
    #[error("cannot give the serving role its rights")]
    Grants(#[source] sqlx::Error),
}

/// What the serving role may do with tables that it must not change: neither say which migrations were applied, nor
/// rewrite the audit log.
const RESTRICTED: &[(&str, &[&str])] = &[
    ("_sqlx_migrations", &["select"]),
    ("audit_log", &["select", "insert"]),
];

/// Brings the schema up to this binary and gives `app_role` what serving needs.
///
/// Runs as the owner; several nodes may call it at once (a database lock lets one work), and one that finds everything in
/// place only looks. Refuses a database that a newer binary migrated: guessing at its meaning could lose text.
pub async fn run(owner: &PgConnectOptions, app_role: &str) -> Result<(), MigrateError> {
    run_set(&MIGRATIONS, owner, app_role).await
}

/// The same with the migrations of another release.
pub async fn run_set(
    migrations: &Migrator,
    owner: &PgConnectOptions,
    app_role: &str,
) -> Result<(), MigrateError> {
    let mut conn = grants::connect_alone(owner).await?;
    let applied = applied(migrations, &mut conn).await?;
    if let Some(found) = applied.iter().map(|m| m.version).max()
        && migrations.iter().all(|m| m.version < found)
    {
        return Err(MigrateError::Newer { found });
    }
    if !is_current(migrations, &applied) {
        apply(migrations, &mut conn, &applied).await?;
    }
    let rights = Grants {
        schema: "public",
        role: app_role,
        restricted: RESTRICTED,
    };
    grants::complete(&mut conn, async |conn| rights.missing(conn).await)
        .await
        .map_err(MigrateError::Grants)?;
    // The lock goes with the connection.
    conn.close().await.map_err(MigrateError::Connect)
}

async fn applied(
    migrations: &Migrator,
    conn: &mut PgConnection,
) -> Result<Vec<AppliedMigration>, MigrateError> {
    let is_there = sqlx::query_scalar("select to_regclass('_sqlx_migrations') is not null")
        .fetch_one(&mut *conn);
    if !is_there.await.map_err(MigrateError::Connect)? {
        return Ok(Vec::new());
    }
    // One that was begun and not finished is found by running them.
    let whole =
        sqlx::query_scalar("select coalesce(bool_and(success), true) from _sqlx_migrations")
            .fetch_one(&mut *conn);
    if !whole.await.map_err(MigrateError::Connect)? {
        migrations.run(&mut *conn).await?;
    }
    Ok(conn.list_applied_migrations(&migrations.table_name).await?)
}

/// Whether exactly these migrations were applied.
fn is_current(migrations: &Migrator, applied: &[AppliedMigration]) -> bool {
    let mut own: Vec<_> = migrations
        .iter()
        .filter(|m| m.migration_type.is_up_migration())
        .collect();
    own.sort_by_key(|m| m.version);
    own.len() == applied.len()
        && own
            .iter()
            .zip(applied)
            .all(|(own, there)| own.version == there.version && own.checksum == there.checksum)
}

/// Applies in order what is missing.
///
/// Besides the lock of [`grants::connect_alone`], sqlx takes one of its own, for which a node of an older release waits in
/// a statement that holds a snapshot. An index that is created concurrently waits for that snapshot, and the database ends
/// one of the two as a deadlock. So the migrations without a transaction run under our lock alone.
async fn apply(
    migrations: &Migrator,
    conn: &mut PgConnection,
    applied: &[AppliedMigration],
) -> Result<(), MigrateError> {
    let mut unlocked = Migrator::with_migrations(migrations.iter().cloned().collect());
    unlocked.set_locking(false);
    let is_pending = |m: &&Migration| {
        m.migration_type.is_up_migration() && applied.iter().all(|a| a.version != m.version)
    };
    for concurrent in migrations.iter().filter(is_pending).filter(|m| m.no_tx) {
        migrations
            .run_to(concurrent.version - 1, &mut *conn)
            .await?;
        clear_the_way(concurrent, conn)
            .await
            .map_err(MigrateError::Unfinished)?;
        unlocked.run_to(concurrent.version, &mut *conn).await?;
    }
    Ok(migrations.run(conn).await?)
}

/// What broke off while it created an index concurrently left an invalid one of that name, which has to go before the next
/// try. A short `lock_timeout` that an earlier migration set would end that try at the first long transaction.
async fn clear_the_way(concurrent: &Migration, conn: &mut PgConnection) -> sqlx::Result<()> {
    let unfinished: Vec<String> = sqlx::query_scalar(
        "select format('drop index concurrently %s', c.oid::regclass)
         from pg_index i join pg_class c on c.oid = i.indexrelid
         where not i.indisvalid and c.relkind = 'i' and c.relnamespace = current_schema()::regnamespace
           and c.relname = any (regexp_split_to_array($1, '[^a-zA-Z0-9_]+'))",
    )
    .bind(concurrent.sql.as_str())
    .fetch_all(&mut *conn)
    .await?;
    sqlx::query("reset lock_timeout")
        .execute(&mut *conn)
        .await?;
    for statement in unfinished {
        // The name was quoted by the server.
        sqlx::query(AssertSqlSafe(statement))
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}
