//! Where a link of one document to another leads: to the address that the other one had on the old site. That same address
//! leads to it here, so both follow one rule.

use std::sync::LazyLock;

use percent_encoding::percent_decode_str;
use regex::{Captures, Regex};

use super::body;
use super::body::prose::in_text;
use super::warnings::{Warnings, quoted};

/// A document of the folder, as others link to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) address: String,
    pub(super) title: String,
}

/// How a document names another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reference {
    /// A file, seen from the document, or from where documents lie.
    File,
    /// A file, seen from where documents lie.
    FromRoot,
    /// The name of a post, with or without folders and ending.
    Post,
}

pub(super) trait Pages {
    fn find(&self, from: &str, reference: Reference, name: &str) -> Option<Page>;
}

/// A document whose links are looked up.
pub(super) struct Linking<'a> {
    pub(super) from: &'a str,
    pub(super) pages: &'a dyn Pages,
}

impl Linking<'_> {
    /// Its address, with the part of the page that the link names.
    pub(super) fn find(&self, written: &str, reference: Reference) -> Option<Page> {
        let (file, part) = written
            .split_once('#')
            .map_or((written, None), |(file, part)| (file, Some(part)));
        let file = percent_decode_str(file.trim()).decode_utf8().ok()?;
        if file.is_empty() {
            return None;
        }
        let mut page = self.pages.find(self.from, reference, &file)?;
        if let Some(part) = part {
            page.address = format!("{}#{part}", page.address);
        }
        Some(page)
    }
}

/// What a link became that was found.
pub(super) fn note(written: &str, page: &Page) -> String {
    format!(
        "the link to {:?} became {}, which leads to that document",
        quoted(written),
        page.address
    )
}

/// `[a](../b.md#c)`: Hugo, and plug-ins of others, lead it to the page of that file.
pub(super) fn with_addresses(text: &str, linking: &Linking<'_>, warnings: &mut Warnings) -> String {
    static FILE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(\]\([ \t]*|(?m:^[ ]{0,3}\[[^\[\]\n]+\]:[ \t]*))<?([^()\s<>:#?]+\.(?:md|markdown)(?:#[^()\s<>]*)?)>?")
            .expect("a fixed pattern")
    });
    in_text(text, |part| {
        FILE.replace_all(part, |found: &Captures<'_>| {
            match linking.find(&found[2], Reference::File) {
                Some(page) => {
                    warnings.add(note(&found[2], &page));
                    format!("{}{}", &found[1], body::destination(&page.address))
                }
                None => found[0].to_owned(),
            }
        })
        .into_owned()
    })
}

/// Of a document that stands alone.
#[cfg(test)]
pub(super) struct NoPages;

#[cfg(test)]
impl Pages for NoPages {
    fn find(&self, _: &str, _: Reference, _: &str) -> Option<Page> {
        None
    }
}
