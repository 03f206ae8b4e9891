//! Markdown to untrusted HTML with tokens, and the way through the other steps.

use comrak::html::format_document_with_formatter;
use comrak::nodes::Node;
use comrak::{Arena, options::Plugins, try_parse_document};

use super::deadline::Deadline;
use super::error::RenderError;
use super::format::format;
use super::headings::Headings;
use super::limits::{self, COMMENT_LIMIT_BYTES, POST_LIMIT_BYTES};
use super::options::options;
use super::rendered::Rendered;
use super::state::{Kind, State};
use super::typography::Typography;
use super::{dollars, dropped_elements, finish, normalise, reading, sanitise};

/// What a text is, and what its HTML is for.
#[derive(Clone, Copy)]
pub(super) struct Purpose<'a> {
    pub(super) kind: Kind,
    pub(super) typography: &'a Typography,
    /// Each block is preceded by the line of the source that it begins in.
    pub(super) marks_lines: bool,
}

pub(super) fn render(source: &str, purpose: Purpose<'_>) -> Result<Rendered, RenderError> {
    let Purpose {
        kind, typography, ..
    } = purpose;
    limits::source(source, limit(kind))?;
    let deadline = deadline(kind);
    let (html, state) = untrusted(source, purpose, deadline)?;
    limits::elements(&html, state.tokens.len())?;
    let clean = sanitise::clean_until(&html, deadline.later(state.apart))?;
    let finished = finish::finish(&clean, &state.tokens, &state.headings.targets);
    let (words, minutes) = reading::measure(&finished.text);
    Ok(Rendered {
        html: finished.html,
        text: finished.text,
        words,
        minutes,
        headings: state.headings.list,
        has_math: state.has_math,
        typography: typography.clone(),
        first_image: finished.first_image,
        insecure_media: finished.insecure_media,
    })
}

/// Sets the punctuation and gives the headings, whose ids are made of what was typed: links to them stay.
fn headings<'a>(root: Node<'a>, kind: Kind, typography: &Typography) -> Headings {
    let mut headings = match kind {
        Kind::Post => Headings::collect(root),
        Kind::Comment => Headings::default(),
    };
    typography.set(root);
    if typography.is_on() && kind == Kind::Post {
        headings.read_again(root);
    }
    headings
}

fn limit(kind: Kind) -> usize {
    match kind {
        Kind::Post => POST_LIMIT_BYTES,
        Kind::Comment => COMMENT_LIMIT_BYTES,
    }
}

fn deadline(kind: Kind) -> Deadline {
    match kind {
        Kind::Post => Deadline::of_post(),
        Kind::Comment => Deadline::of_comment(),
    }
}

fn untrusted(
    source: &str,
    purpose: Purpose<'_>,
    deadline: Deadline,
) -> Result<(String, State), RenderError> {
    let Purpose {
        kind, typography, ..
    } = purpose;
    let options = options(kind, typography.is_on());
    let arena = Arena::new();
    let source = &normalise::without_controls(source);
    let covered = dollars::cover(source);
    let root = try_parse_document(&arena, &covered.source, &options, &|| deadline.is_over())
        .map_err(|_| RenderError::MarkdownTooSlow {
            line: limits::densest_part(source),
        })?;
    covered.uncover(root);
    if kind == Kind::Post {
        dropped_elements::drop_elements(root);
    }
    let headings = headings(root, kind, typography);
    limits::headings(headings.list.len())?;
    let state = State::new(kind, headings).with_lines(purpose.marks_lines);
    let mut html = String::with_capacity(source.len() * 2);
    let plugins = Plugins::default();
    let state = format_document_with_formatter(root, &options, &mut html, &plugins, format, state)
        .expect("writing to a String cannot fail");
    Ok((html, state))
}
