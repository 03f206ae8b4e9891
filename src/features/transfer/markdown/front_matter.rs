//! Splits a file into front matter and body, and reads the front matter whichever notation it has.
//!
//! Recognised: YAML between `---` and `---` or `...`, TOML between `+++` lines, a JSON object, Hexo's YAML that
//! has only the closing `---`, an empty block, and none at all.

use std::sync::LazyLock;

use regex::Regex;
use serde::de::Deserialize as _;

use super::{
    value::{Fault, Table, Value},
    yaml::{self, Parsed},
};

/// Front matter beyond this many bytes is refused: no site needs it, and reading it costs more than its size.
pub(super) const FRONT_MATTER_LIMIT: usize = 256 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notation {
    None,
    Yaml,
    /// YAML without the opening line, as Hexo writes it.
    YamlClosedOnly,
    Toml,
    Json,
}

#[derive(Debug)]
pub(super) struct Parts<'a> {
    pub(super) notation: Notation,
    pub(super) fields: Table,
    /// Fields that were given twice where the notation lets that pass.
    pub(super) repeated: Vec<Fault>,
    pub(super) body: &'a str,
    /// The line of the file on which the body begins, from 1.
    pub(super) body_line: usize,
}

/// A byte-order mark at the start is passed over. Lines in faults count from the start of the file.
pub(super) fn split(file: &str) -> Result<Parts<'_>, Fault> {
    let text = file.strip_prefix('\u{feff}').unwrap_or(file);
    let (first, after_first) = cut_line(text);
    match first.trim_end() {
        "---" => closed(text, after_first, &["---", "..."], Notation::Yaml, yaml::parse),
        "+++" => closed(text, after_first, &["+++"], Notation::Toml, parse_toml),
        _ if opens_json(text) => split_json(text),
        _ if opens_closed_only(first) => Ok(split_closed_only(text).unwrap_or_else(|| bare(text))),
        _ => Ok(bare(text)),
    }
}

fn bare(text: &str) -> Parts<'_> {
    Parts { notation: Notation::None, fields: Table::default(), repeated: Vec::new(), body: text, body_line: 1 }
}

fn cut_line(text: &str) -> (&str, &str) {
    match text.find('\n') {
        Some(end) => (&text[..end], &text[end + 1..]),
        None => (text, ""),
    }
}

fn closed<'a>(
    text: &'a str,
    after_first: &'a str,
    closers: &[&str],
    notation: Notation,
    parse: fn(&str) -> Result<Parsed, Fault>,
) -> Result<Parts<'a>, Fault> {
    let start = text.len() - after_first.len();
    let Some((block, body)) = find_closer(after_first, closers) else {
        return Err(Fault::at(1, format!("the front matter that opens here is never closed by a line {}", closers[0])));
    };
    too_long(block)?;
    let below_opener = |fault: Fault| Fault { line: fault.line.map(|line| line + 1), ..fault };
    let parsed = parse(block).map_err(below_opener)?;
    let repeated = parsed.repeated.into_iter().map(below_opener).collect();
    let body_line = 1 + text[..start + (after_first.len() - body.len())].matches('\n').count();
    Ok(Parts { notation, fields: as_table(parsed.value)?, repeated, body, body_line })
}

fn find_closer<'a>(text: &'a str, closers: &[&str]) -> Option<(&'a str, &'a str)> {
    let mut rest = text;
    while !rest.is_empty() {
        let (line, after) = cut_line(rest);
        if closers.contains(&line.trim_end()) {
            return Some((&text[..text.len() - rest.len()], after));
        }
        rest = after;
    }
    None
}

fn too_long(block: &str) -> Result<(), Fault> {
    if block.len() > FRONT_MATTER_LIMIT {
        return Err(Fault::at(1, format!("the front matter has {} bytes, the limit is {FRONT_MATTER_LIMIT}", block.len())));
    }
    Ok(())
}

fn as_table(value: Value) -> Result<Table, Fault> {
    match value {
        Value::Map(table) => Ok(table),
        Value::Null => Ok(Table::default()),
        Value::Text(_) | Value::List(_) => {
            Err(Fault::at(2, "the front matter is not a set of fields; write one \"name: value\" on each line"))
        }
    }
}

/// Reads a whole data file (author records) by the ending of its name.
pub(super) fn parse_data(text: &str, extension: &str) -> Result<Table, Fault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    too_long(text)?;
    as_table(match extension {
        "toml" => parse_toml(text)?.value,
        "json" => parse_json(&mut serde_json::Deserializer::from_str(text))?,
        _ => yaml::parse(text)?.value,
    })
}

fn parse_toml(block: &str) -> Result<Parsed, Fault> {
    let table = toml::from_str::<toml::Table>(block).map_err(|error| Fault {
        line: error
            .span()
            .map(|span| 1 + block.as_bytes()[..span.start.min(block.len())].iter().filter(|b| **b == b'\n').count()),
        message: format!("this is not valid TOML: {}", error.message()),
    })?;
    Ok(Parsed { value: from_toml(toml::Value::Table(table)), repeated: Vec::new() })
}

/// The TOML reader bounds nesting itself, so this recursion is bounded too.
fn from_toml(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::Text(text),
        toml::Value::Integer(number) => Value::Text(number.to_string()),
        toml::Value::Float(number) => Value::Text(number.to_string()),
        toml::Value::Boolean(flag) => Value::Text(flag.to_string()),
        toml::Value::Datetime(date) => Value::Text(date.to_string()),
        toml::Value::Array(items) => Value::List(items.into_iter().map(from_toml).collect()),
        toml::Value::Table(table) => {
            Value::Map(Table { entries: table.into_iter().map(|(name, value)| (name, from_toml(value))).collect() })
        }
    }
}

/// `{` alone would also match a page that opens with a template tag such as `{{ content }}`.
fn opens_json(text: &str) -> bool {
    static JSON: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"^\{\s*["}]"#).expect("a fixed pattern"));
    JSON.is_match(text)
}

fn split_json(text: &str) -> Result<Parts<'_>, Fault> {
    let mut window = text.len().min(FRONT_MATTER_LIMIT);
    while !text.is_char_boundary(window) {
        window -= 1;
    }
    let mut stream = serde_json::Deserializer::from_str(&text[..window]).into_iter::<Value>();
    let value = match stream.next() {
        Some(Ok(value)) => value,
        Some(Err(error)) => return Err(json_fault(&error)),
        None => Value::Null,
    };
    let end = stream.byte_offset();
    let (rest_of_line, after) = cut_line(&text[end..]);
    let body = if rest_of_line.trim().is_empty() { after } else { &text[end..] };
    let body_line = 1 + text[..text.len() - body.len()].matches('\n').count();
    Ok(Parts { notation: Notation::Json, fields: as_table(value)?, repeated: Vec::new(), body, body_line })
}

fn parse_json<'de, R: serde_json::de::Read<'de>>(reader: &mut serde_json::Deserializer<R>) -> Result<Value, Fault> {
    Value::deserialize(reader).map_err(|error| json_fault(&error))
}

fn json_fault(error: &serde_json::Error) -> Fault {
    Fault { line: Some(error.line()).filter(|line| *line > 0), message: format!("this is not valid JSON: {error}") }
}

/// Only well-known first fields count: "Note: see below" over a line of dashes is a heading, not front matter.
fn opens_closed_only(first: &str) -> bool {
    static FIELD: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(?:title|date|layout|tags|categories|category|author|permalink|updated|comments|photos)\s*:(?:\s|$)")
            .expect("a fixed pattern")
    });
    FIELD.is_match(first)
}

fn split_closed_only(text: &str) -> Option<Parts<'_>> {
    let (block, body) = find_closer(text, &["---"])?;
    if block.len() > FRONT_MATTER_LIMIT {
        return None;
    }
    let Ok(Parsed { value: Value::Map(fields), repeated }) = yaml::parse(block) else { return None };
    let body_line = 1 + text[..text.len() - body.len()].matches('\n').count();
    Some(Parts { notation: Notation::YamlClosedOnly, fields, repeated, body, body_line })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title_and_body(file: &str) -> (Option<String>, String, Notation) {
        let parts = split(file).unwrap();
        (parts.fields.text(&["title"]).map(str::to_owned), parts.body.to_owned(), parts.notation)
    }

    fn expect(file: &str, title: Option<&str>, body: &str, notation: Notation) {
        assert_eq!(title_and_body(file), (title.map(str::to_owned), body.to_owned(), notation), "{file:?}");
    }

    #[test]
    fn every_notation_is_split() {
        expect("---\ntitle: A\n---\n\nText\n", Some("A"), "\nText\n", Notation::Yaml);
        expect("--- \ntitle: A --- B\n...\nText", Some("A --- B"), "Text", Notation::Yaml);
        expect("\u{feff}---\r\ntitle: A\r\n---\r\nText\r\n", Some("A"), "Text\r\n", Notation::Yaml);
        expect("+++\ntitle = \"A\"\n[extra]\nx = 1\n+++\nText", Some("A"), "Text", Notation::Toml);
        expect("{\n  \"title\": \"A\"\n}\nText", Some("A"), "Text", Notation::Json);
        expect("title: A\ntags:\n---\nText", Some("A"), "Text", Notation::YamlClosedOnly);
        expect("---\n---\nText", None, "Text", Notation::Yaml);
        expect("\u{feff}Text only", None, "Text only", Notation::None);
        expect("{{ content }}\n", None, "{{ content }}\n", Notation::None);
        expect("Note: a heading\n---\nText", None, "Note: a heading\n---\nText", Notation::None);
    }

    #[test]
    fn faults_name_the_line_of_the_file() {
        let line = |file: &str| split(file).unwrap_err().line;
        assert_eq!(split("---\ntitle: a\ntitle: b\n---\n").unwrap().repeated[0].line, Some(3));
        assert!(line("---\ntitle: a\nb: [\n---\n").is_some());
        assert_eq!(line("+++\ntitle = \"a\"\ntitle = \"b\"\n+++\n"), Some(3));
        assert_eq!(line("{\n\"title\": \"a\",\n\"title\": \"b\"\n}\n"), Some(3));
        assert_eq!(line("---\ntitle: a\n\nno end\n"), Some(1));
        assert!(split("---\n- a\n- b\n---\n").is_err());
    }

    #[test]
    fn the_body_line_is_counted() {
        assert_eq!(split("---\na: 1\n---\nx").unwrap().body_line, 4);
        assert_eq!(split("x").unwrap().body_line, 1);
    }

    #[test]
    fn front_matter_has_a_limit() {
        let long = format!("---\ntitle: {}\n---\n", "x".repeat(FRONT_MATTER_LIMIT));
        assert!(split(&long).unwrap_err().message.contains("limit"));
        let deep = format!("{{\"a\":{}", "[".repeat(50_000));
        assert!(split(&deep).is_err());
    }
}
