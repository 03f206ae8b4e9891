//! Notifies the other nodes, so that they read what was committed here.

use std::sync::atomic::Ordering;

use super::invalidations::Invalidations;
use crate::db::Result;
use crate::db::cluster::router::Cluster;

/// The channel on which nodes notify each other. Only a shortcut: they also poll by themselves.
pub const CHANNEL: &str = "masthead_invalidations";

/// Notifies the other nodes if something was committed since the last time.
pub(in crate::db) async fn notify_peers(
    cluster: &Cluster,
    invalidations: &Invalidations,
) -> Result<()> {
    if !invalidations.unnotified.swap(false, Ordering::AcqRel) {
        return Ok(());
    }
    send(cluster)
        .await
        .inspect_err(|_| invalidations.unnotified.store(true, Ordering::Release))
}

async fn send(cluster: &Cluster) -> Result<()> {
    let mut conn = cluster.begin().await?;
    sqlx::query!("select pg_notify($1, '')", CHANNEL)
        .execute(&mut *conn)
        .await?;
    sqlx::raw_sql("commit").execute(&mut *conn).await?;
    conn.release();
    Ok(())
}
