//! The index of tags: under the letter with which each name begins, whatever accent that has.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use super::queries::TagLine;

/// Tags whose names begin alike, in the order of their names.
pub struct Letter {
    pub letter: String,
    pub tags: Vec<TagLine>,
}

/// All letters that a name begins with; what is no letter comes first, under `#`.
pub fn of(tags: Vec<TagLine>) -> Vec<Letter> {
    let mut letters: BTreeMap<String, Vec<TagLine>> = BTreeMap::new();
    for line in tags {
        letters
            .entry(letter(&line.tag.name))
            .or_default()
            .push(line);
    }
    let by_name = |letter: String, mut tags: Vec<TagLine>| {
        tags.sort_by(|one, other| compare(&one.tag.name, &other.tag.name));
        Letter { letter, tags }
    };
    letters
        .into_iter()
        .map(|(letter, tags)| by_name(letter, tags))
        .collect()
}

fn letter(name: &str) -> String {
    match name.nfd().next().filter(|first| first.is_alphabetic()) {
        Some(first) => first.to_uppercase().collect(),
        None => "#".to_owned(),
    }
}

/// Without regard to case and accents, where names differ otherwise.
fn compare(one: &str, other: &str) -> Ordering {
    let plain = |name: &str| -> String {
        let letters = name.nfd().filter(|c| c.is_alphanumeric() || *c == ' ');
        letters.flat_map(char::to_lowercase).collect()
    };
    plain(one).cmp(&plain(other)).then_with(|| one.cmp(other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::reading::queries::Tag;

    #[test]
    fn names_stand_under_their_letters() {
        let line = |name: &str| TagLine {
            tag: Tag {
                id: 0,
                name: name.to_owned(),
                slug: String::new(),
                post_count: 1,
            },
            description: String::new(),
        };
        let names = [
            "zoo",
            "état",
            "Ебурон",
            "eel",
            "3D",
            "Élan",
            "日本",
            "école",
        ];
        let shown: Vec<String> = of(names.map(line).into())
            .iter()
            .map(|letter| {
                let tags: Vec<&str> = letter.tags.iter().map(|line| &*line.tag.name).collect();
                format!("{} {}", letter.letter, tags.join(" "))
            })
            .collect();
        let expected = [
            "# 3D",
            "E école eel Élan état",
            "Z zoo",
            "Е Ебурон",
            "日 日本",
        ];
        assert_eq!(shown, expected);
    }
}
