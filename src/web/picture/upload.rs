//! An upload as it arrives.

use actix_multipart::Multipart;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use futures_util::TryStreamExt;

use super::{Decoded, MAX_BYTES, Made, PictureDecoder, room};
use crate::messages::{Message, text};
use crate::web::Error;

/// Why there is no picture.
pub enum Refused {
    /// A sentence beside the field.
    Fault(Message),
    /// The same, of a server that has no room for it now: 503.
    Busy(Message),
    /// Anything else.
    Error(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        match error {
            Error::Overloaded { .. } => Refused::Busy(text::forms_picture_busy()),
            other => Refused::Error(other),
        }
    }
}

/// The page that says so, with the status of a server that is asked again in a moment.
pub fn busy(mut page: HttpResponse) -> HttpResponse {
    *page.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    let headers = page.headers_mut();
    headers.insert(RETRY_AFTER, HeaderValue::from_static("10"));
    page
}

/// Reads the upload and makes of it what is served.
///
/// # Errors
///
/// Where it cannot be used, or not now.
pub async fn receive<T: Send + 'static>(
    decoder: &PictureDecoder,
    upload: Multipart,
    field: &str,
    make: impl FnOnce(Decoded) -> Made<T> + Send + 'static,
) -> Result<T, Refused> {
    let room = room();
    // Without room it is read all the same and thrown away: a browser shows no answer before it has sent everything.
    let bytes = read(upload, field, room.is_ok())
        .await
        .map_err(Refused::Fault)?;
    let _room = room?;
    let made = decoder.run(bytes, make).await?;
    made.map_err(|fault| Refused::Fault(fault.message()))
}

async fn read(mut upload: Multipart, name: &str, keep: bool) -> Result<Vec<u8>, Message> {
    let broken = |_| text::forms_picture_not_whole();
    let (mut bytes, mut length) = (Vec::new(), 0);
    while let Some(mut field) = upload.try_next().await.map_err(broken)? {
        if field.name() != Some(name) {
            continue;
        }
        while let Some(chunk) = field.try_next().await.map_err(broken)? {
            length += chunk.len();
            if length > MAX_BYTES {
                return Err(text::forms_picture_too_large());
            }
            if keep {
                bytes.extend_from_slice(&chunk);
            }
        }
    }
    if length == 0 {
        Err(text::forms_picture_missing())
    } else {
        Ok(bytes)
    }
}
