//! Emergency switches while `masthead serve` runs: write the setting `emergency` into the settings file and send SIGHUP.
//! A restart would lose the pages in memory, just when they are what the site lives on.

use std::future::Future;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};

use super::config::{ConfigError, Loaded};
use crate::db::Db;

/// At each SIGHUP reads the settings again and switches. All others count from the next start. Settings that cannot be
/// read change nothing.
pub fn on_hang_up(db: Db, again: impl Fn() -> Result<Loaded, ConfigError> + 'static) -> anyhow::Result<impl Future<Output = ()>> {
    let mut asked = signal(SignalKind::hangup()).context("signals cannot be heard")?;
    Ok(async move {
        while asked.recv().await.is_some() {
            match again() {
                Ok(loaded) => {
                    let emergency = loaded.settings.emergency;
                    db.switch(emergency);
                    tracing::warn!(?emergency, "the emergency switches were set; other settings count from the next start");
                }
                Err(error) => tracing::error!(error = format!("{:#}", anyhow::Error::from(error)), "nothing was switched"),
            }
        }
    })
}
