//! Pictures that people upload: received within limits, decoded one at a time on a thread of their own, and encoded again. What was
//! uploaded is never served.

mod cost;
mod decode;
mod error;
mod ground;
mod upload;

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::web::cpu_pool::CpuPool;
use crate::web::{Error, Result};

pub use decode::Decoded;
pub use error::{Made, PictureError};
pub use ground::put_on_white;
pub use upload::{Refused, busy, receive};

/// Upload limit in bytes.
pub const MAX_BYTES: usize = 5 * 1024 * 1024;

/// Uploads that wait for the one that is decoded.
const WAITING: usize = 4;
const TIMEOUT: Duration = Duration::from_secs(20);

/// Uploads that are held in memory at once, those that arrive included.
static UPLOADS: Semaphore = Semaphore::const_new(16);

/// Room in memory for one upload, to be held while it arrives and waits.
fn room() -> Result<SemaphorePermit<'static>> {
    UPLOADS
        .try_acquire()
        .map_err(|_| Error::Overloaded { retry_after: 10 })
}

/// Decodes one picture at a time, and lets a few wait. One that was begun goes on to its end when the client hangs up, and
/// is then still the only one.
pub struct PictureDecoder(CpuPool);

impl PictureDecoder {
    /// # Errors
    ///
    /// When the system gives no thread.
    pub fn new() -> std::io::Result<Self> {
        Ok(PictureDecoder(
            CpuPool::new("picture", 1)?.with_queue(WAITING, TIMEOUT),
        ))
    }

    /// Decodes an upload and makes of it what is served. Takes up to a second of one core.
    ///
    /// # Errors
    ///
    /// [`Error::Overloaded`] when too many wait already.
    pub async fn run<T: Send + 'static>(
        &self,
        upload: Vec<u8>,
        make: impl FnOnce(Decoded) -> Made<T> + Send + 'static,
    ) -> Result<Made<T>> {
        self.0.run(move || make(Decoded::of(&upload)?)).await
    }

    /// Where pictures are decoded.
    pub fn pool(&self) -> &CpuPool {
        &self.0
    }
}
