//! Markdown in, safe HTML out. This room knows nothing of posts, databases or HTTP.
//!
//! A source text goes through five steps, in this order, and the order is the safety argument:
//!
//! 1. `limits`: the size and the quote depth are checked before anything is parsed, and everything after that has a
//!    limit of CPU time (`deadline`);
//! 2. `render`: comrak reads it, `typography` sets the punctuation where that is asked for, and comrak makes HTML. Whatever we make ourselves and trust (coloured code, MathML,
//!    check boxes, footnote links) is *not* in it, only a token with a random number that no
//!    author can guess;
//! 3. `sanitise`: ammonia keeps an allow-list of tags and attributes, until the result is stable;
//! 4. `finish`: tokens in text (never in attributes) become the trusted HTML, tables get their
//!    scroll box, links inside the document find their headings;
//! 5. the plain text for search and descriptions falls out of the same walk.
//!
//! To change what authors may write, change the tags and attributes in `allowed` and their values in `attributes`; to change
//! what Markdown turns into, change `options` and `render`; after either, raise [`RENDERER_VERSION`], because rendered HTML is stored under it.

#![warn(missing_docs)]

mod allowed;
mod attributes;
mod blocks;
mod check;
mod cpu;
mod deadline;
mod direction;
mod dollars;
mod dropped_elements;
mod error;
mod excerpt;
mod finish;
mod footnotes;
mod format;
mod headings;
mod highlight;
mod images;
mod letters;
mod limits;
mod link_targets;
mod marked_paragraphs;
mod math;
mod mathml;
mod media;
mod normalise;
mod opening;
mod options;
mod outline;
mod paragraphs;
mod plain_dollars;
mod plain_text;
mod raw_html;
mod reading;
mod render;
mod rendered;
mod rescans;
mod sanitise;
mod sidenotes;
mod slug;
mod state;
mod tags;
mod tokens;
mod typography;

#[cfg(test)]
mod attack_tests;
#[cfg(test)]
mod dollars_tests;
#[cfg(test)]
mod old_html_tests;
#[cfg(test)]
mod render_tests;

pub use blocks::blocks;
pub use check::{Checked, Slip, check};
pub use direction::{direction, direction_attribute};
pub use error::RenderError;
pub use excerpt::excerpt;
pub use highlight::highlight_classes;
pub use limits::{COMMENT_LIMIT_BYTES, POST_LIMIT_BYTES};
pub use marked_paragraphs::{MarkedPiece, marked_post};
pub use media::{is_insecure_address, secure_address};
pub use normalise::{NormaliseError, normalise};
pub use opening::{Opening, opening};
pub use outline::outline;
pub use paragraphs::paragraphs;
pub use rendered::{Heading, Rendered};
pub use sanitise::clean;
pub use slug::{ascii_slug, slug};
pub use typography::Typography;

/// Part of every cache key of rendered HTML. Raise it whenever the same source would give other
/// HTML, also after an update of comrak, ammonia, syntect or pulldown-latex: a job then renders again what is stored
/// (`features::rerender`). Nothing but the source, this number and the [`Typography`], which is stored beside the HTML, may decide
/// what HTML comes out.
pub const RENDERER_VERSION: i32 = 6;

/// Renders a post: full GitHub Markdown, footnotes, math, alerts, sanitised raw HTML. Its punctuation stays as it was typed.
///
/// # Errors
/// [`RenderError`] if the source is longer than [`POST_LIMIT_BYTES`], nests too deep or takes more
/// CPU time than its limit. Invalid Markdown, HTML or LaTeX is never an error, and neither are code
/// and formulas that take too long: they are shown plain.
pub fn post(source: &str) -> Result<Rendered, RenderError> {
    post_in(source, &Typography::OFF)
}

/// As [`post`], with the punctuation of a language.
///
/// # Errors
/// As for [`post`].
pub fn post_in(source: &str, typography: &Typography) -> Result<Rendered, RenderError> {
    render::render(source, purpose(state::Kind::Post, typography))
}

/// As [`post_in`], for a preview beside the source: before each block but the first stands an empty element whose `data-line` is the line
/// that the block begins in. Such HTML is not stored.
///
/// # Errors
/// As for [`post`].
pub fn post_with_lines(source: &str, typography: &Typography) -> Result<Rendered, RenderError> {
    let purpose = render::Purpose {
        marks_lines: true,
        ..purpose(state::Kind::Post, typography)
    };
    render::render(source, purpose)
}

fn purpose(kind: state::Kind, typography: &Typography) -> render::Purpose<'_> {
    render::Purpose {
        kind,
        typography,
        marks_lines: false,
    }
}

/// Renders a comment: as a post, but headings become bold paragraphs, images become links, raw
/// HTML is shown as text, and there are no footnotes or ids (many comments share one page).
///
/// # Errors
/// As for [`post`], with [`COMMENT_LIMIT_BYTES`].
pub fn comment(source: &str) -> Result<Rendered, RenderError> {
    comment_in(source, &Typography::OFF)
}

/// As [`comment`], with the punctuation of a language.
///
/// # Errors
/// As for [`comment`].
pub fn comment_in(source: &str, typography: &Typography) -> Result<Rendered, RenderError> {
    render::render(source, purpose(state::Kind::Comment, typography))
}
