//! A regular expression of a grammar, compiled when a text first needs it.

use std::ops::Deref;
use std::sync::{Arc, Mutex};

use fancy_regex::{Regex, RegexBuilder};
use serde::Deserialize;

use super::grammar::{GRAMMARS, Grammar};
use super::memory::{self, lock};

/// Steps back in one search. A search of an honest line takes a few thousand at most; a search that needs more finds
/// nothing, and one that needs all of them takes milliseconds.
pub(super) const BACKTRACK_LIMIT: usize = 20_000;

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
            compiled: Mutex::default(),
            compiling: Mutex::default(),
        }))
    }

    /// The grammar that is charged for it.
    pub(super) fn grammar(&self) -> Option<&'static Grammar> {
        GRAMMARS.get(self.grammar)
    }

    /// What is in memory.
    pub(super) fn ready(&self) -> Option<Option<Arc<Regex>>> {
        lock(&self.compiled).clone()
    }

    /// Compiles it, unless another thread has done that meanwhile.
    pub(super) fn compile(&self) -> Option<Arc<Regex>> {
        let _single_flight = lock(&self.compiling);
        if let Some(ready) = self.ready() {
            return ready;
        }
        let compiled = compile(&self.text).map(Arc::new);
        let keep = || *lock(&self.compiled) = Some(compiled.clone());
        match self.grammar() {
            Some(grammar) => memory::charged(grammar, keep),
            None => keep(),
        }
        compiled
    }

    /// Takes it out of memory. A search that uses it meanwhile keeps it until its end.
    pub(super) fn evict(&self) -> Option<Arc<Regex>> {
        lock(&self.compiled).take().flatten()
    }
}

pub(super) struct Compilable {
    pub(super) text: String,
    grammar: usize,
    /// The inner `None` is a text that is no expression.
    compiled: Mutex<Option<Option<Arc<Regex>>>>,
    /// Held while it is compiled: other threads wait instead of compiling it too (single flight).
    compiling: Mutex<()>,
}

/// `None` where the expression is none, which one with the words of an author in it can be.
pub(super) fn compile(text: &str) -> Option<Regex> {
    RegexBuilder::new(text)
        .oniguruma_mode(true)
        .backtrack_limit(BACKTRACK_LIMIT)
        .build()
        .ok()
}
