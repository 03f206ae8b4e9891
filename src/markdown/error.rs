//! Why a source text is not rendered.

/// Why a source text was not rendered. Each message can be shown to the author.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// Longer than [`POST_LIMIT_BYTES`](super::POST_LIMIT_BYTES) or [`COMMENT_LIMIT_BYTES`](super::COMMENT_LIMIT_BYTES).
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
