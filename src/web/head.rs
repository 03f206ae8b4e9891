//! What a page says of itself to browsers, search engines and those who show links to it.

use serde_json::Value;

use crate::messages::Message;

/// Feeds that a page announces; `base` is the path before `/feed.atom`.
#[derive(Clone, Debug)]
pub struct FeedLink {
    /// Names the feed for readers that find several.
    pub title: String,
    /// Without the ending: `/t/rust`, or empty for the whole site.
    pub base: String,
}

/// What the `<head>` says about the page.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// Without the name of the site, which the frame adds.
    pub title: String,
    /// For search engines and cards; plain text.
    pub description: String,
    /// Whole address of the one canonical form; empty on private pages.
    pub canonical: String,
    /// Asks search engines not to list the page.
    pub noindex: bool,
    /// Announced as `rel=alternate`.
    pub feeds: Vec<FeedLink>,
    /// What links to the page show; `None`: the site's social image, if it has one.
    pub image: Option<HeadImage>,
    /// OpenGraph type: `website`, `article`, `profile`. Empty: no card.
    pub kind: &'static str,
    /// More `<meta property=…>` pairs.
    pub properties: Vec<(&'static str, String)>,
    /// Structured data (schema.org).
    pub json_ld: Option<Value>,
}

/// What links to a page show.
#[derive(Clone, Debug)]
pub struct HeadImage {
    /// Its whole address.
    pub address: String,
    /// What it shows, in words; may be empty.
    pub alt: String,
    /// Width and height in pixels, where they are known.
    pub size: Option<(u32, u32)>,
}

impl Head {
    /// A page that search engines shall not list: what is private, and errors.
    pub fn titled(title: Message) -> Self {
        Head {
            title: title.into(),
            noindex: true,
            ..Head::default()
        }
    }

    /// JSON-LD as it can stand inside a script element: `<` never appears, so no text of an author can
    /// end the element.
    pub fn json_ld_text(&self) -> Option<String> {
        self.json_ld.as_ref().map(|v| {
            v.to_string()
                .replace('<', "\\u003c")
                .replace('\u{2028}', "\\u2028")
                .replace('\u{2029}', "\\u2029")
        })
    }
}
