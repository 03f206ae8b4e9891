//! How much is under way at once between files and rows: documents, and bytes of their texts.

use crate::import::{BODY_LIMIT, Document};

/// So many documents are looked up by one question, and written in one transaction at most. See [`crate::db::Tx::begin_part`].
pub const AT_ONCE: usize = 50;
/// Markdown between the beginning of its rendering and its row. Of files that wait for that, two chunks of the same size are
/// read ahead.
pub(super) const BYTES_UNDER_WAY: usize = 2 * BODY_LIMIT;
/// A text in that account, however short: its rendering takes room, too.
const LEAST_BYTES: usize = 4 * 1024;
/// A longer text is long.
const LONG_BYTES: usize = 32 * 1024;
/// Rendering takes a hundred times the memory of a text: of those over 130 kB two are rendered at a time, and those over 200 kB
/// alone.
pub(super) fn cost(document: &Document) -> usize {
    let length = document.body.len();
    let weighed = if length > LONG_BYTES {
        length * 5
    } else {
        length
    };
    weighed.clamp(LEAST_BYTES, BYTES_UNDER_WAY)
}

/// What is left of its cost until it is written.
pub(super) fn weight(document: &Document) -> usize {
    document.body.len().clamp(LEAST_BYTES, BYTES_UNDER_WAY)
}
