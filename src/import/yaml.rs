//! Reads one YAML mapping from parser events, so that scalars keep their text, every fault has a line, and
//! aliases are paid for from a budget before they are copied.

use saphyr_parser::{Event, Parser, ScanError};

use super::value::{ParseError, Table, Value};
use super::yaml_builder::Builder;

/// What was read, and each field that was given twice (the later one counts, as in the generators' own readers).
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) value: Value,
    pub(super) repeated: Vec<ParseError>,
    /// The earlier values of fields that were given twice at the top.
    pub(super) overridden: Table,
}

/// Quoted text whose further lines are not indented is no YAML, but the generators' readers take it and so do we:
/// each such line is indented, at most this many times.
const REPAIR_LIMIT: usize = 64;

pub(super) fn parse(text: &str) -> Result<Parsed, ParseError> {
    let mut repaired: Option<String> = None;
    for _ in 0..REPAIR_LIMIT {
        let current = repaired.as_deref().unwrap_or(text);
        match parse_strictly(current) {
            Err(ParseError {
                line: Some(line),
                message,
            }) if message.contains("invalid indentation in quoted scalar") => {
                match indented(current, line) {
                    Some(better) => repaired = Some(better),
                    None => return Err(ParseError::at(line, message)),
                }
            }
            outcome => return outcome,
        }
    }
    parse_strictly(repaired.as_deref().unwrap_or(text))
}

/// The reader names the line where the quoted text begins; what it stumbled over is the next line without
/// indentation. `None` when there is none, so that every repair makes progress.
fn indented(text: &str, line: usize) -> Option<String> {
    let mut start = 0;
    for (index, content) in text.split_inclusive('\n').enumerate() {
        if index >= line && !content.trim().is_empty() && !content.starts_with([' ', '\t']) {
            return Some(format!("{} {}", &text[..start], &text[start..]));
        }
        start += content.len();
    }
    None
}

fn parse_strictly(text: &str) -> Result<Parsed, ParseError> {
    let mut parser = Parser::new_from_str(text);
    let mut builder = Builder::default();
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| not_yaml(&error))?;
        let line = span.start.line();
        if matches!(event, Event::DocumentEnd | Event::StreamEnd) {
            break;
        }
        builder.accept(event, line)?;
    }
    Ok(Parsed {
        value: builder.root.unwrap_or(Value::Null),
        repeated: builder.repeated,
        overridden: builder.overridden,
    })
}

fn not_yaml(error: &ScanError) -> ParseError {
    ParseError::at(
        error.marker().line(),
        format!("this is not valid YAML: {}", error.info()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Table {
        match parse(text).map(|parsed| parsed.value) {
            Ok(Value::Map(table)) => table,
            other => panic!("expected a mapping, got {other:?}"),
        }
    }

    #[test]
    fn scalars_keep_their_text() {
        let read =
            table("a: 1.10\nb: 2015-03-24 13:59:04 -0400\nc: ~\nd: \"~\"\ne: |\n  one\n  two\n");
        assert_eq!(read.text(&["a"]), Some("1.10"));
        assert_eq!(read.text(&["B"]), Some("2015-03-24 13:59:04 -0400"));
        assert_eq!(read.get("c"), Some(&Value::Null));
        assert_eq!(read.text(&["d"]), Some("~"));
        assert_eq!(read.text(&["e"]), Some("one\ntwo"));
    }

    #[test]
    fn anchors_and_merge_keys_are_followed() {
        let read =
            table("base: &b {x: 1, y: 2}\nown:\n  <<: *b\n  y: 3\npath: &p /a.png\nagain: *p\n");
        let own = read.table("own").unwrap();
        assert_eq!((own.text(&["x"]), own.text(&["y"])), (Some("1"), Some("3")));
        assert_eq!(read.text(&["again"]), Some("/a.png"));
    }

    #[test]
    fn a_repeated_field_names_its_line() {
        let parsed = parse("title: a\ntags: []\ntitle: b\n").unwrap();
        assert_eq!(
            parsed.repeated,
            [ParseError::at(
                3,
                "the field \"title\" is given twice, the later one counts"
            )]
        );
        let Value::Map(table) = parsed.value else {
            panic!("expected a mapping")
        };
        assert_eq!(
            (table.text(&["title"]), table.entries.len()),
            (Some("b"), 2)
        );
        assert!(parse(&"a: 1\n".repeat(100)).is_err());
    }

    #[test]
    fn quoted_text_may_go_on_without_indentation() {
        let read = table("a: \"one\n\ntwo\nthree\"\nb: 'x\ny'\n");
        assert_eq!(
            (read.text(&["a"]), read.text(&["b"])),
            (Some("one\ntwo three"), Some("x y"))
        );
        assert!(parse("a: 'x\n- : '[\n").is_err());
    }

    #[test]
    fn an_alias_bomb_is_refused() {
        let mut text = String::from("a0: &a0 [xxxxxxxxxxxxxxxx]\n");
        for level in 1..9 {
            let before = format!("*a{},", level - 1).repeat(12);
            text.push_str(&format!("a{level}: &a{level} [{before}]\n"));
        }
        assert!(parse(&text).unwrap_err().message.contains("2 MiB"));
        let mut chain = String::from("b0: &b0 [x]\n");
        for level in 1..60 {
            chain.push_str(&format!("b{level}: &b{level} [*b{}]\n", level - 1));
        }
        assert!(parse(&chain).unwrap_err().message.contains("deep"));
    }

    #[test]
    fn depth_and_syntax_faults_do_not_panic() {
        assert!(parse(&"[".repeat(20_000)).is_err());
        assert!(parse(&format!("a: {}", "- ".repeat(5_000))).is_err());
        assert!(parse("a: &a [*a]").is_err());
        let fault = parse("a: 1\nb: 'open\n").unwrap_err();
        assert!(fault.line.is_some());
        assert!(parse("? [x]\n: y\n").is_err());
    }
}
