//! A batch of texts: where it begins and ends in its table, and what became of it. Both kinds of text come in such batches.

use serde::{Deserialize, Serialize};

use crate::markdown::RENDERER_VERSION;

/// How far a run has come in a table. It goes from the newest of the older versions down, and in each from the newest text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub renderer_version: i32,
    pub id: i64,
}

impl Place {
    /// Before everything that an older renderer made.
    pub const START: Place = Place {
        renderer_version: RENDERER_VERSION,
        id: 0,
    };
}

/// What became of a batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Batch {
    pub last: Place,
    /// Texts that were looked at.
    pub read: usize,
    /// Texts that have HTML of this version now.
    pub rendered: usize,
    /// Texts of which readers see something else now.
    pub changed: usize,
    pub refused: usize,
}

impl Batch {
    pub const NONE: Batch = Batch {
        last: Place::START,
        read: 0,
        rendered: 0,
        changed: 0,
        refused: 0,
    };
}

/// Why a text keeps the HTML that it has, as it can be stored.
pub(super) fn shortened(reason: &str) -> String {
    reason.chars().take(500).collect()
}
