//! A value, put together from what the YAML parser meets.

use std::collections::HashMap;

use saphyr_parser::{Event, ScalarStyle};

use super::value::{MAX_DEPTH, ParseError, Table, Value};

/// What all values together may weigh after aliases are expanded: bytes of text plus `NODE_WEIGHT` a node.
const WEIGHT_LIMIT: usize = 2 * 1024 * 1024;

const NODE_WEIGHT: usize = 16;

/// Each one costs a search through its mapping.
const REPEATED_LIMIT: usize = 20;

pub(super) struct Measured {
    pub(super) value: Value,
    pub(super) weight: usize,
    pub(super) depth: usize,
}

pub(super) enum Shape {
    List(Vec<Value>),
    Map {
        table: Table,
        lines: HashMap<String, usize>,
        key: Option<(String, usize)>,
        merges: Vec<Value>,
    },
}

pub(super) struct Frame {
    pub(super) shape: Shape,
    pub(super) anchor: usize,
    pub(super) weight: usize,
    pub(super) depth: usize,
}

#[derive(Default)]
pub(super) struct Builder {
    frames: Vec<Frame>,
    anchors: HashMap<usize, Measured>,
    pub(super) root: Option<Value>,
    spent: usize,
    pub(super) repeated: Vec<ParseError>,
    pub(super) overridden: Table,
}

impl Builder {
    pub(super) fn accept(&mut self, event: Event<'_>, line: usize) -> Result<(), ParseError> {
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
pub(super) fn merge(table: &mut Table, merged: Value) {
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
