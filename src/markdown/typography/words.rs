//! Words that only look like prose: in addresses nothing is changed, in names of files and the like no dash and no dots.

use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Address,
    Code,
}

/// Those words of a text, asked for in their order.
pub(super) struct Words {
    odd: std::iter::Peekable<std::vec::IntoIter<(Range<usize>, Look)>>,
}

impl Words {
    pub(super) fn of(text: &str) -> Self {
        let start = text.as_ptr() as usize;
        let odd: Vec<_> = text
            .split_whitespace()
            .filter_map(|word| {
                let (inner, look) = odd_part(word)?;
                let at = inner.as_ptr() as usize - start;
                Some((at..at + inner.len(), look))
            })
            .collect();
        Words {
            odd: odd.into_iter().peekable(),
        }
    }

    /// The odd word in which a place is; places grow from call to call.
    pub(super) fn at(&mut self, at: usize) -> Option<(Range<usize>, Look)> {
        while self.odd.peek().is_some_and(|(range, _)| range.end <= at) {
            self.odd.next();
        }
        let found = self.odd.peek();
        found.filter(|(range, _)| range.contains(&at)).cloned()
    }
}

/// What of a word is no prose, without the quotes and brackets around it.
fn odd_part(word: &str) -> Option<(&str, Look)> {
    if !word.contains(['/', '\\', '@', '=', '_', '.', ':', '(']) {
        return None;
    }
    // The `:name:` of a sign. A colon alone is one.
    if word.len() > 1 && word.starts_with(':') {
        return Some((word, Look::Code));
    }
    if calls(word) {
        return Some((word, Look::Address));
    }
    let inner = word.trim_start_matches(OPENING).trim_end_matches(CLOSING);
    if is_address(inner) {
        Some((inner, Look::Address))
    } else {
        is_code(inner).then_some((inner, Look::Code))
    }
}

const OPENING: &[char] = &[
    '"', '\'', '(', '[', '{', '<', '«', '„', '“', '‚', '‘', '¿', '¡', '”', '’', '‹',
];
const CLOSING: &[char] = &[
    '"', '\'', ')', ']', '}', '>', '»', '“', '”', '‘', '’', '›', '.', ',', ';', ':', '!', '?', '…',
    '-', '–', '—', '\u{2}',
];

/// Or an attribute of HTML, whose quotes are part of it.
pub(super) fn is_address(word: &str) -> bool {
    let is_mail = |at: usize| at > 0 && word[at + 1..].contains('.');
    word.contains("://")
        || word.contains("=\"")
        || word.contains("='")
        || word.starts_with("www.")
        || word.starts_with("mailto:")
        || word.find('@').is_some_and(is_mail)
}

/// A function with a text, as in `print("a")` or `$("#b")`.
fn calls(word: &str) -> bool {
    let calls_at = |sign: &str| {
        let before = word.find(sign).map(|at| &word[..at]);
        before.is_some_and(|before| {
            before.ends_with(|c: char| c.is_alphanumeric() || "$_])".contains(c))
        })
    };
    calls_at("(\"") || calls_at("('")
}

/// Names of files and variables, paths, options with values.
fn is_code(word: &str) -> bool {
    word.contains(['/', '\\', '_', '=', '@']) || has_extension(word)
}

/// A dot between two letters or digits. Three dots are none.
fn has_extension(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes
        .windows(3)
        .any(|w| w[1] == b'.' && w[0].is_ascii_alphanumeric() && w[2].is_ascii_alphanumeric())
}
