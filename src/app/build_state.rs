//! The state that all workers of a process share, made of the settings.

use std::sync::Arc;

use actix_web::web;
use futures_util::future::BoxFuture;
use sqlx::postgres::PgConnectOptions;

use super::config::Settings;
use super::database::open;
use crate::cache::{self, Cache, Lifetimes, PURGED_SECONDS, UNPURGED_SECONDS};
use crate::cdn::Cdn;
use crate::db::{self, CacheTag, InvalidatedTags, Tx};
use crate::features::accounts::Pools;
use crate::features::accounts::password::Cost;
use crate::features::site;
use crate::jobs;
use crate::state::AppState;
use crate::web::SiteOrigin;
use crate::web::client_address::Proxies;
use crate::web::middleware::health::Health;
use crate::web::middleware::limits::Clients;
use crate::web::middleware::read_your_writes::ReadYourWrites;
use crate::web::node::Node;
use crate::web::site_key::SiteKey;

/// One for each process.
///
/// # Errors
///
/// When an address of a database cannot be read, or the site's key.
pub fn build_state(
    database: PgConnectOptions,
    settings: &Settings,
) -> anyhow::Result<web::Data<AppState>> {
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
        request_durations: Arc::default(),
        job_metrics: Arc::default(),
        read_your_writes: web::Data::new(read_your_writes),
        key,
        node,
        db,
        cdn: Arc::new(Cdn::new(settings.cdn.clone())?),
        origin,
        https: settings.is_https(),
    }))
}

/// The threads of accounts, one set for each process.
///
/// # Errors
///
/// When the system gives no more threads.
pub fn build_pools(settings: &Settings) -> anyhow::Result<web::Data<Pools>> {
    let cost = Cost {
        memory_kib: settings.argon2_memory_kib,
        ..Cost::DEFAULT
    };
    let pools = Pools::new(cost, settings.password_hash_concurrency)?;
    Ok(web::Data::new(pools))
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
