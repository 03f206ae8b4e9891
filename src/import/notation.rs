//! The notations of front matter and data files: YAML, TOML and JSON.

use serde::de::Deserialize as _;

use super::value::{ParseError, Table, Value};
use super::yaml;
use super::yaml::Parsed;

/// Front matter beyond this many bytes is refused: no site needs it, and reading it costs more than its size.
pub(super) const FRONT_MATTER_LIMIT: usize = 256 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notation {
    None,
    Yaml,
    /// Without the opening line, as Hexo writes it.
    ClosedOnly,
    Toml,
    Json,
    Org,
}

pub(super) fn too_long(block: &str) -> Result<(), ParseError> {
    if block.len() > FRONT_MATTER_LIMIT {
        return Err(ParseError::at(
            1,
            format!(
                "the front matter has {} bytes, the limit is {FRONT_MATTER_LIMIT}",
                block.len()
            ),
        ));
    }
    Ok(())
}

pub(super) fn as_table(value: Value) -> Result<Table, ParseError> {
    match value {
        Value::Map(table) => Ok(table),
        Value::Null => Ok(Table::default()),
        Value::Text(_) | Value::List(_) => Err(ParseError::at(
            2,
            "the front matter is not a set of fields; write one \"name: value\" on each line",
        )),
    }
}

/// Reads a whole data file (author records) by the ending of its name.
pub(super) fn parse_data(text: &str, extension: &str) -> Result<Table, ParseError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    too_long(text)?;
    as_table(match extension {
        "toml" => parse_toml(text)?.value,
        "json" => parse_json(&mut serde_json::Deserializer::from_str(text))?,
        _ => parse_yaml(text)?.value,
    })
}

/// Hexo writes two blanks for each tab at the start of a line before it reads YAML, which knows no tabs.
pub(super) fn parse_yaml(block: &str) -> Result<Parsed, ParseError> {
    yaml::parse(block).or_else(|fault| {
        if !block.split('\n').any(|line| line.starts_with('\t')) {
            return Err(fault);
        }
        let spaced = |line: &str| {
            let rest = line.trim_start_matches('\t');
            format!("{}{rest}", "  ".repeat(line.len() - rest.len()))
        };
        yaml::parse(&block.split('\n').map(spaced).collect::<Vec<_>>().join("\n"))
            .map_err(|_| fault)
    })
}

pub(super) fn parse_toml(block: &str) -> Result<Parsed, ParseError> {
    let table = toml::from_str::<toml::Table>(block).map_err(|error| ParseError {
        line: error.span().map(|span| {
            1 + block.as_bytes()[..span.start.min(block.len())]
                .iter()
                .filter(|b| **b == b'\n')
                .count()
        }),
        message: format!("this is not valid TOML: {}", error.message()),
    })?;
    Ok(Parsed {
        value: from_toml(toml::Value::Table(table)),
        repeated: Vec::new(),
        overridden: Table::default(),
    })
}

/// The TOML reader bounds nesting itself, so this recursion is bounded too.
pub(super) fn from_toml(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::Text(text),
        toml::Value::Integer(number) => Value::Text(number.to_string()),
        toml::Value::Float(number) => Value::Text(number.to_string()),
        toml::Value::Boolean(flag) => Value::Text(flag.to_string()),
        toml::Value::Datetime(date) => Value::Text(date.to_string()),
        toml::Value::Array(items) => Value::List(items.into_iter().map(from_toml).collect()),
        toml::Value::Table(table) => Value::Map(Table {
            entries: table
                .into_iter()
                .map(|(name, value)| (name, from_toml(value)))
                .collect(),
        }),
    }
}

/// Hexo's JSON stands without its outer braces.
pub(super) fn parse_open_json(block: &str) -> Result<Parsed, ParseError> {
    let wrapped = if block.trim_start().starts_with('{') {
        block.to_owned()
    } else {
        format!("{{{block}}}")
    };
    let value = parse_json(&mut serde_json::Deserializer::from_str(&wrapped))?;
    Ok(Parsed {
        value,
        repeated: Vec::new(),
        overridden: Table::default(),
    })
}

fn parse_json<'de, R: serde_json::de::Read<'de>>(
    reader: &mut serde_json::Deserializer<R>,
) -> Result<Value, ParseError> {
    Value::deserialize(reader).map_err(|error| json_fault(&error))
}

pub(super) fn json_fault(error: &serde_json::Error) -> ParseError {
    ParseError {
        line: Some(error.line()).filter(|line| *line > 0),
        message: format!("this is not valid JSON: {error}"),
    }
}
