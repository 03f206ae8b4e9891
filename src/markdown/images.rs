//! Pictures: alone, in their sentence, or with a title below.
//!
//! One that stands by itself may be wider than the text: `![…](boat.jpg#wide)`. The word stands where a browser looks for
//! a place in a page, which a picture has none of: other software shows the same picture, and feeds have its address.

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
    let address = match alone(node).and_then(|_| width(&link.url)) {
        Some((address, _)) => address,
        None => &link.url,
    };
    context.escape_href(address)?;
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

/// How wide a picture can be: as the text, beyond it, and from edge to edge of the window. Without a word it is as the text, and
/// may reach a little out of it.
pub(super) const WIDTHS: [&str; 3] = ["measure", "wide", "full"];

/// The address without the word for the width, and the word.
fn width(address: &str) -> Option<(&str, &'static str)> {
    let (address, word) = address.rsplit_once('#')?;
    let width = WIDTHS.into_iter().find(|width| *width == word)?;
    (!address.is_empty()).then_some((address, width))
}

/// The paragraph that an image alone stands in, linked or not.
fn alone<'a>(image: Node<'a>) -> Option<Node<'a>> {
    let parent = image.parent()?;
    let block = if node_matches!(parent, NodeValue::Link(_)) {
        parent.parent()?
    } else {
        parent
    };
    picture(block).map(|_| block)
}

/// The image of a paragraph that has nothing else.
fn picture<'a>(paragraph: Node<'a>) -> Option<Node<'a>> {
    let only = |node: Node<'a>| {
        node.first_child()
            .filter(|first| first.next_sibling().is_none())
    };
    let first = Some(paragraph)
        .filter(|node| node_matches!(node, NodeValue::Paragraph))
        .and_then(only)?;
    let image = if node_matches!(first, NodeValue::Link(_)) {
        only(first)?
    } else {
        first
    };
    Some(image).filter(|image| node_matches!(image, NodeValue::Image(_)))
}

/// A paragraph that is one image, linked or not: it stands by itself, others stand in their sentence.
pub(super) fn is_picture(node: Node<'_>, post: bool) -> bool {
    post && picture(node).is_some()
}

/// What such a paragraph begins with: a figure, or a paragraph of its own class.
pub(super) fn write_block(
    context: &mut Context<'_, '_, State>,
    node: Node<'_>,
    is_figure: bool,
) -> fmt::Result {
    let width = picture(node).and_then(|image| match image.data().value {
        NodeValue::Image(ref link) => width(&link.url).map(|(_, width)| width),
        _ => None,
    });
    match (is_figure, width) {
        (true, None) => context.write_str("<figure>"),
        (true, Some(width)) => write!(context, "<figure class=\"{width}\">"),
        (false, None) => context.write_str("<p class=\"picture\">"),
        (false, Some(width)) => write!(context, "<p class=\"picture {width}\">"),
    }
}

/// A paragraph that is one image with a title.
pub(super) fn is_figure(node: Node<'_>, post: bool) -> bool {
    let only = node
        .first_child()
        .filter(|first| first.next_sibling().is_none());
    post && node_matches!(node, NodeValue::Paragraph)
        && only.is_some_and(|only| matches!(only.data().value, NodeValue::Image(ref link) if !link.title.is_empty()))
}
