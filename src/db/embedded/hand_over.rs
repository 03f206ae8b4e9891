//! Hands a private database over from root to the account that it belongs to.

use std::path::PathBuf;

use super::account::Account;
use super::config::EmbeddedConfig;
use super::error::EmbeddedError;
use super::{binaries, directory};

/// Makes the place ready as root, for a process that is about to become the account which the database belongs to: with
/// what comes back that account finds everything that a start needs. `None` for an ordinary user, who needs nothing.
///
/// # Errors
///
/// As [`super::EmbeddedPostgres::start`], for what concerns the directory.
pub fn hand_over(config: &EmbeddedConfig) -> Result<Option<HandedOver>, EmbeddedError> {
    let place = directory::Place::choose(&config.base_dir)?;
    // Before anything is touched, as a start does.
    binaries::find(
        config.bin_dir.as_deref(),
        place.cluster_version()?.as_deref(),
    )?;
    // The lock is given back here and taken again by the start.
    let home = place.claim()?;
    let Some(account) = home.account.clone() else {
        return Ok(None);
    };
    home.give_away()?;
    let config = EmbeddedConfig {
        base_dir: home.base.clone(),
        ..config.clone()
    };
    Ok(Some(HandedOver {
        config,
        account,
        relocated_from: home.relocated_from.clone(),
    }))
}

/// What [`hand_over`] has made ready.
#[derive(Debug)]
pub struct HandedOver {
    /// With the place where the database really is.
    pub config: EmbeddedConfig,
    /// Its owner.
    pub account: Account,
    /// The directory asked for, where the database's user could not enter it: tell the operator.
    pub relocated_from: Option<PathBuf>,
}
