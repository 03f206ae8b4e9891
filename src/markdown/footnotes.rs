//! Footnotes: references, notes and the links between them.

use std::fmt::{self, Write as _};

use comrak::html::Context;
use comrak::node_matches;
use comrak::nodes::{Node, NodeFootnoteDefinition, NodeFootnoteReference, NodeValue};

use super::sidenotes;
use super::state::State;

/// Footnotes are numbered ids: the author's names could be anything.
pub(super) fn write_reference(
    context: &mut Context<'_, '_, State>,
    note: &NodeFootnoteReference,
) -> fmt::Result {
    let number = note.ix;
    let id = reference_id(number, note.ref_num);
    let html = format!(
        "<sup class=\"footnote-ref\"><a href=\"#fn-{number}\" id=\"{id}\" \
         aria-label=\"Footnote {number}\">{number}</a></sup>"
    );
    let token = context.user.tokens.put(html, String::new());
    context.write_str(&token)
}

fn reference_id(number: u32, occurrence: u32) -> String {
    if occurrence > 1 {
        format!("fnref-{number}-{occurrence}")
    } else {
        format!("fnref-{number}")
    }
}

pub(super) fn write_note(
    context: &mut Context<'_, '_, State>,
    node: Node<'_>,
    note: &NodeFootnoteDefinition,
    entering: bool,
) -> fmt::Result {
    if !entering {
        write_links_back(context, note)?;
        return context.write_str("</li>\n");
    }
    if context.user.notes == 0 {
        let beside = if sidenotes::fit(node) { " beside" } else { "" };
        write!(context, "<section class=\"footnotes{beside}\">\n<ol>\n")?;
    }
    context.user.notes += 1;
    context.user.note_has_links = false;
    let number = context.user.notes;
    write!(context, "<li id=\"fn-{number}\">")
}

pub(super) fn ends_note(paragraph: Node<'_>) -> bool {
    paragraph.next_sibling().is_none()
        && paragraph
            .parent()
            .is_some_and(|parent| node_matches!(parent, NodeValue::FootnoteDefinition(_)))
}

/// Links back belong on the last line of the note, not on one of their own.
pub(super) fn end_note_paragraph(
    context: &mut Context<'_, '_, State>,
    node: Node<'_>,
) -> fmt::Result {
    if let Some(parent) = node.parent()
        && let NodeValue::FootnoteDefinition(ref note) = parent.data().value
    {
        write_links_back(context, note)?;
    }
    context.write_str("</p>\n")
}

fn write_links_back(
    context: &mut Context<'_, '_, State>,
    note: &NodeFootnoteDefinition,
) -> fmt::Result {
    if std::mem::replace(&mut context.user.note_has_links, true) {
        return Ok(());
    }
    let number = context.user.notes;
    for occurrence in 1..=note.total_references {
        let html = link_back(number, occurrence);
        let token = context.user.tokens.put(html, String::new());
        write!(context, " {token}")?;
    }
    Ok(())
}

fn link_back(number: u32, occurrence: u32) -> String {
    let id = reference_id(number, occurrence);
    let which = if occurrence > 1 {
        format!("{number}-{occurrence}")
    } else {
        number.to_string()
    };
    format!(
        "<a class=\"footnote-backref\" href=\"#{id}\" \
         aria-label=\"Back to reference {which}\">↩</a>"
    )
}

pub(super) fn end_footnotes(context: &mut Context<'_, '_, State>) -> fmt::Result {
    if context.user.notes > 0 {
        context.write_str("</ol>\n</section>\n")?;
    }
    Ok(())
}
