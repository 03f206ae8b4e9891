//! The headings of HTML that was rendered before, for a way through a long text.

use super::rendered::Heading;
use super::tags::{self, Piece};

/// So many of its own links to headings make a list a table of contents.
const OWN_LINKS: usize = 2;

/// The headings that can be linked to, in document order. None where the text begins, at the latest below its first heading,
/// with a list of links to headings: its author leads through it already.
///
/// `html` must come from [`super::post`].
pub fn outline(html: &str) -> Vec<Heading> {
    let mut walk = Walk::default();
    for piece in tags::pieces(html) {
        match piece {
            Piece::Tag(tag) => walk.tag(tag),
            Piece::Text(text) => walk.text(text),
        }
        if walk.own_links == OWN_LINKS {
            return Vec::new();
        }
    }
    walk.headings
}

impl Heading {
    /// As a link inside the page names it.
    pub fn fragment(&self) -> String {
        tags::fragment(&self.id)
    }
}

#[derive(Default)]
struct Walk {
    headings: Vec<Heading>,
    is_in_heading: bool,
    /// In the number of a footnote, which is no part of the heading.
    is_in_note: bool,
    /// Nothing of a list's item has come yet.
    begins_item: bool,
    own_links: usize,
}

impl Walk {
    fn tag(&mut self, tag: &str) {
        let name = tags::name(tag);
        if let Some(level) = level(name) {
            self.begin(level, tag);
        } else if name.strip_prefix('/').and_then(level).is_some() {
            self.end();
        }
        if name == "a" && self.begins_item && self.headings.len() <= 1 && leads_to_heading(tag) {
            self.own_links += 1;
        }
        match name {
            "sup" => {
                self.is_in_note = tags::attribute(tag, "class").as_deref() == Some("footnote-ref")
            }
            "/sup" => self.is_in_note = false,
            _ => {}
        }
        // A loose list has a paragraph in each item.
        self.begins_item = name == "li" || (self.begins_item && name == "p");
    }

    fn begin(&mut self, level: u8, tag: &str) {
        if let Some(id) = tags::attribute(tag, "id") {
            self.is_in_heading = true;
            self.headings.push(Heading {
                level,
                id: id.into_owned(),
                text: String::new(),
            });
        }
    }

    fn end(&mut self) {
        if std::mem::take(&mut self.is_in_heading)
            && let Some(heading) = self.headings.last_mut()
        {
            heading.text = heading.text.trim().to_owned();
        }
    }

    fn text(&mut self, text: &str) {
        self.begins_item &= text.trim().is_empty();
        if self.is_in_heading
            && !self.is_in_note
            && let Some(heading) = self.headings.last_mut()
        {
            heading
                .text
                .push_str(&tags::decode(text).replace('\n', " "));
        }
    }
}

fn level(name: &str) -> Option<u8> {
    match name.as_bytes() {
        [b'h', digit @ b'1'..=b'6'] => Some(digit - b'0'),
        _ => None,
    }
}

fn leads_to_heading(tag: &str) -> bool {
    tags::attribute(tag, "href").is_some_and(|href| href.starts_with("#h-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown::post;

    /// Levels and texts.
    fn found(source: &str) -> Vec<(u8, String)> {
        let headings = outline(&post(source).unwrap().html);
        headings.into_iter().map(|h| (h.level, h.text)).collect()
    }

    #[test]
    fn the_outline_is_that_of_the_rendering() {
        let source =
            "# A\n\nText.\n\n## B & *c* `<d>`\n\n### E $x$\n\n## B & *c* `<d>`\n\n> ## Quoted";
        let done = post(source).unwrap();
        let (ids, levels): (Vec<_>, Vec<_>) = done
            .headings
            .iter()
            .map(|h| (h.id.as_str(), h.level))
            .unzip();
        let found = outline(&done.html);
        assert_eq!(found.iter().map(|h| &*h.id).collect::<Vec<_>>(), ids);
        assert_eq!(found.iter().map(|h| h.level).collect::<Vec<_>>(), levels);
        assert_eq!(found[1].text, "B & c <d>");
        assert_ne!(found[1].id, found[3].id);
    }

    #[test]
    fn the_number_of_a_footnote_is_no_part_of_a_heading() {
        let source = "## Flour[^1] and H<sup>2</sup>O\n\n[^1]: Wheat.";
        assert_eq!(found(source), [(2, "Flour and H2O".to_owned())]);
    }

    #[test]
    fn what_looks_like_a_heading_is_none() {
        let source = "[x](/y \"<h2 id='h-z'>\")\n\n`<h2 id=\"h-z\">`\n\n**Bold**";
        assert_eq!(found(source), []);
    }

    #[test]
    fn a_text_with_its_own_contents_has_no_outline() {
        let rest = "\n\n## One\n\nText.\n\n## Two\n\nText.\n\n## Three";
        for own in [
            "- [One](#one)\n- [Two](#two)",
            "Words.\n\n1. [One](#one)\n\n2. [Two](#two)",
            "## Contents\n\n- [One](#one)\n  - [Two](#two)",
            "<nav><ul><li><a href=\"#one\">One</a></li><li><a href=\"#two\">Two</a></li></ul></nav>",
        ] {
            assert_eq!(found(&format!("{own}{rest}")), [], "{own}");
        }
        for other in [
            "See [One](#one) and [Two](#two).",
            "- [One](#one)\n- [elsewhere](/x)",
            "- First [One](#one)\n- then [Two](#two)",
            "A note[^1] and one more[^2].\n\n[^1]: a\n[^2]: b",
        ] {
            assert_eq!(found(&format!("{other}{rest}")).len(), 3, "{other}");
        }
        let late = format!("{}\n\n- [One](#one)\n- [Two](#two)", &rest[2..]);
        assert_eq!(found(&late).len(), 3);
    }
}
