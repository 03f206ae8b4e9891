//! JSON Feed 1.1.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::document::Document;
use super::format::Format;
use super::{author, entry};

pub fn write(document: &Document) -> Result<String, serde_json::Error> {
    serde_json::to_string(&Feed {
        version: "https://jsonfeed.org/version/1.1",
        title: &document.title,
        home_page_url: &document.home,
        feed_url: document.address(Format::Json),
        description: filled(&document.description),
        authors: vec![author(&document.author)],
        language: &document.language,
        items: document.entries.iter().map(item).collect(),
    })
}

#[derive(Serialize)]
struct Feed<'a> {
    version: &'static str,
    title: &'a str,
    home_page_url: &'a str,
    feed_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    authors: Vec<Author<'a>>,
    language: &'a str,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    content_html: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    date_published: String,
    date_modified: String,
    authors: Vec<Author<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<&'a str>,
    language: &'a str,
}

#[derive(Serialize)]
struct Author<'a> {
    name: &'a str,
    url: &'a str,
}

fn item(entry: &entry::Entry) -> Item<'_> {
    Item {
        id: &entry.id,
        url: &entry.url,
        external_url: entry.first_url.as_deref(),
        title: entry.title.as_deref(),
        content_html: &entry.html,
        summary: filled(&entry.summary),
        image: entry.cover.as_deref(),
        date_published: date(entry.published),
        date_modified: date(entry.updated),
        authors: entry.authors.iter().map(author).collect(),
        tags: entry.tags.iter().map(|t| t.name.as_str()).collect(),
        language: &entry.language,
    }
}

fn author(author: &author::Author) -> Author<'_> {
    Author {
        name: &author.name,
        url: &author.url,
    }
}

fn filled(text: &str) -> Option<&str> {
    Some(text).filter(|t| !t.is_empty())
}

fn date(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
