//! Markdown to untrusted HTML with tokens, and the way through the other steps.

use comrak::html::format_document_with_formatter;
use comrak::{Arena, options::Plugins, try_parse_document};

use super::deadline::Deadline;
use super::error::RenderError;
use super::format::format;
use super::headings::Headings;
use super::limits::{self, COMMENT_LIMIT_BYTES, POST_LIMIT_BYTES};
use super::options::options;
use super::rendered::Rendered;
use super::state::{Kind, State};
use super::{dollars, dropped_elements, finish, normalise, reading, sanitise};

pub(super) fn render(source: &str, kind: Kind) -> Result<Rendered, RenderError> {
    limits::source(source, limit(kind))?;
    let deadline = deadline(kind);
    let (html, state) = untrusted(source, kind, deadline)?;
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
        first_image: finished.first_image,
        insecure_media: finished.insecure_media,
    })
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

fn untrusted(source: &str, kind: Kind, deadline: Deadline) -> Result<(String, State), RenderError> {
    let options = options(kind);
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
    let headings = if kind == Kind::Post {
        Headings::collect(root)
    } else {
        Headings::default()
    };
    limits::headings(headings.list.len())?;
    let state = State::new(kind, headings);
    let mut html = String::with_capacity(source.len() * 2);
    let plugins = Plugins::default();
    let state = format_document_with_formatter(root, &options, &mut html, &plugins, format, state)
        .expect("writing to a String cannot fail");
    Ok((html, state))
}
