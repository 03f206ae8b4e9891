//! A value, put together from what the YAML parser meets.

use std::collections::HashMap;

use saphyr_parser::{Event, ScalarStyle};

use super::value::{MAX_DEPTH, ParseError, Table, Value};
use super::yaml_frame::{Frame, Mapping, Measured, Shape};

/// What all values together may weigh after aliases are expanded: bytes of text plus `NODE_WEIGHT` a node.
const WEIGHT_LIMIT: usize = 2 * 1024 * 1024;

const NODE_WEIGHT: usize = 16;

/// Each one costs a search through its mapping.
const REPEATED_LIMIT: usize = 20;

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
            Event::Scalar(text, ..) if self.awaits_key() => self.take_key(text.into_owned(), line),
            Event::Scalar(text, style, anchor, _) => {
                self.spend(NODE_WEIGHT + text.len(), line)?;
                self.place(scalar(text.into_owned(), style), anchor, line)
            }
            Event::SequenceStart(anchor, _) => self.open(Shape::List(Vec::new()), anchor, line),
            Event::MappingStart(anchor, _) => {
                self.open(Shape::Map(Mapping::default()), anchor, line)
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
                shape: Shape::Map(Mapping { key: None, .. }),
                ..
            })
        )
    }

    fn take_key(&mut self, name: String, line: usize) -> Result<(), ParseError> {
        self.spend(NODE_WEIGHT + name.len(), line)?;
        let at_top = self.frames.len() == 1;
        let Some(Shape::Map(mapping)) = self.frames.last_mut().map(|frame| &mut frame.shape) else {
            return Ok(());
        };
        let is_repeated = mapping.is_repeated(&name, line);
        let earlier = is_repeated.then(|| mapping.take_field(&name)).flatten();
        mapping.key = Some(name.clone());
        if is_repeated {
            self.overridden.entries.extend(earlier.filter(|_| at_top));
            self.note_repeated(&name, line)?;
        }
        Ok(())
    }

    fn note_repeated(&mut self, name: &str, line: usize) -> Result<(), ParseError> {
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
        Ok(())
    }

    fn open(&mut self, shape: Shape, anchor: usize, line: usize) -> Result<(), ParseError> {
        self.may_open(line)?;
        self.spend(NODE_WEIGHT, line)?;
        self.frames.push(Frame {
            shape,
            anchor,
            weight: NODE_WEIGHT,
            depth: 0,
        });
        Ok(())
    }

    fn may_open(&self, line: usize) -> Result<(), ParseError> {
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
        Ok(())
    }

    fn close(&mut self, line: usize) -> Result<(), ParseError> {
        let Some(frame) = self.frames.pop() else {
            return Ok(());
        };
        self.place(
            Measured {
                value: frame.shape.into_value(),
                weight: frame.weight,
                depth: frame.depth + 1,
            },
            frame.anchor,
            line,
        )
    }

    fn alias(&mut self, anchor: usize, line: usize) -> Result<(), ParseError> {
        let (weight, depth) = self.size_of_alias(anchor, line)?;
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

    /// What a copy would weigh, and how deep it is.
    fn size_of_alias(&self, anchor: usize, line: usize) -> Result<(usize, usize), ParseError> {
        if self.awaits_key() {
            return Err(ParseError::at(
                line,
                "an alias cannot be the name of a field",
            ));
        }
        let known = self.anchors.get(&anchor).ok_or_else(|| {
            ParseError::at(line, "an alias stands before the end of what it repeats")
        })?;
        if self.frames.len() + known.depth > MAX_DEPTH {
            return Err(ParseError::at(
                line,
                format!("aliases nest values more than {MAX_DEPTH} deep"),
            ));
        }
        Ok((known.weight, known.depth))
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
        match self.frames.last_mut() {
            Some(frame) => frame.add(measured),
            None => self.root = Some(measured.value),
        }
        Ok(())
    }
}

/// A text as it was written, but for the words that YAML has for nothing.
fn scalar(text: String, style: ScalarStyle) -> Measured {
    let is_null =
        style == ScalarStyle::Plain && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
    Measured {
        weight: NODE_WEIGHT + text.len(),
        value: if is_null {
            Value::Null
        } else {
            Value::Text(text)
        },
        depth: 0,
    }
}
