//! The grammars that two-face bundles, read from the form in which syntect stores them. syntect's own reader gives its
//! parser regular expressions that may backtrack a million times in one search, which no caller can change; here each
//! expression has a limit.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use serde::Deserialize;
use syntect::parsing::{ClearAmount, Scope};

use super::expression::Expression;
use super::memory::Usage;

/// All languages. The contexts of one are unpacked when it is first used and stay, 15 MB for all languages together. What
/// the expressions in them hold once they are compiled is many times that, and `memory` bounds it.
pub(super) static GRAMMARS: LazyLock<Grammars> = LazyLock::new(|| {
    let bundled = two_face::syntax::extra_newlines();
    let stored =
        bincode::serialize(&bundled).expect("the bundled grammars were stored in this form");
    let mut all: Grammars =
        bincode::deserialize(&stored).expect("the bundled grammars were just written in this form");
    for (index, grammar) in all.grammars.iter_mut().enumerate() {
        grammar.index = index;
    }
    all
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
        let has_extension = |grammar: &&Grammar| {
            grammar
                .extensions
                .iter()
                .any(|e| e.eq_ignore_ascii_case(token))
        };
        let newest_first = || self.grammars.iter().rev();
        newest_first()
            .find(has_extension)
            .or_else(|| newest_first().find(|g| g.name.eq_ignore_ascii_case(token)))
    }

    pub(super) fn get(&self, index: usize) -> Option<&Grammar> {
        self.grammars.get(index)
    }

    pub(super) fn context(&self, id: ContextId) -> Option<&Context> {
        self.grammars
            .get(id.grammar)?
            .contexts()
            .list
            .get(id.context)
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
    pub(super) index: usize,
    #[serde(skip)]
    contexts: OnceLock<Contexts>,
    #[serde(skip)]
    pub(super) usage: Usage,
}

impl Grammar {
    /// Where a text of this language begins.
    pub(super) fn start(&self) -> Option<ContextId> {
        self.contexts().ids.get("__start").copied()
    }

    fn contexts(&self) -> &Contexts {
        self.contexts.get_or_init(|| {
            let stored = flate2::bufread::ZlibDecoder::new(self.stored.as_slice());
            let mut contexts: Contexts = bincode::deserialize_from(stored)
                .expect("the bundled grammars were stored in this form");
            contexts.share_expressions(self.index);
            contexts
        })
    }

    /// Each of its expressions once.
    pub(super) fn expressions(&self) -> &[Expression] {
        self.contexts
            .get()
            .map_or(&[], |contexts| contexts.expressions.as_slice())
    }
}

#[derive(Deserialize)]
struct Contexts {
    ids: HashMap<String, ContextId>,
    list: Vec<Context>,
    #[serde(skip)]
    expressions: Vec<Expression>,
}

impl Contexts {
    /// Many contexts of a grammar use the same expression, which is compiled once for all of them.
    fn share_expressions(&mut self, grammar: usize) {
        let mut known: HashMap<String, Expression> = HashMap::new();
        for pattern in self
            .list
            .iter_mut()
            .flat_map(|context| &mut context.patterns)
        {
            if let Pattern::Match(pattern) = pattern {
                let text = pattern.expression.text.clone();
                let new = || Expression::new(text.clone(), grammar);
                pattern.expression = known.entry(text.clone()).or_insert_with(new).clone();
            }
        }
        self.expressions = known.into_values().collect();
    }
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
    pub(super) expression: Expression,
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

impl Operation {
    /// The contexts that a match enters, and whether it leaves the present one for them.
    pub(super) fn entered(&self) -> Option<(&[ContextRef], bool)> {
        match self {
            Operation::Push(refs) => Some((refs, false)),
            Operation::Set(refs) => Some((refs, true)),
            Operation::Pop | Operation::None => None,
        }
    }
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
        if let ContextRef::Direct(id) = self {
            Some(*id)
        } else {
            None
        }
    }
}
