//! What rendered HTML consists of at its outermost level: paragraphs, headings, lists, tables and so on, one after the other.

use super::tags::{self, Piece};

/// Elements without an end tag.
const VOID: [&str; 7] = ["br", "col", "hr", "img", "input", "source", "wbr"];

/// The outermost elements of a text, each whole, and what text stands between them; without ids, so that parts of two texts can
/// stand on one page. Blanks between elements are left out.
///
/// `html` must come from [`super::post`].
pub fn blocks(html: &str) -> Vec<String> {
    let (mut blocks, mut block, mut depth) = (Vec::new(), String::new(), 0_usize);
    for piece in tags::pieces(html) {
        match piece {
            Piece::Text(text) => block.push_str(text),
            Piece::Tag(tag) => {
                push_without_id(&mut block, tag);
                depth = depth_after(tag, depth);
            }
        }
        if depth == 0 && !block.trim().is_empty() {
            blocks.push(block.trim().to_owned());
        }
        if depth == 0 {
            block.clear();
        }
    }
    if !block.trim().is_empty() {
        blocks.push(block);
    }
    blocks
}

fn depth_after(tag: &str, depth: usize) -> usize {
    let name = tags::name(tag);
    if name.starts_with('/') {
        depth.saturating_sub(1)
    } else if VOID.contains(&name) || tag.ends_with("/>") {
        depth
    } else {
        depth + 1
    }
}

fn push_without_id(block: &mut String, tag: &str) {
    let parts = tag.split_once(" id=\"");
    let rest = parts.and_then(|(before, after)| Some((before, after.split_once('"')?.1)));
    match rest {
        // A value has no `"`, so that this is the attribute, unless it stands in the value of one before.
        Some((before, after)) if before.matches('"').count() % 2 == 0 => {
            block.push_str(before);
            block.push_str(after);
        }
        _ => block.push_str(tag),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown::post;

    #[test]
    fn a_text_is_its_outermost_elements() {
        let html = "<h2 id=\"a\">A</h2>\n<p>One<br>and <b>two</b></p>\n<hr>\n<ul>\n<li>x</li>\n</ul>\nloose <i>end</i>";
        let expected = [
            "<h2>A</h2>",
            "<p>One<br>and <b>two</b></p>",
            "<hr>",
            "<ul>\n<li>x</li>\n</ul>",
            "loose",
            "<i>end</i>",
        ];
        assert_eq!(blocks(html), expected);
        assert!(blocks("").is_empty());
    }

    #[test]
    fn an_id_in_a_title_is_none() {
        assert_eq!(
            blocks("<p title=\"an id=\">x</p>"),
            ["<p title=\"an id=\">x</p>"]
        );
    }

    /// Whatever is written, the parts are the whole.
    #[test]
    fn nothing_of_a_rendered_text_is_lost() {
        let markdown = "# Title\n\nText with $x^2$ and a note.[^1]\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- [x] done\n- [ ] not\n\n\
            ```rust\nfn main() {}\n```\n\n> quote\n\n<details><summary>More</summary>\n\nInside.\n\n</details>\n\n\
            ![alt](https://example.org/a.png \"a title\")\n\n[^1]: The note.\n";
        let html = post(markdown).unwrap().html;
        let parts = blocks(&html);
        assert!(parts.len() >= 8, "{parts:?}");
        let plain = |html: &str| -> String {
            let text = tags::pieces(html).filter_map(|piece| match piece {
                Piece::Text(text) => Some(text),
                Piece::Tag(_) => None,
            });
            text.collect::<String>().split_whitespace().collect()
        };
        assert_eq!(plain(&parts.concat()), plain(&html));
        for part in &parts {
            assert!(!part.contains(" id=\""), "{part}");
        }
    }
}
