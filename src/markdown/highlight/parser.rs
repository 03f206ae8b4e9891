//! Runs a grammar over lines. The rules are those of syntect's parser, whose scopes come out here too; what differs is
//! that the work can be given up between any two searches, and not only between two lines.

use std::collections::HashMap;
use std::rc::Rc;

use fancy_regex::Regex;
use foldhash::fast::RandomState;
use syntect::parsing::ScopeStackOp;

use super::budget::{GaveUp, Meter};
use super::grammar::{Context, ContextId, ContextRef, Grammar, Grammars, MatchPattern, Operation};
use super::plain::Groups;

/// Contexts inside each other: deeper ones are not entered.
pub(super) const DEPTH_LIMIT: usize = 100;

/// Changes of the scopes, each with the byte before which it takes place.
pub(super) type Operations = Vec<(usize, ScopeStackOp)>;

/// What was found in this line so far, by pattern; `None`: nothing to the end of the line.
type FoundInLine = HashMap<*const MatchPattern, Option<Groups>, RandomState>;

/// A context whose patterns apply, with the level whose opening match they may refer to, and whether it was given by a
/// `with_prototype`.
pub(super) type Applying<'g> = (Option<usize>, &'g Context, bool);

/// The state between two lines.
pub(super) struct Parser<'g> {
    pub(super) grammars: &'g Grammars,
    pub(super) stack: Vec<Level<'g>>,
    /// Levels that were entered through a `with_prototype`, which those above do not inherit.
    pub(super) prototype_starts: Vec<usize>,
    first_line: bool,
}

pub(super) struct Level<'g> {
    pub(super) context: &'g Context,
    pub(super) prototypes: Vec<&'g Context>,
    pub(super) opened_by: Option<Opening>,
}

/// The match that opened a level, for patterns that refer to its groups.
pub(super) struct Opening {
    pub(super) groups: Groups,
    pub(super) line: Rc<str>,
    pub(super) compiled: HashMap<*const MatchPattern, Option<Rc<Regex>>, RandomState>,
}

/// The match that comes next in a line.
pub(super) struct Next<'g> {
    pub(super) groups: Groups,
    pub(super) range: (usize, usize),
    pub(super) pattern: &'g MatchPattern,
    pub(super) from_prototype: bool,
    pub(super) would_loop: bool,
}

/// Where a line is read.
pub(super) struct Line<'l> {
    pub(super) text: &'l str,
    pub(super) is_ascii: bool,
    pub(super) at: usize,
    pub(super) found: FoundInLine,
    /// Place and depth of the last level that was entered without reading anything: leaving it in the same way would
    /// begin a loop.
    pub(super) entered: (usize, usize),
    operations: Operations,
}

impl<'g> Parser<'g> {
    pub(super) fn new(grammars: &'g Grammars, grammar: &Grammar) -> Option<Self> {
        let context = grammars.context(grammar.start()?)?;
        let start = Level {
            context,
            prototypes: Vec::new(),
            opened_by: None,
        };
        Some(Parser {
            grammars,
            stack: vec![start],
            prototype_starts: Vec::new(),
            first_line: true,
        })
    }

    /// Reads one line, with its line break.
    pub(super) fn line(&mut self, text: &str, meter: &mut Meter) -> Result<Operations, GaveUp> {
        let found = HashMap::with_capacity_and_hasher(128, RandomState::default());
        let mut line = Line {
            text,
            is_ascii: text.is_ascii(),
            at: 0,
            found,
            entered: (0, 0),
            operations: Vec::new(),
        };
        if std::mem::take(&mut self.first_line) {
            let first = self.top()?.context.meta_content_scope.first();
            line.operations
                .extend(first.map(|scope| (0, ScopeStackOp::Push(*scope))));
        }
        while self.token(&mut line, meter)? {}
        Ok(line.operations)
    }

    pub(super) fn top(&self) -> Result<&Level<'g>, GaveUp> {
        self.stack.last().ok_or(GaveUp)
    }

    pub(super) fn context(&self, id: ContextId) -> Result<&'g Context, GaveUp> {
        self.grammars.context(id).ok_or(GaveUp)
    }

    pub(super) fn resolve(&self, reference: &ContextRef) -> Result<&'g Context, GaveUp> {
        self.context(reference.id().ok_or(GaveUp)?)
    }

    /// One match and what it does; false at the end of the line.
    fn token(&mut self, line: &mut Line<'_>, meter: &mut Meter) -> Result<bool, GaveUp> {
        meter.check()?;
        while self
            .prototype_starts
            .last()
            .is_some_and(|start| *start >= self.stack.len())
        {
            self.prototype_starts.pop();
        }
        let Some(next) = self.next_match(line, meter)? else {
            return Ok(false);
        };
        if next.would_loop {
            // One character on, and the patterns are tried again from there.
            let step = line.text[line.at..].char_indices().nth(1);
            line.at += step.map_or(0, |(length, _)| length);
            return Ok(step.is_some());
        }
        let end = next.range.1;
        if end <= line.at && matches!(next.pattern.operation, Operation::Push(_)) {
            line.entered = (end, self.stack.len() + 1);
        }
        line.at = end;
        if next.from_prototype {
            self.prototype_starts.push(self.stack.len());
        }
        self.note_scopes(&next, &mut line.operations)?;
        self.perform(&next, line.text)?;
        Ok(true)
    }

    fn perform(&mut self, next: &Next<'g>, line: &str) -> Result<(), GaveUp> {
        let (refs, mut inherited) = match &next.pattern.operation {
            Operation::None => return Ok(()),
            Operation::Pop => {
                self.stack.pop();
                return Ok(());
            }
            Operation::Push(refs) => (refs, Vec::new()),
            Operation::Set(refs) => (
                refs,
                self.stack
                    .pop()
                    .map(|level| level.prototypes)
                    .unwrap_or_default(),
            ),
        };
        for (index, reference) in refs.iter().enumerate() {
            let context = self.resolve(reference)?;
            let mut prototypes = std::mem::take(&mut inherited);
            if index + 1 == refs.len()
                && let Some(with) = &next.pattern.with_prototype
            {
                prototypes.push(self.resolve(with)?);
            }
            let refers = context.uses_backrefs || prototypes.iter().any(|p| p.uses_backrefs);
            let opened_by = refers.then(|| Opening {
                groups: next.groups.clone(),
                line: line.into(),
                compiled: HashMap::default(),
            });
            self.stack.push(Level {
                context,
                prototypes,
                opened_by,
            });
        }
        Ok(())
    }
}
