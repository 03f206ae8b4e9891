//! The scopes that a match puts on and takes off.

use syntect::parsing::ScopeStackOp;

use super::budget::GaveUp;
use super::grammar::{Context, Operation};
use super::parser::{Next, Operations, Parser};
use super::plain::Groups;

impl<'g> Parser<'g> {
    pub(super) fn note_scopes(&self, next: &Next<'g>, out: &mut Operations) -> Result<(), GaveUp> {
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
        let Some((refs, is_set)) = operation.entered() else {
            if matches!(operation, Operation::Pop) {
                push_pop(out, at, current.meta_content_scope.len());
            }
            return Ok(());
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
        let Some((refs, is_set)) = operation.entered() else {
            if matches!(operation, Operation::Pop) {
                push_pop(out, at, current.meta_scope.len());
                if current.clear_scopes.is_some() {
                    out.push((at, ScopeStackOp::Restore));
                }
            }
            return Ok(());
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
