//! What a document says of itself, field by field.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use regex::Regex;

use super::language;
use super::location::Location;
use super::moment::Zone;
use super::value::Table;
use super::warnings::{Warnings, quoted};
use super::{dates, text};

pub(super) fn title(
    fields: &Table,
    location: &Location<'_>,
    body: String,
    warnings: &mut Warnings,
) -> (String, String) {
    if let Some(title) = fields
        .text(&["title"])
        .map(text::plain)
        .filter(|title| !title.is_empty())
    {
        return (title, body);
    }
    if let Some((title, rest)) = first_heading(&body) {
        warnings.add(
            "no title was given: the first heading became the title and was taken out of the text",
        );
        return (title, rest.to_owned());
    }
    let title = text::from_file_stem(location.name);
    if !title.is_empty() {
        warnings.add("no title was given: it was made from the file name");
    }
    (title, body)
}

/// A heading that the text begins with, and the text below it.
fn first_heading(body: &str) -> Option<(String, &str)> {
    static HEADING: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^\s*# +([^\r\n]*?)[ \t#]*(?:\r?\n|$)").expect("a fixed pattern")
    });
    let found = HEADING.captures(body)?;
    let title = text::plain(&found[1]);
    let is_title = !title.is_empty() && !title.contains("{{");
    is_title.then(|| (title, &body[found.get_match().end()..]))
}

pub(super) fn slug(fields: &Table, location: &Location<'_>) -> Option<String> {
    let last_of_path = || {
        fields.text(&["path", "permalink", "url"]).and_then(|path| {
            let last = path.trim_end_matches('/').rsplit('/').next()?;
            let last = last.strip_suffix(".html").unwrap_or(last);
            (!last.is_empty() && !last.contains([':', '%'])).then_some(last)
        })
    };
    let slug = fields
        .text(&["slug", "basename"])
        .or_else(last_of_path)
        .unwrap_or(location.name);
    let slug = slug.trim_matches('/');
    (!slug.is_empty()).then(|| slug.to_owned())
}

pub(super) fn updated(
    fields: &Table,
    zone: Zone,
    warnings: &mut Warnings,
) -> Option<DateTime<Utc>> {
    let written = fields.text(&UPDATED)?;
    let read = dates::parse(written, zone);
    match read {
        Some(moment) if moment.zone_assumed => {
            warnings.add("the date of the last change has no zone: UTC was assumed")
        }
        Some(_) => {}
        None => warnings.add(format!(
            "the date of the last change {:?} was not understood",
            quoted(written)
        )),
    }
    read.map(|moment| moment.at)
}

const UPDATED: [&str; 5] = [
    "updated",
    "lastmod",
    "last_modified_at",
    "updated_at",
    "modified",
];

pub(super) fn description(fields: &Table) -> Option<String> {
    ["description", "summary", "excerpt", "deck", "subtitle"]
        .iter()
        .filter_map(|name| fields.text(&[name]))
        .map(text::plain)
        .find(|text| !text.is_empty())
}

/// An empty body that only points elsewhere is that other text's announcement, so the other one is canonical.
pub(super) fn canonical(
    fields: &Table,
    source_url: Option<&str>,
    is_pointer: bool,
    warnings: &mut Warnings,
) -> Option<String> {
    let written = fields
        .text(&["canonical_url", "canonicalURL", "canonical"])
        .or(source_url.filter(|_| is_pointer))?;
    if text::is_web_address(written) {
        return Some(written.to_owned());
    }
    if !written.starts_with('/') {
        warnings.add(format!(
            "the canonical address {:?} is no web address and was dropped",
            quoted(written)
        ));
    }
    None
}

pub(super) fn body_or_pointer(
    body: String,
    source_url: Option<&str>,
    warnings: &mut Warnings,
) -> String {
    let Some(url) = source_url.filter(|_| body.trim().is_empty()) else {
        return body;
    };
    let Some(pointer) = pointer(url) else {
        warnings.add(format!(
            "the text is empty, and {:?}, where it points, is no address",
            quoted(url)
        ));
        return body;
    };
    warnings.add("the text is empty and points elsewhere: it became a link to that place");
    pointer
}

fn pointer(url: &str) -> Option<String> {
    let breaks_link = |c: char| c.is_whitespace() || c.is_control() || "()<>[]\\".contains(c);
    if text::is_web_address(url) {
        return Some(format!("Read it at <{url}>.\n"));
    }
    (url.starts_with('/') && !url.contains(breaks_link))
        .then(|| format!("Read it at [{url}]({url}).\n"))
}

pub(super) fn language(fields: &Table, location: &Location<'_>) -> Option<String> {
    fields
        .text(&["lang", "language", "locale"])
        .filter(|text| language::language_tag(text).is_some())
        .or(location.language)
        .map(str::to_owned)
}
