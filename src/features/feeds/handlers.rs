//! The addresses of feeds: of the site, of an author, of a tag, and the names that feeds have on other sites.

use actix_web::{HttpRequest, HttpResponse};

use super::content::encoded_path;
use super::document::{Document, Subject};
use super::format::Format;
use super::{atom, json, queries, rss};
use crate::cache::Public;
use crate::db::CacheTag;
use crate::features::accounts::{self, Person, key_of};
use crate::features::posts::author_path;
use crate::features::reading::handlers::tags;
use crate::features::reading::{Scope, cache_tags as shown};
use crate::features::site;
use crate::state::PublicRequest;
use crate::web::{Error, OrNotFound, Result};

/// `GET /feed.{format}`
pub async fn site_feed(ask: PublicRequest) -> Result<Public> {
    let format = format_of(ask.part("format"), "")?;
    let app = ask.app();
    let mut conn = ask.read().await?;
    let site = site::load(&mut conn).await?;
    let entries = queries::entries(&mut conn, Scope::Site).await?;
    conn.release();
    let shown = shown::of_feed(entries.iter().map(|e| &e.card), [shown::posts()]);
    let subject = Subject::of_site(&site, &app.origin);
    let document = Document::new(&site, &app.origin, subject, entries);
    write(format, &document, shown)
}

/// `GET /@{author}/feed.{format}`
pub async fn author_feed(ask: PublicRequest) -> Result<Public> {
    let (app, author, format) = (ask.app(), ask.part("author"), ask.part("format"));
    let key = key_of(author);
    let mut conn = ask.read().await?;
    let Some(person) = accounts::person_by_handle(&mut conn, author).await? else {
        return Ok(Public::missing([shown::author(&key)]));
    };
    if person.username != author {
        return Ok(moved_author(&key, &person, format));
    }
    let format = format_of(format, &author_path(&person.username))?;
    let site = site::load(&mut conn).await?;
    let entries = queries::entries(&mut conn, Scope::Author(person.id)).await?;
    conn.release();
    let cards = entries.iter().map(|e| &e.card);
    let shown = shown::of_feed(cards, [shown::author(&key), shown::by(&key)]);
    let subject = Subject::of_author(&site, &app.origin, &person);
    let document = Document::new(&site, &app.origin, subject, entries);
    write(format, &document, shown)
}

fn moved_author(key: &str, person: &Person, format: &str) -> Public {
    let base = author_path(&person.username);
    let to = encoded_path(&format!("{base}/feed.{format}"));
    let shown = [shown::author(key), shown::author(&key_of(&person.username))];
    Public::moved(to, shown)
}

/// `GET /t/{tag}/feed.{format}`
pub async fn tag_feed(ask: PublicRequest) -> Result<Public> {
    let (app, typed, format) = (ask.app(), ask.part("tag"), ask.part("format"));
    let mut conn = ask.read().await?;
    let found =
        match tags::tag_at(&mut conn, typed, |slug| format!("/t/{slug}/feed.{format}")).await? {
            Ok(found) => found,
            Err(elsewhere) => return Ok(elsewhere),
        };
    let tag = &found.tag;
    let format = format_of(format, &format!("/t/{}", tag.slug))?;
    let site = site::load(&mut conn).await?;
    let entries = queries::entries(&mut conn, Scope::Tag(tag.id)).await?;
    conn.release();
    let shown = shown::of_feed(entries.iter().map(|e| &e.card), [shown::topic(&tag.slug)]);
    let subject = Subject::of_tag(&site, &app.origin, &found);
    let document = Document::new(&site, &app.origin, subject, entries);
    write(format, &document, shown)
}

/// `GET /feed` `/rss` `/rss.xml` `/atom.xml` `/index.xml`, also under an author or a tag: the names that
/// feeds have on other sites.
pub async fn alias(req: HttpRequest) -> Result<HttpResponse> {
    let (base, name) = req.path().rsplit_once('/').or_not_found()?;
    let format = match name {
        "feed" | "atom.xml" => Format::Atom,
        // Generators of static sites write RSS into index.xml.
        "rss" | "rss.xml" | "index.xml" => Format::Rss,
        _ => return Err(Error::NotFound),
    };
    Err(Error::Moved {
        to: format!("{base}/feed.{}", format.as_str()),
    })
}

/// The format that an address names. `feed.xml` is an alias that fits the same pattern.
fn format_of(word: &str, base: &str) -> Result<Format> {
    if word == "xml" {
        return Err(moved(&format!("{base}/feed.atom")));
    }
    Format::parse(word).or_not_found()
}

fn moved(path: &str) -> Error {
    Error::Moved {
        to: encoded_path(path),
    }
}

fn write(format: Format, document: &Document, shown: Vec<CacheTag>) -> Result<Public> {
    let body = match format {
        Format::Atom => atom::write(document).map_err(Error::internal)?,
        Format::Rss => rss::write(document).map_err(Error::internal)?,
        Format::Json => json::write(document).map_err(Error::internal)?,
    };
    Ok(Public::document(body, format.content_type(), shown))
}
