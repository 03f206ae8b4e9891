//! What a guest leaves on a paragraph: a comment, a suggested edit, or both.
//!
//! A note is for the authors of the post. Other guests never see it while it waits, also where they hold the same link: a page that
//! showed strangers' words to strangers would be a place to publish at, which no one has to answer for. They see it once an author has
//! taken it up, and only by the link that it came by: those who were given another link do not learn of one another.

use serde::Deserialize;

use crate::messages::text;
use crate::web::{FormErrors, FormId, form};

/// Characters of a comment, and of a paragraph that can be edited by a guest.
pub const LONGEST: usize = 2_000;
/// Notes that are left by one link.
pub const MOST_NOTES: i64 = 200;
/// The same within an hour.
pub const MOST_AN_HOUR: i64 = 20;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NoteForm {
    pub id: FormId,
    pub comment: String,
    /// The paragraph in its field, as it was or changed.
    pub suggestion: Option<String>,
    pub name: String,
}

/// A note that passed every check of its own.
#[derive(Debug, PartialEq, Eq)]
pub struct NoteText {
    /// Empty where there is only a suggestion.
    pub comment: String,
    pub suggestion: Option<String>,
}

impl NoteForm {
    /// Of a form on this paragraph. Nothing where a fault was found in it.
    pub fn parse(&self, paragraph: &str, faults: &mut FormErrors) -> Option<NoteText> {
        let comment = form::prose(text::notes_the_comment(), &self.comment, LONGEST);
        let comment = faults.take("comment", comment)?;
        let suggestion = self.suggestion_for(paragraph, faults)?;
        if comment.is_empty() && suggestion.is_none() {
            faults.add("comment", text::notes_nothing_written());
            return None;
        }
        Some(NoteText {
            comment,
            suggestion,
        })
    }

    /// None where it has a fault; Some(None) where the paragraph was left as it is, or taken out of the field.
    fn suggestion_for(&self, paragraph: &str, faults: &mut FormErrors) -> Option<Option<String>> {
        let typed = self.suggestion.as_deref().unwrap_or_default();
        let (typed, now) = (as_stored(typed), as_stored(paragraph));
        if !form::is_visible(&typed) || typed == now {
            return Some(None);
        }
        let count = typed.chars().count();
        if count > LONGEST {
            let fault = text::forms_text_too_long(count, LONGEST, text::notes_the_edit());
            faults.add("suggestion", fault);
            return None;
        }
        Some(Some(typed))
    }
}

/// Whether a guest can edit this paragraph: it fits into the field.
pub fn is_editable(paragraph: &str) -> bool {
    as_stored(paragraph).chars().count() <= LONGEST
}

/// A paragraph as a form brings it: blanks at the begin of its first line belong to it, empty lines around it do not. Without control
/// characters and without those that turn text around, which would show other words than an author accepts.
fn as_stored(typed: &str) -> String {
    let typed = typed.replace("\r\n", "\n").replace('\r', "\n");
    let is_kept = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    let plain: String = typed.chars().filter(is_kept).collect();
    let plain = form::without_text_controls(&plain);
    plain.trim_start_matches('\n').trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(comment: &str, suggestion: Option<&str>) -> Result<NoteText, String> {
        let form = NoteForm {
            comment: comment.into(),
            suggestion: suggestion.map(str::to_owned),
            ..NoteForm::default()
        };
        let mut faults = FormErrors::default();
        let note = form.parse("- One\n- two  \n", &mut faults);
        let fault = faults.iter().next();
        let fault = fault.map(|(field, fault)| format!("{field}: {fault}"));
        note.ok_or(fault.unwrap_or_default())
    }

    fn suggested(suggestion: &str) -> Option<String> {
        parsed("Why?", Some(suggestion)).unwrap().suggestion
    }

    #[test]
    fn what_was_left_as_it_is_is_no_suggestion() {
        for same in [
            "- One\n- two",
            "- One\r\n- two  \r\n",
            "\n- One\n- two\n\n",
            "",
            " \n",
        ] {
            assert_eq!(suggested(same), None, "{same:?}");
        }
        assert_eq!(suggested("- One\r\n- 2"), Some("- One\n- 2".into()));
        assert_eq!(suggested("    code"), Some("    code".into()));
        assert_eq!(suggested("a\u{202e}b\u{7}\0c"), Some("abc".into()));
        assert_eq!(
            parsed(" ", None),
            Err("comment: Write a comment, or change the text of the paragraph.".into())
        );
    }

    #[test]
    fn both_have_a_limit() {
        let (most, more) = ("é".repeat(LONGEST), "é".repeat(LONGEST + 1));
        assert_eq!(parsed(&most, None).unwrap().comment, most);
        assert!(parsed(&more, None).unwrap_err().starts_with("comment: "));
        assert_eq!(suggested(&most), Some(most));
        let refused = parsed("", Some(&more)).unwrap_err();
        assert!(refused.starts_with("suggestion: "), "{refused}");
        let emojis = "👩\u{200d}🚀".repeat(600);
        assert_eq!(parsed(&emojis, None).unwrap().comment, emojis);
        assert!(parsed("\u{202e}", None).is_err());
    }
}
