//! What became of each file.

use super::document::Document;
use crate::import::SkipReason;

/// What became of one listed file. `path` is relative to the folder, with `/` between names.
#[derive(Debug)]
pub enum Item {
    Document(Box<Document>),
    Skipped {
        path: String,
        reason: SkipReason,
    },
    /// `line` counts from 1 in the file. The message is a clause: "… failed: " and this.
    Failed {
        path: String,
        line: Option<usize>,
        message: String,
    },
}
