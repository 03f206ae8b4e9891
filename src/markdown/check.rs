//! What in a rendered text is likely a slip of its author: for a quiet word before it is public.

use super::rendered::Rendered;
use super::tags::{self, Piece};

/// A slip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slip {
    /// A picture at this address has no description for readers who cannot see it.
    PictureWithoutAlt(String),
    /// This heading stands more than one level below the one before it, so that readers who go from heading to heading miss something.
    SkippedLevel(String),
    /// A link to this address has no words, so that there is nothing to choose.
    EmptyLink(String),
}

/// Slips in document order, and the addresses of the links.
#[derive(Debug, Default)]
pub struct Checked {
    /// In document order.
    pub slips: Vec<Slip>,
    /// Of all links that lead out of the text, decoded, in document order.
    pub addresses: Vec<String>,
}

/// Looks through a rendering: in a time that grows with its length.
pub fn check(rendered: &Rendered) -> Checked {
    let mut walk = Walk::default();
    for piece in tags::pieces(&rendered.html) {
        match piece {
            Piece::Tag(tag) => walk.tag(tag),
            Piece::Text(text) => walk.has_words |= !text.trim().is_empty(),
        }
    }
    let levels = rendered.headings.windows(2);
    let skipped = levels.filter(|pair| pair[1].level > pair[0].level + 1);
    let skipped = skipped.map(|pair| Slip::SkippedLevel(pair[1].text.clone()));
    walk.checked.slips.extend(skipped);
    walk.checked
}

#[derive(Default)]
struct Walk {
    checked: Checked,
    /// The address of the link in which the walk is.
    link: Option<String>,
    /// That link says something.
    has_words: bool,
}

impl Walk {
    fn tag(&mut self, tag: &str) {
        match tags::name(tag) {
            "img" => self.picture(tag),
            "math" | "svg" => self.has_words = true,
            "a" => self.begin(tag),
            "/a" => self.end(),
            _ => {}
        }
    }

    fn picture(&mut self, tag: &str) {
        match tags::attribute(tag, "alt") {
            Some(alt) if !alt.trim().is_empty() => self.has_words = true,
            _ => {
                let address = tags::attribute(tag, "src").unwrap_or_default();
                let slip = Slip::PictureWithoutAlt(address.into_owned());
                self.checked.slips.push(slip);
                // One word about a picture that is a link is enough.
                self.has_words = true;
            }
        }
    }

    fn begin(&mut self, tag: &str) {
        let href = tags::attribute(tag, "href").unwrap_or_default();
        if !href.is_empty() && !href.starts_with('#') {
            self.checked.addresses.push(href.to_string());
            self.link = Some(href.into_owned());
            self.has_words = false;
        }
    }

    fn end(&mut self) {
        if let Some(address) = self.link.take()
            && !self.has_words
        {
            self.checked.slips.push(Slip::EmptyLink(address));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown::post;

    fn slips(source: &str) -> Vec<Slip> {
        check(&post(source).unwrap()).slips
    }

    #[test]
    fn a_picture_that_says_nothing_is_a_slip() {
        assert_eq!(
            slips("![](/a.png?x=1&y) ![A boat](/b.png) ![ ](/c.png)"),
            [
                Slip::PictureWithoutAlt("/a.png?x=1&y".into()),
                Slip::PictureWithoutAlt("/c.png".into())
            ]
        );
    }

    #[test]
    fn a_link_without_words_is_a_slip() {
        assert_eq!(
            slips(
                "[](https://example.org/) [words](/a) [![A boat](/b.png)](/c) [$x$](/d) <a href=\"/e\"> </a>"
            ),
            [
                Slip::EmptyLink("https://example.org/".into()),
                Slip::EmptyLink("/e".into())
            ]
        );
        // What the renderer makes of footnotes and headings is none.
        assert_eq!(slips("## A\n\nText.[^1]\n\n[^1]: A note."), []);
    }

    #[test]
    fn a_level_that_is_left_out_is_a_slip() {
        let skipped = |text: &str| Slip::SkippedLevel(text.to_owned());
        assert_eq!(slips("## A\n\n#### B\n\n## C\n\n### D"), [skipped("B")]);
        // The first one may be of any level: the title stands above it.
        assert_eq!(slips("### A"), []);
    }

    #[test]
    fn the_addresses_of_links_are_read_as_browsers_read_them() {
        let checked =
            check(&post("[a](/@ann/b?x&amp;y#z) [b](#c) <https://example.org/d>").unwrap());
        assert_eq!(
            checked.addresses,
            ["/@ann/b?x&y#z", "https://example.org/d"]
        );
    }
}
