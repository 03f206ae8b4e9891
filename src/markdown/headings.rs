//! Ids for headings, and where old links to them lead now.

use std::collections::{HashMap, HashSet};

use comrak::nodes::{Node, NodeValue};
use comrak::{Anchorizer, node_matches};

use super::rendered::Heading;

/// Before every heading id: keeps an author's heading from taking an id of the page around it, or
/// a name that scripts look up on `window` or `document`.
const PREFIX: &str = "h-";
/// Far below what the sanitiser takes, so that a number fits behind it.
const ID_LIMIT_BYTES: usize = 150;

#[derive(Debug, Default)]
pub(super) struct Headings {
    pub(super) list: Vec<Heading>,
    /// From the id without prefix, as other blog software wrote it into links.
    pub(super) targets: HashMap<String, String>,
    used: HashSet<String>,
    next_suffix: HashMap<String, usize>,
}

impl Headings {
    /// Collects the headings below `root` in order and takes `{#id}` out of their text.
    pub(super) fn collect<'a>(root: Node<'a>) -> Self {
        let mut headings = Self::default();
        for node in root.descendants() {
            let NodeValue::Heading(ref heading) = node.data().value else {
                continue;
            };
            headings.add(node, heading.level);
        }
        headings
    }

    /// Takes the texts as they are now; the ids stay.
    pub(super) fn read_again<'a>(&mut self, root: Node<'a>) {
        let is_heading = |node: &Node<'a>| node_matches!(node, NodeValue::Heading(_));
        let nodes = root.descendants().filter(is_heading);
        for (heading, node) in self.list.iter_mut().zip(nodes) {
            heading.text = plain_text(node).trim().to_owned();
        }
    }

    fn add(&mut self, node: Node<'_>, level: u8) {
        let explicit = take_explicit_id(node);
        let text = plain_text(node);
        let wanted = explicit.unwrap_or_else(|| Anchorizer::new().anchorize(text.trim()));
        let wanted = if wanted.is_empty() {
            "section".to_owned()
        } else {
            wanted
        };
        let free = self.unique(shortened(&wanted));
        let id = format!("{PREFIX}{free}");
        self.targets.insert(free, id.clone());
        // Links that other software made from the whole heading.
        self.targets.entry(wanted).or_insert_with(|| id.clone());
        self.list.push(Heading {
            level,
            id,
            text: text.trim().to_owned(),
        });
    }

    /// Remembers the last suffix of each name: a thousand equal headings stay cheap.
    fn unique(&mut self, wanted: String) -> String {
        if self.used.insert(wanted.clone()) {
            return wanted;
        }
        let suffix = self.next_suffix.entry(wanted.clone()).or_insert(1);
        loop {
            let candidate = format!("{wanted}-{suffix}");
            *suffix += 1;
            if self.used.insert(candidate.clone()) {
                return candidate;
            }
        }
    }
}

/// An id that the sanitiser lets through, cut between words where there is a border.
fn shortened(wanted: &str) -> String {
    if wanted.len() <= ID_LIMIT_BYTES {
        return wanted.to_owned();
    }
    let cut = &wanted[..wanted.floor_char_boundary(ID_LIMIT_BYTES)];
    cut.rfind('-')
        .filter(|at| *at > 0)
        .map_or(cut, |at| &cut[..at])
        .to_owned()
}

/// Takes `{#id}`, `{#id .class}` or `{: #id}` (Hugo, Zola, kramdown) from the end of a heading.
fn take_explicit_id(heading: Node<'_>) -> Option<String> {
    let last = heading.last_child()?;
    let mut data = last.data_mut();
    let NodeValue::Text(ref mut text) = data.value else {
        return None;
    };
    let (before, id) = explicit_id(text)?;
    let (kept, id) = (before.trim_end().len(), id.to_owned());
    text.to_mut().truncate(kept);
    Some(id)
}

/// What stands before the braces, and the id in them.
fn explicit_id(text: &str) -> Option<(&str, &str)> {
    let (before, braces) = text.trim_end().rsplit_once('{')?;
    let inner = braces.strip_suffix('}')?;
    let inner = inner.strip_prefix(':').unwrap_or(inner);
    let id = inner.split_whitespace().next()?.strip_prefix('#')?;
    let valid = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    let is_id = !id.is_empty() && id.len() <= 200 && id.chars().all(valid);
    is_id.then_some((before, id))
}

/// The text of a node and everything in it, without markup and without raw HTML.
pub(super) fn plain_text(node: Node<'_>) -> String {
    let mut out = String::new();
    for inner in node.descendants() {
        if node_matches!(inner, NodeValue::SoftBreak | NodeValue::LineBreak) {
            out.push(' ');
        }
        match &inner.data().value {
            NodeValue::Text(text) => out.push_str(text),
            NodeValue::Code(code) => out.push_str(&code.literal),
            NodeValue::Math(math) => out.push_str(&math.literal),
            _ => {}
        }
    }
    out
}
