//! Counters for a scraper, on a socket of their own: they tell strangers more than they should know.

use std::future::Future;
use std::net::TcpListener;

use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::Context;

use super::state::AppState;

/// Serves `/metrics` until the process ends.
pub fn serve(listeners: Vec<TcpListener>, app: web::Data<AppState>) -> anyhow::Result<impl Future<Output = ()>> {
    let mut server = HttpServer::new(move || App::new().app_data(app.clone()).route("/metrics", web::get().to(show)))
        .workers(1)
        .disable_signals();
    for listener in listeners {
        server = server.listen(listener).context("cannot serve metrics on the socket")?;
    }
    let running = server.run();
    Ok(async move {
        if let Err(error) = running.await {
            tracing::error!(%error, "metrics are not served any more");
        }
    })
}

async fn show(app: web::Data<AppState>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(app.cache.metrics())
}
