//! Text that the writer of HTML would read again and again.

use std::ops::Range;

use super::error::RenderError;
use super::tags;

/// Bytes that the HTML writer may look at again, see [`text_runs`].
const RESCAN_LIMIT: usize = 1_000_000_000;

/// Refuses text in which html5ever's writer would look for the next `<` again and again: after each
/// `&` and each U+0080 to U+00BF it scans on to the next angle bracket.
pub(super) fn text_runs(html: &str) -> Result<(), RenderError> {
    let mut scans = Scans::default();
    let (mut start, mut specials) = (0, 0);
    for (at, byte) in html.bytes().enumerate() {
        if is_bracket(html.as_bytes(), at) {
            scans.add(start..at, specials);
            (start, specials) = (at, 0);
        } else if matches!(byte, b'&' | 0xC2) {
            specials += 1;
        }
    }
    scans.add(start..html.len(), specials);
    if scans.total > RESCAN_LIMIT {
        return Err(RenderError::TooManySigns {
            start: beginning(&html[scans.dearest.1..]),
        });
    }
    Ok(())
}

/// What the writer reads once more.
#[derive(Default)]
struct Scans {
    total: usize,
    /// The dearest run, and where it begins.
    dearest: (usize, usize),
}

impl Scans {
    fn add(&mut self, run: Range<usize>, specials: usize) {
        let cost = specials * run.len();
        self.total = self.total.saturating_add(cost);
        self.dearest = self.dearest.max((cost, run.start));
    }
}

/// Also one that is written as an entity.
fn is_bracket(bytes: &[u8], at: usize) -> bool {
    match bytes[at] {
        b'<' | b'>' => true,
        b'&' => matches!(bytes.get(at + 1..at + 4), Some(b"lt;" | b"gt;")),
        _ => false,
    }
}

/// The first words of a run of text, as its author can find them again.
fn beginning(run: &str) -> String {
    let run = run
        .trim_start_matches("&lt;")
        .trim_start_matches("&gt;")
        .trim_start_matches(['<', '>']);
    tags::decode(&run.chars().take(100).collect::<String>())
        .trim()
        .chars()
        .take(30)
        .collect()
}
