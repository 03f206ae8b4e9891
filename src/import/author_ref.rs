//! A name that a document gives for its author, found among the author records.

use std::sync::LazyLock;

use regex::Regex;

use super::author_records::{AuthorRecord, Directory};
use super::text;
use super::warnings::{Warnings, quoted};

/// One author of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorRef {
    /// The record's key when there is a record, otherwise the name as written (with "on behalf of …"). Equal keys
    /// are one author; whether two spellings are one person is for the code that stores them to say.
    pub key: String,
    pub name: String,
    pub url: Option<String>,
    /// The organisation written behind the name.
    pub affiliation: Option<String>,
    /// For "A on behalf of B": B.
    pub on_behalf_of: Option<String>,
    /// Whether [`AuthorRecord`] with this key exists.
    pub has_record: bool,
}

pub(super) fn reference(
    written: &str,
    url: Option<String>,
    affiliation: Option<&str>,
    directory: &Directory,
    warnings: &mut Warnings,
) -> Option<AuthorRef> {
    let name = fitting_name(written, warnings)?;
    let affiliation = affiliation.map(one_line);
    if let Some(record) = directory.find(&name) {
        return Some(recorded(record, url, affiliation));
    }
    // A name in full needs no record; a word alone was meant as a key.
    if !directory.records.is_empty() && !name.contains(char::is_whitespace) {
        warnings.add(format!(
            "the author {:?} has no author record; the name is taken as written",
            quoted(&name)
        ));
    }
    Some(unrecorded(name, url, affiliation))
}

fn fitting_name(written: &str, warnings: &mut Warnings) -> Option<String> {
    let name = text::plain(written);
    if name.len() > NAME_LIMIT {
        warnings.add(format!(
            "the author {:?} is too long for a name and was left out",
            quoted(&name)
        ));
        return None;
    }
    Some(name).filter(|name| !name.is_empty())
}

fn recorded(record: &AuthorRecord, url: Option<String>, affiliation: Option<String>) -> AuthorRef {
    AuthorRef {
        key: record.key.clone(),
        name: record.name.clone(),
        url: url.or_else(|| record.url.clone()),
        affiliation,
        on_behalf_of: None,
        has_record: true,
    }
}

fn unrecorded(name: String, url: Option<String>, affiliation: Option<String>) -> AuthorRef {
    let (own_name, on_behalf_of) = on_behalf(&name);
    AuthorRef {
        key: name,
        name: own_name,
        url,
        affiliation,
        on_behalf_of,
        has_record: false,
    }
}

/// The name alone, and the party named after "on behalf of".
fn on_behalf(name: &str) -> (String, Option<String>) {
    static BEHALF: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^(.+?),?\s+on behalf of\s+(.+)$").expect("a fixed pattern")
    });
    match BEHALF.captures(name) {
        Some(parts) => (parts[1].to_owned(), Some(parts[2].to_owned())),
        None => (name.to_owned(), None),
    }
}

pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A name or affiliation longer than this is prose that landed in the wrong field.
const NAME_LIMIT: usize = 200;
