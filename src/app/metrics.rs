//! What is measured, for a scraper, on a socket of its own: it tells strangers more than they should know.

use std::future::Future;
use std::net::TcpListener;

use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::Context;

use super::telemetry;
use crate::features::rerender::progress;
use crate::metrics::Registry;
use crate::state::AppState;
use crate::web::Error;

/// Serves `/metrics` until the process ends.
pub fn serve(
    listeners: Vec<TcpListener>,
    app: web::Data<AppState>,
) -> anyhow::Result<impl Future<Output = ()> + use<>> {
    let registry = web::Data::new(registry(&app));
    let mut server = HttpServer::new(move || {
        App::new()
            .app_data(app.clone())
            .app_data(registry.clone())
            .route("/metrics", web::get().to(show))
    })
    .workers(1)
    .disable_signals();
    for listener in listeners {
        server = server
            .listen(listener)
            .context("cannot serve metrics on the socket")?;
    }
    let running = server.run();
    Ok(async move {
        if let Err(error) = running.await {
            tracing::error!(%error, "metrics are not served any more");
        }
    })
}

async fn show(
    app: web::Data<AppState>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse, Error> {
    app.job_metrics.look(&app.db).await;
    let scrape = registry.scrape().map_err(Error::internal)?;
    Ok(HttpResponse::Ok()
        .content_type(Registry::CONTENT_TYPE)
        .body(scrape))
}

/// What every room of a process counts.
pub fn registry(app: &AppState) -> Registry {
    let mut registry = Registry::default();
    app.request_durations.register(&mut registry);
    app.cache.register(&mut registry);
    app.db.register(&mut registry);
    app.read_your_writes
        .clone()
        .into_inner()
        .register(&mut registry);
    app.job_metrics.register(&mut registry);
    telemetry::register(&mut registry);
    progress::register(&mut registry);
    app.cdn.register(&mut registry);
    registry
}
