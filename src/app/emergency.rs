//! Switches while `masthead serve` runs: write `read_only` or `replica_reads` into the settings file and send SIGHUP.
//! A restart would lose the pages in memory, just when they are what the site lives on.

use std::future::Future;
use std::sync::Arc;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};

use super::reread::Reread;
use crate::db::Db;

/// At each SIGHUP reads the settings again and switches. All others count from the next start. Settings that cannot be
/// read change nothing.
pub fn on_hang_up(db: Db, reread: Reread) -> anyhow::Result<impl Future<Output = ()>> {
    let mut asked = signal(SignalKind::hangup()).context("signals cannot be heard")?;
    let reread = Arc::new(reread);
    Ok(async move {
        while asked.recv().await.is_some() {
            let reread = reread.clone();
            // One at a time: the next signal is heard when this one is done.
            let read = tokio::task::spawn_blocking(move || reread()).await;
            match read.map_err(anyhow::Error::from).flatten() {
                Ok(switches) => {
                    db.switch(switches);
                    tracing::warn!(
                        ?switches,
                        "config reloaded; other settings take effect at the next start"
                    );
                }
                Err(error) => tracing::error!(
                    error = format!("{error:#}"),
                    "config reload failed; nothing changed"
                ),
            }
        }
    })
}
