//! Serving: sockets first (a taken port is the commonest fault and the quickest to tell), then the
//! database, then the workers; and back down in the opposite order.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};
use anyhow::Context;
use secrecy::ExposeSecret;
use sqlx::postgres::PgConnectOptions;

use super::config::{Jobs, Settings};
use super::state::AppState;
use super::{telemetry, worker};
use crate::cdn::Cdn;
use crate::db::embedded::{DATABASE, Durability, EmbeddedConfig, EmbeddedPostgres, Role, WatchedPostgres};
use crate::db::{self, Db, PoolSizes, migrate as migrations};
use crate::features::accounts::Hasher;
use crate::features::accounts::password::Cost;
use crate::jobs;
use crate::routes;
use crate::web::guard::OwnOrigin;
use crate::web::security::Transport;
use crate::web::{Error, error_page, guard, ids, security};

/// `masthead serve`: until a signal ends it.
pub fn serve(settings: Settings) -> anyhow::Result<()> {
    telemetry::start(&settings);
    let listeners = bind(&settings)?;
    with_database(&settings, async |database, settings| {
        let app = state(database.clone(), settings)?;
        let mut server = HttpServer::new({
            let app = app.clone();
            move || site(app.clone())
        })
        .workers(settings.workers)
        .client_request_timeout(std::time::Duration::from_secs(5))
        .shutdown_timeout(10);
        for listener in listeners {
            server = server.listen(listener).context("cannot serve on the socket")?;
        }
        tracing::info!("serving on {}", settings.origin());
        eprintln!("Masthead is serving on {}", settings.origin());
        let worker = (settings.jobs == Jobs::Inside).then(|| worker::start(&app, &database));
        let served = server.run().await.context("the server stopped");
        // Requests ask for jobs, so they end last.
        if let Some(worker) = worker {
            worker.stop().await;
        }
        app.db.close().await;
        served?;
        Ok(())
    })
}

/// `masthead migrate`
pub fn migrate(settings: Settings) -> anyhow::Result<()> {
    telemetry::start_quiet(&settings);
    with_database(&settings, async |_, _| Ok(()))?;
    eprintln!("The database is up to date.");
    Ok(())
}

/// Brings the database up (private or by URL), migrates it, does the work on an async runtime, and takes
/// the private database down again.
fn with_database<T>(
    settings: &Settings,
    work: impl AsyncFnOnce(PgConnectOptions, &Settings) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let Some(config) = private_config(settings)? else {
        return run(settings, roles_by_address(settings)?, work);
    };
    let private = WatchedPostgres::start(&config)?;
    if let Some(asked) = private.relocated_from() {
        tracing::warn!(
            "the database user cannot enter {}, so the database lies in {}",
            asked.display(),
            private.base_dir().display()
        );
    }
    let roles = (private.connect_options(Role::Owner, DATABASE), private.connect_options(Role::App, DATABASE));
    let done = run(settings, roles, work);
    private.stop().context("the private database did not stop cleanly")?;
    done
}

/// The same for commands, which may run while `serve` does: they join its private database. Call it on the
/// main thread: a private database that it started itself ends with that.
pub fn beside_serve<T>(
    settings: &Settings,
    work: impl AsyncFnOnce(PgConnectOptions, &Settings) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let Some(config) = private_config(settings)? else {
        return run(settings, roles_by_address(settings)?, work);
    };
    let private = EmbeddedPostgres::start_or_join(&config)?;
    let roles = (private.connect_options(Role::Owner, DATABASE), private.connect_options(Role::App, DATABASE));
    let done = run(settings, roles, work);
    private.stop().context("the private database did not stop cleanly")?;
    done
}

fn run<T>(
    settings: &Settings,
    (owner, app): (PgConnectOptions, PgConnectOptions),
    work: impl AsyncFnOnce(PgConnectOptions, &Settings) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    actix_web::rt::System::new().block_on(async {
        migrate_all(&owner, app.get_username()).await?;
        work(app, settings).await
    })
}

/// Our tables, then those of the library that keeps the jobs.
pub async fn migrate_all(owner: &PgConnectOptions, app_role: &str) -> anyhow::Result<()> {
    migrations::run(owner, app_role).await?;
    Ok(jobs::migrate(owner, app_role).await?)
}

/// `None`: the operator named a database of their own.
fn private_config(settings: &Settings) -> anyhow::Result<Option<EmbeddedConfig>> {
    if settings.database_url.is_some() {
        return Ok(None);
    }
    settings.create_data_dir()?;
    Ok(Some(EmbeddedConfig {
        base_dir: settings.data_dir.join("postgres"),
        bin_dir: settings.pg_bin_dir.clone(),
        durability: Durability::Durable,
    }))
}

fn roles_by_address(settings: &Settings) -> anyhow::Result<(PgConnectOptions, PgConnectOptions)> {
    let url = settings.database_url.as_ref().context("no database address")?;
    let app = db::parse_url(url.expose_secret()).context("the database address cannot be read")?;
    let owner = match &settings.migration_database_url {
        Some(url) => db::parse_url(url.expose_secret()).context("the migration database address cannot be read")?,
        None => app.clone(),
    };
    Ok((owner, app))
}

/// The state that all workers share.
pub fn state(database: PgConnectOptions, settings: &Settings) -> anyhow::Result<web::Data<AppState>> {
    let cost = Cost { memory_kib: settings.argon2_memory_kib, ..Cost::DEFAULT };
    Ok(web::Data::new(AppState {
        db: Db::open(&database, pool_sizes(settings.workers)),
        hasher: Hasher::new(cost, settings.max_password_hashes)?,
        cdn: Arc::new(Cdn::new(settings.cdn.clone())?),
        origin: settings.origin(),
        https: settings.is_https(),
    }))
}

/// How many connections a process with so many workers keeps at most.
pub fn pool_sizes(workers: usize) -> PoolSizes {
    let connections = u32::try_from(workers).unwrap_or(8).clamp(2, 10);
    PoolSizes { write: connections * 2, read: connections * 2 }
}

/// The whole site as one service; tests run the same.
pub fn site(
    app: web::Data<AppState>,
) -> App<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<BoxBody>, Error = actix_web::Error, InitError = ()>,
> {
    let origin = OwnOrigin(app.origin.clone());
    let transport = Transport { https: app.https };
    App::new()
        .app_data(app)
        .app_data(web::Data::new(origin))
        .app_data(web::Data::new(transport))
        // An id that is none and a query that cannot be read name nothing: 404.
        .app_data(web::PathConfig::default().error_handler(|_, _| Error::NotFound.into()))
        .app_data(web::QueryConfig::default().error_handler(|_, _| Error::NotFound.into()))
        .wrap(from_fn(guard::check))
        .wrap(from_fn(error_page::fill))
        .wrap(from_fn(security::headers))
        .wrap(from_fn(ids::identify))
        .configure(routes::configure)
}

fn bind(settings: &Settings) -> anyhow::Result<Vec<TcpListener>> {
    let mut listeners = Vec::new();
    for address in &settings.listen.addresses {
        match listen(*address) {
            Ok(listener) => listeners.push(listener),
            // A machine without IPv6 still has localhost.
            Err(error) if !listeners.is_empty() && error.kind() == std::io::ErrorKind::AddrNotAvailable => {}
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                anyhow::bail!("{address} is taken by another program; stop it or choose another address with --listen")
            }
            Err(error) => return Err(error).with_context(|| format!("cannot listen on {address}")),
        }
    }
    Ok(listeners)
}

fn listen(address: std::net::SocketAddr) -> std::io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}
