//! What a feed says, whatever its format: whole addresses, cleaned text, ids that stay.

use chrono::{DateTime, SubsecRound, Utc};
use url::Url;

use super::content::{absolute, absolute_html, encoded_path, escape, printable};
use super::queries::Row;
use crate::features::accounts::Person;
use crate::features::posts::{Byline, author_path};
use crate::features::reading::queries::TagHere;
use crate::features::site::Site;
use crate::markdown;

/// Posts of a feed share this many bytes of HTML; the newest is always whole. Twenty ordinary posts need a
/// tenth of it, twenty of the longest would be read and compressed for every subscriber.
const HTML_LIMIT_BYTES: usize = 4 * 1024 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Atom,
    Rss,
    Json,
}

impl Format {
    pub fn parse(word: &str) -> Option<Self> {
        [Format::Atom, Format::Rss, Format::Json]
            .into_iter()
            .find(|f| f.as_str() == word)
    }

    /// As it stands in the address.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Atom => "atom",
            Format::Rss => "rss",
            Format::Json => "json",
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Format::Atom => "application/atom+xml; charset=utf-8",
            Format::Rss => "application/rss+xml; charset=utf-8",
            Format::Json => "application/feed+json; charset=utf-8",
        }
    }

    /// The content type without its parameter, for links.
    pub fn mime(self) -> &'static str {
        self.content_type().split(';').next().unwrap_or_default()
    }
}

/// Whose posts a feed holds.
pub struct Subject {
    /// Never changes while the site keeps its address.
    id: String,
    title: String,
    description: String,
    /// Path of the page that shows the same posts.
    path: String,
    author: Author,
}

impl Subject {
    pub fn of_site(site: &Site, origin: &str) -> Self {
        Subject {
            id: format!("{origin}/feed.atom"),
            title: site.name.clone(),
            description: site.tagline.clone(),
            path: String::new(),
            author: site_author(site, origin),
        }
    }

    pub fn of_author(site: &Site, origin: &str, person: &Person) -> Self {
        let path = author_path(&person.username);
        Subject {
            // Not the address: that changes with the handle.
            id: format!("urn:uuid:{}", person.public_id),
            title: format!("{} – {}", person.display_name(), site.name),
            description: person.bio.clone(),
            author: Author {
                name: clean(person.display_name()),
                url: format!("{origin}{}", encoded_path(&path)),
            },
            path,
        }
    }

    pub fn of_tag(site: &Site, origin: &str, found: &TagHere) -> Self {
        let tag = &found.tag;
        Subject {
            id: format!(
                "{origin}{}",
                encoded_path(&format!("/t/{}/feed.atom", found.feed_slug))
            ),
            title: format!("{} – {}", tag.name, site.name),
            description: found.description.clone(),
            path: format!("/t/{}", tag.slug),
            author: site_author(site, origin),
        }
    }
}

fn site_author(site: &Site, origin: &str) -> Author {
    Author {
        name: clean(&site.name),
        url: format!("{origin}/"),
    }
}

pub struct Author {
    pub name: String,
    pub url: String,
}

/// A feed. All text is printable, all addresses are whole.
pub struct Document {
    pub id: String,
    pub title: String,
    /// May be empty.
    pub description: String,
    pub language: String,
    /// The page that shows the same posts.
    pub home: String,
    /// Where tags live: with the slug of one behind it, its page.
    pub tags: String,
    pub updated: DateTime<Utc>,
    pub author: Author,
    pub entries: Vec<Entry>,
    feed: String,
}

/// A post in a feed.
pub struct Entry {
    pub id: String,
    pub url: String,
    /// Where the text appeared first, if not here.
    pub first_url: Option<String>,
    pub title: String,
    /// Plain text, may be empty.
    pub summary: String,
    pub html: String,
    pub language: String,
    pub cover: Option<String>,
    pub published: DateTime<Utc>,
    pub updated: DateTime<Utc>,
    pub authors: Vec<Author>,
    pub tags: Vec<EntryTag>,
}

pub struct EntryTag {
    pub name: String,
    pub slug: String,
}

impl Document {
    /// `rows` are the newest posts of `subject`, newest first.
    pub fn new(site: &Site, origin: &str, subject: Subject, rows: Vec<Row>) -> Self {
        // Joined to nothing, the encoder would give the slash of the front page.
        let path = if subject.path.is_empty() {
            String::new()
        } else {
            encoded_path(&subject.path)
        };
        let entries: Vec<Entry> = affordable(rows)
            .map(|row| entry(site, origin, row))
            .collect();
        Document {
            id: subject.id,
            title: clean(&subject.title),
            description: clean(&subject.description),
            language: site.language.clone(),
            home: format!("{origin}{}", if path.is_empty() { "/" } else { &path }),
            tags: format!("{origin}/t/"),
            // A feed without posts never changed: any later date could be newer than the first post that comes,
            // which may be an old one brought along by an import, and a feed's date should not go back.
            updated: entries
                .iter()
                .map(|e| e.updated)
                .max()
                .unwrap_or(DateTime::UNIX_EPOCH),
            author: subject.author,
            entries,
            feed: format!("{origin}{path}/feed."),
        }
    }

    /// The address of this feed in a format.
    pub fn address(&self, format: Format) -> String {
        format!("{}{}", self.feed, format.as_str())
    }
}

fn affordable(rows: Vec<Row>) -> impl Iterator<Item = Row> {
    let mut sum = 0;
    rows.into_iter()
        .enumerate()
        .take_while(move |(place, row)| {
            sum += row.html.len();
            *place == 0 || sum <= HTML_LIMIT_BYTES
        })
        .map(|(_, row)| row)
}

fn entry(site: &Site, origin: &str, row: Row) -> Entry {
    let card = row.card;
    let url = format!("{origin}{}", encoded_path(&card.path()));
    let cover = Some(card.cover())
        .filter(|c| !c.is_empty())
        .map(|c| resolve(&url, &c));
    let first_url = Some(row.canonical_url).filter(|c| !c.is_empty() && *c != url);
    Entry {
        id: format!("urn:uuid:{}", card.public_id),
        title: title(&card.title, &card.description, card.shown_title()),
        summary: clean(&card.description),
        html: html(&row.html, &url, cover.as_deref(), &card.cover_alt),
        language: if card.language.is_empty() {
            site.language.clone()
        } else {
            card.language
        },
        cover,
        published: card.published_at.trunc_subsecs(0),
        updated: card.changed_at.trunc_subsecs(0),
        authors: card.authors.iter().map(|a| author(origin, a)).collect(),
        tags: card
            .tags
            .into_iter()
            .map(|t| EntryTag {
                name: clean(&t.name),
                slug: t.slug,
            })
            .collect(),
        url,
        first_url,
    }
}

/// Atom asks for a title even where the author gave none: the start of the text tells such posts apart.
fn title(title: &str, description: &str, untitled: &str) -> String {
    let title = if title.trim().is_empty() {
        markdown::excerpt(description, 60)
    } else {
        title.to_owned()
    };
    clean(if title.is_empty() { untitled } else { &title })
}

/// The whole text with the cover above it, as on the page.
fn html(html: &str, url: &str, cover: Option<&str>, alt: &str) -> String {
    let text = match Url::parse(url) {
        Ok(page) => absolute_html(html, &page),
        Err(_) => html.to_owned(),
    };
    let cover = cover.map(|c| {
        format!(
            "<p><img src=\"{}\" alt=\"{}\"></p>\n",
            escape(c),
            escape(alt)
        )
    });
    clean(&format!("{}{text}", cover.unwrap_or_default()))
}

fn resolve(page: &str, address: &str) -> String {
    Url::parse(page).map_or_else(|_| address.to_owned(), |page| absolute(&page, address))
}

fn author(origin: &str, byline: &Byline) -> Author {
    Author {
        name: clean(byline.display_name()),
        url: format!("{origin}{}", encoded_path(&byline.path())),
    }
}

fn clean(text: &str) -> String {
    printable(text).into_owned()
}
