//! The threads that hash passwords and decode pictures: without a bound, a few forms would take every core.

use super::password::{Cost, Hasher};
use crate::web::picture::PictureDecoder;

/// Bounded threads for what accounts ask of the processor. One for each process, beside [`AppState`](crate::state::AppState).
pub struct Pools {
    pub hasher: Hasher,
    pub pictures: PictureDecoder,
}

impl Pools {
    /// With this many passwords hashed at the same time.
    ///
    /// # Errors
    ///
    /// When the system gives no more threads.
    pub fn new(cost: Cost, hashes: usize) -> anyhow::Result<Pools> {
        Ok(Pools {
            hasher: Hasher::new(cost, hashes)?,
            pictures: PictureDecoder::new()?,
        })
    }
}
