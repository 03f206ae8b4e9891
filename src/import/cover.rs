//! The picture that stands for a document.

use super::text;
use super::value::{Table, Value};
use super::warnings::{Warnings, quoted};

/// A picture named in the front matter. Its file is not read; `url` is as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cover {
    pub url: String,
    pub alt: Option<String>,
}

pub(super) fn read(fields: &Table, warnings: &mut Warnings) -> Option<Cover> {
    let (url, alt) = picture(named(fields)?)?;
    if !text::looks_like_picture(url) {
        warnings.add(format!(
            "the cover {:?} is a name, not the address of a picture: it was dropped",
            quoted(url)
        ));
        return None;
    }
    if !text::is_web_address(url) {
        warnings.add(format!(
            "the cover picture {:?} is not imported, its address is kept",
            quoted(url)
        ));
    }
    Some(Cover {
        url: url.to_owned(),
        alt: alt.map(text::plain),
    })
}

const NAMES: [&str; 10] = [
    "cover",
    "image",
    "featured_image",
    "featuredImage",
    "thumbnail",
    "banner",
    "hero",
    "primary_image",
    "images",
    "photos",
];

/// The first field that names a picture, at the top or in one of the tables where Zola and Hugo sites keep them.
fn named(fields: &Table) -> Option<&Value> {
    let nested = ["extra", "params"]
        .iter()
        .filter_map(|name| fields.table(name));
    std::iter::once(fields).chain(nested).find_map(|table| {
        NAMES
            .iter()
            .filter_map(|name| table.get(name))
            .find(|value| picture(value).is_some())
    })
}

fn picture(value: &Value) -> Option<(&str, Option<&str>)> {
    match value {
        Value::Map(table) => Some((
            table.text(&["url", "src", "path", "image", "feature", "uid", "filename"])?,
            table.text(&["alt", "caption"]),
        )),
        other => other.texts().first().map(|url| (*url, None)),
    }
}
