//! Commits whose position was not learned: the connection was lost before it came. Until it is known, pages that show
//! what they changed are read on the primary only, so it is asked for again until a primary answers.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::change::Touched;
use super::mark::Mark;
use super::position::{self, Position};
use super::{Db, Result};

const ASK_EVERY: Duration = Duration::from_millis(500);

pub(super) struct Unplaced {
    /// Of a commit of which not even that is known whether it happened.
    pub(super) mark: Option<Mark>,
    pub(super) touched: Touched,
}

impl Unplaced {
    fn tags(&self) -> usize {
        self.touched.changed.len() + self.touched.gone.len()
    }
}

/// All of this process. One task asks for them, while there are any.
#[derive(Default)]
pub(super) struct Waiting {
    commits: Mutex<Vec<Unplaced>>,
    /// Tags so far.
    total: AtomicU64,
}

impl Waiting {
    pub(super) fn metrics(&self, now: usize) -> String {
        let total = self.total.load(Ordering::Relaxed);
        format!(
            "# HELP masthead_db_pinned_tags Tags that only the primary may be asked for: the position of a commit is not known.\n\
             # TYPE masthead_db_pinned_tags gauge\nmasthead_db_pinned_tags {now}\n\
             # HELP masthead_db_pinned_tags_total Tags that were pinned to the primary since the start.\n\
             # TYPE masthead_db_pinned_tags_total counter\nmasthead_db_pinned_tags_total {total}\n"
        )
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Unplaced>> {
        self.commits.lock().unwrap_or_else(|e| e.into_inner())
    }
}

/// Asks in the background.
pub(super) fn learn_later(db: &Db, commit: Unplaced) {
    let tags = commit.tags();
    let waiting = &db.changes.unplaced;
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
        let first = db.changes.unplaced.lock().first().map(|commit| commit.mark);
        let Some(mark) = first else { return };
        let Ok(position) = position_behind(&db, mark).await else {
            continue;
        };
        let mut commits = db.changes.unplaced.lock();
        let commit = commits.remove(0);
        let tags = commit.touched.changed.iter().chain(&commit.touched.gone);
        db.changes.fences.place(tags, position);
        if commits.is_empty() {
            tracing::info!("the positions of all commits are known again");
            return;
        }
    }
}

/// A place in the log behind the commit, or behind the moment from which it cannot happen any more.
async fn position_behind(db: &Db, mark: Option<Mark>) -> Result<Position> {
    if let Some(mark) = mark {
        mark.is_committed(db).await?;
    }
    let (mut conn, _) = db.hosts.begin().await?;
    let position = position::now(&mut conn).await?;
    sqlx::raw_sql("commit").execute(&mut *conn).await?;
    conn.release();
    Ok(position)
}
