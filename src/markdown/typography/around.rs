//! What stands around a quote, by which it is told what it does.

use super::context::{Context, is_dash, is_digit, is_gap, is_word};
use super::languages::Convention;

/// What stands around a sign.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around {
    pub(super) at: usize,
    pub(super) before: Option<char>,
    pub(super) after: Option<char>,
    /// The sign before it opens a quotation.
    pub(super) opens: bool,
    /// A quotation may begin here.
    pub(super) starts: bool,
    pub(super) after_word: bool,
    pub(super) before_word: bool,
    pub(super) is_after_closing: bool,
    pub(super) is_after_apostrophe: bool,
    pub(super) closes_inches: bool,
}

impl Around {
    /// `opens`: the sign before it was found to open a quotation.
    pub(super) fn of(
        context: Context<'_>,
        convention: &Convention,
        at: usize,
        opens: bool,
    ) -> Self {
        let (before, after) = (context.before(at), context.after(at + 1));
        let is_quote =
            |sign| convention.outer.0.starts_with(sign) || convention.inner.0.starts_with(sign);
        let is_begin = |sign| is_opening(sign) || is_dash(sign) || sign == '/';
        let before_word = after.is_some_and(is_word);
        Around {
            at,
            before,
            after,
            opens,
            starts: is_gap(before)
                || opens
                || before.is_some_and(|sign| is_begin(sign) || is_quote(sign) && before_word),
            after_word: before.is_some_and(is_word),
            before_word,
            is_after_closing: before.is_some_and(is_closing),
            is_after_apostrophe: before_word && is_apostrophe_of_word(context, at),
            closes_inches: is_digit(before) && is_feet(context, at),
        }
    }

    /// Behind a dash, as in `"Wait--"`, a quotation begins only where a word does.
    pub(super) fn may_close(self) -> bool {
        !self.opens
            && !self.before_word
            && !is_gap(self.before)
            && !self.before.is_some_and(is_opening)
    }
}

/// As in `l'"Unità"`.
fn is_apostrophe_of_word(context: Context<'_>, at: usize) -> bool {
    let before = context.text[..at].strip_suffix(['\'', '’']);
    before.is_some_and(|before| before.chars().next_back().is_some_and(char::is_alphabetic))
}

/// Feet stand before these inches, as in `5'10"`.
fn is_feet(context: Context<'_>, at: usize) -> bool {
    let begin = &context.text.as_bytes()[..at];
    let digits = begin
        .iter()
        .rev()
        .take(3)
        .take_while(|b| b.is_ascii_digit())
        .count();
    let feet = &context.text[..at - digits];
    feet.strip_suffix(['\'', '′', '’'])
        .is_some_and(|feet| is_digit(feet.chars().next_back()))
}

fn is_opening(sign: char) -> bool {
    matches!(sign, '(' | '[' | '{' | '¿' | '¡' | '«' | '„' | '‚' | '‹')
}

fn is_closing(sign: char) -> bool {
    matches!(sign, ')' | ']' | '}' | '”' | '’' | '»' | '›' | '"' | '%')
}
