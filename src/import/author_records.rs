//! What the site knows about its authors, from pages and tables of its folder.

use std::collections::HashMap;

use super::text;
use super::value::Table;

/// What the site knows about an author. E-mail addresses are never taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorRecord {
    pub key: String,
    pub name: String,
    pub bio: Option<String>,
    pub url: Option<String>,
    /// An absolute address, or a path on the old site.
    pub avatar: Option<String>,
    pub organisation: Option<String>,
}

/// The site's author records, found by key, then by slug or name.
#[derive(Debug, Default)]
pub(super) struct Directory {
    pub(super) records: Vec<AuthorRecord>,
    by_key: HashMap<String, usize>,
}

impl Directory {
    /// `key` is the record's file or folder name, or its name in a data file. The first record of a key stays.
    pub(super) fn add(&mut self, key: &str, fields: &Table, body: &str) {
        let record = record(key, fields, body);
        let index = self.records.len();
        let mut names = vec![key.to_lowercase()];
        names.extend(fields.text(&["slug", "uid"]).map(str::to_lowercase));
        names.push(record.name.to_lowercase());
        for name in names {
            self.by_key.entry(name).or_insert(index);
        }
        self.records.push(record);
    }

    pub(super) fn find(&self, key: &str) -> Option<&AuthorRecord> {
        self.by_key
            .get(&key.trim_start_matches('@').to_lowercase())
            .map(|index| &self.records[*index])
    }
}

fn record(key: &str, fields: &Table, body: &str) -> AuthorRecord {
    let body = body.trim();
    AuthorRecord {
        key: key.to_owned(),
        name: plain_text(fields, &["display_name", "name", "title"])
            .or_else(|| full_name(fields))
            .unwrap_or_else(|| key.to_owned()),
        bio: plain_text(fields, &["bio", "description", "summary", "about"])
            .or_else(|| (!body.is_empty()).then(|| body.to_owned())),
        url: own_site(fields),
        avatar: avatar(fields),
        organisation: plain_text(fields, &ORGANISATION),
    }
}

const ORGANISATION: [&str; 5] = [
    "organisation",
    "organization",
    "agency_full_name",
    "company",
    "affiliation",
];

fn plain_text(fields: &Table, names: &[&str]) -> Option<String> {
    fields
        .text(names)
        .map(text::plain)
        .filter(|text| !text.is_empty())
}

fn full_name(fields: &Table) -> Option<String> {
    let parts: Vec<&str> = ["first_name", "last_name"]
        .iter()
        .filter_map(|name| fields.text(&[name]))
        .collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// A profile on GitHub stands in for a site.
fn own_site(fields: &Table) -> Option<String> {
    let url = fields
        .text(&["url", "website", "homepage", "web", "link"])
        .filter(|url| text::is_web_address(url));
    let github = fields
        .text(&["github"])
        .filter(|name| is_handle(name))
        .map(|name| format!("https://github.com/{name}"));
    url.map(str::to_owned).or(github)
}

fn avatar(fields: &Table) -> Option<String> {
    fields
        .text(&["avatar", "image", "photo", "picture", "profile_photo"])
        .filter(|address| text::looks_like_picture(address))
        .map(str::to_owned)
}

fn is_handle(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 39
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}
