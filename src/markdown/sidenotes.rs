//! Whether the notes of a text may stand beside it where the window is wide: each at the height of its reference, or below the
//! note before it. The style sheet places them; what it cannot know is whether they end together with the text, so that is
//! estimated here, in characters of the text from its beginning.

use comrak::node_matches;
use comrak::nodes::{Node, NodeValue};

/// As many as the style sheet has places for (`static/css/site/sidenotes.css`).
const MOST: usize = 30;
/// Longer ones are read better in the width of the text.
const LONGEST: usize = 700;
/// The space between two notes.
const GAP: usize = 60;
/// How far below the text the last one may end: as far as the words about the author reach.
const OVERHANG: usize = 600;

/// `first`: any of the notes, which stand together at the end of the text.
pub(super) fn fit(first: Node<'_>) -> bool {
    let Some(document) = first.parent() else {
        return false;
    };
    let notes: Option<Vec<usize>> = document
        .children()
        .filter(|node| node_matches!(node, NodeValue::FootnoteDefinition(_)))
        .map(height)
        .collect();
    notes.is_some_and(|notes| notes.len() <= MOST && end_in_time(document, &notes))
}

/// What a note takes beside the text; `None` if it is too long, or more than words.
fn height(note: Node<'_>) -> Option<usize> {
    let is_plain = note.descendants().all(is_plain);
    let length: usize = note.descendants().map(length).sum();
    // Its lines are half as long as those of the text, and less high.
    (is_plain && length <= LONGEST).then_some(length * 6 / 5 + GAP)
}

fn is_plain(node: Node<'_>) -> bool {
    match node.data().value {
        NodeValue::Math(ref math) => !math.display_math,
        NodeValue::Image(_)
        | NodeValue::CodeBlock(_)
        | NodeValue::HtmlBlock(_)
        | NodeValue::Table(_)
        | NodeValue::List(_)
        | NodeValue::FootnoteReference(_) => false,
        _ => true,
    }
}

fn end_in_time(document: Node<'_>, notes: &[usize]) -> bool {
    let (mut at, mut taken, mut placed) = (0, 0, 0);
    let blocks = document
        .children()
        .filter(|node| !node_matches!(node, NodeValue::FootnoteDefinition(_)));
    for node in blocks.flat_map(|block| block.descendants()) {
        at += length(node);
        if let NodeValue::FootnoteReference(ref reference) = node.data().value
            && reference.ref_num == 1
        {
            taken = taken.max(at) + notes.get(placed).copied().unwrap_or_default();
            placed += 1;
        }
    }
    taken <= at + OVERHANG
}

fn length(node: Node<'_>) -> usize {
    match node.data().value {
        NodeValue::Text(ref text) => text.chars().count(),
        NodeValue::Code(ref code) => code.literal.chars().count(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::post;

    /// The class of the notes of a text.
    fn class(source: &str) -> String {
        let html = post(source).unwrap().html;
        let (_, after) = html.split_once("<section class=\"").expect("notes");
        after.split_once('"').unwrap().0.to_owned()
    }

    fn noted(words: usize, notes: &[&str]) -> String {
        let mut source = "word ".repeat(words);
        for number in 0..notes.len() {
            source += &format!("[^{number}]");
        }
        for (number, note) in notes.iter().enumerate() {
            source += &format!("\n\n[^{number}]: {note}");
        }
        source
    }

    #[test]
    fn short_notes_of_words_stand_beside_the_text() {
        let short = "A note of *some* words, `code` and [a link](/a).";
        assert_eq!(class(&noted(100, &[short, short])), "footnotes beside");
        assert_eq!(class(&noted(1000, &[short; 5])), "footnotes beside");
    }

    #[test]
    fn notes_that_would_end_far_below_the_text_stand_at_its_end() {
        let long = "word ".repeat(120);
        assert_eq!(class(&noted(1000, &[&long])), "footnotes");
        let medium = "word ".repeat(90);
        let medium = medium.as_str();
        assert_eq!(class(&noted(1000, &[medium])), "footnotes beside");
        assert_eq!(
            class(&noted(1000, &[medium; 4])),
            "footnotes",
            "all at the end"
        );
        assert_eq!(
            class(&noted(2000, &["Short."; 31])),
            "footnotes",
            "too many"
        );
    }

    #[test]
    fn notes_of_more_than_words_stand_at_the_end() {
        for note in [
            "![a](/a.png)",
            "See\n\n    | a |\n    |---|\n    | b |",
            "$$x^2$$",
            "- a\n    - b",
            "Another.[^a]\n\n[^a]: Deeper.",
            "See\n\n    ```\n    code\n    ```",
        ] {
            assert_eq!(class(&noted(500, &[note])), "footnotes", "{note}");
        }
    }
}
