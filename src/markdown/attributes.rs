//! Which values of the allowed attributes may stay.

use std::borrow::Cow;

use url::Url;

use super::images::WIDTHS;

/// Before ids from raw HTML. Ids that we make start with one of the others.
pub(super) const USER_ID_PREFIX: &str = "user-";
const ID_PREFIXES: [&str; 4] = [USER_ID_PREFIX, "h-", "fn-", "fnref-"];
/// Checks the values that ammonia lets through. `None` drops the attribute.
pub(super) fn attribute<'a>(tag: &str, name: &str, value: &'a str) -> Option<Cow<'a, str>> {
    let kept = |fine: bool| fine.then_some(Cow::Borrowed(value));
    match name {
        "id" => id(value),
        "class" => classes(tag, value),
        "dir" => kept(matches!(value, "ltr" | "rtl" | "auto")),
        "lang" => kept(is_language_tag(value)),
        "align" => kept(matches!(value, "left" | "center" | "right")),
        "scope" => kept(matches!(value, "row" | "col" | "rowgroup" | "colgroup")),
        "width" | "height" | "colspan" | "rowspan" | "span" => kept(is_number(value)),
        "start" | "value" => kept(is_list_number(value.strip_prefix('-').unwrap_or(value))),
        "type" => kept(value.starts_with("video/") || value.starts_with("audio/")),
        "src" | "poster" | "cite" => kept(is_web_address(value)),
        _ => kept(true),
    }
}

fn is_language_tag(value: &str) -> bool {
    value.len() <= 35
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Ids of authors get a prefix: an id like `body` or `cookie` would shadow a property that
/// scripts read, and a page id would be hijacked.
fn id(value: &str) -> Option<Cow<'_, str>> {
    let own = ID_PREFIXES
        .iter()
        .find_map(|prefix| value.strip_prefix(prefix))
        .unwrap_or(value);
    if value.is_empty()
        || own.len() > 200
        || value.contains(|c: char| c.is_whitespace() || c.is_control())
    {
        return None;
    }
    if ID_PREFIXES.iter().any(|prefix| value.starts_with(prefix)) {
        return Some(Cow::Borrowed(value));
    }
    Some(Cow::Owned(format!("{USER_ID_PREFIX}{value}")))
}

fn classes<'a>(tag: &str, value: &'a str) -> Option<Cow<'a, str>> {
    let kept: Vec<&str> = value
        .split_ascii_whitespace()
        .filter(|c| is_class(tag, c))
        .collect();
    (!kept.is_empty()).then(|| Cow::Owned(kept.join(" ")))
}

fn is_class(tag: &str, class: &str) -> bool {
    match tag {
        "code" => class.strip_prefix("language-").is_some_and(is_language),
        "div" => matches!(
            class,
            "markdown-alert"
                | "markdown-alert-note"
                | "markdown-alert-tip"
                | "markdown-alert-important"
                | "markdown-alert-warning"
                | "markdown-alert-caution"
        ),
        "p" => matches!(class, "markdown-alert-title" | "picture") || WIDTHS.contains(&class),
        "figure" => WIDTHS.contains(&class),
        "td" | "th" => matches!(class, "align-left" | "align-center" | "align-right"),
        "li" => class == "task-list-item",
        "ul" => class == "contains-task-list",
        "section" => matches!(class, "footnotes" | "beside"),
        _ => false,
    }
}

/// Whether a name can stand in a `language-` class.
pub(super) fn is_language(name: &str) -> bool {
    (1..=32).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+#._-".contains(&b))
}

/// As many digits as Markdown takes.
fn is_list_number(value: &str) -> bool {
    (1..=9).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_digit())
}

fn is_number(value: &str) -> bool {
    (1..=5).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_digit())
}

/// Images and media may not be `mailto:` or `data:` (a data address is a whole file inside the
/// text, out of reach of the media rules).
fn is_web_address(value: &str) -> bool {
    match Url::parse(value) {
        Ok(url) => matches!(url.scheme(), "http" | "https"),
        Err(error) => error == url::ParseError::RelativeUrlWithoutBase,
    }
}
