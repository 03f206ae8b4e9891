//! How a process that serves ends.
//!
//! SIGTERM: a balancer that watches `/readyz` hears of it and gets five seconds to look elsewhere, while connections are
//! closed one by one; then no new ones are taken, and what is under way has twenty seconds. SIGINT, from a terminal, where
//! no balancer watches: the same without the five seconds. A second signal ends at once.

use std::future::Future;

use actix_web::dev::ServerHandle;
use actix_web::web;
use anyhow::Context;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::web::middleware::health::{HEARD_BY, Health};

/// Waits for a signal and ends the server.
pub fn on_signals(
    health: web::Data<Health>,
    server: ServerHandle,
) -> anyhow::Result<impl Future<Output = ()>> {
    let hear = |kind| signal(kind).context("signals cannot be heard");
    let (interrupt, terminate) = (
        hear(SignalKind::interrupt())?,
        hear(SignalKind::terminate())?,
    );
    Ok(end_on(interrupt, terminate, health, server))
}

async fn end_on(
    mut interrupt: Signal,
    mut terminate: Signal,
    health: web::Data<Health>,
    server: ServerHandle,
) {
    let watched = tokio::select! {
        _ = interrupt.recv() => false,
        _ = terminate.recv() => health.is_watched(),
    };
    health.drain();
    if watched {
        until_balancer_heard(&mut interrupt, &mut terminate).await;
    }
    tracing::info!("shutting down: requests under way may finish");
    tokio::select! {
        () = server.stop(true) => {}
        () = either(&mut interrupt, &mut terminate) => server.stop(false).await,
    }
}

async fn until_balancer_heard(interrupt: &mut Signal, terminate: &mut Signal) {
    tracing::info!("draining: waiting until the balancer has heard of it");
    tokio::select! {
        () = tokio::time::sleep(HEARD_BY) => {}
        () = either(interrupt, terminate) => {}
    }
}

async fn either(one: &mut Signal, other: &mut Signal) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}
