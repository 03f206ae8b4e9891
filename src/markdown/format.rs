//! What each node of a text is written as.

use std::fmt::{self, Write as _};

use comrak::html::{ChildRendering, Context, format_node_default};
use comrak::node_matches;
use comrak::nodes::{Node, NodeCodeBlock, NodeMath, NodeValue};

use super::footnotes::{end_footnotes, end_note_paragraph, ends_note, write_note, write_reference};
use super::images::{is_figure, is_picture, write_block, write_image};
use super::state::{Kind, State};
use super::tags::escape;
use super::{attributes, cpu, highlight, raw_html};

pub(super) fn format(
    context: &mut Context<'_, '_, State>,
    node: Node<'_>,
    entering: bool,
) -> Result<ChildRendering, fmt::Error> {
    let post = context.user.kind == Kind::Post;
    if entering && context.user.marks_lines {
        write_line(context, node)?;
    }
    match node.data().value {
        NodeValue::Document if !entering => end_footnotes(context)?,
        NodeValue::Heading(ref heading) if post => write_heading(context, heading.level, entering)?,
        NodeValue::Heading(_) => {
            context.write_str(if entering {
                "<p><strong>"
            } else {
                "</strong></p>\n"
            })?;
        }
        NodeValue::CodeBlock(ref block) if entering => write_code_block(context, block)?,
        NodeValue::Math(ref math) if entering => write_math(context, math)?,
        NodeValue::CodeBlock(_) | NodeValue::Math(_) => {}
        NodeValue::TaskItem(ref task) => {
            write_task(context, node, task.symbol.is_some(), entering)?;
        }
        NodeValue::Image(ref link) => {
            if entering {
                write_image(context, node, link)?;
            }
            return Ok(ChildRendering::Skip);
        }
        NodeValue::Paragraph if !entering && is_figure(node, post) => {
            context.write_str("</figure>\n")?;
        }
        NodeValue::Paragraph if entering && is_picture(node, post) => {
            context.cr()?;
            write_block(context, node, is_figure(node, post))?;
        }
        NodeValue::Paragraph if !entering && ends_note(node) => {
            end_note_paragraph(context, node)?;
        }
        _ => return format_extension(context, node, entering),
    }
    Ok(ChildRendering::HTML)
}

/// Footnotes and raw HTML; whatever is left is comrak's.
fn format_extension(
    context: &mut Context<'_, '_, State>,
    node: Node<'_>,
    entering: bool,
) -> Result<ChildRendering, fmt::Error> {
    let post = context.user.kind == Kind::Post;
    match node.data().value {
        NodeValue::FootnoteReference(ref note) if entering => write_reference(context, note)?,
        NodeValue::FootnoteReference(_) | NodeValue::Escaped => {}
        NodeValue::FootnoteDefinition(ref note) => write_note(context, node, note, entering)?,
        NodeValue::HtmlBlock(ref block) if post && entering => {
            context.cr()?;
            context.write_str(&raw_html::tame(&block.literal))?;
        }
        NodeValue::HtmlBlock(ref block) if entering => {
            writeln!(context, "<p>{}</p>", escape(block.literal.trim_end()))?;
        }
        NodeValue::HtmlBlock(_) => {}
        NodeValue::HtmlInline(ref html) if post && entering => {
            context.write_str(&raw_html::tame(html))?;
        }
        _ => return format_node_default(context, node, entering),
    }
    Ok(ChildRendering::HTML)
}

/// Where a block of the text begins, but the first, by whose tag a text without a title is known. Notes stand elsewhere than in the
/// source.
fn write_line(context: &mut Context<'_, '_, State>, node: Node<'_>) -> fmt::Result {
    let of_text = node
        .parent()
        .is_some_and(|parent| node_matches!(parent, NodeValue::Document));
    let is_note = node_matches!(node, NodeValue::FootnoteDefinition(_));
    if !of_text || is_note || node.previous_sibling().is_none() {
        return Ok(());
    }
    let token = context.user.line(node.data().sourcepos.start.line);
    context.cr()?;
    context.write_str(&token)
}

fn write_heading(context: &mut Context<'_, '_, State>, level: u8, entering: bool) -> fmt::Result {
    let state = &mut context.user;
    let Some(heading) = state.headings.list.get(state.next_heading) else {
        return Ok(());
    };
    let id = escape(&heading.id);
    if entering {
        context.cr()?;
        return write!(context, "<h{level} id=\"{id}\">");
    }
    state.next_heading += 1;
    // The sign is the stylesheet's: as text it would land in the plain text and in copies.
    let anchor = format!(
        "<a class=\"anchor\" href=\"#{}\" aria-label=\"Link to “{}”\"></a>",
        super::tags::fragment(&heading.id),
        escape(&heading.text),
    );
    let token = state.tokens.put(anchor, String::new());
    writeln!(context, "{token}</h{level}>")
}

fn write_code_block(context: &mut Context<'_, '_, State>, block: &NodeCodeBlock) -> fmt::Result {
    context.cr()?;
    let language = language(&block.info);
    if language == "math" {
        let token = context.user.math(&block.literal, true);
        return writeln!(context, "<p>{token}</p>");
    }
    let state = &mut context.user;
    let began = cpu::time();
    let coloured = highlight::highlight(&block.literal, language, &mut state.code_budget);
    state.apart += cpu::time().saturating_sub(began);
    // Plain code takes a token too: the sanitiser is slow on long text and has nothing to do here.
    let html = coloured.unwrap_or_else(|| escape(&block.literal));
    let code = state.tokens.put(html, format!("{}\n", block.literal));
    let class = match language {
        "" => String::new(),
        language => format!(" class=\"language-{}\"", language.to_ascii_lowercase()),
    };
    writeln!(context, "<pre><code{class}>{code}</code></pre>")
}

/// The language of a fence: the first word of `rust,ignore`, `rust {linenos=true}`, `{.rust}` or
/// `js:title.js`; empty if it is none.
fn language(info: &str) -> &str {
    let info = info.trim_start_matches(['{', '.', ' ']);
    let name = info
        .split([' ', '\t', ',', '{', '}', ':', '='])
        .next()
        .unwrap_or_default();
    if attributes::is_language(name) {
        name
    } else {
        ""
    }
}

fn write_math(context: &mut Context<'_, '_, State>, math: &NodeMath) -> fmt::Result {
    let token = context.user.math(&math.literal, math.display_math);
    context.write_str(&token)
}

/// Check boxes are trusted HTML, so that the sanitiser never has to allow `input`.
fn write_task(
    context: &mut Context<'_, '_, State>,
    node: Node<'_>,
    done: bool,
    entering: bool,
) -> fmt::Result {
    let in_list = node
        .parent()
        .is_some_and(|parent| node_matches!(parent, NodeValue::List(_)));
    if !entering {
        return context.write_str(if in_list { "</li>\n" } else { "" });
    }
    context.cr()?;
    let checked = if done { " checked" } else { "" };
    let html = format!("<input type=\"checkbox\" disabled{checked} aria-label=\"Done\">");
    let token = context.user.tokens.put(html, String::new());
    let item = if in_list {
        "<li class=\"task-list-item\">"
    } else {
        ""
    };
    write!(context, "{item}{token} ")
}
