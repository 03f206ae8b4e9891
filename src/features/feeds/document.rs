//! What a feed says, whatever its format: whole addresses, cleaned text, ids that stay.

use chrono::{DateTime, Utc};

use super::author::{Author, site_author};
use super::content::{clean, encoded_path};
use super::entry::{Entry, entry};
use super::format::Format;
use super::queries::Row;
use crate::features::accounts::Person;
use crate::features::posts::author_path;
use crate::features::reading::queries::TagHere;
use crate::features::site::Site;

/// Posts of a feed share this many bytes of HTML; the newest is always whole. Twenty ordinary posts need a
/// tenth of it, twenty of the longest would be read and compressed for every subscriber.
const HTML_LIMIT_BYTES: usize = 4 * 1024 * 1024;

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

impl Document {
    /// `rows` are the newest posts of `subject`, newest first.
    pub fn new(site: &Site, origin: &str, subject: Subject, rows: Vec<Row>) -> Self {
        let path = encoded(&subject.path);
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
            updated: newest(&entries),
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

fn encoded(path: &str) -> String {
    // Joined to nothing, the encoder would give the slash of the front page.
    if path.is_empty() {
        String::new()
    } else {
        encoded_path(path)
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

/// A feed without posts never changed: any later date could be newer than the first post that comes,
/// which may be an old one brought along by an import, and a feed's date should not go back.
fn newest(entries: &[Entry]) -> DateTime<Utc> {
    let changes = entries.iter().map(|e| e.updated);
    changes.max().unwrap_or(DateTime::UNIX_EPOCH)
}
