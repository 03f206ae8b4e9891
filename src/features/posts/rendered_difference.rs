//! What differs between two texts as readers see them: by paragraphs, headings, lists and whatever else stands by itself.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};

use crate::markdown;

/// Afterwards the comparison becomes coarser, never wrong.
const COMPARING: Duration = Duration::from_millis(200);

/// A part of the newer text, or one that it has no longer. HTML.
#[derive(Debug, PartialEq, Eq)]
pub enum Block {
    Both(String),
    OnlyOld(String),
    OnlyNew(String),
    /// In both, and elsewhere in the old one.
    Moved(String),
}

/// Of HTML that was rendered here.
pub fn compare_rendered(old: &str, new: &str) -> Vec<Block> {
    let (old, new) = (markdown::blocks(old), markdown::blocks(new));
    let until = Some(Instant::now() + COMPARING);
    let ops = capture_diff_slices_deadline(Algorithm::Myers, &old, &new, until);
    let mut blocks = Vec::new();
    for op in ops {
        if matches!(op, DiffOp::Equal { .. }) {
            blocks.extend(new[op.new_range()].iter().cloned().map(Block::Both));
            continue;
        }
        blocks.extend(old[op.old_range()].iter().cloned().map(Block::OnlyOld));
        blocks.extend(new[op.new_range()].iter().cloned().map(Block::OnlyNew));
    }
    settle_moved(blocks)
}

/// What is gone in one place and new in another was moved, and stands where it is now only.
fn settle_moved(blocks: Vec<Block>) -> Vec<Block> {
    let mut arriving = moved(&blocks);
    let mut leaving = arriving.clone();
    let settled = blocks.into_iter().filter_map(|block| match block {
        Block::OnlyNew(html) if take(&mut arriving, &html) => Some(Block::Moved(html)),
        Block::OnlyOld(html) if take(&mut leaving, &html) => None,
        other => Some(other),
    });
    settled.collect()
}

/// What was moved, and how often.
fn moved(blocks: &[Block]) -> HashMap<String, usize> {
    let mut times: HashMap<&str, (usize, usize)> = HashMap::new();
    for block in blocks {
        match block {
            Block::OnlyOld(html) => times.entry(html).or_default().0 += 1,
            Block::OnlyNew(html) => times.entry(html).or_default().1 += 1,
            Block::Both(_) | Block::Moved(_) => {}
        }
    }
    let moved = times.into_iter();
    moved
        .map(|(html, (gone, new))| (html.to_owned(), gone.min(new)))
        .collect()
}

fn take(from: &mut HashMap<String, usize>, html: &str) -> bool {
    from.get_mut(html).is_some_and(|left| {
        let is_left = *left > 0;
        *left = left.saturating_sub(1);
        is_left
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(old: &str, new: &str) -> Vec<String> {
        let html = |text: &str| -> String {
            let paragraphs = text.split_whitespace();
            paragraphs.map(|word| format!("<p>{word}</p>\n")).collect()
        };
        let plain = |html: String| html.replace("<p>", "").replace("</p>", "");
        compare_rendered(&html(old), &html(new))
            .into_iter()
            .map(|block| match block {
                Block::Both(html) => plain(html),
                Block::OnlyOld(html) => format!("-{}", plain(html)),
                Block::OnlyNew(html) => format!("+{}", plain(html)),
                Block::Moved(html) => format!("~{}", plain(html)),
            })
            .collect()
    }

    #[test]
    fn parts_are_the_same_or_gone_or_new_or_moved() {
        assert_eq!(compared("a b c", "a b c"), ["a", "b", "c"]);
        assert_eq!(compared("a b c", "a x c d"), ["a", "-b", "+x", "c", "+d"]);
        assert_eq!(compared("a b c d", "b c d a"), ["b", "c", "d", "~a"]);
        assert_eq!(compared("", "a"), ["+a"]);
        assert_eq!(compared("a", ""), ["-a"]);
    }

    /// What stands twice and is moved once is gone once.
    #[test]
    fn as_many_are_moved_as_are_gone() {
        assert_eq!(compared("a x y a", "x y a"), ["-a", "x", "y", "a"]);
        assert_eq!(
            compared("a a x y z", "x y z a"),
            ["-a", "x", "y", "z", "~a"]
        );
        assert_eq!(
            compared("a x y z", "x y z a a"),
            ["x", "y", "z", "~a", "+a"]
        );
    }
}
