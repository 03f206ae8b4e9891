//! Runs a grammar over lines. The rules are those of syntect's parser, whose scopes come out here too; what differs is
//! that the work can be given up between any two searches, and not only between two lines.

use std::collections::HashMap;
use std::rc::Rc;

use fancy_regex::Regex;
use foldhash::fast::RandomState;
use syntect::parsing::ScopeStackOp;

use super::budget::{GaveUp, Meter};
use super::grammar::{
    Context, ContextId, ContextRef, Grammar, Grammars, MatchPattern, Operation, Pattern, compile,
};

/// Contexts inside each other: deeper ones are not entered.
const DEPTH_LIMIT: usize = 100;

/// Changes of the scopes, each with the byte before which it takes place.
pub(super) type Operations = Vec<(usize, ScopeStackOp)>;

/// The groups of a match, from byte to byte.
type Groups = Rc<[Option<(usize, usize)>]>;

/// What was found in this line so far, by pattern; `None`: nothing to the end of the line.
type Found = HashMap<*const MatchPattern, Option<Groups>, RandomState>;

/// A context whose patterns apply, with the level whose opening match they may refer to, and whether it was given by a
/// `with_prototype`.
type Applying<'g> = (Option<usize>, &'g Context, bool);

/// The state between two lines.
pub(super) struct Parser<'g> {
    grammars: &'g Grammars,
    stack: Vec<Level<'g>>,
    /// Levels that were entered through a `with_prototype`, which those above do not inherit.
    prototype_starts: Vec<usize>,
    first_line: bool,
}

struct Level<'g> {
    context: &'g Context,
    prototypes: Vec<&'g Context>,
    opened_by: Option<Opening>,
}

/// The match that opened a level, for patterns that refer to its groups.
struct Opening {
    groups: Groups,
    line: Rc<str>,
    compiled: HashMap<*const MatchPattern, Option<Rc<Regex>>, RandomState>,
}

/// The match that comes next in a line.
struct Next<'g> {
    groups: Groups,
    range: (usize, usize),
    pattern: &'g MatchPattern,
    from_prototype: bool,
    would_loop: bool,
}

/// Where a line is read.
struct Line<'l> {
    text: &'l str,
    at: usize,
    found: Found,
    /// Place and depth of the last level that was entered without reading anything: leaving it in the same way would
    /// begin a loop.
    entered: (usize, usize),
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

    fn top(&self) -> Result<&Level<'g>, GaveUp> {
        self.stack.last().ok_or(GaveUp)
    }

    fn context(&self, id: ContextId) -> Result<&'g Context, GaveUp> {
        self.grammars.context(id).ok_or(GaveUp)
    }

    fn resolve(&self, reference: &ContextRef) -> Result<&'g Context, GaveUp> {
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

    /// The earliest match from here on, of two at one place the one that stands first in the grammar.
    fn next_match(
        &mut self,
        line: &mut Line<'_>,
        meter: &mut Meter,
    ) -> Result<Option<Next<'g>>, GaveUp> {
        let may_loop = line.entered == (line.at, self.stack.len());
        let mut best: Option<Next<'g>> = None;
        for (level, context, from_prototype) in self.contexts()? {
            for pattern in Patterns::of(context, self.grammars) {
                let Some(groups) = self.search(line, level, pattern, meter)? else {
                    continue;
                };
                let Some(range) = groups.first().copied().flatten() else {
                    continue;
                };
                let is_better = best
                    .as_ref()
                    .is_none_or(|b| range.0 < b.range.0 || (range.0 == b.range.0 && b.would_loop));
                if !is_better {
                    continue;
                }
                let would_loop =
                    may_loop && range.1 <= line.at && matches!(pattern.operation, Operation::Pop);
                if matches!(pattern.operation, Operation::Push(_))
                    && self.stack.len() >= DEPTH_LIMIT
                {
                    return Ok(None);
                }
                let is_here = range.0 == line.at && !would_loop;
                best = Some(Next {
                    groups,
                    range,
                    pattern,
                    from_prototype,
                    would_loop,
                });
                if is_here {
                    return Ok(best);
                }
            }
        }
        Ok(best)
    }

    /// Those of prototypes first, as Sublime has it.
    fn contexts(&self) -> Result<Vec<Applying<'g>>, GaveUp> {
        let from = self.prototype_starts.last().copied().unwrap_or(0);
        let mut contexts = Vec::new();
        for (index, level) in self.stack.iter().enumerate().skip(from) {
            contexts.extend(
                level
                    .prototypes
                    .iter()
                    .map(|context| (Some(index), *context, true)),
            );
        }
        let top = self.top()?;
        if let Some(prototype) = top.context.prototype {
            contexts.push((None, self.context(prototype)?, false));
        }
        contexts.push((Some(self.stack.len() - 1), top.context, false));
        Ok(contexts)
    }

    fn search(
        &mut self,
        line: &mut Line<'_>,
        level: Option<usize>,
        pattern: &'g MatchPattern,
        meter: &mut Meter,
    ) -> Result<Option<Groups>, GaveUp> {
        let key: *const MatchPattern = pattern;
        match line.found.get(&key) {
            Some(None) => return Ok(None),
            Some(Some(groups)) if start(groups) >= line.at => return Ok(Some(groups.clone())),
            _ => {}
        }
        meter.check()?;
        let opening = level
            .and_then(|level| self.stack[level].opened_by.as_mut())
            .filter(|_| pattern.has_backrefs);
        let (matched, can_keep) = match opening {
            Some(opening) => (
                opening
                    .regex(pattern)
                    .and_then(|regex| find(&regex, line.text, line.at)),
                false,
            ),
            None => (
                meter
                    .compiled(&pattern.expression)?
                    .and_then(|regex| find(&regex, line.text, line.at)),
                true,
            ),
        };
        let does_something = |groups: &Groups| match pattern.operation {
            Operation::None => groups
                .first()
                .copied()
                .flatten()
                .is_some_and(|(start, end)| start != end),
            Operation::Push(_) => self.stack.len() < DEPTH_LIMIT,
            _ => true,
        };
        let was_found = matched.is_some();
        let matched = matched.filter(does_something);
        // An idle match is not kept: further on the pattern may still do something.
        if can_keep && was_found == matched.is_some() {
            line.found.insert(key, matched.clone());
        }
        Ok(matched)
    }

    fn note_scopes(&self, next: &Next<'g>, out: &mut Operations) -> Result<(), GaveUp> {
        let (start, end) = next.range;
        let pattern = next.pattern;
        self.note_meta_before(start, &pattern.operation, out)?;
        out.extend(
            pattern
                .scope
                .iter()
                .map(|scope| (start, ScopeStackOp::Push(*scope))),
        );
        if let Some(captures) = &pattern.captures {
            note_captures(captures, &next.groups, out);
        }
        if !pattern.scope.is_empty() {
            out.push((end, ScopeStackOp::Pop(pattern.scope.len())));
        }
        self.note_meta_after(end, &pattern.operation, out)
    }

    fn note_meta_before(
        &self,
        at: usize,
        operation: &Operation,
        out: &mut Operations,
    ) -> Result<(), GaveUp> {
        let current = self.top()?.context;
        let (refs, is_set) = match operation {
            Operation::None => return Ok(()),
            Operation::Pop => {
                push_pop(out, at, current.meta_content_scope.len());
                return Ok(());
            }
            Operation::Push(refs) => (refs, false),
            Operation::Set(refs) => (refs, true),
        };
        if is_set && current.clear_scopes.is_some() {
            out.push((at, ScopeStackOp::Restore));
        }
        for reference in refs {
            let context = self.resolve(reference)?;
            if let Some(amount) = context.clear_scopes.filter(|_| !is_set) {
                out.push((at, ScopeStackOp::Clear(amount)));
            }
            out.extend(
                context
                    .meta_scope
                    .iter()
                    .map(|scope| (at, ScopeStackOp::Push(*scope))),
            );
        }
        Ok(())
    }

    fn note_meta_after(
        &self,
        at: usize,
        operation: &Operation,
        out: &mut Operations,
    ) -> Result<(), GaveUp> {
        let current = self.top()?.context;
        let (refs, is_set) = match operation {
            Operation::None => return Ok(()),
            Operation::Pop => {
                push_pop(out, at, current.meta_scope.len());
                if current.clear_scopes.is_some() {
                    out.push((at, ScopeStackOp::Restore));
                }
                return Ok(());
            }
            Operation::Push(refs) => (refs, false),
            Operation::Set(refs) => (refs, true),
        };
        let contexts = refs
            .iter()
            .map(|r| self.resolve(r))
            .collect::<Result<Vec<_>, _>>()?;
        let of_current = current.meta_content_scope.len() + current.meta_scope.len();
        let content =
            |c: &&Context| !c.meta_content_scope.is_empty() || (c.clear_scopes.is_some() && is_set);
        if !(is_set && of_current > 0 || contexts.iter().any(content)) {
            return Ok(());
        }
        // The scopes of the contexts come off and go on again, now with those of their content between them.
        let entered: usize = contexts.iter().map(|c| c.meta_scope.len()).sum();
        push_pop(out, at, entered + if is_set { of_current } else { 0 });
        for context in contexts {
            if let Some(amount) = context.clear_scopes.filter(|_| is_set) {
                out.push((at, ScopeStackOp::Clear(amount)));
            }
            let scopes = context.meta_scope.iter().chain(&context.meta_content_scope);
            out.extend(scopes.map(|scope| (at, ScopeStackOp::Push(*scope))));
        }
        Ok(())
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

impl Opening {
    /// The pattern with the words of the opening match in place of its references.
    fn regex(&mut self, pattern: &MatchPattern) -> Option<Rc<Regex>> {
        let Opening {
            groups,
            line,
            compiled,
        } = self;
        let key: *const MatchPattern = pattern;
        let make = || {
            let word = |group: usize| {
                groups
                    .get(group)
                    .copied()
                    .flatten()
                    .and_then(|(start, end)| line.get(start..end))
            };
            compile(&with_words(&pattern.expression.text, word)).map(Rc::new)
        };
        compiled.entry(key).or_insert_with(make).clone()
    }
}

fn with_words<'a>(pattern: &str, word: impl Fn(usize) -> Option<&'a str>) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut escaped = false;
    for c in pattern.chars() {
        match c.to_digit(10).filter(|_| escaped) {
            Some(group) => {
                out.push_str(&word(group as usize).map(regex::escape).unwrap_or_default())
            }
            None if escaped => out.extend(['\\', c]),
            None if c != '\\' => out.push(c),
            None => {}
        }
        escaped = c == '\\' && !escaped;
    }
    if escaped {
        out.push('\\');
    }
    out
}

/// `None` also when the search went past its limit.
fn find(regex: &Regex, line: &str, at: usize) -> Option<Groups> {
    let captures = regex.captures_from_pos(line, at).ok().flatten()?;
    Some(
        captures
            .iter()
            .map(|group| group.map(|g| (g.start(), g.end())))
            .collect(),
    )
}

fn start(groups: &Groups) -> usize {
    groups
        .first()
        .copied()
        .flatten()
        .map_or(0, |(start, _)| start)
}

fn push_pop(out: &mut Operations, at: usize, count: usize) {
    if count > 0 {
        out.push((at, ScopeStackOp::Pop(count)));
    }
}

/// Groups may come in any order; the outer one has to be pushed first.
fn note_captures(
    captures: &[(usize, Vec<syntect::parsing::Scope>)],
    groups: &Groups,
    out: &mut Operations,
) {
    let mut noted: Vec<((usize, isize), ScopeStackOp)> = Vec::new();
    for (group, scopes) in captures {
        let Some((start, end)) = groups
            .get(*group)
            .copied()
            .flatten()
            .filter(|(start, end)| start < end)
        else {
            continue;
        };
        let longest_first = -isize::try_from(end - start).unwrap_or(isize::MAX);
        noted.extend(
            scopes
                .iter()
                .map(|scope| ((start, longest_first), ScopeStackOp::Push(*scope))),
        );
        noted.push(((end, isize::MIN), ScopeStackOp::Pop(scopes.len())));
    }
    noted.sort_by_key(|(place, _)| *place);
    out.extend(
        noted
            .into_iter()
            .map(|((at, _), operation)| (at, operation)),
    );
}

/// The patterns of a context, those of included ones in their place.
struct Patterns<'g> {
    grammars: &'g Grammars,
    open: Vec<(&'g Context, usize)>,
}

impl<'g> Patterns<'g> {
    fn of(context: &'g Context, grammars: &'g Grammars) -> Self {
        Patterns {
            grammars,
            open: vec![(context, 0)],
        }
    }
}

impl<'g> Iterator for Patterns<'g> {
    type Item = &'g MatchPattern;

    fn next(&mut self) -> Option<&'g MatchPattern> {
        loop {
            let (context, index) = self.open.last_mut()?;
            let pattern = context.patterns.get(*index);
            *index += 1;
            match pattern {
                Some(Pattern::Match(pattern)) => return Some(pattern),
                Some(Pattern::Include(included)) => {
                    let context = included.id().and_then(|id| self.grammars.context(id));
                    self.open.extend(context.map(|context| (context, 0)));
                }
                None => {
                    self.open.pop();
                }
            }
        }
    }
}
