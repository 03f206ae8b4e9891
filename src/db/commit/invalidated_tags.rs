//! What one transaction invalidates, until it commits.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::cache_tag::CacheTag;

/// The cache tags that a transaction has invalidated so far.
#[derive(Clone, Debug, Default)]
pub struct InvalidatedTags {
    /// Edited: copies are old.
    pub changed: BTreeSet<CacheTag>,
    /// Taken down: copies must not be shown again.
    pub gone: BTreeSet<CacheTag>,
    /// Business action and request, for the purge status and for jobs.
    pub transaction_id: Option<Uuid>,
    /// The request that caused it.
    pub correlation_id: Option<Uuid>,
}

impl InvalidatedTags {
    /// Whether readers see nothing differently.
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.gone.is_empty()
    }

    pub(in crate::db) fn add(&mut self, other: InvalidatedTags) {
        self.changed.extend(other.changed);
        self.gone.extend(other.gone);
    }

    /// The tags; what they belong to stays.
    pub(in crate::db) fn take_tags(&mut self) -> InvalidatedTags {
        let (changed, gone) = (
            std::mem::take(&mut self.changed),
            std::mem::take(&mut self.gone),
        );
        InvalidatedTags {
            changed,
            gone,
            ..InvalidatedTags::default()
        }
    }
}
