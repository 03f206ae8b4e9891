//! Asks for the positions of pinned commits until a primary answers.

use std::sync::Arc;
use std::time::Duration;

use super::invalidations::Invalidations;
use super::pinned::PinnedCommit;
use super::token::CommitToken;
use crate::db::Result;
use crate::db::cluster::position::{self, Position};
use crate::db::cluster::router::Cluster;

const ASK_EVERY: Duration = Duration::from_millis(500);

/// Asks in the background.
pub(in crate::db) fn learn_later(
    cluster: &Arc<Cluster>,
    invalidations: &Arc<Invalidations>,
    commit: PinnedCommit,
) {
    if invalidations.pinned.add(commit) {
        tokio::spawn(learn(cluster.clone(), invalidations.clone()));
    }
}

async fn learn(cluster: Arc<Cluster>, invalidations: Arc<Invalidations>) {
    loop {
        tokio::time::sleep(ASK_EVERY).await;
        let first = invalidations
            .pinned
            .lock()
            .first()
            .map(|commit| commit.token);
        let Some(token) = first else { return };
        let Ok(position) = position_behind(&cluster, token).await else {
            continue;
        };
        let mut commits = invalidations.pinned.lock();
        let commit = commits.remove(0);
        let tags = commit
            .invalidated
            .changed
            .iter()
            .chain(&commit.invalidated.gone);
        invalidations.versions.place(tags, position);
        if commits.is_empty() {
            tracing::info!("the positions of all commits are known again");
            return;
        }
    }
}

/// A place in the log behind the commit, or behind the moment from which it cannot happen any more.
async fn position_behind(cluster: &Cluster, token: Option<CommitToken>) -> Result<Position> {
    if let Some(token) = token {
        token.is_committed(cluster).await?;
    }
    let mut conn = cluster.begin().await?;
    let position = position::now(&mut conn).await?;
    sqlx::raw_sql("commit").execute(&mut *conn).await?;
    conn.release();
    Ok(position)
}
