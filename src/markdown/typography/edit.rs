//! A change of a text.

/// So many bytes of a text become something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) at: usize,
    pub(super) length: usize,
    pub(super) with: &'static str,
}

impl Edit {
    pub(super) fn new(at: usize, length: usize, with: &'static str) -> Self {
        Edit { at, length, with }
    }
}

/// A part of the text that begins at `start`, with the edits in it. What would change a place twice changes it once.
pub(super) fn applied(part: &str, start: usize, edits: &[Edit]) -> String {
    let mut out = String::with_capacity(part.len() + 2 * edits.len());
    let mut done = 0;
    for edit in edits {
        let at = edit.at - start;
        if at < done || at + edit.length > part.len() {
            continue;
        }
        out.push_str(&part[done..at]);
        out.push_str(edit.with);
        done = at + edit.length;
    }
    out.push_str(&part[done..]);
    out
}
