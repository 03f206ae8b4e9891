//! Right after the start the most visited pages are asked for once, through the front door, so that the first readers
//! do not wait and a database that goes away soon afterwards does not take the site along.

use actix_http::Request;
use actix_service::{IntoServiceFactory, Service, ServiceFactory};
use actix_web::dev::AppConfig;
use actix_web::http::Uri;
use actix_web::web;

use super::service::service;
use crate::db::ReadRequirement;
use crate::features::accounts::Pools;
use crate::features::reading::newest_paths;
use crate::state::AppState;

/// What every visitor and every feed reader asks for.
const LISTS: &[&str] = &[
    "/",
    "/newest",
    "/t",
    "/feed.atom",
    "/feed.rss",
    "/feed.json",
    "/sitemap.xml",
    "/robots.txt",
];

/// Asks for them one after the other.
pub async fn top_pages(app: web::Data<AppState>, pools: web::Data<Pools>) {
    let Ok(site) = service(app.clone(), pools)
        .into_factory()
        .new_service(AppConfig::default())
        .await
    else {
        return;
    };
    // Besides the lists and feeds. Newer ones are read most.
    let posts = newest(&app).await.unwrap_or_default();
    for path in LISTS.iter().map(|path| (*path).to_owned()).chain(posts) {
        let Ok(uri) = crate::web::page::encoded(&path).parse::<Uri>() else {
            continue;
        };
        let mut request = Request::new();
        request.head_mut().uri = uri;
        // Whatever the answer is, a reader will see the same.
        let _ = site.call(request).await;
    }
}

async fn newest(app: &AppState) -> crate::db::Result<Vec<String>> {
    newest_paths(&mut *app.db.read(&ReadRequirement::any()).await?).await
}
