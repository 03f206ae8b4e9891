//! Serving: sockets first (a taken port is the commonest fault and the quickest to tell), then the
//! database, then the workers; and back down in the opposite order.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::{HttpServer, web};
use anyhow::Context;
use rustix::process::geteuid;
use sqlx::postgres::PgConnectOptions;

use super::background::Background;
use super::build_state::{build_pools, build_state};
use super::config::{ConfigError, Jobs, Loaded, Settings};
use super::database::{private_config, replicas, roles_by_address};
use super::reload_config::ReloadConfig;
use super::service::service;
use super::sockets::{Sockets, bind};
use super::worker::PrimaryFollowingWorker;
use super::{
    cache_warmup, metrics, privileges, reload_config, shutdown, startup_checks, telemetry,
};
use crate::cache::invalidation_feed;
use crate::db::embedded::{DATABASE, EmbeddedConfig, Role, WatchedPostgres};
use crate::features::accounts::Pools;
use crate::features::setup;
use crate::messages;
use crate::state::AppState;

/// `masthead serve`: until a signal ends it. `load` reads the settings again, for those that change while the site serves.
pub fn serve(
    mut settings: Settings,
    load: impl Fn() -> Result<Loaded, ConfigError> + Send + Sync + 'static,
) -> anyhow::Result<()> {
    let listeners = bind(&settings.listen)?;
    let metrics = settings.metrics_listen.as_ref().map(bind).transpose()?;
    let reload = if geteuid().is_root() {
        reload_config::by_another_process()?
    } else {
        reload_config::in_process(load)
    };
    let private = private_config(&settings)?;
    let left = privileges::leave_root(&mut settings, private)?;
    begin_telling(&settings, &left.warnings);
    let sockets = Sockets { listeners, metrics };
    serve_without_root(&settings, left.private, reload, sockets)
}

fn begin_telling(settings: &Settings, warnings: &[String]) {
    telemetry::start(settings);
    // Here and not where settings are read: what commands print is for operators, and stays English.
    messages::choose(settings.interface_language);
    for warning in warnings {
        tracing::warn!("{warning}");
    }
}

/// With the rights of the account that the process has become.
fn serve_without_root(
    settings: &Settings,
    private: Option<EmbeddedConfig>,
    reload: ReloadConfig,
    sockets: Sockets,
) -> anyhow::Result<()> {
    let private = private
        .map(|config| WatchedPostgres::start(&config))
        .transpose()?;
    let roles = roles(private.as_ref(), settings)?;
    if let Err(error) = settings.create_state_dir() {
        tracing::warn!(%error, "nothing can be remembered in the data directory");
    }
    let is_alone = private.is_some();
    let served = actix_web::rt::System::new().block_on(serve_with_database(
        settings, roles, reload, sockets, is_alone,
    ));
    private.map_or(Ok(()), stop).and(served)
}

fn stop(private: WatchedPostgres) -> anyhow::Result<()> {
    private
        .stop()
        .context("the private database did not stop cleanly")
}

/// The owner of the database, and the role that serves.
fn roles(
    private: Option<&WatchedPostgres>,
    settings: &Settings,
) -> anyhow::Result<(PgConnectOptions, PgConnectOptions)> {
    match private {
        Some(private) => Ok((
            private.connect_options(Role::Owner, DATABASE),
            private.connect_options(Role::App, DATABASE),
        )),
        None => roles_by_address(settings),
    }
}

/// Serves, with what goes on besides. `is_alone`: no other process can serve this database.
async fn serve_with_database(
    settings: &Settings,
    (owner, database): (PgConnectOptions, PgConnectOptions),
    reload: ReloadConfig,
    sockets: Sockets,
    is_alone: bool,
) -> anyhow::Result<()> {
    let app = build_state(database.clone(), settings)?;
    let pools = build_pools(settings)?;
    // A terminal that is closed ends what runs in it, by the same signal.
    if !io::stdin().is_terminal() {
        actix_web::rt::spawn(reload_config::on_hang_up(app.db.clone(), reload)?);
    }
    let preparation =
        startup_checks::database(&app, &owner, &database, &replicas(settings)?).await?;
    let background = Background::start(&app, preparation).await;
    if is_alone
        && let Err(error) = invalidation_feed::forget_other_nodes(&app.db, app.node.id).await
    {
        tracing::warn!(%error, "take-downs name processes that were killed for some minutes");
    }
    let served = run_until_signal((&app, &pools), settings, sockets).await;
    background.stop(&app).await;
    app.db.close().await;
    served
}

/// Answers requests and does jobs until a signal ends it, then lets requests under way finish.
async fn run_until_signal(
    (app, pools): (&web::Data<AppState>, &web::Data<Pools>),
    settings: &Settings,
    sockets: Sockets,
) -> anyhow::Result<()> {
    let server = start((app, pools), settings.workers, sockets)?;
    actix_web::rt::spawn(shutdown::on_signals(app.health.clone(), server.handle())?);
    tell_where(app, settings);
    actix_web::rt::spawn(cache_warmup::top_pages(app.clone(), pools.clone()));
    let empty = app.clone();
    actix_web::rt::spawn(async move { setup::code::announce(&empty).await });
    let worker =
        (settings.jobs == Jobs::Embedded).then(|| PrimaryFollowingWorker::start(app.clone()));
    let served = server.await.context("the server stopped");
    // Requests ask for jobs, so they end last.
    if let Some(worker) = worker {
        worker.stop().await;
    }
    served
}

/// Site and metrics, each on its sockets.
fn start(
    (app, pools): (&web::Data<AppState>, &web::Data<Pools>),
    workers: usize,
    Sockets { listeners, metrics }: Sockets,
) -> anyhow::Result<Server> {
    let mut server = HttpServer::new({
        let (app, pools) = (app.clone(), pools.clone());
        move || service(app.clone(), pools.clone())
    })
    .on_connect({
        let (clients, proxies) = (app.clients.clone(), app.proxies.clone());
        move |connection, kept| clients.watch(&proxies, connection, kept)
    })
    .workers(workers)
    .client_request_timeout(Duration::from_secs(5))
    .disable_signals()
    .shutdown_timeout(20);
    for listener in listeners {
        server = server
            .listen(listener)
            .context("cannot serve on the socket")?;
    }
    if let Some(listener) = metrics {
        actix_web::rt::spawn(metrics::serve(listener, app.clone())?);
    }
    Ok(server.run())
}

fn tell_where(app: &AppState, settings: &Settings) {
    tracing::info!(node = app.node.name, "serving on {}", settings.origin());
    tracing::info!("{}", settings.about_proxies());
    if io::stderr().is_terminal() {
        // Beside the log, whatever its level. Only a terminal needs it, and a pipe may have no reader.
        let _ = writeln!(io::stderr(), "Masthead is serving on {}", settings.origin());
    }
}
