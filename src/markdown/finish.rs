//! The last walk over sanitised HTML: trusted parts go in, plain text comes out.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet, VecDeque};

use super::attributes::USER_ID_PREFIX;
use super::direction;
use super::media;
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
    let mut walk = Walk {
        tokens,
        targets,
        user_ids: user_ids(clean),
        directions: direction::of_blocks(clean, tokens),
        is_after_pre: false,
        is_in_bare_link: false,
        html: String::with_capacity(clean.len() * 2),
        text: String::with_capacity(clean.len()),
        first_image: None,
        insecure_media: 0,
    };
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

/// The ids that raw HTML brought in, for links to them.
fn user_ids(clean: &str) -> HashSet<String> {
    if !clean.contains(" id=\"user-") {
        return HashSet::new();
    }
    tags::pieces(clean)
        .filter_map(|piece| match piece {
            Piece::Tag(tag) => tags::attribute(tag, "id").map(Cow::into_owned),
            Piece::Text(_) => None,
        })
        .collect()
}

struct Walk<'a> {
    tokens: &'a Tokens,
    targets: &'a HashMap<String, String>,
    user_ids: HashSet<String>,
    /// Of the blocks to come.
    directions: VecDeque<Option<&'static str>>,
    is_after_pre: bool,
    is_in_bare_link: bool,
    html: String,
    text: String,
    first_image: Option<String>,
    insecure_media: usize,
}

impl Walk<'_> {
    fn tag(&mut self, tag: &str) {
        // An unclosed quote in raw HTML can swallow a token into an attribute. Trusted HTML there
        // would end the attribute, so the token only goes.
        let tag = if self.tokens.is_in(tag) {
            Cow::Owned(self.without_tokens(tag))
        } else {
            Cow::Borrowed(tag)
        };
        let secured = media::secured(&tag);
        self.insecure_media += usize::from(secured.is_some());
        let tag = secured.map_or(tag, Cow::Owned);
        let name = tags::name(&tag);
        if is_block(name) {
            self.text.push('\n');
        }
        if name == "img" && self.first_image.is_none() {
            self.first_image = tags::attribute(&tag, "src").map(Cow::into_owned);
        }
        let direction = self.direction(&tag);
        match name {
            "a" => self.link(&tag),
            "/a" if std::mem::take(&mut self.is_in_bare_link) => {}
            "td" | "th" => self.html.push_str(&aligned(&tag)),
            "pre" => {
                self.html.push_str("<pre class=\"code\" tabindex=\"0\"");
                self.html.push_str(&tag["<pre".len()..]);
            }
            "table" => self.table(&tag, direction),
            _ => self.html.push_str(&tag),
        }
        if let Some(direction) = direction {
            self.html.truncate(self.html.len() - 1);
            self.html.push_str(&format!(" dir=\"{direction}\">"));
        }
        self.is_after_pre = name == "pre";
        if name == "/table" {
            self.html.push_str("</div>");
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
        let target = tags::attribute(tag, "href").and_then(|href| self.target(&href));
        match target {
            Some((old, id)) => {
                let new = format!(" href=\"#{}\"", tags::fragment(&id));
                self.html.push_str(&tag.replacen(&old, &new, 1));
            }
            None => self.html.push_str(tag),
        }
    }

    fn target(&self, href: &str) -> Option<(String, String)> {
        let fragment = href
            .strip_prefix('#')
            .filter(|fragment| !fragment.is_empty())?;
        let name = tags::percent_decode(fragment)?;
        let user = format!("{USER_ID_PREFIX}{name}");
        let id = match self
            .targets
            .get(&name)
            .or_else(|| self.targets.get(&name.to_lowercase()))
        {
            Some(id) => id.clone(),
            None if self.user_ids.contains(&user) => user,
            None => return None,
        };
        Some((format!(" href=\"{}\"", tags::escape(href)), id))
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

fn is_block(name: &str) -> bool {
    matches!(
        name.trim_start_matches('/'),
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "br"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "div"
            | "dl"
            | "dt"
            | "figcaption"
            | "figure"
            | "footer"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hr"
            | "li"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "summary"
            | "table"
            | "td"
            | "th"
            | "tr"
            | "ul"
    )
}

/// One block per line, single spaces, no empty lines.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let start = out.len();
        for word in line.split_whitespace() {
            if out.len() > start {
                out.push(' ');
            } else if start > 0 {
                out.push('\n');
            }
            out.push_str(word);
        }
    }
    out
}
