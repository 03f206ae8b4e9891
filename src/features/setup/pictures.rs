//! Logo, icon and social image of the site: their forms stand below those of the other settings.

use actix_multipart::Multipart;
use actix_web::{HttpResponse, web};

use super::settings::answer_with_fault;
use crate::features::accounts::{Pools, PrivatePage};
use crate::features::site::{self, PictureKind, picture};
use crate::web::picture::{Refused, busy, receive};
use crate::web::{OrNotFound, Result};

const SAVED: &str = "/admin/site?saved";

/// `POST /admin/site/{picture}`
pub async fn update(
    page: PrivatePage,
    pools: web::Data<Pools>,
    kind: web::Path<String>,
    upload: Multipart,
) -> Result<HttpResponse> {
    let kind = PictureKind::parse(&kind).or_not_found()?;
    let make = move |upload| picture::make(kind, upload);
    let made = match receive(&pools.pictures, upload, "picture", make).await {
        Ok(made) => made,
        Err(refused) => return answer(refused, &page, kind).await,
    };
    let actor = page.actor();
    let replaced = picture::change_picture(&page.app.db, actor, kind, &made).await?;
    Ok(site::back_to(SAVED, replaced, actor))
}

/// `POST /admin/site/{picture}/remove`: once more changes nothing.
pub async fn remove(page: PrivatePage, kind: web::Path<String>) -> Result<HttpResponse> {
    let kind = PictureKind::parse(&kind).or_not_found()?;
    let actor = page.actor();
    let removed = picture::change_picture(&page.app.db, actor, kind, &[]).await?;
    Ok(site::back_to(SAVED, removed, actor))
}

async fn answer(refused: Refused, page: &PrivatePage, kind: PictureKind) -> Result<HttpResponse> {
    match refused {
        Refused::Fault(fault) => answer_with_fault(page, kind.as_str(), fault).await,
        Refused::Busy(fault) => answer_with_fault(page, kind.as_str(), fault)
            .await
            .map(busy),
        Refused::Error(error) => Err(error),
    }
}
