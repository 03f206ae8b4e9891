//! One walk over a text, which finds what is to be changed.

use super::context::Context;
use super::edit::Edit;
use super::languages::{Convention, Spaces};
use super::quotes::Quotes;
use super::words::{Look, Words};
use super::{dashes, spaces};

/// What is to be changed in a text, from its beginning to its end.
pub(super) fn edits(text: &str, convention: &Convention) -> Vec<Edit> {
    let signs = signs(convention.spaces);
    let context = Context { text };
    let (mut edits, mut quotes) = (Vec::new(), Quotes::new(context, convention));
    let mut words = None;
    let mut at = 0;
    while let Some(found) = text[at..].find(signs) {
        at += found;
        let odd = words.get_or_insert_with(|| Words::of(text)).at(at);
        at = match odd {
            Some((range, Look::Address)) => range.end,
            odd => match text.as_bytes()[at] {
                b'"' | b'\'' => quotes.take(at),
                b'-' => dashes::dash(context, at, (convention, odd.is_some()), &mut edits),
                b'.' => dashes::dots(context, at, odd.is_some(), &mut edits),
                _ => spaces::around(context, at, (convention.spaces, odd.is_some()), &mut edits),
            },
        };
    }
    edits.append(&mut quotes.edits());
    // Two runs in order each: that takes no longer than to walk them.
    edits.sort_by_key(|edit| edit.at);
    edits
}

/// What the walk stops at.
fn signs(spaces: Spaces) -> &'static [char] {
    match spaces {
        Spaces::Typed => &['"', '\'', '-', '.'],
        _ => &['"', '\'', '-', '.', ';', ':', '!', '?', '«', '»', '‹', '›'],
    }
}
