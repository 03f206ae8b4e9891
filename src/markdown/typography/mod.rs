//! Smart punctuation: typewriter quotes, apostrophes, dashes and dots become those of the language of a text. The source stays as
//! it was typed; what readers get is set when it is rendered.
//!
//! comrak has `parse.smart`, which is not enough: it knows the signs of English alone, makes an en dash of each `--` (also of the
//! one before an option), takes a quote to open or close by its neighbours alone (so that `'90s` opens one and nested quotes do
//! not differ), and it cannot be used for a title. So it stays off, and this walks comrak's tree:
//!
//! - `languages`: what is customary where, a table. A language that is not in it stays as it was typed;
//! - `blocks`: the text of one block across its links and emphasis. Code, formulas, raw HTML, pictures and addresses are one
//!   sign there that nothing changes; what its author has escaped (`\"`) stays;
//! - `setter`: one walk over that text, which finds where something is to be changed; with `quotes` for those that open and close,
//!   `dashes` for dashes and dots, `spaces` for French, and `words` for what only looks like prose.
//!
//! Each of them looks at a sign once and at its neighbours, never back through the text, so the time grows with the length.

mod around;
mod blocks;
mod context;
mod dashes;
mod edit;
mod languages;
mod quotes;
mod setter;
mod spaces;
mod words;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use comrak::nodes::Node;

use edit::applied;
use languages::Convention;
use setter::edits;

/// How the punctuation of a text is set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Typography {
    language: String,
}

impl Typography {
    /// As it was typed.
    pub const OFF: Typography = Typography {
        language: String::new(),
    };

    /// As is customary in a language, a BCP 47 tag; an empty one is as typed.
    pub fn of(language: &str) -> Self {
        Typography {
            language: language.to_owned(),
        }
    }

    /// The language as it was given; empty: as typed.
    pub fn language(&self) -> &str {
        &self.language
    }

    /// A title or another plain text.
    pub fn line<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.changed(text).map_or(Cow::Borrowed(text), Cow::Owned)
    }

    /// As [`Self::line`]; nothing where it stays as it is.
    pub fn changed(&self, text: &str) -> Option<String> {
        let edits = edits(text, self.convention()?);
        (!edits.is_empty()).then(|| applied(text, 0, &edits))
    }

    pub(super) fn is_on(&self) -> bool {
        self.convention().is_some()
    }

    /// Sets the texts of a tree.
    pub(super) fn set<'a>(&self, root: Node<'a>) {
        if let Some(convention) = self.convention() {
            blocks::set(root, convention);
        }
    }

    fn convention(&self) -> Option<&'static Convention> {
        languages::convention(&self.language)
    }
}
