//! Why a text without front matter may have been meant to have some.

use std::sync::LazyLock;

use regex::Regex;

use super::opening::{field_name, is_known, skip_blank};

/// How many lines at the start of a text are looked at for settings that nothing reads.
const LINES_LOOKED_AT: usize = 40;

/// Those of them that speak of who may read.
const OF_PRIVACY: [&str; 9] = [
    "draft",
    "published",
    "publishdate",
    "status",
    "visibility",
    "password",
    "hidden",
    "unlisted",
    "private",
];

/// Why a text without front matter may have been meant to have some, as a clause. It is no proof: such a text becomes a
/// draft, and its author decides.
pub(super) fn of(text: &str) -> Option<String> {
    let text = skip_blank(text);
    if begins_like_front_matter(text) {
        return Some(
            "it begins as if with front matter, but no generator would read it as such".to_owned(),
        );
    }
    let mut lines = text.lines().take(LINES_LOOKED_AT).enumerate();
    let (index, line) = lines.find(|(_, line)| hides(line))?;
    let line: String = line.trim().chars().take(60).collect();
    Some(format!(
        "its line {} reads {line:?}, which stands in no front matter",
        index + 1
    ))
}

/// Whether its first block begins with a known field and has another, or one that speaks of who may read.
fn begins_like_front_matter(text: &str) -> bool {
    let block = text
        .lines()
        .take(LINES_LOOKED_AT)
        .take_while(|line| !line.trim().is_empty());
    let known: Vec<&str> = block
        .filter_map(|line| field_name(line.trim_start()))
        .filter(|name| is_known(name))
        .collect();
    let first_is_known = text
        .lines()
        .next()
        .and_then(field_name)
        .is_some_and(is_known);
    let of_privacy = |name: &&str| {
        OF_PRIVACY
            .iter()
            .any(|known| super::value::is_spelled(name, known))
    };
    first_is_known && (known.len() > 1 || known.iter().any(of_privacy))
}

/// Whether a line sets what hides a post, in any notation.
fn hides(line: &str) -> bool {
    static SETTING: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#"(?xi) (?: ^\W* | ^\s*(?:export\b|<!--|\{).*?\b )
               (?: (?:is[_-]?)?(?:draft|private|hidden|unlisted|headless|no[_-]?index)\W{0,2}\s*[:=：]\s*\W?(?:true|yes|on|1)\b
                 | (?:is[_-]?)?(?:published?|public|listed)\W{0,2}\s*[:=：]\s*\W?(?:false|no|off|0)\b
                 | (?:post[_-]?)?(?:status|state|visibility)\W{0,2}\s*[:=：]\s*\W?
                   (?:draft|private|hidden|unlisted|members|pending|scheduled|password)\b )"#,
        )
        .expect("a fixed pattern")
    });
    SETTING.is_match(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_outside_of_front_matter_are_suspicious() {
        for text in [
            "Title: A\nStatus: draft\n\nText",
            "title = \"A\"\ndraft = true\n\nText",
            "Text\n\ndraft: true\n",
            "<!--\ntitle: A\npublished: false\n-->\nText",
            "export const meta = { title: 'A', draft: true }\n\nText",
            "draft：true\n\nText",
        ] {
            assert!(of(text).is_some(), "{text:?}");
        }
        for text in [
            "Text about drafts.\n",
            "Note: a heading\n\nText",
            "# A\n\nWrite `draft: true` to hide it.",
        ] {
            assert_eq!(of(text), None, "{text:?}");
        }
    }
}
