//! Walks HTML that html5ever has just written: every `<` in text and every `"` in a value is
//! escaped there, and no tag with raw content is allowed, so tags can be told apart by quotes
//! alone. Never use it on HTML from anywhere else.

use std::borrow::Cow;
use std::fmt::Write as _;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// From `<` to `>`.
    Tag(&'a str),
    Text(&'a str),
}

pub(super) fn pieces(html: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = html;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, after) = match tag_end(rest) {
            Some(end) => (Piece::Tag(&rest[..end]), &rest[end..]),
            // A `<` without `>` cannot come from the serialiser; it stays text to the end.
            None if rest.starts_with('<') => (Piece::Text(rest), ""),
            None => {
                let end = rest.find('<').unwrap_or(rest.len());
                (Piece::Text(&rest[..end]), &rest[end..])
            }
        };
        rest = after;
        Some(piece)
    })
}

fn tag_end(html: &str) -> Option<usize> {
    if !html.starts_with('<') {
        return None;
    }
    let mut quoted = false;
    let at = html.bytes().position(|b| {
        quoted ^= b == b'"';
        b == b'>' && !quoted
    })?;
    Some(at + 1)
}

/// The tag's name as written (html5ever writes lower case), with its `/` for an end tag.
pub(super) fn name(tag: &str) -> &str {
    let inner = &tag[1..];
    inner.split([' ', '>', '\n']).next().unwrap_or(inner)
}

/// The decoded value of an attribute.
pub(super) fn attribute<'a>(tag: &'a str, wanted: &str) -> Option<Cow<'a, str>> {
    let mut rest = tag.get(1 + name(tag).len()..)?;
    loop {
        let (key, after) = rest.split_once("=\"")?;
        let (value, after) = after.split_once('"')?;
        if key.trim() == wanted {
            return Some(decode(value));
        }
        rest = after;
    }
}

/// Undoes the escapes that html5ever writes.
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let text = text
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"");
    Cow::Owned(text.replace("&nbsp;", "\u{a0}").replace("&amp;", "&"))
}

/// Escapes for text and for double-quoted values.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    escape_into(&mut out, text);
    out
}

pub(super) fn escape_into(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // The parser of a browser drops or replaces it; other controls are harmless text.
            '\0' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}

/// Percent-encodes what a fragment in a link cannot hold, so that ids in any script can be linked.
pub(super) fn fragment(id: &str) -> String {
    let mut out = String::with_capacity(id.len());
    for byte in id.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b':' => {
                out.push(char::from(byte));
            }
            // Writing to a String cannot fail.
            other => drop(write!(out, "%{other:02X}")),
        }
    }
    out
}

/// Undoes percent-encoding; `None` if the bytes are not UTF-8.
pub(super) fn percent_decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(code.unwrap_or(bytes[at]));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hide_angle_brackets() {
        let html = "a<b title=\"x>y\">c</b>d";
        let all: Vec<_> = pieces(html).collect();
        assert_eq!(
            all,
            [
                Piece::Text("a"),
                Piece::Tag("<b title=\"x>y\">"),
                Piece::Text("c"),
                Piece::Tag("</b>"),
                Piece::Text("d")
            ]
        );
        assert_eq!(
            pieces("é<").collect::<Vec<_>>(),
            [Piece::Text("é"), Piece::Text("<")]
        );
    }

    #[test]
    fn attributes_are_found_and_decoded() {
        let tag = "<a title=\" href=\" href=\"/x?a=1&amp;b=2\">";
        assert_eq!(name(tag), "a");
        assert_eq!(attribute(tag, "href").as_deref(), Some("/x?a=1&b=2"));
        assert_eq!(attribute(tag, "id"), None);
        assert_eq!(name("</table>"), "/table");
    }

    #[test]
    fn fragments_go_there_and_back() {
        assert_eq!(fragment("über-1"), "%C3%BCber-1");
        assert_eq!(percent_decode("%C3%BCber-1").as_deref(), Some("über-1"));
        assert_eq!(percent_decode("100%zz%").as_deref(), Some("100%zz%"));
        assert_eq!(percent_decode("%ff"), None);
        assert_eq!(percent_decode("%é").as_deref(), Some("%é"));
    }
}
