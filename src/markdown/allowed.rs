//! The tags and attributes that authors may write.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

use super::attributes::attribute;

pub(super) static ALLOWED: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(TAGS.into_iter().collect())
        .clean_content_tags(DROPPED_WITH_CONTENT.into_iter().collect())
        .generic_attributes(HashSet::from(["lang", "dir", "title", "id"]))
        .tag_attributes(attributes())
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(UrlRelative::PassThrough)
        .link_rel(None)
        .strip_comments(true)
        .attribute_filter(attribute);
    builder
});

/// Never add `svg`, `math`, `style`, or a tag whose content is raw text (`iframe`, `title`,
/// `textarea`, `xmp`, `noscript`, `noembed`, `noframes`, `plaintext`): the sanitiser's tree and
/// the browser's can then differ, and `tags` could no longer read the result.
const TAGS: [&str; 74] = [
    "a",
    "abbr",
    "aside",
    "audio",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "source",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "u",
    "ul",
    "var",
    "video",
    "wbr",
    "address",
    "article",
    "center",
    "header",
    "footer",
    "hgroup",
    "strike",
];

const DROPPED_WITH_CONTENT: [&str; 10] = [
    "script", "style", "iframe", "object", "embed", "template", "noscript", "svg", "math", "select",
];

pub(super) fn attributes() -> HashMap<&'static str, HashSet<&'static str>> {
    HashMap::from([
        ("a", HashSet::from(["href"])),
        ("img", HashSet::from(["src", "alt", "width", "height"])),
        ("video", HashSet::from(["src", "poster", "width", "height"])),
        ("audio", HashSet::from(["src"])),
        ("source", HashSet::from(["src", "type"])),
        (
            "td",
            HashSet::from(["align", "class", "colspan", "rowspan"]),
        ),
        (
            "th",
            HashSet::from(["align", "class", "colspan", "rowspan", "scope"]),
        ),
        ("col", HashSet::from(["span"])),
        ("colgroup", HashSet::from(["span"])),
        ("ol", HashSet::from(["start", "reversed"])),
        ("li", HashSet::from(["value", "class"])),
        ("time", HashSet::from(["datetime"])),
        ("del", HashSet::from(["cite", "datetime"])),
        ("ins", HashSet::from(["cite", "datetime"])),
        ("blockquote", HashSet::from(["cite"])),
        ("q", HashSet::from(["cite"])),
        ("details", HashSet::from(["open"])),
        ("code", HashSet::from(["class"])),
        ("div", HashSet::from(["class"])),
        ("p", HashSet::from(["class"])),
        ("figure", HashSet::from(["class"])),
        ("ul", HashSet::from(["class"])),
        ("section", HashSet::from(["class"])),
    ])
}
