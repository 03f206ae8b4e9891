//! How values of settings are read: yes and no, public or not, a moment.

use chrono::{DateTime, Utc};

use super::moment::Zone;
use super::value::{Table, Value, is_spelled};
use super::warnings::quoted;
use super::{dates, opening};

pub(super) fn letters(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

const PUBLIC: [&str; 12] = [
    "public",
    "published",
    "all",
    "everyone",
    "everybody",
    "anyone",
    "open",
    "listed",
    "visible",
    "free",
    "world",
    "default",
];

pub(super) fn is_public(value: &Value) -> bool {
    let public = |text: &&str| PUBLIC.iter().any(|word| is_spelled(text, word));
    match value {
        Value::Null => true,
        Value::Text(text) => {
            answer(value) == Answer::Yes || text.trim().is_empty() || public(&text.as_str())
        }
        Value::List(_) => value.texts().iter().all(public),
        Value::Map(_) => false,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    No,
    /// Nothing was written.
    None,
    Unclear,
}

/// Yes and no in the words of every reader of YAML, TOML and JSON, old and new.
pub(super) fn answer(value: &Value) -> Answer {
    let text = match value {
        Value::Null => return Answer::None,
        Value::Text(text) => text.trim_matches(opening::is_blank).to_ascii_lowercase(),
        Value::List(_) | Value::Map(_) => return Answer::Unclear,
    };
    match text.as_str() {
        "" | "~" | "null" | "nil" | "undefined" => Answer::None,
        "true" | "yes" | "on" | "y" | "t" => Answer::Yes,
        "false" | "no" | "off" | "n" | "f" => Answer::No,
        number => match number.parse::<f64>() {
            Ok(0.0) => Answer::No,
            Ok(_) => Answer::Yes,
            Err(_) => Answer::Unclear,
        },
    }
}

pub(super) fn says(table: &Table, name: &str, wanted: bool) -> bool {
    let wanted = if wanted { Answer::Yes } else { Answer::No };
    table.all(name).any(|value| answer(value) == wanted)
}

pub(super) fn moment(value: &Value, zone: Zone) -> Option<DateTime<Utc>> {
    dates::parse(value.as_text()?, zone).map(|moment| moment.at)
}

pub(super) fn is_never(value: &Value) -> bool {
    matches!(lower(value).as_str(), "never" | "none" | "no" | "-")
}

pub(super) fn lower(value: &Value) -> String {
    value.as_text().unwrap_or_default().to_ascii_lowercase()
}

pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Text(text) => quoted(text),
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "a table".to_owned(),
    }
}
