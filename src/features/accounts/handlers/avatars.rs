//! `/avatars/{id}.jpg` and the picture form of the settings. A picture's address never shows another one, so every cache may keep it for
//! ever; a picture that was taken down is purged by its cache tag.

use actix_multipart::Multipart;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, web};
use futures_util::TryStreamExt;
use uuid::Uuid;

use super::settings_page;
use crate::cache::CachePolicy;
use crate::features::accounts::avatar::AvatarDecoder;
use crate::features::accounts::pools::Pools;
use crate::features::accounts::private_page::PrivatePage;
use crate::features::accounts::{avatar, cache_tags, own_account, queries};
use crate::features::site;
use crate::messages::{Message, text};
use crate::state::AppState;
use crate::web::{Error, OrNotFound, Result};

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
    let jpeg = match receive(&pools.avatars, upload).await {
        Ok(jpeg) => jpeg,
        Err(refused) => return refused.answer(&page).await,
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

/// Why there is no picture.
enum Refused {
    /// A sentence beside the field.
    Fault(Message),
    Error(Error),
}

impl Refused {
    /// The settings page with the fault, or that there is no room for the picture now.
    async fn answer(self, page: &PrivatePage) -> Result<HttpResponse> {
        match self {
            Refused::Fault(fault) => settings_page::answer_with_fault(page, "avatar", fault).await,
            Refused::Error(Error::Overloaded { .. }) => {
                let busy = text::accounts_picture_busy();
                let mut busy = settings_page::answer_with_fault(page, "avatar", busy).await?;
                *busy.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
                busy.headers_mut()
                    .insert(header::RETRY_AFTER, header::HeaderValue::from_static("10"));
                Ok(busy)
            }
            Refused::Error(error) => Err(error),
        }
    }
}

/// Reads the upload and makes the picture that is served.
async fn receive(avatars: &AvatarDecoder, upload: Multipart) -> Result<Vec<u8>, Refused> {
    let room = avatar::room();
    // Without room it is read all the same and thrown away: a browser shows no answer before it has sent everything.
    let bytes = read(upload, room.is_ok()).await.map_err(Refused::Fault)?;
    let _room = room.map_err(Refused::Error)?;
    let made = avatars.decode(bytes).await.map_err(Refused::Error)?;
    made.map_err(|fault| Refused::Fault(fault.message()))
}

async fn read(mut upload: Multipart, keep: bool) -> Result<Vec<u8>, Message> {
    let broken = |_| text::accounts_picture_not_whole();
    let (mut bytes, mut length) = (Vec::new(), 0);
    while let Some(mut field) = upload.try_next().await.map_err(broken)? {
        if field.name() != Some("avatar") {
            continue;
        }
        while let Some(chunk) = field.try_next().await.map_err(broken)? {
            length += chunk.len();
            if length > avatar::MAX_BYTES {
                return Err(text::accounts_picture_too_large());
            }
            if keep {
                bytes.extend_from_slice(&chunk);
            }
        }
    }
    if length == 0 {
        Err(text::accounts_picture_missing())
    } else {
        Ok(bytes)
    }
}
