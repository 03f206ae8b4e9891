//! Quotes and apostrophes. Which quotes belong together is known when one closes, and which of two kinds they are when all are
//! known: what never closes was no quote.

use super::around::Around;
use super::context::{Context, is_digit, is_gap, is_word};
use super::edit::Edit;
use super::languages::{Convention, Pair};

const APOSTROPHE: &str = "’";

/// What a straight sign is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Apostrophe,
    /// And the mark that closes it, where one does.
    Opens(Option<usize>),
    Closes,
}

#[derive(Debug, Clone, Copy)]
struct Mark {
    at: usize,
    is_double: bool,
    role: Role,
}

/// The quotes of a text, in its order.
pub(super) struct Quotes<'a> {
    context: Context<'a>,
    convention: &'a Convention,
    marks: Vec<Mark>,
    /// Those marks that are open.
    open: Vec<usize>,
    open_doubles: usize,
}

impl<'a> Quotes<'a> {
    pub(super) fn new(context: Context<'a>, convention: &'a Convention) -> Self {
        Quotes {
            context,
            convention,
            marks: Vec::new(),
            open: Vec::new(),
            open_doubles: 0,
        }
    }

    /// Decides about the sign at a place; gives the place behind it.
    pub(super) fn take(&mut self, at: usize) -> usize {
        let last = self.marks.last();
        let opens =
            last.is_some_and(|mark| mark.at + 1 == at && matches!(mark.role, Role::Opens(_)));
        let around = Around::of(self.context, self.convention, at, opens);
        if self.context.text.as_bytes()[at] == b'"' {
            self.double(around);
            return at + 1;
        }
        if self.is_and(at) {
            self.mark(at, Role::Apostrophe);
            self.mark(at + 2, Role::Apostrophe);
            return at + 3;
        }
        self.single(around);
        at + 1
    }

    fn double(&mut self, around: Around) {
        if around.closes_inches {
            return;
        }
        if self.open_doubles > 0 && around.may_close() {
            self.close(around.at, true);
        } else if (around.starts || around.is_after_apostrophe) && !is_gap(around.after) {
            self.mark_open(around.at, true);
        }
    }

    fn single(&mut self, around: Around) {
        let Around {
            at, before, after, ..
        } = around;
        let is_closed_off = !is_gap(before) && !around.starts;
        if around.before_word && is_closed_off {
            // Within a word, or at what closes before it; not 5'10 and not x='y'.
            let joins = around.after_word || around.is_after_closing;
            if joins && !(is_digit(before) && is_digit(after)) {
                self.mark(at, Role::Apostrophe);
            }
        } else if around.starts && !is_gap(after) {
            if self.is_elision(at) {
                self.mark(at, Role::Apostrophe);
            } else {
                self.mark_open(at, false);
            }
        } else if is_closed_off && self.top_is_single() {
            self.close(at, false);
        } else if around.after_word && !is_digit(before) {
            self.mark(at, Role::Apostrophe);
        }
    }

    fn top_is_single(&self) -> bool {
        let top = self.open.last();
        top.is_some_and(|top| !self.marks[*top].is_double)
    }

    fn mark(&mut self, at: usize, role: Role) {
        let is_double = self.context.text.as_bytes()[at] == b'"';
        self.marks.push(Mark {
            at,
            is_double,
            role,
        });
    }

    fn mark_open(&mut self, at: usize, is_double: bool) {
        self.open.push(self.marks.len());
        self.open_doubles += usize::from(is_double);
        self.mark(at, Role::Opens(None));
    }

    /// Closes the last one of its sign that is open. Those after it never were.
    fn close(&mut self, at: usize, is_double: bool) {
        while let Some(open) = self.open.pop() {
            if self.marks[open].is_double == is_double {
                self.open_doubles -= usize::from(is_double);
                self.marks[open].role = Role::Opens(Some(self.marks.len()));
                self.mark(at, Role::Closes);
                return;
            }
        }
    }

    /// `'n'` between words, in the place of “and”.
    fn is_and(&self, at: usize) -> bool {
        let rest = &self.context.text[at..];
        (rest.starts_with("'n'") || rest.starts_with("'N'"))
            && self.context.before(at).is_some_and(char::is_whitespace)
            && self.context.after(at + 3).is_some_and(char::is_whitespace)
    }

    /// `'90s`, and words that begin with an apostrophe.
    fn is_elision(&self, at: usize) -> bool {
        let rest = &self.context.text[at + 1..];
        let is_end = |rest: &str| !rest.chars().next().is_some_and(is_word);
        if rest.len() >= 2 && rest.bytes().take(2).all(|b| b.is_ascii_digit()) {
            let rest = rest[2..].trim_start_matches(|c: char| c.is_ascii_lowercase());
            return is_end(rest) && !rest.starts_with('\'');
        }
        let mut elisions = self.convention.elisions.iter();
        elisions.any(|word| {
            let begin = rest.get(..word.len());
            begin.is_some_and(|begin| begin.eq_ignore_ascii_case(word))
                && is_end(&rest[word.len()..])
                && !rest[word.len()..].starts_with('\'')
        })
    }

    /// What becomes of them, in the order of the text.
    pub(super) fn edits(self) -> Vec<Edit> {
        let mut signs: Vec<Option<&'static str>> = vec![None; self.marks.len()];
        // The quotations around a place: where they end, and whether they have the outer signs.
        let mut around: Vec<(usize, bool)> = Vec::new();
        for (index, mark) in self.marks.iter().enumerate() {
            match mark.role {
                Role::Apostrophe => signs[index] = Some(APOSTROPHE),
                Role::Closes => {
                    around.pop();
                }
                Role::Opens(None) => signs[index] = self.unclosed(mark),
                Role::Opens(Some(close)) => {
                    let outside = around.last().map(|(_, is_outer)| *is_outer);
                    let is_outer = mark.is_double != (outside == Some(mark.is_double));
                    let Pair(open, end) = self.pair(is_outer);
                    (signs[index], signs[close]) = (Some(open), Some(end));
                    around.push((close, is_outer));
                }
            }
        }
        let set = self.marks.iter().zip(signs);
        set.filter_map(|(mark, sign)| Some(Edit::new(mark.at, 1, sign?)))
            .collect()
    }

    fn pair(&self, is_outer: bool) -> Pair {
        if is_outer {
            self.convention.outer
        } else {
            self.convention.inner
        }
    }

    /// A quotation of several paragraphs opens in each of them; a word may begin with an apostrophe.
    fn unclosed(&self, mark: &Mark) -> Option<&'static str> {
        let after = self.context.after(mark.at + 1)?;
        if mark.is_double {
            (mark.at == 0 && is_word(after)).then_some(self.convention.outer.0)
        } else {
            after.is_alphabetic().then_some(APOSTROPHE)
        }
    }
}
