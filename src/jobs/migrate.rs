//! The library's own tables, made by the owner role, and the rights of the serving role on them.

use graphile_worker::WorkerUtils;
use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::queries;
use crate::db::grants::{self, Grants, LockError};

#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    #[error("cannot prepare the tables for jobs")]
    Database(#[from] sqlx::Error),
    #[error("cannot prepare the tables for jobs")]
    Lock(#[from] LockError),
    #[error("cannot prepare the tables for jobs: {0}")]
    Library(String),
}

/// The serving role takes, adds and ends jobs; it does not say which version their tables have.
const RESTRICTED: &[(&str, &[&str])] = &[("migrations", &["select"])];

/// Brings the schema `graphile_worker` up to this binary and gives `app_role` what taking and adding jobs needs.
///
/// Runs as the owner, after `db::migrate::run`; several nodes may call it at once, a lock lets one work. It is a step of
/// its own because the library has numbers, a table of versions and a way to wait for other nodes of its own.
///
/// # Errors
///
/// When the owner cannot connect or lacks the right to create a schema, or the library finds tables of a newer version.
pub async fn migrate(owner: &PgConnectOptions, app_role: &str) -> Result<(), MigrateError> {
    let mut conn = grants::connect_alone(owner).await?;
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .connect_with(owner.clone())
        .await?;
    let migrated = WorkerUtils::new(&pool, queries::SCHEMA).migrate().await;
    pool.close().await;
    migrated.map_err(|error| MigrateError::Library(error.to_string()))?;
    let rights = Grants {
        schema: queries::SCHEMA,
        role: app_role,
        restricted: RESTRICTED,
    };
    grants::complete(&mut conn, async |conn| {
        let mut missing = rights.missing(conn).await?;
        missing.extend(queries::missing_policies(conn, app_role).await?);
        Ok(missing)
    })
    .await?;
    // Its lock goes with it.
    Ok(conn.close().await?)
}
