//! Splits a file into front matter and body, and reads the front matter whichever notation it has.
//!
//! Recognised: YAML between `---` and `---` or `...`, TOML between `+++` lines, a JSON object, Hexo's JSON between `;;;`,
//! Hexo's YAML and JSON that have only the closing line, Org's `#+` lines, an empty block, and none at all; each after any
//! number of blank lines.

use super::closer::{closed, cut_line, find_closer};
use super::notation::{
    FRONT_MATTER_LIMIT, Notation, as_table, json_fault, parse_open_json, parse_toml, parse_yaml,
    too_long,
};
use super::opening::Opening;
use super::value::{ParseError, Table, Value};
use super::yaml::Parsed;
use super::{opening, org, suspicion};

#[derive(Debug)]
pub(super) struct Parts<'a> {
    pub(super) notation: Notation,
    pub(super) fields: Table,
    /// Fields that were given twice where the notation lets that pass.
    pub(super) repeated: Vec<ParseError>,
    /// The earlier values of those.
    pub(super) overridden: Table,
    pub(super) body: &'a str,
    /// The line of the file on which the body begins, from 1.
    pub(super) body_line: usize,
    /// Why the body may hold settings that were meant as front matter.
    pub(super) suspicion: Option<String>,
}

/// Lines in faults count from the start of the file.
pub(super) fn split(file: &str) -> Result<Parts<'_>, ParseError> {
    let text = opening::skip_blank(file);
    let skipped = lines_before(file, text);
    let in_file = |fault: ParseError| ParseError {
        line: fault.line.map(|line| line + skipped),
        ..fault
    };
    let opening = opening::of(text).map_err(in_file)?;
    let mut parts = opened_by(opening, text, file).map_err(in_file)?;
    parts.body_line = 1 + lines_before(file, parts.body);
    parts.repeated = parts.repeated.into_iter().map(in_file).collect();
    if parts.fields.entries.is_empty() || opens_again(parts.body) {
        parts.suspicion = suspicion::of(parts.body);
    }
    Ok(parts)
}

/// `text` is `file` without what is blank at its start.
fn opened_by<'a>(opening: Opening, text: &'a str, file: &'a str) -> Result<Parts<'a>, ParseError> {
    match opening {
        Opening::Yaml => match fenced(text, &['-'], Notation::Yaml, parse_yaml) {
            // A long line of hyphens is more often one that is drawn.
            Err(_) if text.starts_with("----") && !opening::begins_with_field(cut_line(text).1) => {
                Ok(bare(file))
            }
            read => read,
        },
        Opening::Toml { closer } => fenced(text, &[closer, '+'], Notation::Toml, parse_toml),
        Opening::FencedJson { closer } => fenced(text, &[closer], Notation::Json, parse_open_json),
        Opening::Json => split_json(text),
        Opening::Org => Ok(split_org(text)),
        Opening::Field => Ok(split_closed_only(text).unwrap_or_else(|| bare(file))),
        Opening::Text => Ok(bare(file)),
    }
}

/// `rest` is the end of `file`.
fn lines_before(file: &str, rest: &str) -> usize {
    file[..file.len() - rest.len()].matches('\n').count()
}

/// A second block below the first: which of them counts depends on who reads it.
fn opens_again(body: &str) -> bool {
    let start = opening::skip_blank(body);
    ["---", "+++", ";;;"]
        .iter()
        .any(|sign| start.starts_with(sign))
}

fn bare(file: &str) -> Parts<'_> {
    let body = file.strip_prefix('\u{feff}').unwrap_or(file);
    parts(Notation::None, Table::default(), body)
}

fn parts(notation: Notation, fields: Table, body: &str) -> Parts<'_> {
    Parts {
        notation,
        fields,
        repeated: Vec::new(),
        overridden: Table::default(),
        body,
        body_line: 1,
        suspicion: None,
    }
}

/// A block below an opening line and above a line that begins with three of `closers`.
fn fenced<'a>(
    text: &'a str,
    closers: &[char],
    notation: Notation,
    parse: fn(&str) -> Result<Parsed, ParseError>,
) -> Result<Parts<'a>, ParseError> {
    let (block, body) = closed(text, closers, notation)?;
    too_long(block)?;
    let below_opener = |fault: ParseError| ParseError {
        line: fault.line.map(|line| line + 1),
        ..fault
    };
    let parsed = parse(block).map_err(below_opener)?;
    let repeated = parsed.repeated.into_iter().map(below_opener).collect();
    Ok(Parts {
        repeated,
        overridden: parsed.overridden,
        ..parts(notation, as_table(parsed.value)?, body)
    })
}

fn split_json(text: &str) -> Result<Parts<'_>, ParseError> {
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
    let body = if rest_of_line.trim().is_empty() {
        after
    } else {
        &text[end..]
    };
    Ok(parts(Notation::Json, as_table(value)?, body))
}

/// The lines that begin with `#+`.
fn split_org(text: &str) -> Parts<'_> {
    let mut end = 0;
    for line in text
        .split_inclusive('\n')
        .take_while(|line| line.starts_with("#+"))
    {
        end += line.len();
    }
    parts(Notation::Org, org::parse(&text[..end]), &text[end..])
}

/// `None` where the block is no front matter after all, such as a heading over a line of dashes.
fn split_closed_only(text: &str) -> Option<Parts<'_>> {
    let (block, body) = find_closer(text, &['-', ';'], false)?;
    if block.len() > FRONT_MATTER_LIMIT {
        return None;
    }
    let parse = if text[block.len()..].starts_with(';') {
        parse_open_json
    } else {
        parse_yaml
    };
    let parsed = parse(block).ok()?;
    let fields = as_table(parsed.value).ok()?;
    let mut names = fields.entries.iter().map(|(name, _)| name);
    names.any(|name| opening::is_known(name)).then(|| Parts {
        repeated: parsed.repeated,
        overridden: parsed.overridden,
        ..parts(Notation::ClosedOnly, fields, body)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title_and_body(file: &str) -> (Option<String>, String, Notation) {
        let parts = split(file).unwrap();
        (
            parts.fields.text(&["title"]).map(str::to_owned),
            parts.body.to_owned(),
            parts.notation,
        )
    }

    fn expect(file: &str, title: Option<&str>, body: &str, notation: Notation) {
        assert_eq!(
            title_and_body(file),
            (title.map(str::to_owned), body.to_owned(), notation),
            "{file:?}"
        );
    }

    #[test]
    fn every_notation_is_split() {
        expect(
            "---\ntitle: A\n---\n\nText\n",
            Some("A"),
            "\nText\n",
            Notation::Yaml,
        );
        expect(
            "--- \ntitle: A --- B\n...\nText",
            Some("A --- B"),
            "Text",
            Notation::Yaml,
        );
        expect(
            "\u{feff}---\r\ntitle: A\r\n---\r\nText\r\n",
            Some("A"),
            "Text\r\n",
            Notation::Yaml,
        );
        expect(
            "+++\ntitle = \"A\"\n[extra]\nx = 1\n+++\nText",
            Some("A"),
            "Text",
            Notation::Toml,
        );
        expect(
            "{\n  \"title\": \"A\"\n}\nText",
            Some("A"),
            "Text",
            Notation::Json,
        );
        expect(
            "title: A\ntags:\n---\nText",
            Some("A"),
            "Text",
            Notation::ClosedOnly,
        );
        expect("---\n---\nText", None, "Text", Notation::Yaml);
        expect("\u{feff}Text only", None, "Text only", Notation::None);
        expect("{{ content }}\n", None, "{{ content }}\n", Notation::None);
        expect(
            "Note: a heading\n---\nText",
            None,
            "Note: a heading\n---\nText",
            Notation::None,
        );
        expect(
            "\n\u{feff} \r\n---\t\ntitle: A\n---\nText",
            Some("A"),
            "Text",
            Notation::Yaml,
        );
        expect(
            "  ---\ntitle: A\n  ---\nText",
            Some("A"),
            "Text",
            Notation::Yaml,
        );
        expect(
            "\n+++ \ntitle = \"A\"\n+++ \nText",
            Some("A"),
            "Text",
            Notation::Toml,
        );
        expect(
            "---toml\ntitle = \"A\"\n---\nText",
            Some("A"),
            "Text",
            Notation::Toml,
        );
        expect(
            "-----\ntitle: A\n-----\nText",
            Some("A"),
            "Text",
            Notation::Yaml,
        );
        expect("---\ntitle: A\n---Text", Some("A"), "Text", Notation::Yaml);
        expect(
            "---\ntitle: A\nextra:\n\tx: 1\n---\nText",
            Some("A"),
            "Text",
            Notation::Yaml,
        );
        expect(
            ";;;\n\"title\": \"A\"\n;;;\nText",
            Some("A"),
            "Text",
            Notation::Json,
        );
        expect(
            "\"title\": \"A\",\n\"draft\": true\n;;;\nText",
            Some("A"),
            "Text",
            Notation::ClosedOnly,
        );
        expect(
            "\n\n{\"title\": \"A\"}\n\nText",
            Some("A"),
            "\nText",
            Notation::Json,
        );
        expect(
            "#+title: A\n#+draft: true\nText",
            Some("A"),
            "Text",
            Notation::Org,
        );
        expect(
            "lang: en\nTitle: A\n---\nText",
            Some("A"),
            "Text",
            Notation::ClosedOnly,
        );
    }

    #[test]
    fn faults_name_the_line_of_the_file() {
        let line = |file: &str| split(file).unwrap_err().line;
        assert_eq!(
            split("---\ntitle: a\ntitle: b\n---\n").unwrap().repeated[0].line,
            Some(3)
        );
        assert!(line("---\ntitle: a\nb: [\n---\n").is_some());
        assert_eq!(line("+++\ntitle = \"a\"\ntitle = \"b\"\n+++\n"), Some(3));
        assert_eq!(line("{\n\"title\": \"a\",\n\"title\": \"b\"\n}\n"), Some(3));
        assert_eq!(line("---\ntitle: a\n\nno end\n"), Some(1));
        assert!(split("---\n- a\n- b\n---\n").is_err());
    }

    #[test]
    fn what_is_not_read_as_front_matter_is_suspicious() {
        for file in [
            "title: A: b\ndraft: true\n---\nText",
            "title: A\ndraft: true\n\nText without end",
            "---\n---\ntitle: A\ndraft: true\n---\nText",
            "---\nlayout: post\n---\n---\ndraft: true\n---\nText",
        ] {
            assert!(split(file).unwrap().suspicion.is_some(), "{file:?}");
        }
        for file in [
            "---\ntitle: x\n draft: true\n---\n",
            "---\ntitle: x\ndraft:true\n---\n",
            "---\ndraft:true\n---\n",
            "+++\ndraft: true\n+++\n",
        ] {
            assert!(split(file).is_err(), "{file:?}");
        }
        assert_eq!(
            split("---\ntitle: A\n---\n\nText\n\n---\n\ndraft: true")
                .unwrap()
                .suspicion,
            None
        );
    }

    #[test]
    fn the_body_line_is_counted() {
        assert_eq!(split("\n\n---\na: 1\n---\nx").unwrap().body_line, 6);
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
