//! Splits a file into front matter and body, and reads the front matter whichever notation it has.
//!
//! Recognised: YAML between `---` and `---` or `...`, TOML between `+++` lines, a JSON object, Hexo's JSON between `;;;`,
//! Hexo's YAML and JSON that have only the closing line, Org's `#+` lines, an empty block, and none at all; each after any
//! number of blank lines.

use super::notation::{
    FRONT_MATTER_LIMIT, Notation, as_table, json_fault, parse_open_json, parse_toml, parse_yaml,
    too_long,
};
use super::opening::{Opening, is_blank};
use super::value::{ParseError, Table, Value};
use super::yaml::Parsed;
use super::{opening, org};

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
    let read = match opening::of(text).map_err(in_file)? {
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
    };
    let mut parts = read.map_err(in_file)?;
    parts.body_line = 1 + lines_before(file, parts.body);
    parts.repeated = parts.repeated.into_iter().map(in_file).collect();
    if parts.fields.entries.is_empty() || opens_again(parts.body) {
        parts.suspicion = opening::suspicion(parts.body);
    }
    Ok(parts)
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

fn cut_line(text: &str) -> (&str, &str) {
    match text.find('\n') {
        Some(end) => (&text[..end], &text[end + 1..]),
        None => (text, ""),
    }
}

/// A block below an opening line and above a line that begins with three of `closers`.
fn fenced<'a>(
    text: &'a str,
    closers: &[char],
    notation: Notation,
    parse: fn(&str) -> Result<Parsed, ParseError>,
) -> Result<Parts<'a>, ParseError> {
    let (_, after_first) = cut_line(text);
    let yaml_end = notation == Notation::Yaml;
    let found = find_closer(after_first, closers, yaml_end)
        .or_else(|| find_indented_closer(after_first, closers));
    let Some((block, body)) = found else {
        let closer = closers[0].to_string().repeat(3);
        return Err(ParseError::at(
            1,
            format!("the front matter that opens here is never closed by a line {closer}"),
        ));
    };
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

/// The block above the closing line, and what follows: Hugo takes what stands behind the sign for text.
fn find_closer<'a>(text: &'a str, closers: &[char], yaml_end: bool) -> Option<(&'a str, &'a str)> {
    let mut rest = text;
    while !rest.is_empty() {
        let (line, after) = cut_line(rest);
        let block = &text[..text.len() - rest.len()];
        if yaml_end && line.trim_end_matches(is_blank) == "..." {
            return Some((block, after));
        }
        for sign in closers {
            let behind = line.trim_start_matches(*sign);
            if line.len() - behind.len() >= 3 {
                let body = if behind.trim_matches(is_blank).is_empty() {
                    after
                } else {
                    &rest[line.len() - behind.len()..]
                };
                return Some((block, body));
            }
        }
        rest = after;
    }
    None
}

fn find_indented_closer<'a>(text: &'a str, closers: &[char]) -> Option<(&'a str, &'a str)> {
    let mut rest = text;
    while !rest.is_empty() {
        let (line, after) = cut_line(rest);
        let sign = line.trim_matches(is_blank);
        if sign.len() >= 3
            && closers
                .iter()
                .any(|closer| sign.chars().all(|c| c == *closer))
        {
            return Some((&text[..text.len() - rest.len()], after));
        }
        rest = after;
    }
    None
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
    let Ok(Parsed {
        value: Value::Map(fields),
        repeated,
        overridden,
    }) = parse(block)
    else {
        return None;
    };
    let is_known = fields
        .entries
        .iter()
        .any(|(name, _)| opening::is_known(name));
    is_known.then(|| Parts {
        repeated,
        overridden,
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
