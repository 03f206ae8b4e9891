//! Takes out of the tree what no browser shows, where Markdown has cut it into several nodes.

use comrak::nodes::{Node, NodeValue};

use super::raw_html::DROPPED;

/// What is searched for end tags in other nodes: only a text that is made to be slow has more.
const SEARCH_LIMIT_BYTES: usize = 8 * 1024 * 1024;

/// Takes scripts, drawings and styles out whose end tags are in another node: Markdown reads what lies between as text.
pub(super) fn drop_elements<'a>(root: Node<'a>) {
    let nodes: Vec<Node<'a>> = root.descendants().collect();
    let mut looked_at = 0;
    for node in nodes {
        let Some(name) = literal(node).and_then(|html| left_open(&html)) else {
            continue;
        };
        let mut within = Vec::new();
        let Some((end, rest)) = closing(node, name, &mut within, &mut looked_at) else {
            continue;
        };
        for node in within {
            node.detach();
        }
        cut(node, name);
        replace(end, rest);
    }
}

/// The node with the end tag, what follows that there, and `within` the nodes before. `looked_at` bounds all searches.
fn closing<'a>(
    node: Node<'a>,
    name: &str,
    within: &mut Vec<Node<'a>>,
    looked_at: &mut usize,
) -> Option<(Node<'a>, String)> {
    let mut next = node.next_sibling();
    while let Some(sibling) = next.filter(|_| *looked_at < SEARCH_LIMIT_BYTES) {
        *looked_at += 64 + literal(sibling).map_or(0, |html| html.len());
        if let Some(rest) = literal(sibling).and_then(|html| after_end(&html, name)) {
            return Some((sibling, rest));
        }
        within.push(sibling);
        next = sibling.next_sibling();
    }
    None
}

fn literal(node: Node<'_>) -> Option<String> {
    match node.data().value {
        NodeValue::HtmlInline(ref html) => Some(html.clone()),
        NodeValue::HtmlBlock(ref block) => Some(block.literal.clone()),
        _ => None,
    }
}

fn replace(node: Node<'_>, html: String) {
    match node.data_mut().value {
        NodeValue::HtmlInline(ref mut literal) => *literal = html,
        NodeValue::HtmlBlock(ref mut block) => block.literal = html,
        _ => {}
    }
}

/// The element that begins in a piece of HTML and does not end there.
fn left_open(html: &str) -> Option<&'static str> {
    let lower = html.to_ascii_lowercase();
    DROPPED.into_iter().find(|name| {
        begin_of(&lower, name).is_some_and(|at| !lower[at..].contains(&format!("</{name}")))
    })
}

fn begin_of(lower: &str, name: &str) -> Option<usize> {
    let begin = format!("<{name}");
    lower
        .rmatch_indices(&begin)
        .map(|(at, _)| at)
        .find(|at| lower[at + begin.len()..].starts_with([' ', '\t', '\n', '/', '>']))
}

/// What follows the end tag.
fn after_end(html: &str, name: &str) -> Option<String> {
    let at = html.to_ascii_lowercase().find(&format!("</{name}"))?;
    let end = html[at..].find('>')?;
    Some(html[at + end + 1..].to_owned())
}

fn cut(node: Node<'_>, name: &str) {
    if let Some(html) = literal(node)
        && let Some(at) = begin_of(&html.to_ascii_lowercase(), name)
    {
        replace(node, html[..at].to_owned());
    }
}
