//! Org's settings, which Hugo takes for front matter: `#+title: …`, and `#+tags[]: a b` for lists.

use super::value::{Table, Value};

/// `block` is made of lines that begin with `#+`; what is no setting is passed over.
pub(super) fn parse(block: &str) -> Table {
    Table {
        entries: block.lines().filter_map(setting).collect(),
    }
}

fn setting(line: &str) -> Option<(String, Value)> {
    let (name, value) = line.strip_prefix("#+")?.split_once(':')?;
    let value = value.trim();
    let parts = |by: fn(char) -> bool| {
        value
            .split(by)
            .filter(|part| !part.is_empty())
            .map(text)
            .collect()
    };
    Some(match name.strip_suffix("[]") {
        Some(name) => (name.to_owned(), Value::List(parts(char::is_whitespace))),
        None if name.eq_ignore_ascii_case("filetags") => (
            "tags".to_owned(),
            Value::List(parts(|c| c == ':' || c.is_whitespace())),
        ),
        None => (name.to_owned(), text(value)),
    })
}

/// A date stands in angle brackets: `<2020-01-02 Thu>`.
fn text(value: &str) -> Value {
    let inside = value
        .strip_prefix(['<', '['])
        .and_then(|rest| rest.strip_suffix(['>', ']']));
    let words = inside
        .unwrap_or(value)
        .split_whitespace()
        .filter(|word| inside.is_none() || !is_weekday(word));
    Value::Text(words.collect::<Vec<_>>().join(" "))
}

fn is_weekday(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_lists_and_dates_are_read() {
        let table = parse(
            "#+TITLE: A  day\n#+date: <2020-01-02 Thu 10:00>\n#+tags[]: a b\n#+filetags: :c:d:\n#+BEGIN\n",
        );
        assert_eq!(
            (table.text(&["title"]), table.text(&["date"])),
            (Some("A day"), Some("2020-01-02 10:00"))
        );
        let tags: Vec<&str> = table.all("tags").flat_map(Value::texts).collect();
        assert_eq!(tags, ["a", "b", "c", "d"]);
    }
}
