//! Counters for a scraper, on a socket of their own: they tell strangers more than they should know.

use std::future::Future;
use std::net::TcpListener;

use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::Context;

use super::telemetry;
use crate::features::rerender::progress;
use crate::state::AppState;

/// Serves `/metrics` until the process ends.
pub fn serve(
    listeners: Vec<TcpListener>,
    app: web::Data<AppState>,
) -> anyhow::Result<impl Future<Output = ()>> {
    let mut server = HttpServer::new(move || {
        App::new()
            .app_data(app.clone())
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

async fn show(app: web::Data<AppState>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(scrape(&app))
}

fn scrape(app: &AppState) -> String {
    let failures = app.cdn.failures();
    let mut text = app.cache.metrics();
    text.push_str(&app.db.metrics());
    text.push_str(&app.read_your_writes.metrics());
    text.push_str(&telemetry::metrics());
    text.push_str(&progress::metrics());
    text.push_str(&format!(
        "# HELP masthead_cdn_purge_failures_total Purges that the CDN did not take; each is tried again.\n\
         # TYPE masthead_cdn_purge_failures_total counter\nmasthead_cdn_purge_failures_total {failures}\n"
    ));
    text
}
