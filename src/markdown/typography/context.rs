//! A text and what stands around a place in it.

/// In the place of something that is read as a word and that nothing changes: code, a formula, an address.
pub(super) const OBJECT: char = '\u{fffc}';
/// In the place of a sign that is to stay: one that was escaped, the number of a footnote. Rendered texts have no controls.
pub(super) const FIXED: char = '\u{2}';

/// A text, and what stands around a place in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) text: &'a str,
}

impl Context<'_> {
    pub(super) fn before(self, at: usize) -> Option<char> {
        self.text[..at].chars().next_back()
    }

    pub(super) fn after(self, at: usize) -> Option<char> {
        self.text[at..].chars().next()
    }

    /// How often the sign that stands at a place is repeated there.
    pub(super) fn run(self, at: usize) -> usize {
        let bytes = &self.text.as_bytes()[at..];
        bytes.iter().take_while(|b| **b == bytes[0]).count()
    }
}

/// Part of a word, or what is read as one.
pub(super) fn is_word(sign: char) -> bool {
    sign.is_alphanumeric() || sign == OBJECT || matches!(sign, '\u{300}'..='\u{36f}')
}

pub(super) fn is_digit(sign: Option<char>) -> bool {
    sign.is_some_and(|sign| sign.is_ascii_digit())
}

/// A blank, or nothing.
pub(super) fn is_gap(sign: Option<char>) -> bool {
    sign.is_none_or(char::is_whitespace)
}

pub(super) fn is_dash(sign: char) -> bool {
    matches!(sign, '-' | '–' | '—' | '―' | '‒')
}
