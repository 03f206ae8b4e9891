//! What is asked of an import at the command line.

use crate::import::Expired;

/// How a folder is to be imported.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Try everything and keep nothing.
    pub dry_run: bool,
    /// Also write over what was changed here since the last import.
    pub overwrite: bool,
    /// The name of the source; else its path stands for it.
    pub source: Option<String>,
    /// The folder is the known source, although its path or its documents are other ones.
    pub same_source: bool,
    pub expired: Expired,
    /// Asks the person at the terminal.
    pub ask: Option<fn(&str) -> bool>,
}
