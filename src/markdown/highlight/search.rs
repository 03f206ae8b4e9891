//! Which pattern of a grammar matches next in a line.

use std::rc::Rc;

use fancy_regex::Regex;

use super::budget::{GaveUp, Meter};
use super::expression::{Expression, compile};
use super::grammar::{Context, Grammars, MatchPattern, Operation, Pattern};
use super::parser::{Applying, DEPTH_LIMIT, Line, Next, Opening, Parser};
use super::plain::{Found, Groups};

impl<'g> Parser<'g> {
    /// The earliest match from here on, of two at one place the one that stands first in the grammar.
    pub(super) fn next_match(
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
    pub(super) fn contexts(&self) -> Result<Vec<Applying<'g>>, GaveUp> {
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

    pub(super) fn search(
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
            None => (find_in(line, &pattern.expression, meter)?, true),
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
}

impl Opening {
    /// The pattern with the words of the opening match in place of its references.
    pub(super) fn regex(&mut self, pattern: &MatchPattern) -> Option<Rc<Regex>> {
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

/// Most searches find nothing, and the plain form tells so at a small part of the price.
fn find_in(
    line: &Line<'_>,
    expression: &Expression,
    meter: &mut Meter,
) -> Result<Option<Groups>, GaveUp> {
    meter.note_use(expression);
    let mut from = line.at;
    if line.is_ascii
        && let Some(plain) = meter.plain(expression)?
    {
        match plain.find(line.text, line.at) {
            Found::Nothing => return Ok(None),
            Found::Match(groups) => return Ok(Some(groups)),
            Found::NotBefore(at) => from = at,
        }
    }
    let whole = meter.whole(expression)?;
    Ok(whole.and_then(|regex| find(&regex, line.text, from)))
}

/// `None` also when the search went past its limit.
pub(super) fn find(regex: &Regex, line: &str, at: usize) -> Option<Groups> {
    let captures = regex.captures_from_pos(line, at).ok().flatten()?;
    Some(
        captures
            .iter()
            .map(|group| group.map(|g| (g.start(), g.end())))
            .collect(),
    )
}

pub(super) fn start(groups: &Groups) -> usize {
    groups
        .first()
        .copied()
        .flatten()
        .map_or(0, |(start, _)| start)
}

/// The patterns of a context, those of included ones in their place.
pub(super) struct Patterns<'g> {
    pub(super) grammars: &'g Grammars,
    pub(super) open: Vec<(&'g Context, usize)>,
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
