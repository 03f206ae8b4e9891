//! Pinned tags: of commits whose position was not learned, since the connection was lost before it came. Until it is
//! known, pages that show what they changed are read on the primary only, so it is asked for again until a primary answers.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::invalidated_tags::InvalidatedTags;
use super::token::CommitToken;
use crate::metrics::Scrape;

pub(in crate::db) struct PinnedCommit {
    /// Of a commit of which not even that is known whether it happened.
    pub(in crate::db) token: Option<CommitToken>,
    pub(in crate::db) invalidated: InvalidatedTags,
}

impl PinnedCommit {
    fn tags(&self) -> usize {
        self.invalidated.changed.len() + self.invalidated.gone.len()
    }
}

/// The pinned commits of this process. One task asks for their positions, while there are any ([`super::late_position`]).
#[derive(Default)]
pub(in crate::db) struct PinnedCommits {
    commits: Mutex<Vec<PinnedCommit>>,
    /// Tags pinned since the start.
    total: AtomicU64,
}

impl PinnedCommits {
    pub(in crate::db) fn collect(&self, now: usize, scrape: &mut Scrape<'_>) {
        scrape.gauge(
            "masthead_db_pinned_tags",
            "Tags that only the primary may be asked for: the position of a commit is not known.",
            now as f64,
        );
        scrape.counter(
            "masthead_db_pinned_tags_total",
            "Tags that were pinned to the primary since the start.",
            self.total.load(Ordering::Relaxed),
        );
    }

    /// Adds one, and says whether it is the only one.
    pub(in crate::db) fn add(&self, commit: PinnedCommit) -> bool {
        let tags = commit.tags();
        self.total.fetch_add(tags as u64, Ordering::Relaxed);
        tracing::warn!(
            tags,
            "the position of a commit is not known: what it changed is read on the primary until it is"
        );
        let mut commits = self.lock();
        commits.push(commit);
        commits.len() == 1
    }

    pub(in crate::db) fn lock(&self) -> std::sync::MutexGuard<'_, Vec<PinnedCommit>> {
        self.commits.lock().unwrap_or_else(|e| e.into_inner())
    }
}
