//! Who wrote a document, in the many ways front matter says it.

use std::sync::LazyLock;

use regex::Regex;

use super::author_records::Directory;
use super::author_ref::{AuthorRef, one_line, reference};
use super::text;
use super::value::{Table, Value};
use super::warnings::Warnings;

const PER_DOCUMENT_LIMIT: usize = 100;

/// Reads `authors` or `author`, at the top or in one of the tables where Zola and Hugo sites keep them.
pub(super) fn read(
    fields: &Table,
    directory: &Directory,
    warnings: &mut Warnings,
) -> Vec<AuthorRef> {
    let found = written(fields).map(|value| from_value(value, directory, warnings));
    let mut authors: Vec<AuthorRef> = Vec::new();
    for author in found.unwrap_or_default() {
        let is_same = |known: &AuthorRef| known.key.to_lowercase() == author.key.to_lowercase();
        if authors.len() < PER_DOCUMENT_LIMIT && !authors.iter().any(is_same) {
            authors.push(author);
        }
    }
    authors
}

fn written(fields: &Table) -> Option<&Value> {
    let nested = ["taxonomies", "extra", "params"]
        .iter()
        .filter_map(|name| fields.table(name));
    std::iter::once(fields).chain(nested).find_map(|table| {
        ["authors", "author"]
            .iter()
            .find_map(|name| table.get(name).filter(|value| has_text(value)))
    })
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
        Value::Map(table) => from_table(table, directory, warnings).into_iter().collect(),
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

fn from_table(table: &Table, directory: &Directory, warnings: &mut Warnings) -> Option<AuthorRef> {
    let name = table
        .text(&["name", "title", "display_name"])
        .or_else(|| table.text(&["key", "id", "slug"]))?;
    let author = reference(name, None, None, directory, warnings)?;
    let url = table
        .text(&["url", "link", "website", "homepage"])
        .filter(|url| text::is_web_address(url));
    Some(AuthorRef {
        url: url.map(str::to_owned).or(author.url),
        ..author
    })
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

static LINK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\[([^\[\]]+)\]\(\s*([^()\s]*)[^()]*\)(?:\s*\(([^()]+)\))?")
        .expect("a fixed pattern")
});

/// `[A](address) (Organisation), [B](address) and C`: a bare text after a link's comma is an affiliation when
/// it is a single word (a company) and a further author otherwise.
fn linked(text: &str, directory: &Directory, warnings: &mut Warnings) -> Vec<AuthorRef> {
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
