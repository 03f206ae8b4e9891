//! Pinned tags: of commits whose position was not learned, since the connection was lost before it came. Until it is
//! known, pages that show what they changed are read on the primary only, so it is asked for again until a primary answers.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::invalidation::InvalidatedTags;
use super::token::CommitToken;
use crate::db::cluster::position;
use crate::db::cluster::position::Position;
use crate::db::{Db, Result};
use crate::metrics::Scrape;

const ASK_EVERY: Duration = Duration::from_millis(500);

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

/// The pinned commits of this process. One task asks for their positions, while there are any.
#[derive(Default)]
pub(in crate::db) struct Waiting {
    commits: Mutex<Vec<PinnedCommit>>,
    /// Tags pinned since the start.
    total: AtomicU64,
}

impl Waiting {
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

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<PinnedCommit>> {
        self.commits.lock().unwrap_or_else(|e| e.into_inner())
    }
}

/// Asks in the background.
pub(in crate::db) fn learn_later(db: &Db, commit: PinnedCommit) {
    let tags = commit.tags();
    let waiting = &db.invalidations.pinned;
    waiting.total.fetch_add(tags as u64, Ordering::Relaxed);
    tracing::warn!(
        tags,
        "the position of a commit is not known: what it changed is read on the primary until it is"
    );
    let mut commits = waiting.lock();
    commits.push(commit);
    if commits.len() == 1 {
        tokio::spawn(learn(db.clone()));
    }
}

async fn learn(db: Db) {
    loop {
        tokio::time::sleep(ASK_EVERY).await;
        let first = db
            .invalidations
            .pinned
            .lock()
            .first()
            .map(|commit| commit.token);
        let Some(token) = first else { return };
        let Ok(position) = position_behind(&db, token).await else {
            continue;
        };
        let mut commits = db.invalidations.pinned.lock();
        let commit = commits.remove(0);
        let tags = commit
            .invalidated
            .changed
            .iter()
            .chain(&commit.invalidated.gone);
        db.invalidations.versions.place(tags, position);
        if commits.is_empty() {
            tracing::info!("the positions of all commits are known again");
            return;
        }
    }
}

/// A place in the log behind the commit, or behind the moment from which it cannot happen any more.
async fn position_behind(db: &Db, token: Option<CommitToken>) -> Result<Position> {
    if let Some(token) = token {
        token.is_committed(db).await?;
    }
    let (mut conn, _) = db.cluster.begin().await?;
    let position = position::now(&mut conn).await?;
    sqlx::raw_sql("commit").execute(&mut *conn).await?;
    conn.release();
    Ok(position)
}
