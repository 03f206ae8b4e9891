//! Who wrote a document, in the many ways front matter says it.

use std::sync::LazyLock;

use regex::Regex;

use super::author_records::{AuthorRecord, Directory};
use super::text;
use super::value::{Table, Value};
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

/// A name or affiliation longer than this is prose that landed in the wrong field.
const NAME_LIMIT: usize = 200;
const PER_DOCUMENT_LIMIT: usize = 100;

/// Reads `authors` or `author`, at the top or in one of the tables where Zola and Hugo sites keep them.
pub(super) fn read(
    fields: &Table,
    directory: &Directory,
    warnings: &mut Warnings,
) -> Vec<AuthorRef> {
    let nested = ["taxonomies", "extra", "params"]
        .iter()
        .filter_map(|name| fields.table(name));
    let value = std::iter::once(fields).chain(nested).find_map(|table| {
        ["authors", "author"]
            .iter()
            .find_map(|name| table.get(name).filter(|value| has_text(value)))
    });
    let mut authors: Vec<AuthorRef> = Vec::new();
    for author in value
        .map(|value| from_value(value, directory, warnings))
        .unwrap_or_default()
    {
        if authors.len() < PER_DOCUMENT_LIMIT
            && !authors
                .iter()
                .any(|known| known.key.to_lowercase() == author.key.to_lowercase())
        {
            authors.push(author);
        }
    }
    authors
}

fn has_text(value: &Value) -> bool {
    match value {
        Value::Map(_) => true,
        Value::List(items) => items.iter().any(has_text),
        other => other.as_text().is_some(),
    }
}

fn from_value(value: &Value, directory: &Directory, warnings: &mut Warnings) -> Vec<AuthorRef> {
    match value {
        Value::List(items) => items
            .iter()
            .flat_map(|item| from_item(item, directory, warnings))
            .collect(),
        Value::Map(_) => from_item(value, directory, warnings),
        Value::Text(text) => from_line(text, directory, warnings),
        Value::Null => Vec::new(),
    }
}

/// An item of a list is one author, even when it reads "A and B": the site counted it as one name.
fn from_item(value: &Value, directory: &Directory, warnings: &mut Warnings) -> Vec<AuthorRef> {
    match value {
        Value::Map(table) => {
            let name = table
                .text(&["name", "title", "display_name"])
                .or_else(|| table.text(&["key", "id", "slug"]));
            let Some(mut author) =
                name.and_then(|name| reference(name, None, None, directory, warnings))
            else {
                return Vec::new();
            };
            let url = table
                .text(&["url", "link", "website", "homepage"])
                .filter(|url| text::is_web_address(url));
            author.url = url.map(str::to_owned).or(author.url);
            vec![author]
        }
        Value::Text(text) if text.contains("](") => linked(text, directory, warnings),
        Value::Text(text) => reference(text, None, None, directory, warnings)
            .into_iter()
            .collect(),
        Value::List(items) => items
            .iter()
            .filter_map(|item| reference(item.as_text()?, None, None, directory, warnings))
            .collect(),
        Value::Null => Vec::new(),
    }
}

/// A single text may name several people. A text that is itself a known key or name is never cut up.
fn from_line(line: &str, directory: &Directory, warnings: &mut Warnings) -> Vec<AuthorRef> {
    static BETWEEN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\s*[,;]\s*(?:and|&)\s+|\s+(?:and|&)\s+|\s*[,;]\s+").expect("a fixed pattern")
    });
    if line.contains("](") {
        return linked(line, directory, warnings);
    }
    if directory.find(line.trim()).is_some() || line.to_lowercase().contains(" on behalf of ") {
        return reference(line, None, None, directory, warnings)
            .into_iter()
            .collect();
    }
    BETWEEN
        .split(line)
        .filter_map(|name| reference(name, None, None, directory, warnings))
        .collect()
}

/// `[A](address) (Organisation), [B](address) and C`: a bare text after a link's comma is an affiliation when
/// it is a single word (a company) and a further author otherwise.
fn linked(text: &str, directory: &Directory, warnings: &mut Warnings) -> Vec<AuthorRef> {
    static LINK: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\[([^\[\]]+)\]\(\s*([^()\s]*)[^()]*\)(?:\s*\(([^()]+)\))?")
            .expect("a fixed pattern")
    });
    let mut authors: Vec<AuthorRef> = Vec::new();
    let mut end = 0;
    for found in LINK.captures_iter(text) {
        let whole = found.get_match();
        unlinked(&text[end..whole.start()], &mut authors, directory, warnings);
        end = whole.end();
        let url = text::is_web_address(&found[2]).then(|| found[2].to_owned());
        authors.extend(reference(
            &found[1],
            url,
            found.get(3).map(|part| part.as_str()),
            directory,
            warnings,
        ));
    }
    unlinked(&text[end..], &mut authors, directory, warnings);
    authors
}

fn unlinked(
    between: &str,
    authors: &mut Vec<AuthorRef>,
    directory: &Directory,
    warnings: &mut Warnings,
) {
    static AND: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?:^|[\s,;])(?:and|&)\s|[,;\n]").expect("a fixed pattern"));
    for part in AND.split(between) {
        let part = part.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '&'));
        if part.is_empty() || part == "and" {
            continue;
        }
        let is_word = !part.contains(char::is_whitespace);
        let company = part
            .strip_prefix('(')
            .map_or(part, |inner| inner.trim_end_matches(')'));
        match authors.last_mut() {
            Some(last) if (is_word || part.starts_with('(')) && last.affiliation.is_none() => {
                last.affiliation = Some(one_line(company));
            }
            _ => authors.extend(reference(part, None, None, directory, warnings)),
        }
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

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn reference(
    written: &str,
    url: Option<String>,
    affiliation: Option<&str>,
    directory: &Directory,
    warnings: &mut Warnings,
) -> Option<AuthorRef> {
    let name = text::plain(written);
    if name.is_empty() {
        return None;
    }
    if name.len() > NAME_LIMIT {
        warnings.add(format!(
            "the author {:?} is too long for a name and was left out",
            quoted(&name)
        ));
        return None;
    }
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
    let (own_name, on_behalf_of) = on_behalf(&name);
    Some(AuthorRef {
        key: name,
        name: own_name,
        url,
        affiliation,
        on_behalf_of,
        has_record: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::notation;

    fn fields(yaml: &str) -> Table {
        notation::parse_data(yaml, "yml").unwrap()
    }

    fn names(yaml: &str) -> Vec<String> {
        read(
            &fields(yaml),
            &Directory::default(),
            &mut Warnings::default(),
        )
        .into_iter()
        .map(|author| author.name)
        .collect()
    }

    #[test]
    fn each_form_is_read() {
        for (yaml, want) in [
            ("author: Ann Lee", vec!["Ann Lee"]),
            ("author: Ann Lee and Bo Ng", vec!["Ann Lee", "Bo Ng"]),
            (
                "author: Ann Lee, Bo Ng, and Cy Oz",
                vec!["Ann Lee", "Bo Ng", "Cy Oz"],
            ),
            (
                "authors: [Ann Lee, ann lee, Bo Ng]",
                vec!["Ann Lee", "Bo Ng"],
            ),
            ("authors: [Ann Lee and Bo Ng]", vec!["Ann Lee and Bo Ng"]),
            ("authors: []\nauthor: ''", vec![]),
            (
                "authors:\n  - name: Ann Lee\n    url: https://example.org",
                vec!["Ann Lee"],
            ),
            ("taxonomies:\n  authors: [Ann Lee]", vec!["Ann Lee"]),
            ("author: Sandy Anders", vec!["Sandy Anders"]),
        ] {
            assert_eq!(names(yaml), want, "{yaml}");
        }
    }

    #[test]
    fn links_carry_addresses_and_affiliations() {
        let yaml = "author: >-\n  [Ann Lee](https://example.org/ann) (Acme), [Bo\n  Ng](https://example.org/bo) (Other\n  Firm), [Di Po](https://example.org/di), Acme, Cy Oz";
        let read = read(
            &fields(yaml),
            &Directory::default(),
            &mut Warnings::default(),
        );
        let seen: Vec<_> = read
            .iter()
            .map(|author| (author.name.as_str(), author.affiliation.as_deref()))
            .collect();
        assert_eq!(
            seen,
            [
                ("Ann Lee", Some("Acme")),
                ("Bo Ng", Some("Other Firm")),
                ("Di Po", Some("Acme")),
                ("Cy Oz", None)
            ]
        );
        assert_eq!(read[1].url.as_deref(), Some("https://example.org/bo"));
    }

    #[test]
    fn on_behalf_of_is_told_apart() {
        let read = read(
            &fields("authors: ['Ann Lee, on behalf of The Team']"),
            &Directory::default(),
            &mut Warnings::default(),
        );
        assert_eq!(
            (read[0].name.as_str(), read[0].on_behalf_of.as_deref()),
            ("Ann Lee", Some("The Team"))
        );
    }

    #[test]
    fn records_are_found_by_key_slug_and_name() {
        let mut directory = Directory::default();
        directory.add(
            "alee",
            &fields("display_name: Ann Lee\nslug: ann-lee\nemail: a@example.org\ngithub: annlee"),
            "",
        );
        let mut warnings = Warnings::default();
        for yaml in ["authors: [ALEE]", "author: ann-lee", "author: Ann Lee"] {
            let read = read(&fields(yaml), &directory, &mut warnings);
            assert_eq!(
                (
                    read[0].key.as_str(),
                    read[0].name.as_str(),
                    read[0].has_record
                ),
                ("alee", "Ann Lee", true),
                "{yaml}"
            );
            assert_eq!(read[0].url.as_deref(), Some("https://github.com/annlee"));
        }
        read(&fields("author: someone"), &directory, &mut warnings);
        assert_eq!(
            warnings.into_vec(),
            ["the author \"someone\" has no author record; the name is taken as written"]
        );
    }
}
