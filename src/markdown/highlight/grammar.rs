//! The grammars that two-face bundles, read from the form in which syntect stores them. syntect's own reader gives its
//! parser regular expressions that may backtrack a million times in one search, which no caller can change; here each
//! expression has a limit.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use fancy_regex::{Regex, RegexBuilder};
use serde::Deserialize;
use syntect::parsing::{ClearAmount, Scope};

/// Steps back in one search. A search of an honest line takes a few thousand at most; a search that needs more finds
/// nothing, and one that needs all of them takes milliseconds.
const BACKTRACK_LIMIT: usize = 20_000;

/// All languages. The contexts of one are unpacked when it is first used.
pub(super) static GRAMMARS: LazyLock<Grammars> = LazyLock::new(|| {
    let bundled = two_face::syntax::extra_newlines();
    let stored = bincode::serialize(&bundled).expect("the bundled grammars were stored in this form");
    bincode::deserialize(&stored).expect("the bundled grammars were just written in this form")
});

// The order of the fields below is that of syntect's own types: the stored form has no names.

#[derive(Deserialize)]
pub(super) struct Grammars {
    grammars: Vec<Grammar>,
    _paths: Vec<(String, usize)>,
}

impl Grammars {
    /// By extension, else by name; the later of two is the better one.
    pub(super) fn find(&self, token: &str) -> Option<&Grammar> {
        let has_extension = |grammar: &&Grammar| grammar.extensions.iter().any(|e| e.eq_ignore_ascii_case(token));
        let newest_first = || self.grammars.iter().rev();
        newest_first().find(has_extension).or_else(|| newest_first().find(|g| g.name.eq_ignore_ascii_case(token)))
    }

    pub(super) fn context(&self, id: ContextId) -> Option<&Context> {
        self.grammars.get(id.grammar)?.contexts().list.get(id.context)
    }

    #[cfg(test)]
    pub(super) fn iter(&self) -> impl Iterator<Item = &Grammar> {
        self.grammars.iter()
    }
}

#[derive(Deserialize)]
pub(super) struct Grammar {
    pub(super) name: String,
    extensions: Vec<String>,
    _scope: Scope,
    _first_line: Option<String>,
    _hidden: bool,
    _variables: HashMap<String, String>,
    stored: Vec<u8>,
    #[serde(skip)]
    contexts: OnceLock<Contexts>,
}

impl Grammar {
    /// Where a text of this language begins.
    pub(super) fn start(&self) -> Option<ContextId> {
        self.contexts().ids.get("__start").copied()
    }

    fn contexts(&self) -> &Contexts {
        self.contexts.get_or_init(|| {
            let stored = flate2::bufread::ZlibDecoder::new(self.stored.as_slice());
            bincode::deserialize_from(stored).expect("the bundled grammars were stored in this form")
        })
    }
}

#[derive(Deserialize)]
struct Contexts {
    ids: HashMap<String, ContextId>,
    list: Vec<Context>,
}

#[derive(Clone, Copy, Deserialize)]
pub(super) struct ContextId {
    grammar: usize,
    context: usize,
}

#[derive(Deserialize)]
pub(super) struct Context {
    pub(super) meta_scope: Vec<Scope>,
    pub(super) meta_content_scope: Vec<Scope>,
    _includes_prototype: bool,
    pub(super) clear_scopes: Option<ClearAmount>,
    pub(super) prototype: Option<ContextId>,
    pub(super) uses_backrefs: bool,
    pub(super) patterns: Vec<Pattern>,
}

#[derive(Deserialize)]
pub(super) enum Pattern {
    Match(Box<MatchPattern>),
    Include(ContextRef),
}

#[derive(Deserialize)]
pub(super) struct MatchPattern {
    /// The expression refers to groups of the match that opened the context.
    pub(super) has_backrefs: bool,
    pub(super) regex: LimitedRegex,
    pub(super) scope: Vec<Scope>,
    pub(super) captures: Option<Vec<(usize, Vec<Scope>)>>,
    pub(super) operation: Operation,
    pub(super) with_prototype: Option<ContextRef>,
}

#[derive(Deserialize)]
pub(super) enum Operation {
    Push(Vec<ContextRef>),
    Set(Vec<ContextRef>),
    Pop,
    None,
}

/// Linking has turned all but references to missing grammars into `Direct`.
#[derive(Deserialize)]
#[expect(dead_code, reason = "the stored form has these")]
pub(super) enum ContextRef {
    Named(String),
    ByScope(Scope, Option<String>, bool),
    File(String, Option<String>, bool),
    Inline(String),
    Direct(ContextId),
}

impl ContextRef {
    pub(super) fn id(&self) -> Option<ContextId> {
        if let ContextRef::Direct(id) = self { Some(*id) } else { None }
    }
}

/// Compiled when it is first searched for.
#[derive(Deserialize)]
#[serde(from = "String")]
pub(super) struct LimitedRegex {
    pub(super) text: String,
    compiled: OnceLock<Option<Regex>>,
}

impl From<String> for LimitedRegex {
    fn from(text: String) -> Self {
        LimitedRegex { text, compiled: OnceLock::new() }
    }
}

impl LimitedRegex {
    /// What has been compiled before.
    pub(super) fn ready(&self) -> Option<Option<&Regex>> {
        self.compiled.get().map(Option::as_ref)
    }

    pub(super) fn compiled(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| compile(&self.text)).as_ref()
    }
}

/// `None` where the expression is none, which one with the words of an author in it can be.
pub(super) fn compile(text: &str) -> Option<Regex> {
    RegexBuilder::new(text).oniguruma_mode(true).backtrack_limit(BACKTRACK_LIMIT).build().ok()
}
