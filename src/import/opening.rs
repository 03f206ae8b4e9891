//! How a file begins: where its front matter opens, and what only looks like one. The generators differ here, and what
//! one of them reads as `draft: true` another shows as text; a private post must not become public over that.

use std::sync::LazyLock;

use regex::Regex;

use super::value::ParseError;

/// What the first line that is not blank opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    /// `---`, also longer.
    Yaml,
    /// `+++`, or `---toml`.
    Toml {
        closer: char,
    },
    /// A JSON object in braces.
    Json,
    /// `;;;` or `---json`: JSON between lines, with or without braces.
    FencedJson {
        closer: char,
    },
    /// `#+title: …`
    Org,
    /// A line `name: value`: Hexo needs no opening line.
    Field,
    Text,
}

/// Without byte-order marks, blank lines and signs of no width at the start.
pub(super) fn skip_blank(file: &str) -> &str {
    file.trim_start_matches(is_blank)
}

pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}')
}

/// `text` begins with a sign that is not blank.
pub(super) fn of(text: &str) -> Result<Opening, ParseError> {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let first = first.trim_end_matches(is_blank);
    if let Some(sign) = ['-', '+', ';']
        .into_iter()
        .find(|sign| is_fence(first, *sign))
    {
        return fence(sign, first, rest);
    }
    if is_dashes_of_another_kind(first) && begins_with_field(rest) {
        return Err(unreadable(first));
    }
    if text.starts_with('{') {
        return json(text, first);
    }
    Ok(if ORG.is_match(first) {
        Opening::Org
    } else if names_a_field(first) {
        Opening::Field
    } else {
        Opening::Text
    })
}

fn is_fence(line: &str, sign: char) -> bool {
    line.len() - line.trim_start_matches(sign).len() >= 3
}

/// What a line of three or more such signs opens, by the word behind them.
fn fence(sign: char, first: &str, rest: &str) -> Result<Opening, ParseError> {
    let after = first.trim_start_matches(sign).trim().to_ascii_lowercase();
    match (sign, after.as_str()) {
        ('-', "" | "yaml" | "yml") => Ok(Opening::Yaml),
        ('-', comment) if comment.starts_with('#') => Ok(Opening::Yaml),
        ('-', "toml") | ('+', "" | "toml") => Ok(Opening::Toml { closer: sign }),
        ('-', "json") | (';', "" | "json") => Ok(Opening::FencedJson { closer: sign }),
        _ if names_a_field(&after) || begins_with_field(rest) => Err(unreadable(first)),
        _ => Ok(Opening::Text),
    }
}

fn unreadable(first: &str) -> ParseError {
    let first: String = first.chars().take(40).collect();
    ParseError::at(
        1,
        format!(
            "{first:?} looks like the start of front matter, but none that could be read; begin it with a line ---"
        ),
    )
}

/// Editors turn hyphens into dashes: — or –-.
fn is_dashes_of_another_kind(first: &str) -> bool {
    let is_dash = |c: char| {
        matches!(
            c,
            '-' | '\u{2010}'
                ..='\u{2015}' | '\u{2212}' | '\u{2e3a}' | '\u{2e3b}' | '\u{ff0d}' | '\u{fe58}'
        )
    };
    !first.is_empty() && !first.is_ascii() && first.chars().all(is_dash)
}

/// `{` alone would also match a page that opens with a template tag such as `{{ content }}`.
fn json(text: &str, first: &str) -> Result<Opening, ParseError> {
    static OBJECT: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"^\{\s*["}]"#).expect("a fixed pattern"));
    static NEARLY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^\{\s*(?:[A-Za-z_'][\w'-]*\s*[:=]|//|/\*)").expect("a fixed pattern")
    });
    if OBJECT.is_match(text) {
        Ok(Opening::Json)
    } else if NEARLY.is_match(text) {
        Err(unreadable(first))
    } else {
        Ok(Opening::Text)
    }
}

static ORG: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^#\+[\w-]+(?:\[\])?:").expect("a fixed pattern"));
static FIELD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"^["']?([\w][\w .-]{0,40}?)["']?\s*[:=：](?:\s|$|["'\[{])"#)
        .expect("a fixed pattern")
});

/// Fields that the generators know: "Note: see below" over a line of dashes is a heading, not front matter.
const KNOWN: [&str; 32] = [
    "title",
    "date",
    "layout",
    "tags",
    "categories",
    "category",
    "author",
    "authors",
    "permalink",
    "updated",
    "comments",
    "photos",
    "slug",
    "description",
    "draft",
    "published",
    "publishdate",
    "expirydate",
    "lastmod",
    "url",
    "aliases",
    "lang",
    "type",
    "weight",
    "excerpt",
    "summary",
    "status",
    "visibility",
    "password",
    "hidden",
    "unlisted",
    "private",
];

pub(super) fn is_known(name: &str) -> bool {
    KNOWN
        .iter()
        .any(|known| super::value::is_spelled(name, known))
}

pub(super) fn field_name(line: &str) -> Option<&str> {
    FIELD
        .captures(line)
        .and_then(|found| found.get(1))
        .map(|name| name.as_str())
}

fn names_a_field(line: &str) -> bool {
    field_name(line).is_some()
}

pub(super) fn begins_with_field(text: &str) -> bool {
    text.lines()
        .find(|line| !line.trim().is_empty())
        .and_then(|line| field_name(line.trim_start()))
        .is_some_and(is_known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openings_are_told_apart() {
        for (text, want) in [
            ("---\na: 1", Opening::Yaml),
            ("-----\t \na: 1", Opening::Yaml),
            ("--- # settings\na: 1", Opening::Yaml),
            ("---yaml\na: 1", Opening::Yaml),
            ("+++\na = 1", Opening::Toml { closer: '+' }),
            ("---toml\na = 1", Opening::Toml { closer: '-' }),
            (";;;\n\"a\": 1", Opening::FencedJson { closer: ';' }),
            ("{\"a\": 1}", Opening::Json),
            ("#+TITLE: A", Opening::Org),
            ("title: A\n---", Opening::Field),
            ("--- said the man", Opening::Text),
            ("— said the man", Opening::Text),
            ("{{ content }}", Opening::Text),
            ("{% include x %}", Opening::Text),
            ("{: .lead}\nA", Opening::Text),
            ("# Heading\n", Opening::Text),
        ] {
            assert_eq!(of(text).unwrap(), want, "{text:?}");
        }
        for text in [
            "---title: x\n---",
            "---\u{2014}\ntitle: x\n",
            "—\ntitle: x\n---",
            "{\n title: 'x',\n}",
            "+++ x\ndate = 1\n+++",
            "--- js\ntitle: 1\n",
        ] {
            assert!(of(text).is_err(), "{text:?}");
        }
    }
}
