//! What a source text consists of at its outermost level: paragraphs, headings, whole lists, tables, quotes and code. Each has its place
//! in the source, so that one can be spoken of and changed while the others stay as they were typed.

use std::ops::Range;

use comrak::nodes::{Node, NodeValue};
use comrak::{Arena, try_parse_document};

use super::deadline::Deadline;
use super::normalise;
use super::options::options;
use super::state::Kind;

/// Where the paragraphs of a post stand in its source, in bytes and in the order of the text; without the line breaks around them.
/// Definitions of links belong to none, and neither do footnotes without a reference: readers see nothing of them. A text that takes
/// longer than a post may has none.
pub fn paragraphs(source: &str) -> Vec<Range<usize>> {
    let lines = Lines::of(source);
    let mut found: Vec<Block> = Vec::new();
    for block in blocks(source) {
        let block = lines.trimmed(block);
        match found.last_mut() {
            // Notes are listed at the end, wherever they stand: this one stands inside of another block.
            Some(before) if before.last >= block.first && block.is_footnote => continue,
            Some(before) if before.last >= block.first => {
                before.last = block.first.saturating_sub(1).max(before.first);
            }
            _ => {}
        }
        found.push(block);
    }
    let found = found.into_iter().map(|block| lines.trimmed(block));
    found.map(|block| lines.bytes(&block)).collect()
}

/// Lines, counted from 0.
struct Block {
    first: usize,
    last: usize,
    is_footnote: bool,
}

/// Those of a source in the order of their first lines.
fn blocks(source: &str) -> Vec<Block> {
    let (arena, deadline) = (Arena::new(), Deadline::of_post());
    let (source, options) = (
        normalise::without_controls(source),
        options(Kind::Post, false),
    );
    let Ok(root) = try_parse_document(&arena, &source, &options, &|| deadline.is_over()) else {
        return Vec::new();
    };
    let mut blocks: Vec<Block> = root.children().map(block).collect();
    blocks.sort_by_key(|block| block.first);
    blocks
}

/// Some containers end, by their own account, before what they hold does.
fn block(node: Node<'_>) -> Block {
    let lines = |node: Node<'_>| {
        let place = node.data().sourcepos;
        (place.start.line, place.end.line)
    };
    let first = lines(node).0;
    let last = node.descendants().map(|node| lines(node).1).max();
    Block {
        first: first.saturating_sub(1),
        last: last.unwrap_or(first).max(first).saturating_sub(1),
        is_footnote: matches!(node.data().value, NodeValue::FootnoteDefinition(_)),
    }
}

/// The lines of a source as the parser counts them.
struct Lines<'a> {
    source: &'a str,
    /// Where each is, without its end.
    places: Vec<Range<usize>>,
}

impl<'a> Lines<'a> {
    fn of(source: &'a str) -> Lines<'a> {
        let (mut places, mut start) = (Vec::new(), 0);
        let bytes = source.as_bytes();
        for (at, byte) in bytes.iter().enumerate() {
            let ends = match byte {
                b'\n' => true,
                b'\r' => bytes.get(at + 1) != Some(&b'\n'),
                _ => false,
            };
            if ends {
                let is_pair = at > start && *byte == b'\n' && bytes[at - 1] == b'\r';
                places.push(start..at - usize::from(is_pair));
                start = at + 1;
            }
        }
        places.push(start..source.len());
        Lines { source, places }
    }

    /// Without the empty lines at its end.
    fn trimmed(&self, block: Block) -> Block {
        let mut last = block.last.min(self.places.len() - 1);
        while last > block.first && self.source[self.places[last].clone()].trim().is_empty() {
            last -= 1;
        }
        Block { last, ..block }
    }

    fn bytes(&self, block: &Block) -> Range<usize> {
        let line = |number: usize| &self.places[number.min(self.places.len() - 1)];
        line(block.first).start..line(block.last).end
    }
}

#[cfg(test)]
#[path = "paragraphs_tests.rs"]
mod tests;
