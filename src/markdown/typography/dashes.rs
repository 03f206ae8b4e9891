//! Dashes and dots that were typed on a typewriter.

use super::context::{Context, is_dash, is_digit, is_gap, is_word};
use super::edit::Edit;
use super::languages::Convention;

const EM_DASH: &str = "—";
const RANGE: &str = "–";
/// What may stand before the word that a dash comes before.
const OPENING: &[char] = &[
    '(', '[', '{', '"', '\'', '“', '”', '„', '‘', '’', '‚', '«', '»', '‹', '›', '\u{202f}',
];

/// Decides about the hyphens that begin at a place; gives the place behind them. In a name of a file or an option they stay.
pub(super) fn dash(
    context: Context<'_>,
    at: usize,
    (convention, is_code): (&Convention, bool),
    edits: &mut Vec<Edit>,
) -> usize {
    let length = context.run(at);
    let end = at + length;
    let around = (context.before(at), context.after(end));
    let sign = match length {
        _ if is_code => None,
        1 => spaced_hyphen(context, at, convention),
        2 | 3 => typed_dash(context, (at, length), around, convention),
        _ => None,
    };
    let Some(sign) = sign else { return end };
    let holds = convention.holds_dash && around.0 == Some(' ') && is_gap(around.1);
    if holds {
        edits.push(Edit::new(at - 1, 1, "\u{a0}"));
    }
    edits.push(Edit::new(at, length, sign));
    end
}

/// A hyphen between two spaces, where it can be no minus, no list and no range.
fn spaced_hyphen(context: Context<'_>, at: usize, convention: &Convention) -> Option<&'static str> {
    let left = context.text[..at].strip_suffix(' ')?;
    let right = context.text[at + 1..].strip_prefix(' ')?;
    let last = left.chars().next_back()?;
    let first = right.chars().next()?;
    let speaks = |sign: char| {
        sign.is_alphabetic()
            || matches!(
                sign,
                ')' | '»' | '”' | '“' | '„' | '«' | '"' | '\'' | ',' | '.' | '!' | '?'
            )
    };
    let are_words = speaks(last)
        && speaks(first)
        && !(is_letter(left.chars().rev()) && is_letter(right.chars()));
    (convention.hyphens && are_words).then_some(convention.dash)
}

/// One alone: `a - b` is a difference.
fn is_letter(mut signs: impl Iterator<Item = char>) -> bool {
    signs.next().is_some_and(is_word) && !signs.next().is_some_and(is_word)
}

/// More than one letter.
fn is_long(mut letters: impl Iterator<Item = char>) -> bool {
    letters.next();
    letters.next().is_some_and(char::is_alphabetic)
}

fn typed_dash(
    context: Context<'_>,
    (at, length): (usize, usize),
    (before, after): (Option<char>, Option<char>),
    convention: &Convention,
) -> Option<&'static str> {
    if matches!(before, Some('<' | '!'))
        || after == Some('>')
        || before.is_some_and(is_dash)
        || after.is_some_and(is_dash)
    {
        return None;
    }
    if is_gap(before) && is_gap(after) {
        let stands_alone = before.is_none() && after.is_none();
        let sign = if length == 3 {
            EM_DASH
        } else {
            convention.dash
        };
        return (!stands_alone).then_some(sign);
    }
    if is_gap(
        context.text[..at]
            .trim_end_matches(OPENING)
            .chars()
            .next_back(),
    ) {
        // Before a word two are those of an option.
        return (length == 3).then_some(EM_DASH);
    }
    if is_digit(before) && is_digit(after) {
        return Some(if length == 3 { EM_DASH } else { RANGE });
    }
    let is_after_word = is_long(context.text[..at].chars().rev()) || !before.is_some_and(is_word);
    is_after_word.then_some(if length == 3 {
        EM_DASH
    } else {
        convention.closed_dash
    })
}

/// Three dots are one sign.
pub(super) fn dots(context: Context<'_>, at: usize, is_code: bool, edits: &mut Vec<Edit>) -> usize {
    let length = context.run(at);
    if length == 3 && !is_code {
        edits.push(Edit::new(at, length, "…"));
    }
    at + length
}
