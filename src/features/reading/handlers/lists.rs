use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::app::AppState;
use crate::db::cursor::Cursor;
use crate::features::accounts;
use crate::features::posts::Card;
use crate::features::reading::head;
use crate::features::reading::queries::{self, Scope};
use crate::features::reading::views::{AuthorPage, FrontPage, Paging, TagPage, TagsPage};
use crate::features::site;
use crate::web::frame::FeedLink;
use crate::web::page::Public;
use crate::web::{Error, OrNotFound, Result};

const PER_PAGE: usize = 20;

#[derive(Deserialize)]
pub struct ListQuery {
    before: Option<String>,
}

impl ListQuery {
    fn from(&self) -> Result<Cursor> {
        match &self.before {
            Some(text) => Cursor::decode(text).or_not_found(),
            None => Ok(Cursor::START),
        }
    }
}

/// `GET /`
pub async fn front(req: HttpRequest, app: web::Data<AppState>) -> Result<HttpResponse> {
    site_list(&req, &app, Cursor::START, false).await
}

/// `GET /newest`
pub async fn newest(req: HttpRequest, app: web::Data<AppState>, query: web::Query<ListQuery>) -> Result<HttpResponse> {
    site_list(&req, &app, query.from()?, true).await
}

async fn site_list(req: &HttpRequest, app: &AppState, from: Cursor, newest: bool) -> Result<HttpResponse> {
    let mut conn = app.db.read().await?;
    let site = site::load(&mut conn).await?;
    if !site.set_up {
        return Ok(crate::web::page::see_other("/setup"));
    }
    let cards = queries::cards(&mut conn, Scope::Site, from, PER_PAGE as i64 + 1).await?;
    let tags = queries::tags(&mut conn, 12).await?;
    drop(conn);
    let (cards, paging) = cut(cards, "/newest", from);
    let paged = from != Cursor::START;
    let (title, path) = if newest { ("Newest", "/newest") } else { ("", "/") };
    let head = head::list(&site, &app.origin, title, path, paged, None);
    let frame = site::public_frame(&site, &app.origin, head);
    // Lists also change when something leaves them: no date of their entries tells that, so the ETag
    // alone decides.
    Ok(Public::html(&FrontPage { frame, cards, paging, tags, newest }, None)?.answer(req))
}

/// `GET /@{author}`
pub async fn author(req: HttpRequest, app: web::Data<AppState>, name: web::Path<String>, query: web::Query<ListQuery>) -> Result<HttpResponse> {
    let from = query.from()?;
    let mut conn = app.db.read().await?;
    let person = accounts::person_by_handle(&mut conn, &name).await?.or_not_found()?;
    let path = format!("/@{}", person.username);
    if person.username != *name {
        return Err(Error::Moved { to: path });
    }
    let site = site::load(&mut conn).await?;
    let cards = queries::cards(&mut conn, Scope::Author(person.id), from, PER_PAGE as i64 + 1).await?;
    drop(conn);
    let (cards, paging) = cut(cards, &path, from);
    let head = head::author(&site, &app.origin, &person, &path, from != Cursor::START);
    let frame = site::public_frame(&site, &app.origin, head);
    Ok(Public::html(&AuthorPage { frame, person, cards, paging }, None)?.answer(&req))
}

/// `GET /t`
pub async fn tags(req: HttpRequest, app: web::Data<AppState>) -> Result<HttpResponse> {
    let mut conn = app.db.read().await?;
    let site = site::load(&mut conn).await?;
    let tags = queries::tags(&mut conn, 500).await?;
    drop(conn);
    let head = head::list(&site, &app.origin, "Tags", "/t", false, None);
    let frame = site::public_frame(&site, &app.origin, head);
    Ok(Public::html(&TagsPage { frame, tags }, None)?.answer(&req))
}

/// `GET /t/{tag}`
pub async fn tag(req: HttpRequest, app: web::Data<AppState>, slug: web::Path<String>, query: web::Query<ListQuery>) -> Result<HttpResponse> {
    let from = query.from()?;
    let canonical = crate::markdown::slug(&slug);
    if canonical != *slug {
        return if canonical.is_empty() { Err(Error::NotFound) } else { Err(Error::Moved { to: format!("/t/{canonical}") }) };
    }
    let mut conn = app.db.read().await?;
    let tag = queries::tag(&mut conn, &slug).await?.filter(|t| t.post_count > 0).or_not_found()?;
    let site = site::load(&mut conn).await?;
    let cards = queries::cards(&mut conn, Scope::Tag(tag.id), from, PER_PAGE as i64 + 1).await?;
    drop(conn);
    let path = format!("/t/{}", tag.slug);
    let (cards, paging) = cut(cards, &path, from);
    let feed = FeedLink { title: format!("{} – {}", tag.name, site.name), base: path.clone() };
    let head = head::list(&site, &app.origin, &tag.name, &path, from != Cursor::START, Some(feed));
    let frame = site::public_frame(&site, &app.origin, head);
    Ok(Public::html(&TagPage { frame, tag, cards, paging }, None)?.answer(&req))
}

/// Cuts the one entry too many that says whether there is a next page.
fn cut(mut cards: Vec<Card>, path: &str, from: Cursor) -> (Vec<Card>, Paging) {
    let more = cards.len() > PER_PAGE;
    cards.truncate(PER_PAGE);
    let cursor = |c: &Card| Cursor { at: listed(c), key: c.id }.encode();
    let older = cards.last().filter(|_| more).map(|c| format!("{path}?before={}", cursor(c)));
    let newest = (from != Cursor::START).then(|| path.to_owned());
    (cards, Paging { older, newest })
}

/// Lists sort by the day of publication.
fn listed(card: &Card) -> DateTime<Utc> {
    card.published_at
}
