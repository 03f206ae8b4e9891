//! Why a source text is not rendered.

use crate::messages::{Message, text};

/// Why a source text was not rendered. Each message can be shown to the author.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message().in_english())]
pub enum RenderError {
    /// Longer than [`POST_LIMIT_BYTES`](super::POST_LIMIT_BYTES) or [`COMMENT_LIMIT_BYTES`](super::COMMENT_LIMIT_BYTES).
    TooLong {
        /// Bytes of UTF-8.
        limit_bytes: usize,
    },
    /// comrak walks all open quotes for each line, so depth times length is what a text costs.
    QuotesTooDeep {
        /// Where it begins, counted from 1.
        line: usize,
        /// The most that one line may open.
        limit: usize,
    },
    /// The parser of HTML walks all open elements for each tag.
    TooDeep {
        /// The deepest that is read.
        limit: usize,
        /// The first one that lies too deep.
        element: String,
    },
    /// Each element costs some microseconds in the parser.
    TooManyElements {
        /// The most that are made.
        limit: usize,
    },
    /// The time for parsing was used up; what comrak has begun is given up.
    MarkdownTooSlow {
        /// Where the dearest part begins, counted from 1.
        line: usize,
    },
    /// The time for sanitising was used up.
    HtmlTooSlow,
    /// The parser of HTML compares each attribute with all before it.
    TagTooLong {
        /// Its name.
        element: String,
        /// The most blanks and quotation marks in one tag.
        limit: usize,
    },
    /// The writer of HTML would look at the same bytes again for each sign.
    TooManySigns {
        /// The first words of that part.
        start: String,
    },
}

impl RenderError {
    /// What people are told.
    pub fn message(&self) -> Message {
        match self {
            RenderError::TooLong { limit_bytes } => text::markdown_too_long(limit_bytes / 1024),
            RenderError::QuotesTooDeep { line, limit } => {
                text::markdown_quotes_too_deep(line, limit)
            }
            RenderError::TooDeep { limit, element } => {
                text::markdown_too_deep(format!("<{element}>"), limit)
            }
            RenderError::TooManyElements { limit } => text::markdown_too_many_elements(limit),
            RenderError::MarkdownTooSlow { line } => text::markdown_too_slow(line),
            RenderError::HtmlTooSlow => text::markdown_html_too_slow(),
            RenderError::TagTooLong { element, limit } => {
                text::markdown_tag_too_long(format!("<{element}>"), limit)
            }
            RenderError::TooManySigns { start } => text::markdown_too_many_signs(start),
        }
    }
}
