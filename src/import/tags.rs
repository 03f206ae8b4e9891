//! Tags, topics and categories of a document as one list.

use super::value::{Table, Value};

/// Beyond these a list is not tags any more.
const PER_DOCUMENT_LIMIT: usize = 100;

/// As written, without doubles (ASCII and other case is no difference). `blanks_part` holds for Jekyll, where a
/// plural field with one text is a list parted by blanks.
pub(super) fn read(fields: &Table, blanks_part: bool) -> Vec<String> {
    const NAMES: [&str; 5] = ["topics", "tags", "tag", "categories", "category"];
    let mut tags: Vec<String> = Vec::new();
    let tables = std::iter::once(fields).chain(fields.table("taxonomies"));
    for (table, name) in tables.flat_map(|table| NAMES.iter().map(move |name| (table, *name))) {
        let Some(value) = table.get(name) else {
            continue;
        };
        for tag in from_value(value, blanks_part && name.ends_with('s')) {
            if tags.len() < PER_DOCUMENT_LIMIT
                && !tags
                    .iter()
                    .any(|known| known.to_lowercase() == tag.to_lowercase())
            {
                tags.push(tag);
            }
        }
    }
    tags
}

fn from_value(value: &Value, blanks_part: bool) -> Vec<String> {
    let parts: Vec<&str> = match value {
        Value::Text(text) if text.contains(',') => text.split(',').collect(),
        Value::Text(text) if blanks_part => text.split_whitespace().collect(),
        other => other.texts(),
    };
    parts
        .into_iter()
        .map(super::text::plain)
        .filter(|tag| !tag.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::notation;

    #[test]
    fn each_form_is_read() {
        for (yaml, blanks, want) in [
            (
                "tags: [One, two, ONE, 2013]",
                true,
                vec!["One", "two", "2013"],
            ),
            ("tags: ay bee cee", true, vec!["ay", "bee", "cee"]),
            ("tags: two words", false, vec!["two words"]),
            ("category: two words", true, vec!["two words"]),
            ("tags: one, two words", true, vec!["one", "two words"]),
            ("tags:\ncategories: ''", true, vec![]),
            (
                "topics: [a]\ncategories: [[b, c], d]",
                false,
                vec!["a", "b", "c", "d"],
            ),
            ("taxonomies:\n  tags: [z]", false, vec!["z"]),
            ("tags: [1.10]", false, vec!["1.10"]),
        ] {
            assert_eq!(
                read(&notation::parse_data(yaml, "yml").unwrap(), blanks),
                want,
                "{yaml}"
            );
        }
    }
}
