//! What is remembered from node to node while a text becomes HTML.

use std::time::Duration;

use super::headings::Headings;
use super::tokens::Tokens;
use super::{cpu, highlight, math};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Post,
    Comment,
}

/// What the formatter needs to remember between nodes.
pub(super) struct State {
    pub(super) kind: Kind,
    /// CPU time that code and formulas took, which have limits of their own: they never cost a text its place.
    pub(super) apart: Duration,
    pub(super) tokens: Tokens,
    pub(super) headings: Headings,
    pub(super) next_heading: usize,
    /// Footnote definitions written so far.
    pub(super) notes: u32,
    /// Whether the last one has its links back already.
    pub(super) note_has_links: bool,
    pub(super) code_budget: highlight::Budget,
    math_budget: math::Budget,
    pub(super) has_math: bool,
    /// The line of the source that each block begins in is noted before it.
    pub(super) marks_lines: bool,
}

impl State {
    /// At the beginning of a text.
    pub(super) fn new(kind: Kind, headings: Headings) -> State {
        let (code_budget, math_budget) = match kind {
            Kind::Post => (highlight::Budget::of_post(), math::Budget::of_post()),
            Kind::Comment => (highlight::Budget::of_comment(), math::Budget::of_comment()),
        };
        State {
            kind,
            apart: Duration::ZERO,
            tokens: Tokens::new(),
            headings,
            next_heading: 0,
            notes: 0,
            note_has_links: false,
            code_budget,
            math_budget,
            has_math: false,
            marks_lines: false,
        }
    }

    /// Notes the line before each block from now on.
    pub(super) fn with_lines(mut self, marks_lines: bool) -> State {
        self.marks_lines = marks_lines;
        self
    }

    /// The token of a line of the source. Readers see nothing of it, and it is no word of the text.
    pub(super) fn line(&mut self, number: usize) -> String {
        let mark = format!("<span data-line=\"{number}\"></span>");
        self.tokens.put(mark, String::new())
    }

    /// The token of a formula.
    pub(super) fn math(&mut self, latex: &str, block: bool) -> String {
        let began = cpu::time();
        let (html, fine) = math::render(latex, block, &mut self.math_budget);
        self.apart += cpu::time().saturating_sub(began);
        self.has_math |= fine;
        self.tokens.put(html, latex.to_owned())
    }
}
