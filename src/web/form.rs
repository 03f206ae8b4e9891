//! Reads forms, and carries faults back to their fields.
//!
//! A handler takes [`Form<T>`] with plain strings in `T`, parses them into model types, and on any fault
//! answers the same page with `T` and [`FormErrors`] (422): nothing typed is ever lost. What no browser would
//! send (bad encoding, NUL, unknown or doubled fields) is refused here with a 400 that names it.

use std::future::Future;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;

use super::error::{Error, Result};
use crate::messages::{Message, Value, text};

/// A form body of at most `LIMIT` bytes as it travels (64 KiB unless said otherwise; percent-encoding
/// makes non-Latin text nine bytes a character).
pub struct Form<T, const LIMIT: usize = 65_536>(pub T);

impl<T, const LIMIT: usize> Deref for Form<T, LIMIT> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T, const LIMIT: usize> DerefMut for Form<T, LIMIT> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: DeserializeOwned + 'static, const LIMIT: usize> FromRequest for Form<T, LIMIT> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let kind = req
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default();
        let is_form = kind
            .split(';')
            .next()
            .is_some_and(|k| k.trim() == "application/x-www-form-urlencoded");
        let mut payload = payload.take();
        Box::pin(async move {
            let mut body = Vec::new();
            while let Some(chunk) = payload.next().await {
                if matches!(&chunk, Err(PayloadError::Io(error)) if error.kind() == std::io::ErrorKind::TimedOut)
                {
                    return Err(Error::TooSlow);
                }
                let chunk = chunk.map_err(|_| Error::BadRequest(text::forms_not_whole()))?;
                if body.len() + chunk.len() > LIMIT {
                    return Err(Error::TooLarge(text::forms_too_large(LIMIT / 1024)));
                }
                body.extend_from_slice(&chunk);
            }
            if !is_form && !body.is_empty() {
                return Err(Error::BadRequest(text::forms_content_type()));
            }
            parse(&body).map(Form)
        })
    }
}

/// Reads a whole body.
///
/// # Errors
///
/// With a sentence that names the field, for what no browser sends.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    for pair in body.split(|b| *b == b'&') {
        let (name, value) =
            pair.split_at(pair.iter().position(|b| *b == b'=').unwrap_or(pair.len()));
        let field = String::from_utf8_lossy(name).into_owned();
        for part in [name, value] {
            let bytes: Vec<u8> = percent_encoding::percent_decode(part).collect();
            if std::str::from_utf8(&bytes).is_err() {
                return Err(Error::BadRequest(text::forms_not_utf8(field)));
            }
            if bytes.contains(&0) {
                return Err(Error::BadRequest(text::forms_nul(field)));
            }
        }
    }
    serde_html_form::from_bytes(body).map_err(|e| {
        Error::BadRequest(match repeated(body) {
            Some(field) => text::forms_repeated(field),
            None => text::forms_not_right(e.to_string()),
        })
    })
}

/// The first field that is there twice. Only asked when the form did not fit: lists may repeat theirs.
fn repeated(body: &[u8]) -> Option<String> {
    let mut seen = std::collections::HashSet::new();
    url::form_urlencoded::parse(body)
        .map(|(name, _)| name.into_owned())
        .find(|name| !seen.insert(name.clone()))
}

/// What is wrong with a form, by field, in the order found or that of [`FormErrors::in_order`]. The field `""` is the form as a
/// whole.
#[derive(Default, Debug)]
pub struct FormErrors(Vec<(&'static str, Message)>);

impl FormErrors {
    /// Notes a fault of a field.
    pub fn add(&mut self, field: &'static str, fault: Message) {
        self.0.push((field, fault));
    }

    /// Keeps the value, or notes the fault and yields `None`.
    pub fn take<T>(
        &mut self,
        field: &'static str,
        parsed: std::result::Result<T, Message>,
    ) -> Option<T> {
        parsed.map_err(|fault| self.add(field, fault)).ok()
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In the order in which the fields stand on the page; what concerns the whole form comes first.
    #[must_use]
    pub fn in_order(mut self, fields: &[&str]) -> Self {
        self.0.sort_by_key(|(name, _)| {
            if name.is_empty() {
                None
            } else {
                Some(fields.iter().position(|field| field == name))
            }
        });
        self
    }

    /// The fault of a field, for the line beside it.
    pub fn of(&self, field: &str) -> Option<&Message> {
        self.0
            .iter()
            .find(|(name, _)| *name == field)
            .map(|(_, fault)| fault)
    }

    /// All of them, for the summary above the form and for JSON.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Message)> {
        self.0.iter().map(|(name, fault)| (*name, fault))
    }

    /// `{"errors": {field: fault}}`.
    pub fn json(&self) -> serde_json::Value {
        let errors: serde_json::Map<_, _> = self
            .iter()
            .map(|(field, fault)| (field.to_owned(), fault.to_string().into()))
            .collect();
        serde_json::json!({ "errors": errors })
    }
}

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

/// Whether it has characters that are not drawn and change how their neighbours are: names with them pass for others, and
/// turn the sentence around that they stand in. Marks and joiners that Arabic, Hebrew or Hindi need are none of them.
pub fn has_text_controls(text: &str) -> bool {
    without_text_controls(text) != text
}

/// The same without them, for titles and texts in which they were pasted or imported: nothing that can be seen is lost.
pub fn without_text_controls(text: &str) -> String {
    // The flags of England, Scotland and Wales are spelled with tags behind a black flag.
    let mut in_flag = false;
    let is_kept = |c: &char| {
        in_flag = *c == '\u{1f3f4}' || in_flag && is_tag(*c);
        !is_text_control(*c) && (in_flag || !is_tag(*c))
    };
    text.chars().filter(is_kept).collect()
}

fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0000}'..='\u{e007f}')
}

/// Embeddings, overrides and isolates of the bidirectional algorithm, and what Unicode calls deprecated or not for plain text.
fn is_text_control(c: char) -> bool {
    matches!(c,
        '\u{202a}'..='\u{202e}' | '\u{2061}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}')
}

/// Whether anything of it can be seen.
pub fn is_visible(text: &str) -> bool {
    // The blank of Braille is a symbol without dots.
    let is_blank =
        |c: char| c.is_whitespace() || c.is_control() || is_default_ignorable(c) || c == '\u{2800}';
    text.chars().any(|c| !is_blank(c))
}

/// Unicode's Default_Ignorable_Code_Point: drawn as nothing where it has no effect on its neighbours.
pub fn is_default_ignorable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[serde(default)]
        title: String,
        #[serde(default)]
        tag: Vec<String>,
    }

    #[test]
    fn reads_repeated_fields() {
        let form: Sample = parse(b"title=a+b%26c&tag=x&tag=y").unwrap();
        assert_eq!((form.title.as_str(), form.tag.len()), ("a b&c", 2));
    }

    #[test]
    fn refuses_and_names_what_no_browser_sends() {
        for (body, named) in [
            (&b"title=%00"[..], "title"),
            (b"title=%ED%A0%80", "title"),
            (b"title=%ff", "title"),
            (b"title=a&title=b", "title"),
            (b"colour=red", "colour"),
        ] {
            let error = parse::<Sample>(body).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_empty() {
        for nothing in [
            "",
            " ",
            "\u{200b}",
            "\u{200b} \u{2060}",
            "\u{115f}\u{1160}",
            "\u{3164}",
            "\u{2800}",
            "\u{ad}\u{fe0f}",
        ] {
            assert_eq!(line("It", nothing, 80).unwrap(), "", "{nothing:?}");
        }
        for seen in [
            "a",
            "a\u{200b}",
            "👩\u{200d}👩\u{200d}👧",
            "सूर्य",
            "می\u{200c}خواهم",
            "-",
        ] {
            assert_eq!(line("It", seen, 80).unwrap(), seen);
        }
    }

    #[test]
    fn what_turns_text_around_is_refused_and_what_scripts_need_is_not() {
        for turned in [
            "abc\u{202e}fed",
            "\u{2067}a",
            "a\u{2069}",
            "a\u{206a}b",
            "a\u{feff}b",
            "a\u{fff9}b\u{fffb}",
            "a\u{e0041}",
        ] {
            assert!(
                line("It", turned, 80)
                    .unwrap_err()
                    .to_string()
                    .contains("hidden characters"),
                "{turned:?}"
            );
            assert!(
                line("It", &without_text_controls(turned), 80).is_ok(),
                "{turned:?}"
            );
        }
        let england = "\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}";
        for fine in [
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "שלום\u{200f}!",
            "a\u{200e} (ب)",
            "辻\u{e0100}さん",
            england,
            "👩\u{200d}🚀",
        ] {
            assert_eq!(line("It", fine, 80).unwrap(), fine);
            assert_eq!(without_text_controls(fine), fine);
        }
        assert_eq!(line("It", "a\u{2028}b", 80).unwrap(), "a b");
    }

    #[test]
    fn addresses_are_whole_and_of_the_web() {
        assert_eq!(
            web_address("It", " https://example.org/a ", 100).unwrap(),
            "https://example.org/a"
        );
        assert!(
            web_address(
                "It",
                &format!("https://example.org/{}", "a".repeat(100)),
                100
            )
            .unwrap_err()
            .to_string()
            .contains("100")
        );
        for bad in [
            "javascript:alert(1)",
            "//example.org",
            "example.org",
            "https://u:p@example.org",
            "https://",
            "ftp://x.y",
        ] {
            assert!(web_address("It", bad, 100).is_err(), "{bad}");
        }
    }

    #[test]
    fn languages_are_codes() {
        for good in ["", "en", "zh-Hant", "de-CH-1996"] {
            assert!(language_code(good).is_ok(), "{good}");
        }
        for bad in [
            "e",
            "english language",
            "en_US",
            "-en",
            "x\" onload=\"",
            "123",
        ] {
            assert!(language_code(bad).is_err(), "{bad}");
        }
    }
}
