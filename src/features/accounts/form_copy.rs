//! The text of a form, read before its route sees it: kept within limits, so that it can be given back, and left in the
//! request as it was.

use std::time::Duration;

use actix_web::HttpMessage;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

use crate::messages::text;
use crate::web::{Error, Result};

/// What any form may bring as it travels: the longest text of the editor. Forms with less room refuse it and give it back.
const LIMIT: usize = 4 * 1024 * 1024;
/// So much more is read without being kept: a browser that is cut off while it sends shows no answer.
const READ_TO_ITS_END: usize = 16 * 1024 * 1024;
/// A form up to this size may be held by any request. Of larger ones only so many are held at once, from all
/// clients together: 64 MiB.
const SMALL: usize = 256 * 1024;
const LARGE_AT_ONCE: usize = 16;
static LARGE: Semaphore = Semaphore::const_new(LARGE_AT_ONCE);
/// A large form that holds its place for longer makes room: 35 kB a second, for the largest.
const LARGE_WITHIN: Duration = Duration::from_secs(120);

/// The place of a large form among those that are held.
pub(super) type Place = SemaphorePermit<'static>;

/// Reads the form and leaves it in the request as it was.
///
/// # Errors
///
/// When it is too large, did not arrive whole or came too slowly, or when too many large ones are held already.
pub(super) async fn copy(req: &mut ServiceRequest) -> Result<(Bytes, Option<Place>)> {
    let mut payload = req.take_payload();
    let mut held = Held::default();
    while let Some(chunk) = next(&mut payload, held.until).await? {
        held.size += chunk.len();
        if held.size > READ_TO_ITS_END {
            break;
        }
        held.take(&chunk);
    }
    let (body, place) = held.whole()?;
    req.set_payload(Payload::from(body.clone()));
    Ok((body, place))
}

async fn next(payload: &mut Payload, until: Option<Instant>) -> Result<Option<Bytes>> {
    let chunk = match until {
        None => payload.next().await,
        Some(until) => timeout_at(until, payload.next())
            .await
            .map_err(|_| Error::TooSlow)?,
    };
    chunk.transpose().map_err(|error| match error {
        PayloadError::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => Error::TooSlow,
        _ => Error::BadRequest(text::forms_not_whole()),
    })
}

/// What is held of a form while it arrives.
#[derive(Default)]
struct Held {
    body: BytesMut,
    /// Of all that has arrived, held or not.
    size: usize,
    /// Asked for once, where the form turns out to be large.
    place: Option<Option<Place>>,
    until: Option<Instant>,
}

impl Held {
    /// Keeps the next part, as long as there is room for a form of this size.
    fn take(&mut self, chunk: &[u8]) {
        if self.size > SMALL && self.place.is_none() {
            self.place = Some(LARGE.try_acquire().ok());
            self.until = Some(Instant::now() + LARGE_WITHIN);
        }
        if self.size > LIMIT || matches!(self.place, Some(None)) {
            self.body = BytesMut::new();
            self.place = Some(None);
        } else {
            self.body.extend_from_slice(chunk);
        }
    }

    fn whole(self) -> Result<(Bytes, Option<Place>)> {
        if self.size > LIMIT {
            return Err(Error::TooLarge(text::accounts_form_larger_than_site()));
        }
        if matches!(self.place, Some(None)) {
            return Err(Error::Overloaded { retry_after: 5 });
        }
        Ok((self.body.freeze(), self.place.flatten()))
    }
}
