//! The settings file: where it is, and what stands in it.

use std::path::{Path, PathBuf};

use figment::value::{Dict, Value};

use super::error::ConfigError;
use super::report::Origin;
use super::surroundings::{Flags, Surroundings};
use super::{keys, renamed};

pub(super) fn find(
    flags: &Flags,
    variables: &[(&str, &str)],
    surroundings: &Surroundings,
) -> Option<PathBuf> {
    let named = flags.config.as_deref().or_else(|| {
        let (_, path) = variables
            .iter()
            .find(|(name, _)| *name == keys::CONFIG_VARIABLE)?;
        Some(*path)
    });
    match named {
        Some(path) => Some(surroundings.absolute(path.into())),
        None => Some(surroundings.current_dir.join("masthead.toml")).filter(|path| path.exists()),
    }
}

pub(super) fn read(path: &Path) -> Result<Dict, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::FileUnreadable {
        file: path.to_owned(),
        source,
    })?;
    let table: toml::Table =
        toml::from_str(&text).map_err(|error| syntax_error(path, &text, &error))?;
    check_names(&table, path)?;
    Ok(table
        .into_iter()
        .map(|(key, value)| (key, from_toml(value)))
        .collect())
}

fn check_names(table: &toml::Table, path: &Path) -> Result<(), ConfigError> {
    renamed::refuse(
        table.keys().map(String::as_str),
        |old| old.name,
        |key| key.name,
        |name| Origin::File(path.to_owned()).place_of(name),
    )?;
    let is_unknown = |key: &&String| keys::ALL.iter().all(|known| known.name != *key);
    match table.keys().find(is_unknown) {
        Some(key) => Err(ConfigError::UnknownKey {
            key: key.clone(),
            file: path.to_owned(),
            known: keys::ALL.map(|known| known.name).join(", "),
        }),
        None => Ok(()),
    }
}

/// Without the offending line itself, which may hold a password.
fn syntax_error(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let before = error
        .span()
        .and_then(|span| text.get(..span.start))
        .unwrap_or_default();
    let last_line = before.rsplit('\n').next().unwrap_or_default();
    ConfigError::FileSyntax {
        file: path.to_owned(),
        line: before.matches('\n').count() + 1,
        column: last_line.chars().count() + 1,
        message: error.message().trim_end().replace('\n', " "),
    }
}

fn from_toml(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::from(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Boolean(on) => Value::from(on),
        toml::Value::Array(items) => {
            Value::from(items.into_iter().map(from_toml).collect::<Vec<_>>())
        }
        // No setting is of these kinds: whatever asks for it says what it needs instead.
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => {
            Value::from(Dict::new())
        }
    }
}
