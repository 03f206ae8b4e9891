//! How a private database is asked for.

use std::path::PathBuf;

use super::settings::Durability;

/// Where a private database is, and how it is run.
#[derive(Clone, Debug)]
pub struct EmbeddedConfig {
    /// Created when missing; its parents too. Must be empty, new, or the base directory of an earlier start.
    pub base_dir: PathBuf,
    /// Where `initdb` and `postgres` are; `None` searches the usual places and then `PATH`.
    pub bin_dir: Option<PathBuf>,
    /// What it survives.
    pub durability: Durability,
    /// The socket directory of a running server: where there is no database yet, it begins as a copy of that one and
    /// follows it as a streaming replica. `None` makes a new database.
    pub copy_of: Option<PathBuf>,
}
