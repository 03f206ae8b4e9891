//! What a source text becomes.

use super::typography::Typography;

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
    /// How the punctuation was set.
    pub typography: Typography,
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
