//! A list or mapping of YAML as far as it was met.

use std::collections::HashMap;

use super::value::{Table, Value};

pub(super) struct Measured {
    pub(super) value: Value,
    pub(super) weight: usize,
    pub(super) depth: usize,
}

pub(super) enum Shape {
    List(Vec<Value>),
    Map(Mapping),
}

impl Shape {
    pub(super) fn into_value(self) -> Value {
        match self {
            Self::List(items) => Value::List(items),
            Self::Map(mapping) => mapping.into_value(),
        }
    }
}

/// A mapping as far as it was met; `<<` is held back until all of its own fields are known.
#[derive(Default)]
pub(super) struct Mapping {
    table: Table,
    lines: HashMap<String, usize>,
    /// The name whose value comes next.
    pub(super) key: Option<String>,
    merges: Vec<Value>,
}

impl Mapping {
    /// Whether a field of this name was given before.
    pub(super) fn is_repeated(&mut self, name: &str, line: usize) -> bool {
        name != "<<" && self.lines.insert(name.to_owned(), line).is_some()
    }

    pub(super) fn take_field(&mut self, name: &str) -> Option<(String, Value)> {
        let mut entries = self.table.entries.iter();
        let place = entries.position(|(known, _)| known == name)?;
        Some(self.table.entries.remove(place))
    }

    fn add(&mut self, value: Value) {
        match self.key.take() {
            Some(name) if name == "<<" => self.merges.push(value),
            Some(name) => self.table.entries.push((name, value)),
            None => {}
        }
    }

    fn into_value(self) -> Value {
        let mut table = self.table;
        for merged in self.merges {
            merge(&mut table, merged);
        }
        Value::Map(table)
    }
}

pub(super) struct Frame {
    pub(super) shape: Shape,
    pub(super) anchor: usize,
    pub(super) weight: usize,
    pub(super) depth: usize,
}

impl Frame {
    pub(super) fn add(&mut self, measured: Measured) {
        self.weight = self.weight.saturating_add(measured.weight);
        self.depth = self.depth.max(measured.depth);
        match &mut self.shape {
            Shape::List(items) => items.push(measured.value),
            Shape::Map(mapping) => mapping.add(measured.value),
        }
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
