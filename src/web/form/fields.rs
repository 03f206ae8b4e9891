//! Values of fields: texts, addresses, languages.

use super::unseen::{has_text_controls, is_visible, without_text_controls};
use crate::messages::{Message, Value, text};

/// One line of at most `max` characters, trimmed; `what` begins the sentence of the fault. Line breaks, which a
/// browser's one-line field cannot send, become blanks.
pub fn line(what: impl Value, typed: &str, max: usize) -> std::result::Result<String, Message> {
    short_text(
        what,
        &typed.replace(['\r', '\n', '\t', '\u{2028}', '\u{2029}'], " "),
        max,
    )
}

/// A text of at most `max` characters, trimmed at both ends, its line ends as `\n` (a browser sends two
/// characters where it counted one). One in which nothing can be seen is empty.
pub fn short_text(
    what: impl Value,
    typed: &str,
    max: usize,
) -> std::result::Result<String, Message> {
    let typed = typed
        .replace("\r\n", "\n")
        .replace(['\r', '\u{2028}', '\u{2029}'], "\n");
    let typed = typed.trim();
    let count = typed.chars().count();
    if count > max {
        return Err(text::forms_text_too_long(count, max, what));
    }
    if typed
        .chars()
        .any(|c| c.is_control() && c != '\n' && c != '\t')
    {
        return Err(text::forms_control_character(what));
    }
    if has_text_controls(typed) {
        return Err(text::forms_hidden_characters(what));
    }
    Ok(if is_visible(typed) {
        typed.to_owned()
    } else {
        String::new()
    })
}

/// [`short_text`] of what a person writes for others to read: hidden characters that were pasted along are taken out.
pub fn prose(what: impl Value, typed: &str, max: usize) -> std::result::Result<String, Message> {
    short_text(what, &without_text_controls(typed), max)
}

/// [`line()`] of such a text.
pub fn prose_line(
    what: impl Value,
    typed: &str,
    max: usize,
) -> std::result::Result<String, Message> {
    line(what, &without_text_controls(typed), max)
}

/// An absolute http or https address of at most `max` bytes, or nothing.
pub fn web_address(
    what: impl Value,
    typed: &str,
    max: usize,
) -> std::result::Result<String, Message> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(String::new());
    }
    let parsed = url::Url::parse(typed)
        .ok()
        .filter(|u| matches!(u.scheme(), "http" | "https") && u.has_host());
    match parsed {
        Some(url)
            if url.as_str().len() <= max
                && url.username().is_empty()
                && url.password().is_none() =>
        {
            Ok(url.into())
        }
        Some(url) if url.as_str().len() > max => Err(text::forms_address_too_long(max, what)),
        _ => Err(text::forms_address(what)),
    }
}

/// A BCP 47 tag such as `en` or `zh-Hant`, or nothing.
pub fn language_code(code: &str) -> std::result::Result<String, Message> {
    let code = code.trim();
    let part = |p: &str| (1..=8).contains(&p.len()) && p.chars().all(|c| c.is_ascii_alphanumeric());
    let mut parts = code.split('-');
    let primary = parts.next().unwrap_or_default();
    let good = (2..=8).contains(&primary.len())
        && primary.chars().all(|c| c.is_ascii_alphabetic())
        && parts.all(part);
    if code.is_empty() || (good && code.len() <= 35) {
        Ok(code.to_owned())
    } else {
        Err(text::forms_language())
    }
}
