//! What a public page is made of. Nothing else can enter the cache, and nothing here knows the account that asks.

use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};

use crate::db::{CacheTag, DbError};

/// A public answer: final bytes and the tags of what they show.
#[derive(Debug)]
pub struct Public {
    pub(super) answer: Answer,
    pub(super) tags: Vec<CacheTag>,
    /// Whether memory may hold it. What costs nothing to find out is not worth a place.
    pub(super) kept: bool,
    /// Whether other caches may.
    pub(super) shared: bool,
    /// Until when it is true by itself; none: for ever.
    pub(super) expires: Option<DateTime<Utc>>,
}

#[derive(Debug)]
pub(super) enum Answer {
    Found {
        body: Bytes,
        content_type: &'static str,
        /// Search engines are asked not to list it: for documents, which have no head to say so.
        noindex: bool,
    },
    /// Without a page of its own, it is the one that is the same for all.
    Missing {
        page: Option<Bytes>,
    },
    Moved {
        to: String,
    },
    /// Only for now, and not to be kept by any cache.
    Elsewhere {
        to: String,
    },
}

impl Public {
    /// A page or document.
    pub fn document(
        body: impl Into<Bytes>,
        content_type: &'static str,
        tags: impl IntoIterator<Item = CacheTag>,
    ) -> Self {
        Public {
            answer: Answer::Found {
                body: body.into(),
                content_type,
                noindex: false,
            },
            tags: tags.into_iter().collect(),
            kept: true,
            shared: true,
            expires: None,
        }
    }

    /// The same document, which search engines are asked not to list.
    pub fn unlisted(mut self) -> Self {
        if let Answer::Found { noindex, .. } = &mut self.answer {
            *noindex = true;
        }
        self
    }

    /// There is nothing. `tags` name what would have to happen for something to be there.
    pub fn missing(tags: impl IntoIterator<Item = CacheTag>) -> Self {
        Public {
            answer: Answer::Missing { page: None },
            tags: tags.into_iter().collect(),
            kept: true,
            shared: true,
            expires: None,
        }
    }

    /// Whether it says that there is nothing.
    pub fn is_missing(&self) -> bool {
        matches!(self.answer, Answer::Missing { .. })
    }

    /// There is nothing, and `page` says so: HTML of which memory should hold one copy, since it is not counted for each
    /// address. `tags` name what it shows.
    pub fn saying(mut self, page: Bytes, tags: impl IntoIterator<Item = CacheTag>) -> Self {
        self.answer = Answer::Missing { page: Some(page) };
        self.tags.extend(tags);
        self
    }

    /// With the tags of what the page for what is missing shows, if this is that one.
    pub(super) fn with_missing_tags(mut self, tags: &[CacheTag]) -> Self {
        if matches!(self.answer, Answer::Missing { page: None }) {
            self.tags.extend_from_slice(tags);
        }
        self
    }

    /// It is at the path `to` now, for ever.
    pub fn moved(to: String, tags: impl IntoIterator<Item = CacheTag>) -> Self {
        Public {
            answer: Answer::Moved { to },
            tags: tags.into_iter().collect(),
            kept: true,
            shared: true,
            expires: None,
        }
    }

    /// It is at the path `to` for the moment.
    pub fn elsewhere(to: impl Into<String>, tags: impl IntoIterator<Item = CacheTag>) -> Self {
        Public {
            answer: Answer::Elsewhere { to: to.into() },
            tags: tags.into_iter().collect(),
            kept: false,
            shared: true,
            expires: None,
        }
    }

    /// The same answer, but made each time: for addresses that are malformed, of which there is no end.
    pub fn not_kept(self) -> Self {
        Public {
            kept: false,
            ..self
        }
    }

    /// The same answer for this request and no other, since nothing would say when it becomes old.
    pub fn not_shared(self) -> Self {
        Public {
            kept: false,
            shared: false,
            ..self
        }
    }
}

/// Why a page could not be made. Shared by all requests that waited for it.
#[derive(Clone, Debug)]
pub struct LoadError {
    /// The database was away or too busy: worth trying again in a moment.
    pub unavailable: bool,
    /// For the log; it is never shown.
    pub cause: Arc<anyhow::Error>,
}

impl LoadError {
    /// Whether others only came first: no sign that the database, or this page, is broken.
    pub fn is_overloaded(&self) -> bool {
        self.cause
            .chain()
            .any(|cause| matches!(cause.downcast_ref(), Some(DbError::Overloaded)))
    }

    pub(super) fn too_slow(seconds: f64) -> Self {
        LoadError {
            unavailable: true,
            cause: Arc::new(anyhow::anyhow!("the page was not there within {seconds} s")),
        }
    }
}
