//! Atom, RFC 4287.

use atom_syndication as atom;
use chrono::{DateTime, FixedOffset, Utc};

use super::author::Author;
use super::document::Document;
use super::entry::{Entry, EntryTag};
use super::format::Format;

pub fn write(document: &Document) -> Result<String, Failed> {
    let feed = atom::Feed {
        id: document.id.clone(),
        title: atom::Text::plain(document.title.clone()),
        subtitle: text(&document.description),
        updated: date(document.updated),
        authors: vec![person(&document.author)],
        generator: Some(generator()),
        links: links(document),
        lang: Some(document.language.clone()),
        entries: document
            .entries
            .iter()
            .map(|e| entry(document, e))
            .collect(),
        ..Default::default()
    };
    Ok(String::from_utf8(feed.write_to(Vec::new())?)?)
}

fn generator() -> atom::Generator {
    atom::Generator {
        value: "Masthead".into(),
        ..Default::default()
    }
}

fn links(document: &Document) -> Vec<atom::Link> {
    let own = document.address(Format::Atom);
    vec![
        link("self", &own, Some(Format::Atom.mime())),
        link("alternate", &document.home, Some("text/html")),
    ]
}

/// Why a feed could not be written: never by what is in it, its text is printable.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    #[error("the Atom feed could not be written")]
    Write(#[from] atom::Error),
    #[error("the Atom feed is not UTF-8")]
    Encoding(#[from] std::string::FromUtf8Error),
}

fn entry(document: &Document, entry: &Entry) -> atom::Entry {
    let lang = (entry.language != document.language).then(|| entry.language.clone());
    let in_language = |text: atom::Text| atom::Text {
        lang: lang.clone(),
        ..text
    };
    atom::Entry {
        id: entry.id.clone(),
        title: in_language(atom::Text::plain(entry.name.clone())),
        updated: date(entry.updated),
        published: Some(date(entry.published)),
        authors: entry.authors.iter().map(person).collect(),
        categories: entry.tags.iter().map(|t| category(document, t)).collect(),
        links: entry_links(entry),
        summary: text(&entry.summary).map(in_language),
        content: Some(content(entry, lang.clone())),
        ..Default::default()
    }
}

fn entry_links(entry: &Entry) -> Vec<atom::Link> {
    let mut links = vec![link("alternate", &entry.url, Some("text/html"))];
    links.extend(entry.first_url.as_deref().map(|url| link("via", url, None)));
    links
}

fn content(entry: &Entry, lang: Option<String>) -> atom::Content {
    atom::Content {
        lang,
        content_type: Some("html".into()),
        value: Some(entry.html.clone()),
        ..Default::default()
    }
}

fn text(text: &str) -> Option<atom::Text> {
    (!text.is_empty()).then(|| atom::Text::plain(text.to_owned()))
}

fn date(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    at.fixed_offset()
}

fn person(author: &Author) -> atom::Person {
    atom::Person {
        name: author.name.clone(),
        uri: Some(author.url.clone()),
        ..Default::default()
    }
}

fn category(document: &Document, tag: &EntryTag) -> atom::Category {
    atom::Category {
        term: tag.slug.clone(),
        scheme: Some(document.tags.clone()),
        label: Some(tag.name.clone()),
    }
}

fn link(rel: &str, href: &str, mime: Option<&str>) -> atom::Link {
    atom::Link {
        rel: rel.into(),
        href: href.into(),
        mime_type: mime.map(Into::into),
        ..Default::default()
    }
}
