//! Settings that a section or the site makes for many documents.

use regex::Regex;

use super::value::{Table, Value, is_spelled};

/// Settings for all documents below a folder.
#[derive(Debug)]
pub(super) struct Inherited {
    pub(super) folder: String,
    pub(super) language: Option<String>,
    /// Of the address on the old site.
    pub(super) path: Option<Regex>,
    pub(super) fields: Table,
    pub(super) origin: String,
    /// Whether a document below cannot say otherwise.
    pub(super) firm: bool,
}

impl Inherited {
    /// `base` is where the folder lies below the settings.
    pub(super) fn holds(&self, base: &str, path: &str, language: Option<&str>) -> bool {
        path.starts_with(&self.folder)
            && self
                .language
                .as_deref()
                .is_none_or(|wanted| language.is_none_or(|own| own.eq_ignore_ascii_case(wanted)))
            && self
                .path
                .as_ref()
                .is_none_or(|pattern| names_address(pattern, &format!("{base}{path}")))
    }
}

/// Whether a pattern is of this file, or of the address that its page had.
fn names_address(pattern: &Regex, whole: &str) -> bool {
    let inside = whole.strip_prefix("content/").unwrap_or(whole);
    let address = inside
        .rsplit_once('.')
        .map_or(inside, |(address, _)| address);
    let address = address.strip_suffix("/index").unwrap_or(address);
    pattern.is_match(whole) || pattern.is_match(&format!("/{}", address.to_ascii_lowercase()))
}

/// The inherited fields that a document does not set itself, as far as it may.
pub(super) fn left_to(inherited: &Inherited, fields: &[&Table]) -> Table {
    let own = fields
        .iter()
        .flat_map(|table| &table.entries)
        .filter(|_| !inherited.firm);
    let letters: Vec<String> = own
        .map(|(name, _)| super::setting_values::letters(name))
        .collect();
    without(
        &inherited.fields,
        &letters.iter().map(String::as_str).collect::<Vec<_>>(),
    )
}

pub(super) fn without(table: &Table, names: &[&str]) -> Table {
    let kept = |(key, _): &&(String, Value)| !names.iter().any(|name| is_spelled(key, name));
    Table {
        entries: table.entries.iter().filter(kept).cloned().collect(),
    }
}
