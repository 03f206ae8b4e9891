//! `/admin`: what waits for a decision, what is left to be done on a new site, and the ways to everything that admins change.

use actix_web::HttpResponse;

use super::queries;
use super::views::AdminPage;
use crate::features::accounts::PrivatePage;
use crate::features::site::{Flash, Said};
use crate::features::{comments, demo, site};
use crate::jobs;
use crate::messages::text;
use crate::web::Result;

/// `GET /admin`
pub async fn show(page: PrivatePage) -> Result<HttpResponse> {
    let mut conn = page.app.db.fresh().await?;
    let site = site::load(&mut conn).await?;
    let waiting = comments::waiting(&mut conn, page.user.id, true).await?;
    let steps = queries::steps(&mut conn).await?;
    let has_samples = demo::has_samples(&mut conn).await?;
    let health = jobs::health(&mut conn).await?;
    let failed_jobs = health.map_or(0, |health| health.failed);
    drop(conn);
    page.show(&AdminPage {
        frame: page.frame(&site, text::setup_title_admin()),
        has_tagline: !site.tagline.is_empty(),
        waiting,
        steps,
        has_samples,
        failed_jobs,
    })
}

/// `POST /admin/samples/remove`
pub async fn remove_samples(page: PrivatePage) -> Result<HttpResponse> {
    let removed = demo::remove(&page.app.db, page.actor()).await?;
    Ok(Flash::of(Said::SamplesRemoved)
        .taking_down(removed.is_any(), page.actor())
        .lead_to("/admin"))
}
