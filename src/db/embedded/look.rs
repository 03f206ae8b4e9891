//! Looks at what a start would find, and starts nothing.

use std::path::PathBuf;

use super::config::EmbeddedConfig;
use super::error::EmbeddedError;
use super::{binaries, directory};

/// What there is for a private database, before anything is started.
#[derive(Clone, Debug)]
pub struct Look {
    /// Where the database is or would be, after [`super::EmbeddedPostgres::relocated_from`].
    pub base_dir: PathBuf,
    /// The major version that wrote the cluster; `None` where there is none yet.
    pub cluster: Option<String>,
    /// Where the programs are that a start would use, and their major version.
    pub bin_dir: PathBuf,
    /// Of `bin_dir`; a cluster starts only with the version that wrote it.
    pub major: u32,
}

/// Finds the place and the programs that [`super::EmbeddedPostgres::start`] would use. Creates and starts nothing.
///
/// # Errors
///
/// As `start`, for what it finds out before it touches the directory.
pub fn look(config: &EmbeddedConfig) -> Result<Look, EmbeddedError> {
    let place = directory::Place::choose(&config.base_dir)?;
    let cluster = place.cluster_version()?;
    let binaries = binaries::find(config.bin_dir.as_deref(), cluster.as_deref())?;
    Ok(Look {
        base_dir: place.base,
        cluster,
        bin_dir: binaries.dir,
        major: binaries.major,
    })
}
