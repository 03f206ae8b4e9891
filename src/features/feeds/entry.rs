//! A post in a feed, and how it is made of its row.

use chrono::{DateTime, SubsecRound, Utc};
use url::Url;

use super::author::{Author, author};
use super::content::{absolute, absolute_html, clean, encoded_path, escape};
use super::queries::Row;
use crate::features::posts::naming::{self, Titled};
use crate::features::posts::{Card, TagName};
use crate::features::site::Site;

/// A post in a feed.
pub struct Entry {
    pub id: String,
    pub url: String,
    /// Where the text appeared first, if not here.
    pub first_url: Option<String>,
    /// None: the text has neither a title nor a heading to begin with.
    pub title: Option<String>,
    /// Where a format asks for a title all the same.
    pub name: String,
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

pub fn entry(site: &Site, origin: &str, row: Row) -> Entry {
    let card = row.card;
    let given = if card.is_untitled {
        ""
    } else {
        card.title.as_str()
    };
    let Titled {
        title, html: text, ..
    } = naming::titled(given, &row.html);
    let name = naming::name(
        &title,
        &card.description,
        (&card.published_at, &site.time_zone),
    );
    let url = format!("{origin}{}", encoded_path(&card.path()));
    let cover = cover(&card, &url);
    let first_url = Some(row.canonical_url).filter(|c| !c.is_empty() && *c != url);
    Entry {
        id: format!("urn:uuid:{}", card.public_id),
        name: clean(&name),
        title: Some(clean(&title)).filter(|title| !title.is_empty()),
        summary: clean(&card.description),
        html: html(text, &url, cover.as_deref(), &card.cover_alt),
        language: language(site, card.language),
        cover,
        published: card.published_at.trunc_subsecs(0),
        updated: card.changed_at.trunc_subsecs(0),
        authors: card.authors.iter().map(|a| author(origin, a)).collect(),
        tags: tags(card.tags),
        url,
        first_url,
    }
}

fn cover(card: &Card, url: &str) -> Option<String> {
    Some(card.cover())
        .filter(|c| !c.is_empty())
        .map(|c| resolve(url, &c))
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

fn language(site: &Site, own: String) -> String {
    if own.is_empty() {
        site.language.clone()
    } else {
        own
    }
}

fn tags(tags: Vec<TagName>) -> Vec<EntryTag> {
    let tags = tags.into_iter().map(|t| EntryTag {
        name: clean(&t.name),
        slug: t.slug,
    });
    tags.collect()
}
