//! Pictures: alone, in their sentence, or with a title below.

use std::fmt::{self, Write as _};

use comrak::html::Context;
use comrak::node_matches;
use comrak::nodes::{Node, NodeLink, NodeValue};

use super::headings::plain_text;
use super::state::{Kind, State};
use super::tags::escape;

pub(super) fn write_image(
    context: &mut Context<'_, '_, State>,
    node: Node<'_>,
    link: &NodeLink,
) -> fmt::Result {
    let alt = plain_text(node);
    if context.user.kind == Kind::Comment {
        return write_picture_link(context, link, &alt);
    }
    context.write_str("<img src=\"")?;
    context.escape_href(&link.url)?;
    write!(context, "\" alt=\"{}\"", escape(&alt))?;
    let title = escape(&link.title);
    if node.parent().is_some_and(|parent| is_figure(parent, true)) {
        write!(context, "><figcaption>{title}</figcaption>")
    } else if title.is_empty() {
        context.write_str(">")
    } else {
        write!(context, " title=\"{title}\">")
    }
}

fn write_picture_link(
    context: &mut Context<'_, '_, State>,
    link: &NodeLink,
    alt: &str,
) -> fmt::Result {
    context.write_str("<a href=\"")?;
    context.escape_href(&link.url)?;
    let label = if alt.trim().is_empty() {
        &link.url
    } else {
        alt
    };
    write!(context, "\">{}</a>", escape(label))
}

/// A paragraph that is one image, linked or not: it stands by itself, others stand in their sentence.
pub(super) fn is_picture(node: Node<'_>, post: bool) -> bool {
    let only = |node: Node<'_>| {
        node.first_child()
            .is_some_and(|first| first.next_sibling().is_none())
    };
    let Some(first) = node.first_child().filter(|_| post && only(node)) else {
        return false;
    };
    let first = if node_matches!(first, NodeValue::Link(_)) && only(first) {
        first.first_child().unwrap_or(first)
    } else {
        first
    };
    node_matches!(first, NodeValue::Image(_))
}

/// A paragraph that is one image with a title.
pub(super) fn is_figure(node: Node<'_>, post: bool) -> bool {
    let only = node
        .first_child()
        .filter(|first| first.next_sibling().is_none());
    post && node_matches!(node, NodeValue::Paragraph)
        && only.is_some_and(|only| matches!(only.data().value, NodeValue::Image(ref link) if !link.title.is_empty()))
}
