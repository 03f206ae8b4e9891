//! The front page and the lists of posts: of the site and of an author.

use std::ops::ControlFlow;

use chrono::{DateTime, Utc};

use crate::cache::Public;
use crate::db::cursor::Cursor;
use crate::features::accounts::{self, key_of};
use crate::features::posts::queries::FRONT_PAGE;
use crate::features::posts::{Card, author_path, old_address};
use crate::features::reading::cache_tags::{self as shown, List};
use crate::features::reading::handlers::article;
use crate::features::reading::handlers::missing::leading_on;
use crate::features::reading::head;
use crate::features::reading::magazine::Magazine;
use crate::features::reading::queries::{self, Listed, Offer, PER_PAGE, SiteList};
use crate::features::reading::views::{AuthorPage, FrontListPage, FrontPage, NewestPage, Paging};
use crate::features::site::{self, Front, Site};
use crate::messages::text;
use crate::state::PublicRequest;
use crate::web::{Frame, OrNotFound, Result, SiteOrigin, page};

/// Where the list goes on.
pub(super) fn from(ask: &PublicRequest) -> Result<Cursor> {
    match ask.query("before") {
        Some(text) => Cursor::decode(text).or_not_found(),
        None => Ok(Cursor::START),
    }
}

/// `GET /`
pub async fn front(ask: PublicRequest) -> Result<Public> {
    if ask.queries().is_empty() {
        return front_page(ask).await;
    }
    let old = old_address::with_query("/", ask.queries());
    let moved = article::moved(&mut ask.read().await?, &old).await?;
    // There is no end of such addresses, and the front page is one.
    Ok(moved.unwrap_or_else(|| {
        Public::moved("/".to_owned(), [shown::address(&old.to_lowercase())]).not_kept()
    }))
}

/// What stands at `/`.
async fn front_page(ask: PublicRequest) -> Result<Public> {
    let mut conn = ask.read().await?;
    let mut list = queries::site_list(&mut conn, Cursor::START, true).await?;
    if !list.site.set_up {
        return Ok(Public::elsewhere("/setup", [shown::site()]));
    }
    // It was there a query ago.
    if let Some(path) = list.site.front.page() {
        match article::page_at(&ask, conn, path).await? {
            ControlFlow::Break(page) => return Ok(page),
            ControlFlow::Continue(rest) => conn = rest,
        }
    }
    conn.release();
    let cards = std::mem::take(&mut list.posts.cards);
    let (cards, paging) = cut(cards, PER_PAGE, "/newest", Cursor::START);
    list.posts.cards = cards;
    let of = [shown::posts(), shown::pins(FRONT_PAGE)];
    let mut shown = shown::of_list(list.posts.pinned.iter().chain(&list.posts.cards), of);
    let origin = &ask.app().origin;
    match list.site.front {
        Front::List => page::public(&list_front(list, origin, paging), shown),
        _ => {
            shown.extend(shown::of_offer(Offer::Discussed, &list.discussed));
            page::public(&magazine(list, origin, paging), shown)
        }
    }
}

fn magazine(list: SiteList, origin: &SiteOrigin, paging: Paging) -> FrontPage {
    FrontPage {
        frame: front_frame(&list.site, origin),
        newest_at: list.posts.cards.first().map(listed),
        front: Magazine::of(list.posts, &list.site.time_zone),
        paging,
        discussed: list.discussed.posts,
        tags: list.tags,
    }
}

fn list_front(list: SiteList, origin: &SiteOrigin, paging: Paging) -> FrontListPage {
    let Listed { pinned, mut cards } = list.posts;
    let newest_at = cards.first().map(listed);
    cards.retain(|card| pinned.iter().all(|pinned| pinned.id != card.id));
    FrontListPage {
        frame: front_frame(&list.site, origin),
        newest_at,
        pinned,
        cards,
        paging,
    }
}

fn front_frame(site: &Site, origin: &SiteOrigin) -> Frame {
    let head = head::list(site, origin, "", "/", false, None);
    site::public_frame(site, origin, head)
}

/// `GET /newest`
pub async fn newest(ask: PublicRequest) -> Result<Public> {
    let from = from(&ask)?;
    let mut conn = ask.read().await?;
    let list = queries::site_list(&mut conn, from, false).await?;
    if !list.site.set_up {
        return Ok(Public::elsewhere("/setup", [shown::site()]));
    }
    let known = queries::is_place(&mut conn, from).await?;
    conn.release();
    let site = &list.site;
    let shown = shown::part(List::Site, from, behind(&list.posts.cards, PER_PAGE));
    let (cards, paging) = cut(list.posts.cards, PER_PAGE, "/newest", from);
    let title = text::reading_title_newest().words();
    let origin = &ask.app().origin;
    let head = head::list(site, origin, title, "/newest", from != Cursor::START, None);
    let shown = shown::of_list(&cards, shown);
    let view = NewestPage {
        frame: site::public_frame(site, origin, head),
        cards,
        paging,
    };
    Ok(kept_if(known, page::public(&view, shown)?))
}

/// There is no end of places that a client could make up: only those that a page of ours names are worth memory.
pub(super) fn kept_if(known: bool, page: Public) -> Public {
    if known { page } else { page.not_kept() }
}

/// `GET /@{author}`
pub async fn author(ask: PublicRequest) -> Result<Public> {
    let (app, from, name) = (ask.app(), from(&ask)?, ask.part("author"));
    let key = key_of(name);
    let mut conn = ask.read().await?;
    let Some(person) = accounts::person_by_handle(&mut conn, name).await? else {
        let missing = Public::missing([shown::author(&key)]);
        return leading_on(&ask, &mut conn, missing).await;
    };
    let path = author_path(&person.username);
    if person.username != *name {
        return Ok(Public::moved(
            path,
            [
                shown::author(&key),
                shown::author(&key_of(&person.username)),
            ],
        ));
    }
    let site = site::load(&mut conn).await?;
    let Listed { pinned, cards } = queries::cards_by(&mut conn, person.id, from).await?;
    let known = queries::is_place(&mut conn, from).await?;
    conn.release();
    let shown = shown::part(List::By(&key), from, behind(&cards, PER_PAGE));
    let (mut cards, paging) = cut(cards, PER_PAGE, &path, from);
    let head = head::author(&site, &app.origin, &person, &path, from != Cursor::START);
    let frame = site::public_frame(&site, &app.origin, head);
    let of = shown.into_iter();
    let of = of.chain([shown::author(&key), shown::pins(person.id)]);
    let shown = shown::of_list(pinned.iter().chain(&cards), of);
    cards.retain(|card| pinned.iter().all(|pinned| pinned.id != card.id));
    Ok(kept_if(
        known,
        page::public(
            &AuthorPage {
                frame,
                person,
                pinned,
                cards,
                paging,
            },
            shown,
        )?,
    ))
}

/// The place of the one entry too many.
pub(super) fn behind(cards: &[Card], per_page: usize) -> Option<DateTime<Utc>> {
    cards.get(per_page).map(listed)
}

/// Cuts the one entry too many that says whether there is a next page.
pub(super) fn cut(
    mut cards: Vec<Card>,
    per_page: usize,
    path: &str,
    from: Cursor,
) -> (Vec<Card>, Paging) {
    let more = cards.len() > per_page;
    cards.truncate(per_page);
    let cursor = |c: &Card| {
        Cursor {
            at: listed(c),
            key: c.id,
        }
        .encode()
    };
    let older = cards
        .last()
        .filter(|_| more)
        .map(|c| format!("{path}?before={}", cursor(c)));
    let newest = (from != Cursor::START).then(|| path.to_owned());
    (cards, Paging { older, newest })
}

/// Lists sort by the day of publication.
fn listed(card: &Card) -> DateTime<Utc> {
    card.published_at
}
