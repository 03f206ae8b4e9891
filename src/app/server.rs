//! Serving: sockets first (a taken port is the commonest fault and the quickest to tell), then the
//! database, then the workers; and back down in the opposite order.

use std::io::{self, IsTerminal, Write};
use std::net::TcpListener;
use std::time::Duration;

use actix_web::{HttpServer, web};
use anyhow::Context;
use rustix::process::geteuid;
use sqlx::postgres::PgConnectOptions;
use tokio::task::JoinHandle;

use super::build_state::{build_pools, build_state};
use super::config::{ConfigError, Jobs, Listen, Loaded, Settings};
use super::database::{private_config, replicas, roles_by_address};
use super::reload_config::ReloadConfig;
use super::service::service;
use super::worker::PrimaryFollowingWorker;
use super::{
    cache_warmup, metrics, privileges, reload_config, shutdown, startup_checks, telemetry,
};
use crate::cache::invalidation_feed;
use crate::db::embedded::{DATABASE, Role, WatchedPostgres};
use crate::db::{self, Db};
use crate::features::accounts::Pools;
use crate::features::setup;
use crate::messages;
use crate::state::AppState;
use crate::web::assets;

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
    telemetry::start(&settings);
    // Here and not where settings are read: what commands print is for operators, and stays English.
    messages::choose(settings.interface_language);
    for warning in &left.warnings {
        tracing::warn!("{warning}");
    }
    let private = left
        .private
        .map(|config| WatchedPostgres::start(&config))
        .transpose()?;
    let roles = roles(private.as_ref(), &settings)?;
    if let Err(error) = settings.create_state_dir() {
        tracing::warn!(%error, "nothing can be remembered in the data directory");
    }
    let sockets = Sockets { listeners, metrics };
    let is_alone = private.is_some();
    let served = actix_web::rt::System::new().block_on(serve_with_database(
        &settings, roles, reload, sockets, is_alone,
    ));
    if let Some(private) = private {
        private
            .stop()
            .context("the private database did not stop cleanly")?;
    }
    served
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

/// What is served on: sockets that were bound before anything else was begun.
struct Sockets {
    listeners: Vec<TcpListener>,
    metrics: Option<Vec<TcpListener>>,
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
    Sockets { listeners, metrics }: Sockets,
) -> anyhow::Result<()> {
    let mut server = HttpServer::new({
        let (app, pools) = (app.clone(), pools.clone());
        move || service(app.clone(), pools.clone())
    })
    .on_connect({
        let (clients, proxies) = (app.clients.clone(), app.proxies.clone());
        move |connection, kept| clients.watch(&proxies, connection, kept)
    })
    .workers(settings.workers)
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
    let server = server.run();
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

fn tell_where(app: &AppState, settings: &Settings) {
    tracing::info!(node = app.node.name, "serving on {}", settings.origin());
    tracing::info!("{}", settings.about_proxies());
    if io::stderr().is_terminal() {
        // Beside the log, whatever its level. Only a terminal needs it, and a pipe may have no reader.
        let _ = writeln!(io::stderr(), "Masthead is serving on {}", settings.origin());
    }
}

/// What goes on besides answering requests.
struct Background(Vec<JoinHandle<()>>);

impl Background {
    /// Begins to follow other nodes before the first page is served.
    async fn start(app: &AppState, preparation: Option<JoinHandle<()>>) -> Self {
        let (db, cache, node) = (app.db.clone(), app.cache.clone(), app.node.clone());
        let mut tasks = db::watch(&db);
        tasks.extend(preparation);
        tasks.extend([
            tokio::spawn(invalidation_feed::run(
                db.clone(),
                cache,
                node.id,
                node.name,
            )),
            tokio::spawn(db::notify_peers(db.clone())),
            tokio::spawn(share_assets(db)),
        ]);
        app.cache.feed().established(Duration::from_secs(2)).await;
        Background(tasks)
    }

    async fn stop(self, app: &AppState) {
        for task in self.0 {
            task.abort();
        }
        // Both only save the others a wait.
        let _ = db::notify_peers_now(&app.db).await;
        let _ = invalidation_feed::leave(&app.db, app.node.id).await;
    }
}

/// At the start, and again for as long as this version runs: what no node marks as used is forgotten after a month.
async fn share_assets(db: Db) {
    loop {
        let shared = assets::share(&db).await;
        if let Err(error) = &shared {
            tracing::warn!(%error, "nodes of other versions cannot get this one's files");
        }
        tokio::time::sleep(if shared.is_ok() {
            Duration::from_secs(24 * 3600)
        } else {
            Duration::from_secs(60)
        })
        .await;
    }
}

fn bind(to: &Listen) -> anyhow::Result<Vec<TcpListener>> {
    let mut listeners = Vec::new();
    for address in &to.addresses {
        match listen(*address) {
            Ok(listener) => listeners.push(listener),
            // A machine without IPv6 still has localhost.
            Err(error)
                if !listeners.is_empty()
                    && error.kind() == std::io::ErrorKind::AddrNotAvailable => {}
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                anyhow::bail!(
                    "{address} is taken by another program; stop it or choose another address with --listen"
                )
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
