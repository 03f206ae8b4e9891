//! Rendered HTML that knows where each paragraph of its source ends, so that a page can put something of its own there.

use std::ops::Range;

use super::render::{self, Purpose};
use super::state::Kind;
use super::typography::Typography;
use super::{POST_LIMIT_BYTES, RenderError};

/// A piece of a rendered text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkedPiece {
    /// Sanitised, to be put into the page without escaping.
    pub html: String,
    /// The number of the paragraph that ends with it; none for what comes behind the last.
    pub ends: Option<usize>,
}

/// Renders a post in pieces, of which each ends with one of its `paragraphs`. Where these cannot be told apart, because raw HTML goes over
/// several of them or the text is nearly as long as one may be, the whole is one piece that ends none.
///
/// `word` is in no text: letters that no author can guess. It is rendered behind each paragraph, as one of its own, and taken out.
///
/// # Errors
/// As for [`super::post`].
pub fn marked_post(
    source: &str,
    typography: &Typography,
    paragraphs: &[Range<usize>],
    word: &str,
) -> Result<Vec<MarkedPiece>, RenderError> {
    let purpose = Purpose {
        kind: Kind::Post,
        typography,
        marks_lines: false,
    };
    let marked = with_words(source, paragraphs, word);
    if marked.len() <= POST_LIMIT_BYTES
        && let Ok(rendered) = render::render(&marked, purpose)
        && let Some(pieces) = pieces(&rendered.html, word, paragraphs.len())
    {
        return Ok(pieces);
    }
    let rendered = render::render(source, purpose)?;
    Ok(vec![MarkedPiece {
        html: rendered.html,
        ends: None,
    }])
}

fn with_words(source: &str, paragraphs: &[Range<usize>], word: &str) -> String {
    let room = paragraphs.len() * (word.len() + 4);
    let (mut marked, mut end) = (String::with_capacity(source.len() + room), 0);
    for place in paragraphs {
        marked.push_str(&source[end..place.end]);
        marked.push_str(&format!("\n\n{word}\n\n"));
        end = place.end;
    }
    marked.push_str(&source[end..]);
    marked
}

/// None where not every word became a paragraph.
fn pieces(html: &str, word: &str, count: usize) -> Option<Vec<MarkedPiece>> {
    let (mut pieces, mut rest) = (Vec::new(), html);
    for number in 0..count {
        let at = rest.find(word)?;
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        let start = before.rfind('<')?;
        let tag = &before[start..];
        if !(tag.starts_with("<p>") || tag.starts_with("<p ")) || !tag.ends_with('>') {
            return None;
        }
        pieces.push(MarkedPiece {
            html: before[..start].to_owned(),
            ends: Some(number),
        });
        rest = after.strip_prefix("</p>")?;
    }
    if rest.contains(word) {
        return None;
    }
    pieces.push(MarkedPiece {
        html: rest.to_owned(),
        ends: None,
    });
    Some(pieces)
}

#[cfg(test)]
mod tests {
    use super::super::{paragraphs, post};
    use super::*;

    const WORD: &str = "qzxwkvjqzxwkvj";

    fn marked(source: &str) -> Vec<MarkedPiece> {
        let off = Typography::OFF;
        marked_post(source, &off, &paragraphs(source), WORD).unwrap()
    }

    #[test]
    fn the_pieces_are_the_rendering_cut_behind_each_paragraph() {
        for source in [
            "# A\nb *c*\n\n- d\n- e\n\n```sh\nf\n```\n\n> g\n\n| h |\n|---|\n| i |",
            "One[^a].\n\n[^a]: Two.\n\nThree",
            "سلام\n\n日本語です。\n\n$x$ and $$y$$\n\n<b>raw</b> text",
            "Term\n\n: Details\n\n* a\n\n- b\n\n[x]: /y\n\n[x]",
            "",
        ] {
            let pieces = marked(source);
            let count = paragraphs(source).len();
            assert_eq!(pieces.len(), count + 1, "{source:?} {pieces:?}");
            let whole: String = pieces.iter().map(|piece| piece.html.trim()).collect();
            let lines = |html: &str| html.replace('\n', "");
            assert_eq!(lines(&whole), lines(&post(source).unwrap().html));
        }
    }

    #[test]
    fn where_a_word_is_no_paragraph_the_text_is_one_piece() {
        for source in [
            "a\n\n<script>\n\nb\n\n</script>\n\nc",
            "a\n\n<!-- b\n\nc",
            "<pre>\n\na\n\n</pre>\n\nb",
        ] {
            let pieces = marked(source);
            let whole: String = pieces.iter().map(|piece| piece.html.as_str()).collect();
            assert!(!whole.contains(WORD), "{source:?}");
            let lines = |html: &str| html.replace('\n', "");
            assert_eq!(lines(&whole), lines(&post(source).unwrap().html));
        }
    }
}
