//! Names of tags. A tag is its name, whatever case it is written in; where it stands is made of the name once, when the tag is
//! made, and stored.

use caseless::Caseless;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::markdown;
use crate::messages::{Message, text};
use crate::web::form::{has_text_controls, is_default_ignorable};

const NAME_CHARS: usize = 60;
pub const MOST_TAGS: usize = 30;

/// A tag: what people read and what stands in the address.
#[derive(Clone, Debug, Eq, Serialize, Deserialize)]
pub struct TagName {
    pub name: String,
    /// Of a tag that was typed: the address that it gets if it is new and nothing else stands there.
    pub slug: String,
}

/// The address follows from the name and from what else there is.
impl PartialEq for TagName {
    fn eq(&self, other: &TagName) -> bool {
        self.name == other.name
    }
}

impl TagName {
    pub fn parse(text: &str) -> Result<TagName, Message> {
        let name = shown(text);
        if name.chars().count() > NAME_CHARS {
            let begin: String = name.chars().take(20).collect();
            return Err(text::posts_tag_too_long(NAME_CHARS, begin));
        }
        if name.chars().any(char::is_control) {
            return Err(text::posts_tag_control_character());
        }
        if has_text_controls(&name) {
            return Err(text::posts_tag_hidden_characters());
        }
        let slug = address(&name);
        if slug.is_empty() {
            return Err(text::posts_tag_without_letters(name));
        }
        Ok(TagName { name, slug })
    }

    /// Tags as typed, divided by commas, each once, at most thirty.
    pub fn parse_list(text: &str) -> Result<Vec<TagName>, Message> {
        let (mut tags, mut keys) = (Vec::new(), Vec::new());
        for part in text
            .split([',', '、', '،', '，'])
            .filter(|p| !p.trim().is_empty())
        {
            let tag = TagName::parse(part)?;
            let key = tag.key();
            if !keys.contains(&key) {
                keys.push(key);
                tags.push(tag);
            }
            // Inside the loop: a form can hold a million commas.
            if tags.len() > MOST_TAGS {
                return Err(text::posts_too_many_tags(MOST_TAGS));
            }
        }
        Ok(tags)
    }

    /// What makes it this tag and no other.
    pub fn key(&self) -> String {
        key_of(&self.name)
    }

    /// Addresses that it could get, the best first: `bread`, `bread-2`, …
    pub fn addresses(&self, numbers: std::ops::RangeInclusive<u32>) -> Vec<String> {
        let numbered = |number| {
            let ending = format!("-{number}");
            let base: String = self
                .slug
                .chars()
                .take(ADDRESS_CHARS - ending.len())
                .collect();
            format!("{}{ending}", base.trim_end_matches('-'))
        };
        numbers
            .map(|number| {
                if number == 1 {
                    self.slug.clone()
                } else {
                    numbered(number)
                }
            })
            .collect()
    }
}

/// A name as it was meant: without the sign before it and blanks beyond one.
fn shown(typed: &str) -> String {
    typed
        .trim()
        .trim_start_matches('#')
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// The longest address that the table takes.
const ADDRESS_CHARS: usize = 80;

/// A name under NFKC and case folding, without what is drawn as nothing: two names with the same one are one tag.
pub fn key_of(name: &str) -> String {
    name.nfkc()
        .filter(|c| !is_default_ignorable(*c))
        .default_case_fold()
        .nfkc()
        .collect()
}

/// Where a tag stands. Signs that make another name of a name are written out: `C++` is not `C`.
fn address(name: &str) -> String {
    let chars: Vec<char> = name.nfkc().collect();
    let is_word = |at: Option<usize>| {
        at.and_then(|at| chars.get(at))
            .is_some_and(|c| c.is_alphanumeric())
    };
    let mut written = String::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let (is_behind, is_ahead) = (is_word(at.checked_sub(1)), is_word(Some(at + 1)));
        match c {
            '+' if is_behind && chars.get(at + 1) == Some(&'+') => {
                written.push_str("pp");
                at += 1;
            }
            '+' if is_behind && !is_ahead => written.push_str("-plus"),
            '#' if is_behind => written.push_str("-sharp-"),
            '.' if !is_behind && is_ahead => written.push_str("-dot-"),
            other => written.push(other),
        }
        at += 1;
    }
    markdown::slug(&written)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        TagName::parse_list(text)
            .unwrap()
            .into_iter()
            .map(|tag| tag.name)
            .collect()
    }

    #[test]
    fn tags_are_divided_and_doubled_ones_dropped() {
        assert_eq!(
            names("Rust, #rust , slow  bread,, 数据库、内存"),
            ["Rust", "slow bread", "数据库", "内存"]
        );
        assert_eq!(TagName::parse("slow  bread").unwrap().slug, "slow-bread");
    }

    #[test]
    fn different_names_are_different_tags() {
        for text in [
            "C, C++, C#",
            "数据, 书局, 输局",
            "Café, Cafe",
            "हिंदी, हिन्दी",
            "a b, a-b",
        ] {
            let tags = names(text);
            assert_eq!(tags.join(", "), text);
        }
    }

    #[test]
    fn one_name_is_one_tag_however_it_is_written() {
        for text in [
            "Straße, STRASSE",
            "Ｒｕｓｔ, rust",
            "ΟΔΟΣ, οδος",
            "cafe\u{301}, CAFÉ",
            "ｶﾀｶﾅ, カタカナ",
            "می\u{200c}خواهم, میخواهم",
        ] {
            assert_eq!(names(text).len(), 1, "{text}");
        }
    }

    #[test]
    fn addresses_keep_letters_and_name_signs() {
        for (name, address) in [
            ("C", "c"),
            ("C++", "cpp"),
            ("C++ 20", "cpp-20"),
            ("C#", "c-sharp"),
            ("F#", "f-sharp"),
            (".NET", "dot-net"),
            ("ASP.NET", "asp-net"),
            ("Node.js", "node-js"),
            ("C#/.NET", "c-sharp-dot-net"),
            ("Disney+", "disney-plus"),
            ("AT&T", "at-t"),
            ("数据", "数据"),
            ("हिन्दी", "हिन्दी"),
            ("Über", "über"),
            ("🎉", "tada"),
        ] {
            assert_eq!(TagName::parse(name).unwrap().slug, address, "{name}");
        }
    }

    #[test]
    fn numbered_addresses_fit() {
        let tag = TagName::parse("C").unwrap();
        assert_eq!(tag.addresses(1..=3), ["c", "c-2", "c-3"]);
        let long = TagName {
            name: "x".into(),
            slug: "語".repeat(80),
        };
        assert!(
            long.addresses(1..=200)
                .iter()
                .all(|slug| slug.chars().count() <= ADDRESS_CHARS)
        );
    }

    #[test]
    fn too_many_or_too_long_tags_are_named() {
        assert!(
            TagName::parse_list(
                &(0..31)
                    .map(|i| format!("t{i}"))
                    .collect::<Vec<_>>()
                    .join(",")
            )
            .unwrap_err()
            .to_string()
            .contains("30")
        );
        assert!(TagName::parse(&"x".repeat(61)).is_err());
        assert!(TagName::parse("!!!").is_err());
    }
}
