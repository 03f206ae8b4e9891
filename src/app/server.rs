//! Serving: sockets first (a taken port is the commonest fault and the quickest to tell), then the
//! database, then the workers; and back down in the opposite order.

use std::io::{self, IsTerminal, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_http::Request;
use actix_service::IntoServiceFactory;
use actix_web::body::BoxBody;
use actix_web::dev::{AppConfig, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};
use anyhow::Context;
use futures_util::future::BoxFuture;
use rustix::process::geteuid;
use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;
use tokio::task::JoinHandle;

use super::config::{ConfigError, Jobs, Listen, Loaded, Settings};
use super::state::AppState;
use super::{
    emergency, history, metrics, prepare, privileges, reread, shutdown, telemetry, warm, worker,
};
use crate::cache;
use crate::cache::{Cache, Lifetimes, PURGED_SECONDS, UNPURGED_SECONDS, invalidation_feed};
use crate::cdn::Cdn;
use crate::db::embedded::{
    DATABASE, Durability, EmbeddedConfig, EmbeddedPostgres, Role, WatchedPostgres,
};
use crate::db::{self, CacheTag, Db, InvalidatedTags, PoolSizes, Tx, migrate as migrations};
use crate::features::accounts::password::Cost;
use crate::features::accounts::{AvatarDecoder, Hasher, form_recovery};
use crate::features::{setup, site};
use crate::jobs;
use crate::routes;
use crate::web::client_address::Proxies;
use crate::web::fast_path::{FastPath, FastPathState, Parts};
use crate::web::middleware::csrf::OwnOrigin;
use crate::web::middleware::health;
use crate::web::middleware::health::Health;
use crate::web::middleware::limits::Clients;
use crate::web::middleware::read_your_writes;
use crate::web::middleware::read_your_writes::ReadYourWrites;
use crate::web::middleware::security::Transport;
use crate::web::middleware::{csrf, ids, limits, security};
use crate::web::node::Node;
use crate::web::site_key::SiteKey;
use crate::web::{Error, SiteOrigin, assets, error_page};

/// `masthead serve`: until a signal ends it. `again` reads the settings once more, for those that can change meanwhile.
pub fn serve(
    mut settings: Settings,
    again: impl Fn() -> Result<Loaded, ConfigError> + Send + Sync + 'static,
) -> anyhow::Result<()> {
    let listeners = bind(&settings.listen)?;
    let metrics = settings.metrics_listen.as_ref().map(bind).transpose()?;
    let reread = if geteuid().is_root() {
        reread::by_another_process()?
    } else {
        reread::here(again)
    };
    let private = private_config(&settings)?;
    let left = privileges::leave_root(&mut settings, private)?;
    telemetry::start(&settings);
    for warning in &left.warnings {
        tracing::warn!("{warning}");
    }
    let private = left
        .private
        .map(|config| WatchedPostgres::start(&config))
        .transpose()?;
    let (owner, database) = match &private {
        Some(private) => (
            private.connect_options(Role::Owner, DATABASE),
            private.connect_options(Role::App, DATABASE),
        ),
        None => roles_by_address(&settings)?,
    };
    if let Err(error) = settings.create_state_dir() {
        tracing::warn!(%error, "nothing can be remembered in the data directory");
    }
    let served = actix_web::rt::System::new().block_on(async {
        let app = state(database.clone(), &settings)?;
        // A terminal that is closed ends what runs in it, by the same signal.
        if !io::stdin().is_terminal() {
            actix_web::rt::spawn(emergency::on_hang_up(app.db.clone(), reread)?);
        }
        let preparation = prepare::database(&app, &owner, &database, &replicas(&settings)?).await?;
        let background = Background::start(&app, preparation).await;
        let served = answer(&app, &settings, listeners, metrics).await;
        background.stop(&app).await;
        app.db.close().await;
        served
    });
    if let Some(private) = private {
        private
            .stop()
            .context("the private database did not stop cleanly")?;
    }
    served
}

/// Answers requests and does jobs until a signal ends it, then lets what is under way finish.
async fn answer(
    app: &web::Data<AppState>,
    settings: &Settings,
    listeners: Vec<TcpListener>,
    metrics: Option<Vec<TcpListener>>,
) -> anyhow::Result<()> {
    let mut server = HttpServer::new({
        let app = app.clone();
        move || front(app.clone())
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
    tracing::info!(node = app.node.name, "serving on {}", settings.origin());
    tracing::info!("{}", settings.about_proxies());
    if io::stderr().is_terminal() {
        // Beside the log, whatever its level. Only a terminal needs it, and a pipe may have no reader.
        let _ = writeln!(io::stderr(), "Masthead is serving on {}", settings.origin());
    }
    actix_web::rt::spawn(warm::top_pages(app.clone()));
    let empty = app.clone();
    actix_web::rt::spawn(async move { setup::code::announce(&empty).await });
    let worker = (settings.jobs == Jobs::Embedded).then(|| worker::Following::start(app.clone()));
    let served = server.await.context("the server stopped");
    // Requests ask for jobs, so they end last.
    if let Some(worker) = worker {
        worker.stop().await;
    }
    served
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

/// The same for commands, which may run while `serve` does: they join its private database. Call it on the
/// main thread: a private database that it started itself ends with that.
pub fn beside_serve<T>(
    settings: &Settings,
    work: impl AsyncFnOnce(PgConnectOptions, &Settings) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    beside_serve_as_it_is(settings, async |roles, settings| {
        run(roles, settings, work).await
    })
}

/// Options of the role that owns the tables, and of the one that serves.
pub type Roles = (PgConnectOptions, PgConnectOptions);

/// Without bringing the database up to this version, or asking whether it is the right one.
pub fn beside_serve_as_it_is<T>(
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

/// Brings the database up to this version.
pub async fn migrate_all(owner: &PgConnectOptions, app_role: &str) -> anyhow::Result<()> {
    Ok(migrations::run(owner, app_role).await?)
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

fn roles_by_address(settings: &Settings) -> anyhow::Result<(PgConnectOptions, PgConnectOptions)> {
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

fn replicas(settings: &Settings) -> anyhow::Result<Vec<PgConnectOptions>> {
    let read = |url: &SecretString| {
        db::parse_url(url.expose_secret()).context("the address of a replica cannot be read")
    };
    settings.database_replicas.iter().map(read).collect()
}

/// The state that all workers share.
pub fn state(
    database: PgConnectOptions,
    settings: &Settings,
) -> anyhow::Result<web::Data<AppState>> {
    let cost = Cost {
        memory_kib: settings.argon2_memory_kib,
        ..Cost::DEFAULT
    };
    // Without a shared cache to purge, nothing is written down for it.
    let outbox: Option<db::Outbox> = if settings.cdn.is_configured() {
        Some(purge)
    } else {
        None
    };
    let db = open(&database, settings)?.with_outbox(outbox);
    let node = Node::new(db::public_id());
    let key = SiteKey::new(settings.secret_key()?);
    let read_your_writes = ReadYourWrites::new(&key, settings.is_https(), node.id);
    let origin = web::Data::new(SiteOrigin::new(settings.origin()));
    Ok(web::Data::new(AppState {
        cache: Cache::new(cache_settings(settings, origin.clone()), db.clone()),
        health: web::Data::new(Health::default()),
        proxies: web::Data::new(Proxies::new(
            settings.trusted_proxies.clone(),
            settings.client_address_header.clone(),
        )),
        clients: web::Data::new(Clients::new(settings.max_connections_per_ip as usize)),
        read_your_writes: web::Data::new(read_your_writes),
        key,
        node,
        db,
        hasher: Hasher::new(cost, settings.password_hash_concurrency)?,
        avatars: AvatarDecoder::new()?,
        cdn: Arc::new(Cdn::new(settings.cdn.clone())?),
        origin,
        https: settings.is_https(),
    }))
}

/// Into every transaction that changes what readers see: edits make copies old, take-downs remove them.
fn purge<'a>(tx: &'a mut Tx, invalidated: &'a InvalidatedTags) -> BoxFuture<'a, db::Result<()>> {
    Box::pin(async move {
        for (tags, gone) in [(&invalidated.changed, false), (&invalidated.gone, true)] {
            if !tags.is_empty() {
                let tags: Vec<String> = tags
                    .iter()
                    .flat_map(CacheTag::names)
                    .map(str::to_owned)
                    .collect();
                jobs::enqueue_purge(
                    tx,
                    &tags,
                    gone,
                    invalidated.transaction_id,
                    invalidated.correlation_id,
                )
                .await?;
            }
        }
        Ok(())
    })
}

fn cache_settings(settings: &Settings, origin: web::Data<SiteOrigin>) -> cache::Settings {
    let purged = settings.cdn.is_configured();
    let shared_seconds = if purged {
        PURGED_SECONDS
    } else {
        UNPURGED_SECONDS
    };
    cache::Settings {
        bytes: u64::from(settings.cache_mb) * 1024 * 1024,
        lifetimes: Lifetimes {
            shared_seconds,
            ..Lifetimes::default()
        },
        // A shared cache that is purged keeps what it gets for an hour: that should be the short form.
        compress_first: purged,
        missing: Box::new(move || origin.missing()),
        missing_tags: vec![site::cache_tags::site()],
    }
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

/// The whole site with memory in front of it; tests run the same.
pub fn front(
    app: web::Data<AppState>,
) -> FastPath<
    impl ServiceFactory<
        Request,
        Config = AppConfig,
        Response = ServiceResponse<BoxBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    let parts = Parts {
        cache: app.cache.clone(),
        db: app.db.clone(),
        node: app.node.clone(),
        health: app.health.clone(),
        proxies: app.proxies.clone(),
        origin: app.origin.clone(),
    };
    let memory = FastPathState::new(parts, security::fixed(app.https));
    FastPath::new(memory, site(app).into_factory())
}

fn site(
    app: web::Data<AppState>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<BoxBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    let origin = OwnOrigin(app.origin.to_string());
    let transport = Transport { https: app.https };
    App::new()
        .app_data(web::Data::new(app.cache.clone()))
        .app_data(web::Data::new(app.node.clone()))
        .app_data(web::Data::new(app.db.clone()))
        .app_data(app.read_your_writes.clone())
        .app_data(app.health.clone())
        .app_data(app.origin.clone())
        .app_data(app.proxies.clone())
        .app_data(app.clients.clone())
        .app_data(app)
        .app_data(web::Data::new(origin))
        .app_data(web::Data::new(transport))
        // An id that is none and a query that cannot be read name nothing: 404.
        .app_data(web::PathConfig::default().error_handler(|_, _| Error::NotFound.into()))
        .app_data(web::QueryConfig::default().error_handler(|_, _| Error::NotFound.into()))
        .wrap(from_fn(read_your_writes::remember))
        .wrap(from_fn(health::gate))
        .wrap(from_fn(form_recovery::until_started))
        .wrap(from_fn(limits::body_rate))
        .wrap(from_fn(limits::requests_at_once))
        .wrap(from_fn(csrf::check))
        .wrap(from_fn(error_page::fill))
        .wrap(from_fn(security::headers))
        .wrap(from_fn(ids::identify))
        .configure(routes::configure)
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
