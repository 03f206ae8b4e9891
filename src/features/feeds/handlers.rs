use actix_web::{HttpRequest, HttpResponse, web};

use super::content::encoded_path;
use super::document::{Document, Format, Subject};
use super::{atom, json, queries, rss};
use crate::app::AppState;
use crate::features::accounts;
use crate::features::reading::{self, Scope};
use crate::features::site;
use crate::web::page::Public;
use crate::web::{Error, OrNotFound, Result};

/// `GET /feed.{format}`
pub async fn site_feed(req: HttpRequest, app: web::Data<AppState>, format: web::Path<String>) -> Result<HttpResponse> {
    let format = format_of(&format, "")?;
    let mut conn = app.db.read().await?;
    let site = site::load(&mut conn).await?;
    let entries = queries::entries(&mut conn, Scope::Site).await?;
    drop(conn);
    let subject = Subject::of_site(&site, &app.origin);
    send(&req, format, &Document::new(&site, &app.origin, subject, entries))
}

/// `GET /@{author}/feed.{format}`
pub async fn author_feed(req: HttpRequest, app: web::Data<AppState>, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let (author, format) = path.into_inner();
    let mut conn = app.db.read().await?;
    let person = accounts::person_by_handle(&mut conn, &author).await?.or_not_found()?;
    let base = format!("/@{}", person.username);
    if person.username != author {
        return Err(moved(&format!("{base}/feed.{format}")));
    }
    let format = format_of(&format, &base)?;
    let site = site::load(&mut conn).await?;
    let entries = queries::entries(&mut conn, Scope::Author(person.id)).await?;
    drop(conn);
    let subject = Subject::of_author(&site, &app.origin, &person);
    send(&req, format, &Document::new(&site, &app.origin, subject, entries))
}

/// `GET /t/{tag}/feed.{format}`
pub async fn tag_feed(req: HttpRequest, app: web::Data<AppState>, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let (slug, format) = path.into_inner();
    let canonical = crate::markdown::slug(&slug);
    if canonical != slug {
        let to = moved(&format!("/t/{canonical}/feed.{format}"));
        return Err(if canonical.is_empty() { Error::NotFound } else { to });
    }
    let format = format_of(&format, &format!("/t/{slug}"))?;
    let mut conn = app.db.read().await?;
    // A tag that only drafts use stays unknown, else its feed would tell what people are working on.
    let tag = reading::queries::tag(&mut conn, &slug).await?.filter(|t| t.post_count > 0).or_not_found()?;
    let site = site::load(&mut conn).await?;
    let entries = queries::entries(&mut conn, Scope::Tag(tag.id)).await?;
    drop(conn);
    let subject = Subject::of_tag(&site, &app.origin, &tag);
    send(&req, format, &Document::new(&site, &app.origin, subject, entries))
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
    Err(Error::Moved { to: format!("{base}/feed.{}", format.as_str()) })
}

/// The format that an address names. `feed.xml` is an alias that fits the same pattern.
fn format_of(word: &str, base: &str) -> Result<Format> {
    if word == "xml" {
        return Err(moved(&format!("{base}/feed.atom")));
    }
    Format::parse(word).or_not_found()
}

fn moved(path: &str) -> Error {
    Error::Moved { to: encoded_path(path) }
}

fn send(req: &HttpRequest, format: Format, document: &Document) -> Result<HttpResponse> {
    let body = match format {
        Format::Atom => atom::write(document).map_err(Error::internal)?,
        Format::Rss => rss::write(document).map_err(Error::internal)?,
        Format::Json => json::write(document).map_err(Error::internal)?,
    };
    // A feed also changes when something leaves it: no date of its entries tells that, so the ETag alone
    // decides and there is no Last-Modified.
    Ok(Public::text(body, format.content_type(), None).answer(req))
}
