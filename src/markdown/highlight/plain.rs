//! The plain form of an expression: what an automaton can search for, without steps back, in a line of ASCII.
//!
//! Nearly every expression of a grammar has a word boundary or looks around, for which the library of `expression` steps
//! back through the line from every byte, and most searches find nothing. In a line of ASCII a word boundary is one of
//! ASCII, and a class has 128 members at most, so the automaton is small and never has to ask again. What it cannot look
//! for is left out, or read as part of the match at its end, so that it finds a match wherever the expression has one.
//! Where nothing was left out it gives the groups too, and else the place from which the expression itself is tried.

use std::rc::Rc;

use regex_automata::meta::{Config, Regex};
use regex_automata::{Input, MatchKind};

use super::translation::Translation;

/// The groups of a match, from byte to byte.
pub(super) type Groups = Rc<[Option<(usize, usize)>]>;

/// In bytes, for an automaton before its first search: nearly all need less.
const SIZE_LIMIT: usize = 64 * 1024;
/// In bytes, for the states that the searches of one thread have computed, in each direction; beyond it they are computed
/// again.
const CACHE_LIMIT: usize = 128 * 1024;

/// In bytes. In a longer line the expression itself looks for the groups: the automaton would note each of its states at each
/// byte for that.
const LONG_LINE: usize = 500;

pub(super) struct Plain {
    regex: Regex,
    /// Whether it has the groups of the expression, and matches where the expression does.
    is_exact: bool,
    /// The groups that begin where the match ends, if what comes after it was only looked at.
    ends: Vec<usize>,
    /// For each group of the expression its own.
    groups: Vec<usize>,
}

/// What the plain form says of a line.
pub(super) enum Found {
    /// There is no match.
    Nothing,
    Match(Groups),
    /// There is none before this byte.
    NotBefore(usize),
}

impl Plain {
    /// None where it would say nothing, since what is left of the expression matches everywhere or is too large. Without its
    /// groups it is smaller.
    pub(super) fn of(text: &str) -> Option<Plain> {
        Translation::exact(text)
            .and_then(Plain::build)
            .or_else(|| Translation::without_groups(text).and_then(Plain::build))
    }

    fn build(translation: Translation) -> Option<Plain> {
        let config = Config::new()
            .utf8_empty(false)
            .match_kind(MatchKind::LeftmostFirst)
            .nfa_size_limit(Some(SIZE_LIMIT))
            .onepass_size_limit(Some(SIZE_LIMIT))
            .hybrid_cache_capacity(CACHE_LIMIT);
        let Translation {
            hir,
            is_exact,
            ends,
            groups,
        } = translation;
        let regex = Regex::builder()
            .configure(config)
            .build_from_hir(&hir)
            .ok()?;
        Some(Plain {
            regex,
            is_exact,
            ends,
            groups,
        })
    }

    /// In a line of nothing but ASCII, from a byte on.
    pub(super) fn find(&self, line: &str, at: usize) -> Found {
        let input = Input::new(line).range(at..);
        if !self.is_exact || self.has_groups() && line.len() > LONG_LINE {
            let found = self.regex.search(&input);
            return found.map_or(Found::Nothing, |found| Found::NotBefore(found.start()));
        }
        self.groups(&input).map_or(Found::Nothing, Found::Match)
    }

    fn has_groups(&self) -> bool {
        self.groups.len() > 1 || !self.ends.is_empty()
    }

    fn groups(&self, input: &Input<'_>) -> Option<Groups> {
        if !self.has_groups() {
            let found = self.regex.search(input)?;
            return Some([Some((found.start(), found.end()))].into());
        }
        let mut captures = self.regex.create_captures();
        self.regex.search_captures(input, &mut captures);
        let group = |index: &usize| captures.get_group(*index).map(|g| (g.start, g.end));
        let (start, end) = group(&0)?;
        let looked_from = self.ends.iter().find_map(group).map(|(start, _)| start);
        let whole = Some((start, looked_from.unwrap_or(end)));
        let inner = self.groups.iter().skip(1).map(group);
        Some(std::iter::once(whole).chain(inner).collect())
    }
}
