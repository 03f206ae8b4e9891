//! What a page takes of the memory that pages may use.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::http::header::{HeaderName, HeaderValue};

use super::representation::Representation;

/// What a page weighs besides its bytes: this struct, its headers, its place in the map.
const OVERHEAD_BYTES: u64 = 1024;

/// Counts into the memory in use for as long as the page lives anywhere, also in an answer that is still being sent.
pub(super) struct Weight {
    pub(super) bytes: u64,
    pub(super) resident: Arc<AtomicU64>,
}

impl Drop for Weight {
    fn drop(&mut self) {
        self.resident.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Weight {
    pub(super) fn new(
        key: &str,
        headers: &[(HeaderName, HeaderValue)],
        tags: usize,
        forms: [Option<&Representation>; 3],
        resident: &Arc<AtomicU64>,
    ) -> Self {
        let bodies: usize = forms
            .into_iter()
            .flatten()
            .map(|form| form.body.len())
            .sum();
        let headers: usize = headers.iter().map(|(_, value)| value.len()).sum();
        // The map holds the key, and what renders the page again holds it decoded.
        let bytes = (3 * key.len() + headers + tags * 8 + bodies) as u64 + OVERHEAD_BYTES;
        resident.fetch_add(bytes, Ordering::Relaxed);
        Weight {
            bytes,
            resident: resident.clone(),
        }
    }
}
