//! The one shape that YAML, TOML and JSON front matter become. Scalars stay the text that was written, so that
//! a tag `1.10` does not turn into `1.1` and a date is read by one reader only.

/// A front-matter value; its nesting is bounded by [`MAX_DEPTH`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Null,
    Text(String),
    List(Vec<Value>),
    Map(Table),
}

/// Deep enough for every real site, shallow enough that dropping or walking a value cannot use up the stack.
pub(super) const MAX_DEPTH: usize = 32;

/// Fields in the order written. Names are compared without regard to ASCII case, as Hugo does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) entries: Vec<(String, Value)>,
}

/// Why a front matter could not be read; `line` counts from 1 within the text that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ParseError {
    pub(super) line: Option<usize>,
    pub(super) message: String,
}

impl ParseError {
    pub(super) fn at(line: usize, message: impl Into<String>) -> Self {
        Self {
            line: Some(line),
            message: message.into(),
        }
    }
}

impl Table {
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.entries
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// The text of the first of `names` that holds some.
    pub(super) fn text(&self, names: &[&str]) -> Option<&str> {
        names
            .iter()
            .find_map(|name| self.get(name).and_then(Value::as_text))
    }

    /// `None` also for a word that is neither yes nor no, since a site may put a date into `published`.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        match self.text(&[name])?.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some(true),
            "false" | "no" | "off" | "0" => Some(false),
            _ => None,
        }
    }

    /// Every value under `name`, however its key is spelled: `publishDate`, `publish_date` and `Publish-Date` are one.
    /// `name` is written in small letters and digits only.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Value> {
        self.entries
            .iter()
            .filter(move |(key, _)| is_spelled(key, name))
            .map(|(_, value)| value)
    }

    pub(super) fn table(&self, name: &str) -> Option<&Table> {
        match self.get(name) {
            Some(Value::Map(table)) => Some(table),
            _ => None,
        }
    }
}

/// Whether `key` is `name` apart from case, hyphens, blanks and signs that are not seen.
pub(super) fn is_spelled(key: &str, name: &str) -> bool {
    let letters = key
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase);
    letters.eq(name.chars())
}

impl Value {
    /// The text without outer blanks; `None` when nothing is left or when it is no scalar.
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            _ => None,
        }
    }

    /// Every text in a scalar or in a list of any nesting (Hexo writes categories as lists of lists).
    pub(super) fn texts(&self) -> Vec<&str> {
        match self {
            Value::List(items) => items.iter().flat_map(Value::texts).collect(),
            other => other.as_text().into_iter().collect(),
        }
    }
}
