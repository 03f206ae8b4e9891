//! What `masthead config check` prints.

use std::{fmt, path::PathBuf};

use super::key::{DefaultValue, Key};

/// The place that a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Flag(&'static str),
    Variable(&'static str),
    File(PathBuf),
    Default,
}

impl Origin {
    /// How an error message names the setting.
    pub(super) fn place_of(&self, key: &str) -> String {
        match self {
            Self::Flag(flag) => format!("the flag {flag}"),
            Self::Variable(variable) => format!("the environment variable {variable}"),
            Self::File(path) => format!("`{key}` in {}", path.display()),
            Self::Default => format!("the default of `{key}`"),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "flag {flag}"),
            Self::Variable(variable) => write!(f, "environment {variable}"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// Every setting with its effective value and origin; secrets are hidden already.
#[derive(Clone, Debug)]
pub struct Report {
    file: Option<PathBuf>,
    lines: Vec<Line>,
}

#[derive(Clone, Debug)]
struct Line {
    key: &'static str,
    value: String,
    origin: Origin,
}

impl Report {
    pub(super) fn new(file: Option<PathBuf>) -> Self {
        Self {
            file,
            lines: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, key: &'static Key, value: String, origin: Origin) {
        let value = match (key.secret, value.is_empty()) {
            (true, _) => "set (hidden)".to_owned(),
            (false, true) => "(none)".to_owned(),
            (false, false) => value,
        };
        self.lines.push(Line {
            key: key.name,
            value,
            origin,
        });
    }

    pub(super) fn add_absent(&mut self, key: &'static Key) {
        let (DefaultValue::Text(instead)
        | DefaultValue::Computed(instead)
        | DefaultValue::Unset(instead)) = key.default;
        self.lines.push(Line {
            key: key.name,
            value: format!("(not set: {instead})"),
            origin: Origin::Default,
        });
    }

    /// The origin of one setting, by its name in the file.
    pub fn origin(&self, key: &str) -> Option<&Origin> {
        self.lines
            .iter()
            .find(|line| line.key == key)
            .map(|line| &line.origin)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.width(|line| line.key);
        let values = self.width(|line| &line.value);
        for Line { key, value, origin } in &self.lines {
            writeln!(f, "{key:keys$}  {value:values$}  {origin}")?;
        }
        match &self.file {
            Some(file) => write!(f, "\nSettings file: {}", file.display()),
            None => write!(
                f,
                "\nSettings file: none (no --config, no MASTHEAD_CONFIG, no masthead.toml here)"
            ),
        }
    }
}

impl Report {
    fn width(&self, text: fn(&Line) -> &str) -> usize {
        let longest = self
            .lines
            .iter()
            .map(|line| text(line).chars().count())
            .max();
        // One very long value must not push the origins of all others off the screen.
        longest.unwrap_or_default().min(48)
    }
}
