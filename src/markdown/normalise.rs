//! The one change that is made to text on its way into the database.

use std::borrow::Cow;

use crate::messages::{Message, text};

/// Why a text cannot be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message().in_english())]
pub enum NormaliseError {
    /// PostgreSQL stores no U+0000 in a `text` (manual, “Character Types”).
    Nul {
        /// Counted from 1.
        line: usize,
    },
}

impl NormaliseError {
    /// What people are told.
    pub fn message(&self) -> Message {
        let NormaliseError::Nul { line } = self;
        text::markdown_nul(line)
    }
}

/// Turns CRLF and lone CR into LF. Nothing else is touched: trailing blanks, zero width joiners
/// and unusual Unicode forms stay, so that an export gives back what came in.
///
/// # Errors
/// [`NormaliseError::Nul`] with the first line (counted from 1) that holds U+0000, which Postgres
/// cannot store.
pub fn normalise(source: &str) -> Result<String, NormaliseError> {
    let text = unify_line_ends(source);
    if let Some(at) = text.find('\0') {
        let line = 1 + text[..at].matches('\n').count();
        return Err(NormaliseError::Nul { line });
    }
    Ok(text.into_owned())
}

/// Without the characters that no page shows and HTML forbids. The stored text keeps them.
pub(super) fn without_controls(source: &str) -> Cow<'_, str> {
    let is_forbidden = |c: char| {
        c.is_control() && !matches!(c, '\t' | '\n' | '\r')
            || matches!(u32::from(c) & 0xffff, 0xfffe | 0xffff)
    };
    if source.contains(is_forbidden) {
        Cow::Owned(source.replace(is_forbidden, ""))
    } else {
        Cow::Borrowed(source)
    }
}

fn unify_line_ends(source: &str) -> Cow<'_, str> {
    if source.contains('\r') {
        Cow::Owned(source.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_line_end_becomes_lf_and_nothing_else_changes() {
        assert_eq!(normalise("a\r\nb\rc\n\r\nd  ").unwrap(), "a\nb\nc\n\nd  ");
        let kept = "क्\u{200d}ष 👩\u{200d}🚀 e\u{301} \u{200b}\u{feff}\t ";
        assert_eq!(normalise(kept).unwrap(), kept);
    }

    #[test]
    fn nul_is_refused_with_its_line() {
        assert_eq!(normalise("a\r\nb\0"), Err(NormaliseError::Nul { line: 2 }));
    }

    proptest! {
        #[test]
        fn twice_is_once(text in "[a\r\n \\PC]{0,40}") {
            let once = normalise(&text).unwrap();
            prop_assert_eq!(normalise(&once).unwrap(), once.clone());
            prop_assert!(!once.contains('\r'));
        }
    }
}
