//! The heading that rendered HTML begins with, for texts that were given no title.

use super::tags::{self, Piece};

/// As long as a title may be.
const LIMIT_CHARS: usize = 300;

/// The heading that a text begins with.
#[derive(Debug, PartialEq, Eq)]
pub struct Opening<'a> {
    /// The element's id, where it has one.
    pub id: Option<String>,
    /// Without markup; never empty.
    pub text: String,
    /// What stands below it.
    pub rest: &'a str,
}

/// `None` where something else comes first, or where the heading shows nothing that a title could say, or too much: what is more
/// than words, such as a picture, a link, a formula or a note, would be lost.
///
/// `html` must come from [`super::post`].
pub fn opening(html: &str) -> Option<Opening<'_>> {
    let html = html.trim_start();
    let mut pieces = tags::pieces(html);
    let Some(Piece::Tag(start)) = pieces.next() else {
        return None;
    };
    let name = tags::name(start);
    let is_heading = matches!(name.as_bytes(), [b'h', b'1'..=b'6']);
    if !is_heading {
        return None;
    }
    let (mut text, mut length) = (String::new(), start.len());
    for piece in pieces {
        match piece {
            Piece::Tag(tag) => {
                length += tag.len();
                if tags::name(tag).strip_prefix('/') == Some(name) {
                    break;
                }
                if !is_of_words(tag) {
                    return None;
                }
            }
            Piece::Text(piece) => {
                length += piece.len();
                text.push_str(&tags::decode(piece));
            }
        }
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_title = !text.is_empty() && text.chars().count() <= LIMIT_CHARS;
    is_title.then(|| Opening {
        id: tags::attribute(start, "id").map(|id| id.into_owned()),
        text,
        rest: html[length..].trim_start(),
    })
}

/// Whether a title can do without the tag: emphasis and the like, and the way to the heading itself.
fn is_of_words(tag: &str) -> bool {
    match tags::name(tag).trim_start_matches('/') {
        "em" | "strong" | "del" | "ins" | "s" | "u" | "b" | "i" | "code" | "kbd" | "samp"
        | "var" | "mark" | "small" | "span" | "bdi" | "abbr" | "cite" | "q" | "br" | "wbr" => true,
        "a" => tag.starts_with("</") || tags::attribute(tag, "class").as_deref() == Some("anchor"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown::post;

    /// The text of the heading, and what is left.
    fn found(source: &str) -> Option<(String, String)> {
        let html = post(source).unwrap().html;
        opening(&html).map(|opening| (opening.text, opening.rest.to_owned()))
    }

    #[test]
    fn a_heading_that_a_text_begins_with_is_taken_off() {
        for heading in [
            "# A *small* `<b>` day",
            "A *small* `<b>` day\n---",
            "\n\n#### A *small* `<b>` day",
        ] {
            let (text, rest) = found(&format!("{heading}\n\nWords.\n\n# More")).unwrap();
            assert_eq!(text, "A small <b> day");
            assert!(
                rest.starts_with("<p dir") && rest.contains("More"),
                "{rest}"
            );
        }
        let html = post("# Day {#d}").unwrap().html;
        let day = opening(&html).unwrap();
        assert_eq!((day.id.as_deref(), day.rest), (Some("h-d"), ""));
    }

    #[test]
    fn other_texts_have_none() {
        let long = format!("# {}", "word ".repeat(70));
        for source in [
            "",
            "Words.\n\n# Late",
            "> # Quoted",
            "# ![](/a.png)",
            "# ![Logo](/a.png) Project",
            "# [Read this](https://example.org/)",
            "# Flour[^1]\n\n[^1]: Wheat.",
            "# On $x^2$",
            &long,
            "**Bold**",
        ] {
            assert_eq!(found(source), None, "{source}");
        }
    }
}
