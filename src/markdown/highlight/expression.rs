//! A regular expression of a grammar, compiled when a text first needs it.

use std::ops::Deref;
use std::sync::{Arc, Mutex};

use fancy_regex::{Regex, RegexBuilder};
use serde::Deserialize;

use super::grammar::{GRAMMARS, Grammar};
use super::memory::{self, lock};
use super::plain::Plain;

/// Steps back in one search. A search of an honest line takes a few thousand at most; a search that needs more finds
/// nothing, and one that needs all of them takes milliseconds.
const BACKTRACK_LIMIT: usize = 20_000;

/// A regular expression of a grammar: its text, which stays, and what it was compiled to, which may leave at any time.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub(super) struct Expression(Arc<Compilable>);

impl Deref for Expression {
    type Target = Compilable;

    fn deref(&self) -> &Compilable {
        &self.0
    }
}

/// As it is stored, before its grammar is known.
impl From<String> for Expression {
    fn from(text: String) -> Self {
        Expression::new(text, usize::MAX)
    }
}

impl Expression {
    pub(super) fn new(text: String, grammar: usize) -> Self {
        Expression(Arc::new(Compilable {
            text,
            grammar,
            plain: Compiled::default(),
            whole: Compiled::default(),
        }))
    }
}

pub(super) struct Compilable {
    pub(super) text: String,
    grammar: usize,
    /// For lines of ASCII.
    pub(super) plain: Compiled<Plain>,
    /// For all others, and for those where there is no plain form or it only gives the place from which to search.
    pub(super) whole: Compiled<Regex>,
}

impl Compilable {
    /// The grammar that is charged for it.
    pub(super) fn grammar(&self) -> Option<&'static Grammar> {
        GRAMMARS.get(self.grammar)
    }

    pub(super) fn compile_plain(&self) -> Option<Arc<Plain>> {
        self.plain.make(self.grammar(), || Plain::of(&self.text))
    }

    pub(super) fn compile_whole(&self) -> Option<Arc<Regex>> {
        self.whole.make(self.grammar(), || compile(&self.text))
    }

    #[cfg(test)]
    pub(super) fn is_in_memory(&self) -> bool {
        self.plain.ready().is_some() || self.whole.ready().is_some()
    }

    /// Takes it out of memory. A search that uses it meanwhile keeps it until its end.
    pub(super) fn evict(&self) -> Evicted {
        (self.plain.take(), self.whole.take())
    }
}

/// To be dropped where nothing waits.
pub(super) type Evicted = (Option<Arc<Plain>>, Option<Arc<Regex>>);

/// One form of an expression.
pub(super) struct Compiled<T> {
    /// The inner `None`: it has no such form.
    made: Mutex<Option<Option<Arc<T>>>>,
    /// Held while it is compiled: other threads wait instead of compiling it too (single flight).
    making: Mutex<()>,
}

impl<T> Default for Compiled<T> {
    fn default() -> Self {
        Compiled {
            made: Mutex::default(),
            making: Mutex::default(),
        }
    }
}

impl<T> Compiled<T> {
    /// What is in memory.
    pub(super) fn ready(&self) -> Option<Option<Arc<T>>> {
        lock(&self.made).clone()
    }

    /// Compiles it, unless another thread has done that meanwhile.
    fn make(
        &self,
        grammar: Option<&Grammar>,
        compile: impl FnOnce() -> Option<T>,
    ) -> Option<Arc<T>> {
        let _single_flight = lock(&self.making);
        if let Some(ready) = self.ready() {
            return ready;
        }
        let compiled = compile().map(Arc::new);
        let keep = || *lock(&self.made) = Some(compiled.clone());
        match grammar {
            Some(grammar) => memory::charged(grammar, keep),
            None => keep(),
        }
        compiled
    }

    fn take(&self) -> Option<Arc<T>> {
        lock(&self.made).take().flatten()
    }
}

/// `None` where the expression is none, which one with the words of an author in it can be.
pub(super) fn compile(text: &str) -> Option<Regex> {
    RegexBuilder::new(text)
        .oniguruma_mode(true)
        .backtrack_limit(BACKTRACK_LIMIT)
        .build()
        .ok()
}
