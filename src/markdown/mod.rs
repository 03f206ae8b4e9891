//! Markdown in, safe HTML out. This room knows nothing of posts, databases or HTTP.
//!
//! A source text goes through five steps, in this order, and the order is the safety argument:
//!
//! 1. `limits`: the size and the quote depth are checked before anything is parsed, and everything after that has a
//!    limit of CPU time (`cpu`);
//! 2. `render`: comrak makes HTML. Whatever we make ourselves and trust (coloured code, MathML,
//!    check boxes, footnote links) is *not* in it, only a token with a random number that no
//!    author can guess;
//! 3. `sanitise`: ammonia keeps an allow-list of tags and attributes, until the result is stable;
//! 4. `finish`: tokens in text (never in attributes) become the trusted HTML, tables get their
//!    scroll box, links inside the document find their headings;
//! 5. the plain text for search and descriptions falls out of the same walk.
//!
//! To change what authors may write, change `sanitise`; to change what Markdown turns into, change
//! `render`; after either, raise [`RENDERER_VERSION`], because rendered HTML is stored under it.

#![warn(missing_docs)]

mod attributes;
mod cpu;
mod direction;
mod dollars;
mod excerpt;
mod finish;
mod footnotes;
mod headings;
mod highlight;
mod limits;
mod math;
mod media;
mod normalise;
mod raw_html;
mod reading;
mod render;
mod sanitise;
mod slug;
mod tags;
mod tokens;

#[cfg(test)]
mod attack_tests;
#[cfg(test)]
mod dollars_tests;
#[cfg(test)]
mod old_html_tests;
#[cfg(test)]
mod render_tests;

pub use direction::{direction, direction_attribute};
pub use excerpt::excerpt;
pub use highlight::highlight_classes;
pub use media::{is_insecure_address, secure_address};
pub use normalise::{NormaliseError, normalise};
pub use sanitise::clean;
pub use slug::{ascii_slug, slug};

/// Part of every cache key of rendered HTML. Raise it whenever the same source would give other
/// HTML, also after an update of comrak, ammonia, syntect or pulldown-latex: a job then renders again what is stored
/// (`features::rerender`). Nothing but the source and this number may decide what HTML comes out, no setting of a site.
pub const RENDERER_VERSION: i32 = 3;

/// The longest post source, in bytes.
pub const POST_LIMIT_BYTES: usize = 1024 * 1024;

/// The longest comment source, in bytes.
pub const COMMENT_LIMIT_BYTES: usize = 64 * 1024;

/// What one source text became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Sanitised HTML, to be put into the page without escaping.
    pub html: String,
    /// What a reader reads, without markup, one block per line. For search and descriptions.
    pub text: String,
    /// Words; each Chinese or Japanese character counts as one.
    pub words: u32,
    /// Reading time in minutes, rounded up: 220 words or 500 Chinese/Japanese characters each.
    /// 0 only when there is nothing to read.
    pub minutes: u32,
    /// In document order, for a table of contents.
    pub headings: Vec<Heading>,
    /// Whether the HTML holds MathML, so that a page can leave out the math stylesheet.
    pub has_math: bool,
    /// The address of the first image, http(s) or relative, as it stands in the HTML (decoded).
    pub first_image: Option<String>,
    /// Pictures, sounds and films whose addresses had to become `https:`, for their author to know.
    pub insecure_media: usize,
}

/// One heading of a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// The element's id, with its `h-` prefix; link to it with `#` and this.
    pub id: String,
    /// The heading without markup.
    pub text: String,
}

/// Why a source text was not rendered. Each message can be shown to the author.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// Longer than [`POST_LIMIT_BYTES`] or [`COMMENT_LIMIT_BYTES`].
    #[error(
        "The text is longer than {} KiB. Shorten it or split it into several parts.",
        limit_bytes / 1024
    )]
    TooLong {
        /// Bytes of UTF-8.
        limit_bytes: usize,
    },
    /// comrak walks all open quotes for each line, so depth times length is what a text costs.
    #[error(
        "Line {line} starts more than {limit} quotes inside each other. Remove some of its “>” signs."
    )]
    QuotesTooDeep {
        /// Where it begins, counted from 1.
        line: usize,
        /// The most that one line may open.
        limit: usize,
    },
    /// The parser of HTML walks all open elements for each tag.
    #[error(
        "Elements are nested more than {limit} levels deep where a <{element}> begins. Close or remove some of the quotes, lists, emphasis or HTML tags around it."
    )]
    TooDeep {
        /// The deepest that is read.
        limit: usize,
        /// The first one that lies too deep.
        element: String,
    },
    /// Each element costs some microseconds in the parser.
    #[error(
        "The text becomes more than {limit} elements. Split it into several parts, or remove long runs of marks."
    )]
    TooManyElements {
        /// The most that are made.
        limit: usize,
    },
    /// The time for parsing was used up; what comrak has begun is given up.
    #[error(
        "The part that begins in line {line} takes too long to read as Markdown. Look there for very long runs of signs such as * _ [ ] ` or <, and remove them."
    )]
    MarkdownTooSlow {
        /// Where the dearest part begins, counted from 1.
        line: usize,
    },
    /// The time for sanitising was used up.
    #[error(
        "The HTML of this text takes too long to check. Look for many tags that are never closed, and close them."
    )]
    HtmlTooSlow,
    /// The parser of HTML compares each attribute with all before it.
    #[error(
        "A tag <{element}> is too long: it holds more than {limit} blanks and quotation marks. Shorten it."
    )]
    TagTooLong {
        /// Its name.
        element: String,
        /// The most blanks and quotation marks in one tag.
        limit: usize,
    },
    /// The writer of HTML would look at the same bytes again for each sign.
    #[error(
        "The part that begins “{start}” holds too many special signs (& or letters such as § and é) without a break. Divide it into paragraphs."
    )]
    TooManySigns {
        /// The first words of that part.
        start: String,
    },
}

/// Renders a post: full GitHub Markdown, footnotes, math, alerts, sanitised raw HTML.
///
/// Smart punctuation is off: quotes and dashes stay as the author typed them, so that text can be
/// copied back byte for byte and code in prose is never changed.
///
/// # Errors
/// [`RenderError`] if the source is longer than [`POST_LIMIT_BYTES`], nests too deep or takes more
/// CPU time than its limit. Invalid Markdown, HTML or LaTeX is never an error, and neither are code
/// and formulas that take too long: they are shown plain.
pub fn post(source: &str) -> Result<Rendered, RenderError> {
    render::render(source, render::Kind::Post)
}

/// Renders a comment: as a post, but headings become bold paragraphs, images become links, raw
/// HTML is shown as text, and there are no footnotes or ids (many comments share one page).
///
/// # Errors
/// As for [`post`], with [`COMMENT_LIMIT_BYTES`].
pub fn comment(source: &str) -> Result<Rendered, RenderError> {
    render::render(source, render::Kind::Comment)
}
