//! The text of a block, across its links and emphasis, and what is changed of it put back into its nodes.

use std::borrow::Cow;
use std::ops::Range;

use comrak::arena_tree::NodeEdge;
use comrak::nodes::{Node, NodeLink, NodeValue};

use super::context::{FIXED, OBJECT};
use super::edit::applied;
use super::languages::Convention;
use super::setter::edits;
use super::words::is_address;
use crate::markdown::letters::Letters;

/// Elements of raw HTML whose text is no prose.
const CODE: [&str; 9] = [
    "code", "kbd", "samp", "var", "tt", "pre", "script", "style", "textarea",
];

pub(super) fn set<'a>(root: Node<'a>, convention: &Convention) {
    let mut code = 0;
    for node in root.descendants() {
        let holds_text = match node.data().value {
            NodeValue::HtmlBlock(ref block) => {
                code = open_code(code, &block.literal);
                false
            }
            ref value => value.contains_inlines(),
        };
        if holds_text {
            let mut block = Block::new(code);
            block.read(node, convention);
            block.set(convention);
            code = block.code;
        }
    }
}

/// The text of a block.
struct Block<'a> {
    text: String,
    /// Nodes with their part of the text.
    pieces: Vec<(Node<'a>, Range<usize>)>,
    /// Elements of code that are open.
    code: usize,
}

impl<'a> Block<'a> {
    fn new(code: usize) -> Self {
        Block {
            text: String::new(),
            pieces: Vec::new(),
            code,
        }
    }

    fn read(&mut self, block: Node<'a>, convention: &Convention) {
        let mut within: Option<Node<'a>> = None;
        for edge in block.traverse() {
            match (edge, within) {
                (NodeEdge::End(node), Some(whole)) if node.same_node(whole) => within = None,
                (NodeEdge::Start(node), None) if self.is_whole(node, convention) => {
                    within = Some(node)
                }
                _ => {}
            }
        }
    }

    /// Adds a node; whether what is in it is to be passed over.
    fn is_whole(&mut self, node: Node<'a>, convention: &Convention) -> bool {
        match node.data_mut().value {
            NodeValue::Text(ref text) if self.code == 0 => {
                let begin = self.text.len();
                self.text.push_str(text);
                self.pieces.push((node, begin..self.text.len()));
            }
            NodeValue::Text(_) | NodeValue::Code(_) | NodeValue::Math(_) => self.text.push(OBJECT),
            NodeValue::SoftBreak | NodeValue::LineBreak => self.text.push('\n'),
            NodeValue::FootnoteReference(_) => self.text.push(FIXED),
            NodeValue::HtmlInline(ref html) => self.html(html),
            NodeValue::Escaped => {
                self.text.push(FIXED);
                return true;
            }
            NodeValue::Image(ref mut link) => {
                // Readers see it below the picture.
                if let Cow::Owned(title) = titled(&link.title, convention) {
                    link.title = title;
                }
                self.text.push(OBJECT);
                return true;
            }
            NodeValue::Link(ref link) if shows_address(node, link) => {
                self.text.push(OBJECT);
                return true;
            }
            _ => {}
        }
        false
    }

    fn html(&mut self, html: &str) {
        self.code = open_code(self.code, html);
        if html.starts_with("<br") {
            self.text.push('\n');
        } else if html.starts_with("<img") {
            self.text.push(OBJECT);
        }
    }

    fn set(&self, convention: &Convention) {
        if self.pieces.is_empty() || runs_left(&self.text) {
            return;
        }
        let edits = edits(&self.text, convention);
        let mut rest = &edits[..];
        for (node, range) in &self.pieces {
            let before = rest.partition_point(|edit| edit.at < range.start);
            let here = rest[before..].partition_point(|edit| edit.at < range.end);
            let (edits, after) = rest[before..].split_at(here);
            if let NodeValue::Text(ref mut text) = node.data_mut().value
                && !edits.is_empty()
            {
                *text = applied(text, range.start, edits).into();
            }
            rest = after;
        }
    }
}

fn titled<'t>(title: &'t str, convention: &Convention) -> Cow<'t, str> {
    let edits = edits(title, convention);
    if edits.is_empty() {
        Cow::Borrowed(title)
    } else {
        Cow::Owned(applied(title, 0, &edits))
    }
}

/// No language of the table runs to the left, so the text is in another.
fn runs_left(text: &str) -> bool {
    let mut letters = Letters::default();
    letters.add(text);
    letters.direction() == Some("rtl")
}

/// A link whose text is where it leads.
fn shows_address(link: Node<'_>, to: &NodeLink) -> bool {
    let Some(first) = link
        .first_child()
        .filter(|first| first.next_sibling().is_none())
    else {
        return false;
    };
    match first.data().value {
        NodeValue::Text(ref text) => is_address(text) && !text.contains(' ') || to.url == **text,
        _ => false,
    }
}

/// The number of elements of code that are open after these tags.
fn open_code(mut open: usize, html: &str) -> usize {
    for tag in html.split('<').skip(1) {
        let (is_end, name) = match tag.strip_prefix('/') {
            Some(name) => (true, name),
            None => (false, tag),
        };
        let length = name.bytes().take_while(u8::is_ascii_alphabetic).count();
        if !CODE
            .iter()
            .any(|code| name[..length].eq_ignore_ascii_case(code))
        {
            continue;
        }
        open = if is_end {
            open.saturating_sub(1)
        } else {
            open + 1
        };
    }
    open
}
