//! The history of the database that the site is on: where it is remembered, and what is done before the schema is touched.

use std::path::PathBuf;

use anyhow::Context;
use sqlx::postgres::PgConnectOptions;

use super::config::{Settings, state_dir};
use crate::db::Db;
use crate::db::cluster::history::Refusal;
use crate::db::migrate as migrations;

/// A private database has a place of its own, so that a site can move to a server of the operator's and back.
pub fn file(settings: &Settings) -> PathBuf {
    let name = if settings.database_url.is_some() {
        "database-history.json"
    } else {
        "private-database-history.json"
    };
    state_dir(&settings.data_dir).join(name)
}

/// Looks at all servers, then brings the schema up to this version, unless the server has a history that the site has
/// left: nothing of it may be changed.
///
/// # Errors
///
/// A [`Refusal`] where that is so.
pub async fn migrate(db: &Db, owner: &PgConnectOptions, app_role: &str) -> anyhow::Result<()> {
    db.first_probe().await;
    let refusal = db
        .refusal_of(owner)
        .await
        .context("cannot connect to the database for migrations")?;
    if let Some(refusal) = refusal {
        return Err(anyhow::Error::new(refusal).context("the database server is refused"));
    }
    migrate_all(owner, app_role).await
}

pub fn is_refused(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Refusal>().is_some()
}

/// Brings the database up to this version.
pub async fn migrate_all(owner: &PgConnectOptions, app_role: &str) -> anyhow::Result<()> {
    Ok(migrations::run(owner, app_role).await?)
}
