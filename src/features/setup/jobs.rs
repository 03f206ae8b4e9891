//! `/admin/jobs`: what is done in the background, what failed for good and why, and the button that lets it begin again.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::retry_jobs::retry_jobs;
use crate::features::accounts::PrivatePage;
use crate::features::site::{self, Flash, Said};
use crate::jobs::{self, DeadLetter, PendingJobs};
use crate::messages::{html as t, text};
use crate::web::{Error, Frame, Result, time};

#[derive(Template)]
#[template(path = "setup/jobs.html")]
struct JobsPage {
    frame: Frame,
    pending: Vec<PendingJobs>,
    /// The oldest, as far as a page has room for them.
    failed: Vec<DeadLetter>,
}

/// `GET /admin/jobs`
pub async fn show(page: PrivatePage) -> Result<HttpResponse> {
    let mut conn = page.app.db.fresh().await?;
    let site = site::load(&mut conn).await?;
    let pending = jobs::pending(&mut conn).await?;
    let failed = jobs::failed(&mut conn).await?;
    drop(conn);
    page.show(&JobsPage {
        frame: page.frame(&site, text::setup_title_jobs()),
        pending,
        failed,
    })
}

/// `POST /admin/jobs/{id}/retry`
pub async fn retry(page: PrivatePage, id: web::Path<i64>) -> Result<HttpResponse> {
    if retry_jobs(&page.app.db, page.actor(), Some(*id)).await? == 0 {
        return Err(Error::NotFound);
    }
    Ok(Flash::of(Said::JobsRetried).lead_to("/admin/jobs"))
}

/// `POST /admin/jobs/retry`
pub async fn retry_all(page: PrivatePage) -> Result<HttpResponse> {
    retry_jobs(&page.app.db, page.actor(), None).await?;
    Ok(Flash::of(Said::JobsRetried).lead_to("/admin/jobs"))
}
