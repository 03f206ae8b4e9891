//! The distance that French keeps before `; : ! ?` and within guillemets: narrow, and no line breaks there.

use super::context::{Context, is_gap, is_word};
use super::edit::Edit;
use super::languages::Spaces;

const NARROW: &str = "\u{202f}";

/// Decides about the space beside the sign at a place; gives the place behind it.
pub(super) fn around(
    context: Context<'_>,
    at: usize,
    (spaces, is_code): (Spaces, bool),
    edits: &mut Vec<Edit>,
) -> usize {
    let Some(sign) = context.after(at) else {
        return at + 1;
    };
    let end = at + sign.len_utf8();
    let place = match sign {
        '«' | '‹' => after_opening(context, end),
        '»' | '›' => before_closing(context, at),
        _ if is_code => None,
        _ => before_mark(context, at),
    };
    match place {
        Some(Place::Typed(at)) => edits.push(Edit::new(at, 1, NARROW)),
        Some(Place::Missing(at)) if spaces == Spaces::Always => {
            edits.push(Edit::new(at, 0, NARROW))
        }
        _ => {}
    }
    end
}

enum Place {
    /// A space was typed there.
    Typed(usize),
    Missing(usize),
}

fn after_opening(context: Context<'_>, end: usize) -> Option<Place> {
    match context.after(end)? {
        ' ' => Some(Place::Typed(end)),
        sign => (!sign.is_whitespace()).then_some(Place::Missing(end)),
    }
}

fn before_closing(context: Context<'_>, at: usize) -> Option<Place> {
    match context.before(at)? {
        ' ' => Some(Place::Typed(at - 1)),
        sign => (!sign.is_whitespace()).then_some(Place::Missing(at)),
    }
}

/// Only where a sentence has it: not in `12:30`, `:-)` or `?x=1`.
fn before_mark(context: Context<'_>, at: usize) -> Option<Place> {
    let after = context.after(at + 1);
    let ends = is_gap(after)
        || after.is_some_and(|sign| {
            matches!(sign, '!' | '?' | '»' | '›' | '”' | '’' | '"' | '\'' | '…')
        });
    if !ends {
        let is_closed = matches!(after, Some(')' | ']')) && context.before(at).is_some_and(is_word);
        return is_closed.then_some(Place::Missing(at));
    }
    match context.before(at)? {
        ' ' => {
            let before = context.text[..at - 1].chars().next_back();
            (!is_gap(before)).then_some(Place::Typed(at - 1))
        }
        sign => may_stand_before(sign).then_some(Place::Missing(at)),
    }
}

fn may_stand_before(sign: char) -> bool {
    is_word(sign)
        || matches!(
            sign,
            ')' | ']' | '»' | '›' | '”' | '’' | '"' | '%' | '€' | '…' | '\u{2}'
        )
}
