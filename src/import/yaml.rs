//! Reads one YAML mapping from parser events, so that scalars keep their text, every fault has a line, and
//! aliases are paid for from a budget before they are copied.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle};

use super::value::{MAX_DEPTH, ParseError, Table, Value};

/// What all values together may weigh after aliases are expanded: bytes of text plus `NODE_WEIGHT` a node.
const WEIGHT_LIMIT: usize = 2 * 1024 * 1024;
const NODE_WEIGHT: usize = 16;
/// Each one costs a search through its mapping.
const REPEATED_LIMIT: usize = 20;

struct Measured {
    value: Value,
    weight: usize,
    depth: usize,
}

enum Shape {
    List(Vec<Value>),
    Map {
        table: Table,
        lines: HashMap<String, usize>,
        key: Option<(String, usize)>,
        merges: Vec<Value>,
    },
}

struct Frame {
    shape: Shape,
    anchor: usize,
    weight: usize,
    depth: usize,
}

#[derive(Default)]
struct Builder {
    frames: Vec<Frame>,
    anchors: HashMap<usize, Measured>,
    root: Option<Value>,
    spent: usize,
    repeated: Vec<ParseError>,
    overridden: Table,
}

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
        let (event, span) = event.map_err(|error| {
            ParseError::at(
                error.marker().line(),
                format!("this is not valid YAML: {}", error.info()),
            )
        })?;
        let line = span.start.line();
        if matches!(event, Event::DocumentEnd | Event::StreamEnd) {
            break;
        }
        builder.accept(event, line)?;
    }
    let Builder {
        root,
        repeated,
        overridden,
        ..
    } = builder;
    Ok(Parsed {
        value: root.unwrap_or(Value::Null),
        repeated,
        overridden,
    })
}

impl Builder {
    fn accept(&mut self, event: Event<'_>, line: usize) -> Result<(), ParseError> {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let plain_null = style == ScalarStyle::Plain
                    && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                if self.awaits_key() {
                    return self.take_key(text.into_owned(), line);
                }
                let weight = NODE_WEIGHT + text.len();
                self.spend(weight, line)?;
                let value = if plain_null {
                    Value::Null
                } else {
                    Value::Text(text.into_owned())
                };
                self.place(
                    Measured {
                        value,
                        weight,
                        depth: 0,
                    },
                    anchor,
                    line,
                )
            }
            Event::SequenceStart(anchor, _) => self.open(Shape::List(Vec::new()), anchor, line),
            Event::MappingStart(anchor, _) => {
                let shape = Shape::Map {
                    table: Table::default(),
                    lines: HashMap::new(),
                    key: None,
                    merges: Vec::new(),
                };
                self.open(shape, anchor, line)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(line),
            Event::Alias(anchor) => self.alias(anchor, line),
            _ => Ok(()),
        }
    }

    fn awaits_key(&self) -> bool {
        matches!(
            self.frames.last(),
            Some(Frame {
                shape: Shape::Map { key: None, .. },
                ..
            })
        )
    }

    fn take_key(&mut self, name: String, line: usize) -> Result<(), ParseError> {
        self.spend(NODE_WEIGHT + name.len(), line)?;
        let at_top = self.frames.len() == 1;
        let Some(Frame {
            shape: Shape::Map {
                table, lines, key, ..
            },
            ..
        }) = self.frames.last_mut()
        else {
            return Ok(());
        };
        if name != "<<" && lines.insert(name.clone(), line).is_some() {
            if let Some(place) = table.entries.iter().position(|(known, _)| *known == name) {
                let earlier = table.entries.remove(place);
                if at_top {
                    self.overridden.entries.push(earlier);
                }
            }
            self.repeated.push(ParseError::at(
                line,
                format!("the field {name:?} is given twice, the later one counts"),
            ));
            if self.repeated.len() > REPEATED_LIMIT {
                return Err(ParseError::at(
                    line,
                    format!("more than {REPEATED_LIMIT} fields are given twice"),
                ));
            }
        }
        *key = Some((name, line));
        Ok(())
    }

    fn open(&mut self, shape: Shape, anchor: usize, line: usize) -> Result<(), ParseError> {
        if self.awaits_key() {
            return Err(ParseError::at(
                line,
                "a list or mapping cannot be the name of a field",
            ));
        }
        if self.frames.len() >= MAX_DEPTH {
            return Err(ParseError::at(
                line,
                format!("values are nested more than {MAX_DEPTH} deep"),
            ));
        }
        self.spend(NODE_WEIGHT, line)?;
        self.frames.push(Frame {
            shape,
            anchor,
            weight: NODE_WEIGHT,
            depth: 0,
        });
        Ok(())
    }

    fn close(&mut self, line: usize) -> Result<(), ParseError> {
        let Some(frame) = self.frames.pop() else {
            return Ok(());
        };
        let value = match frame.shape {
            Shape::List(items) => Value::List(items),
            Shape::Map {
                mut table, merges, ..
            } => {
                for merged in merges {
                    merge(&mut table, merged);
                }
                Value::Map(table)
            }
        };
        self.place(
            Measured {
                value,
                weight: frame.weight,
                depth: frame.depth + 1,
            },
            frame.anchor,
            line,
        )
    }

    fn alias(&mut self, anchor: usize, line: usize) -> Result<(), ParseError> {
        if self.awaits_key() {
            return Err(ParseError::at(
                line,
                "an alias cannot be the name of a field",
            ));
        }
        let Some(known) = self.anchors.get(&anchor) else {
            return Err(ParseError::at(
                line,
                "an alias stands before the end of what it repeats",
            ));
        };
        let (weight, depth) = (known.weight, known.depth);
        if self.frames.len() + depth > MAX_DEPTH {
            return Err(ParseError::at(
                line,
                format!("aliases nest values more than {MAX_DEPTH} deep"),
            ));
        }
        self.spend(weight, line)?;
        let value = self
            .anchors
            .get(&anchor)
            .map_or(Value::Null, |known| known.value.clone());
        self.place(
            Measured {
                value,
                weight,
                depth,
            },
            0,
            line,
        )
    }

    /// Charged before anything is copied: the point of the limit is the memory that is never asked for.
    fn spend(&mut self, weight: usize, line: usize) -> Result<(), ParseError> {
        self.spent = self.spent.saturating_add(weight);
        if self.spent > WEIGHT_LIMIT {
            return Err(ParseError::at(
                line,
                "the front matter grows beyond 2 MiB when its aliases are written out",
            ));
        }
        Ok(())
    }

    fn place(&mut self, measured: Measured, anchor: usize, line: usize) -> Result<(), ParseError> {
        if anchor != 0 {
            self.spend(measured.weight, line)?;
            let copy = Measured {
                value: measured.value.clone(),
                ..measured
            };
            self.anchors.insert(anchor, copy);
        }
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(measured.value);
            return Ok(());
        };
        frame.weight = frame.weight.saturating_add(measured.weight);
        frame.depth = frame.depth.max(measured.depth);
        match &mut frame.shape {
            Shape::List(items) => items.push(measured.value),
            Shape::Map {
                table, key, merges, ..
            } => match key.take() {
                Some((name, _)) if name == "<<" => merges.push(measured.value),
                Some((name, _)) => table.entries.push((name, measured.value)),
                None => {}
            },
        }
        Ok(())
    }
}

/// A field written in the mapping itself wins over one that comes by `<<`.
fn merge(table: &mut Table, merged: Value) {
    match merged {
        Value::Map(other) => {
            let known: std::collections::HashSet<String> =
                table.entries.iter().map(|(name, _)| name.clone()).collect();
            table.entries.extend(
                other
                    .entries
                    .into_iter()
                    .filter(|(name, _)| !known.contains(name)),
            );
        }
        Value::List(items) => items.into_iter().for_each(|item| merge(table, item)),
        Value::Null | Value::Text(_) => {}
    }
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
