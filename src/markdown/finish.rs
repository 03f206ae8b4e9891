//! The last walk over sanitised HTML: trusted parts go in, plain text comes out.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};

use super::direction;
use super::link_targets::LinkTargets;
use super::media;
use super::plain_text::{is_block, tidy};
use super::tags::{self, Piece};
use super::tokens::Tokens;

pub(super) struct Finished {
    pub(super) html: String,
    pub(super) text: String,
    pub(super) first_image: Option<String>,
    pub(super) insecure_media: usize,
}

/// `targets` leads from heading ids without prefix to the ones in the document.
pub(super) fn finish(clean: &str, tokens: &Tokens, targets: &HashMap<String, String>) -> Finished {
    let mut walk = Walk::over(clean, tokens, targets);
    for piece in tags::pieces(clean) {
        match piece {
            Piece::Tag(tag) => walk.tag(tag),
            Piece::Text(text) => walk.text(text),
        }
    }
    Finished {
        html: walk.html,
        text: tidy(&walk.text),
        first_image: walk.first_image,
        insecure_media: walk.insecure_media,
    }
}

struct Walk<'a> {
    tokens: &'a Tokens,
    targets: LinkTargets<'a>,
    /// Of the blocks to come.
    directions: VecDeque<Option<&'static str>>,
    is_after_pre: bool,
    is_in_bare_link: bool,
    html: String,
    text: String,
    first_image: Option<String>,
    insecure_media: usize,
}

impl<'a> Walk<'a> {
    fn over(clean: &str, tokens: &'a Tokens, targets: &'a HashMap<String, String>) -> Self {
        Walk {
            tokens,
            targets: LinkTargets::of(clean, targets),
            directions: direction::of_blocks(clean, tokens),
            is_after_pre: false,
            is_in_bare_link: false,
            html: String::with_capacity(clean.len() * 2),
            text: String::with_capacity(clean.len()),
            first_image: None,
            insecure_media: 0,
        }
    }

    fn tag(&mut self, tag: &str) {
        let tag = self.loadable(tag);
        let name = tags::name(&tag);
        if is_block(name) {
            self.text.push('\n');
        }
        if name == "img" && self.first_image.is_none() {
            self.first_image = tags::attribute(&tag, "src").map(Cow::into_owned);
        }
        let direction = self.direction(&tag);
        self.write_tag(name, &tag, direction);
        if let Some(direction) = direction {
            self.html.truncate(self.html.len() - 1);
            self.html.push_str(&format!(" dir=\"{direction}\">"));
        }
        self.is_after_pre = name == "pre";
        if name == "/table" {
            self.html.push_str("</div>");
        }
    }

    /// The tag without tokens, and with addresses that a page can load.
    fn loadable<'t>(&mut self, tag: &'t str) -> Cow<'t, str> {
        // An unclosed quote in raw HTML can swallow a token into an attribute. Trusted HTML there
        // would end the attribute, so the token only goes.
        let tag = if self.tokens.is_in(tag) {
            Cow::Owned(self.without_tokens(tag))
        } else {
            Cow::Borrowed(tag)
        };
        let secured = media::secured(&tag);
        self.insecure_media += usize::from(secured.is_some());
        secured.map_or(tag, Cow::Owned)
    }

    fn write_tag(&mut self, name: &str, tag: &str, direction: Option<&str>) {
        match name {
            "a" => self.link(tag),
            "/a" if std::mem::take(&mut self.is_in_bare_link) => {}
            "td" | "th" => self.html.push_str(&aligned(tag)),
            "pre" => {
                self.html.push_str("<pre class=\"code\" tabindex=\"0\"");
                self.html.push_str(&tag["<pre".len()..]);
            }
            "table" => self.table(tag, direction),
            _ => self.html.push_str(tag),
        }
    }

    /// What a start tag gets as its `dir`. Code inside of `pre` has it from there.
    fn direction(&mut self, tag: &str) -> Option<&'static str> {
        let name = tags::name(tag);
        if direction::is_block(name) {
            return self.directions.pop_front().flatten();
        }
        let is_code =
            direction::is_code(name) && !self.is_after_pre && tags::attribute(tag, "dir").is_none();
        is_code.then_some("ltr")
    }

    /// The box that scrolls begins on the side where the table does.
    fn table(&mut self, tag: &str, direction: Option<&str>) {
        let given = tags::attribute(tag, "dir");
        let direction = direction
            .or(given.as_deref())
            .map(|d| format!(" dir=\"{d}\""))
            .unwrap_or_default();
        self.html.push_str(
            "<div class=\"table-scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Table\"",
        );
        self.html.push_str(&direction);
        self.html.push('>');
        self.html.push_str(tag);
    }

    fn without_tokens(&self, tag: &str) -> String {
        let mut out = String::with_capacity(tag.len());
        self.tokens
            .split(tag, |plain| out.push_str(plain), |_, _| {});
        out
    }

    /// Points `#title` to the heading or element that now has a prefix in its id.
    fn link(&mut self, tag: &str) {
        // Its address was not allowed: what is left is its text.
        if tag == "<a>" {
            self.is_in_bare_link = true;
            return;
        }
        let href = tags::attribute(tag, "href");
        let target = href.and_then(|href| Some((self.targets.find(&href)?, href)));
        match target {
            Some((id, href)) => {
                let old = format!(" href=\"{}\"", tags::escape(&href));
                let new = format!(" href=\"#{}\"", tags::fragment(&id));
                self.html.push_str(&tag.replacen(&old, &new, 1));
            }
            None => self.html.push_str(tag),
        }
    }

    fn text(&mut self, piece: &str) {
        let Self {
            tokens, html, text, ..
        } = self;
        let push_text = |text: &mut String, plain: &str| {
            text.push_str(&tags::decode(plain).replace('\n', " "));
        };
        if !tokens.is_in(piece) {
            html.push_str(piece);
            push_text(text, piece);
            return;
        }
        let (html, text) = (std::cell::RefCell::new(html), std::cell::RefCell::new(text));
        tokens.split(
            piece,
            |plain| {
                html.borrow_mut().push_str(plain);
                push_text(&mut text.borrow_mut(), plain);
            },
            |trusted, meaning| {
                html.borrow_mut().push_str(trusted);
                text.borrow_mut().push_str(meaning);
            },
        );
    }
}

/// The class that stands for the obsolete attribute.
fn aligned(tag: &str) -> Cow<'_, str> {
    match tags::attribute(tag, "align").filter(|_| tags::attribute(tag, "class").is_none()) {
        Some(side) => Cow::Owned(tag.replacen(
            &format!(" align=\"{side}\""),
            &format!(" class=\"align-{side}\""),
            1,
        )),
        None => Cow::Borrowed(tag),
    }
}
