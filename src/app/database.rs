//! The database that the settings name: a private one or an operator's own, as the roles that serve and own the tables.

use anyhow::Context;
use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;

use super::config::Settings;
use super::history;
use crate::db::embedded::{
    DATABASE, Durability, EmbeddedConfig, EmbeddedPostgres, Role, WatchedPostgres,
};
use crate::db::{self, Db, PoolSizes};

/// Brings the database up (private or by URL), migrates it, does the work on an async runtime, and takes
/// the private database down again.
pub(super) fn with_database<T>(
    settings: &Settings,
    work: impl AsyncFnOnce(PgConnectOptions, &Settings) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let work = async |roles: Roles, settings: &Settings| run(roles, settings, work).await;
    let Some(private) = start_private(settings)? else {
        return on_a_runtime(settings, roles_by_address(settings)?, work);
    };
    let roles = (
        private.connect_options(Role::Owner, DATABASE),
        private.connect_options(Role::App, DATABASE),
    );
    let done = on_a_runtime(settings, roles, work);
    private
        .stop()
        .context("the private database did not stop cleanly")?;
    done
}

fn start_private(settings: &Settings) -> anyhow::Result<Option<WatchedPostgres>> {
    let Some(config) = private_config(settings)? else {
        return Ok(None);
    };
    let private = WatchedPostgres::start(&config)?;
    if let Some(asked) = private.relocated_from() {
        tracing::warn!(
            "the database user cannot enter {}, so the database lies in {}",
            asked.display(),
            private.base_dir().display()
        );
    }
    Ok(Some(private))
}

/// Does the work of a command, which may run while `serve` does: it joins the private database of that. Call it on the
/// main thread: a private database that it started itself ends with that.
pub fn with_shared_database<T>(
    settings: &Settings,
    work: impl AsyncFnOnce(PgConnectOptions, &Settings) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    with_shared_database_as_it_is(settings, async |roles, settings| {
        run(roles, settings, work).await
    })
}

/// Options of the role that owns the tables, and of the one that serves.
pub type Roles = (PgConnectOptions, PgConnectOptions);

/// As [`with_shared_database`], without bringing the database up to this version or asking whether it is the right one.
pub fn with_shared_database_as_it_is<T>(
    settings: &Settings,
    work: impl AsyncFnOnce(Roles, &Settings) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let Some(config) = private_config(settings)? else {
        return on_a_runtime(settings, roles_by_address(settings)?, work);
    };
    let private = EmbeddedPostgres::start_or_join(&config)?;
    let roles = (
        private.connect_options(Role::Owner, DATABASE),
        private.connect_options(Role::App, DATABASE),
    );
    let done = on_a_runtime(settings, roles, work);
    private
        .stop()
        .context("the private database did not stop cleanly")?;
    done
}

fn on_a_runtime<T>(
    settings: &Settings,
    roles: Roles,
    work: impl AsyncFnOnce(Roles, &Settings) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    actix_web::rt::System::new().block_on(work(roles, settings))
}

async fn run<T>(
    (owner, app): Roles,
    settings: &Settings,
    work: impl AsyncFnOnce(PgConnectOptions, &Settings) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    // Where that fails, a warning says what it means.
    let _ = settings.create_state_dir();
    let db = open(&app, settings)?;
    match history::migrate(&db, &owner, app.get_username()).await {
        // The migrations' address leads to an old primary; the one that took its place has everything already.
        Err(error)
            if history::is_refused(&error) && db.has_primary() && db.is_up_to_date().await => {}
        migrated => migrated?,
    }
    db.close().await;
    work(app, settings).await
}

/// The servers that the settings name.
pub fn open(database: &PgConnectOptions, settings: &Settings) -> anyhow::Result<Db> {
    let db = Db::open(
        database,
        &replicas(settings)?,
        pool_sizes(settings.workers),
        settings.switches,
    );
    Ok(db.remember_history_in(history::file(settings)))
}

/// `None`: the operator named a database of their own.
pub(super) fn private_config(settings: &Settings) -> anyhow::Result<Option<EmbeddedConfig>> {
    if settings.database_url.is_some() {
        return Ok(None);
    }
    settings.create_data_dir()?;
    Ok(Some(EmbeddedConfig {
        base_dir: settings.data_dir.join("postgres"),
        bin_dir: settings.postgres_bin_dir.clone(),
        durability: Durability::Durable,
        copy_of: None,
    }))
}

pub(super) fn roles_by_address(
    settings: &Settings,
) -> anyhow::Result<(PgConnectOptions, PgConnectOptions)> {
    let url = settings
        .database_url
        .as_ref()
        .context("no database address")?;
    let app = db::parse_url(url.expose_secret()).context("the database address cannot be read")?;
    let owner = match &settings.migration_database_url {
        Some(url) => db::parse_url(url.expose_secret())
            .context("the migration database address cannot be read")?,
        None => app.clone(),
    };
    Ok((owner, app))
}

pub(super) fn replicas(settings: &Settings) -> anyhow::Result<Vec<PgConnectOptions>> {
    let read = |url: &SecretString| {
        db::parse_url(url.expose_secret()).context("the address of a replica cannot be read")
    };
    settings.database_replicas.iter().map(read).collect()
}

/// How many connections a process with so many workers keeps at most.
pub fn pool_sizes(workers: usize) -> PoolSizes {
    let connections = u32::try_from(workers).unwrap_or(8).clamp(2, 10);
    PoolSizes {
        write: connections * 2,
        fresh: connections * 2,
        read: connections * 2,
    }
}
