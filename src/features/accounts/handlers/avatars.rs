//! `/avatars/{id}.jpg` and the picture form of the settings. A picture's address never shows another one, so every cache may keep it for
//! ever; a picture that was taken down is purged by its cache tag.

use actix_multipart::Multipart;
use actix_web::http::header;
use actix_web::{HttpResponse, web};
use uuid::Uuid;

use super::settings_page;
use crate::cache::CachePolicy;
use crate::features::accounts::pools::Pools;
use crate::features::accounts::private_page::PrivatePage;
use crate::features::accounts::{avatar, cache_tags, own_account, queries};
use crate::features::site;
use crate::state::AppState;
use crate::web::picture::{self, Refused, receive};
use crate::web::{OrNotFound, Result};

/// `GET /avatars/{id}.jpg`
pub async fn show(app: web::Data<AppState>, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let (content_type, bytes) = stored(&app, *id).await?;
    let mut response = HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, content_type))
        .insert_header((header::ETAG, format!("\"{id}\"")))
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox",
        ))
        .insert_header(("surrogate-key", cache_tags::picture(*id).as_str()))
        .insert_header(("cache-tag", cache_tags::picture(*id).as_str()))
        .body(bytes);
    response.extensions_mut().insert(CachePolicy::Immutable);
    Ok(response)
}

/// Its content type and its bytes.
async fn stored(app: &AppState, id: Uuid) -> Result<(String, Vec<u8>)> {
    let reading = app.db.requirement_of(&cache_tags::picture(id));
    match queries::avatar(&mut *app.db.read(&reading).await?, id).await? {
        Some(found) => Ok(found),
        // A page may show a picture before the replica has it.
        None => queries::avatar(&mut *app.db.fresh().await?, id)
            .await?
            .or_not_found(),
    }
}

/// `POST /settings/avatar`
pub async fn update(
    page: PrivatePage,
    pools: web::Data<Pools>,
    upload: Multipart,
) -> Result<HttpResponse> {
    let jpeg = match receive(&pools.pictures, upload, "avatar", avatar::make).await {
        Ok(jpeg) => jpeg,
        Err(refused) => return answer(refused, &page).await,
    };
    let actor = page.actor();
    let replaced = own_account::change_picture(&page.app.db, actor, &page.user, &jpeg).await?;
    Ok(site::back_to("/settings?saved=avatar", replaced, actor))
}

/// `POST /settings/avatar/remove`: once more changes nothing.
pub async fn remove(page: PrivatePage) -> Result<HttpResponse> {
    let actor = page.actor();
    let removed = own_account::remove_picture(&page.app.db, actor, &page.user).await?;
    Ok(site::back_to(
        "/settings?saved=avatar_removed",
        removed,
        actor,
    ))
}

/// The settings page with the fault, or that there is no room for the picture now.
async fn answer(refused: Refused, page: &PrivatePage) -> Result<HttpResponse> {
    match refused {
        Refused::Fault(fault) => settings_page::answer_with_fault(page, "avatar", fault).await,
        Refused::Busy(fault) => {
            let page = settings_page::answer_with_fault(page, "avatar", fault).await?;
            Ok(picture::busy(page))
        }
        Refused::Error(error) => Err(error),
    }
}
