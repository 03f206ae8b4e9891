//! The front page and the lists of posts: of the site and of an author.

use chrono::{DateTime, Utc};

use crate::cache::Public;
use crate::db::cursor::Cursor;
use crate::features::accounts::{self, key_of};
use crate::features::posts::queries::FRONT_PAGE;
use crate::features::posts::{Card, author_path, old_address};
use crate::features::reading::cache_tags::{self as shown, List};
use crate::features::reading::front::Front;
use crate::features::reading::handlers::article;
use crate::features::reading::head;
use crate::features::reading::queries::{self, Listed, PER_PAGE, SiteList};
use crate::features::reading::views::{AuthorPage, FrontPage, NewestPage, Paging};
use crate::features::site;
use crate::messages::text;
use crate::state::PublicRequest;
use crate::web::{OrNotFound, Result, SiteOrigin, page};

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
        return site_list(ask, Cursor::START, false).await;
    }
    let old = old_address::with_query("/", ask.queries());
    let moved = article::moved(&mut ask.read().await?, &old).await?;
    // There is no end of such addresses, and the front page is one.
    Ok(moved.unwrap_or_else(|| {
        Public::moved("/".to_owned(), [shown::address(&old.to_lowercase())]).not_kept()
    }))
}

/// `GET /newest`
pub async fn newest(ask: PublicRequest) -> Result<Public> {
    let from = from(&ask)?;
    site_list(ask, from, true).await
}

async fn site_list(ask: PublicRequest, from: Cursor, newest: bool) -> Result<Public> {
    let mut conn = ask.read().await?;
    let mut list = queries::site_list(&mut conn, from, !newest).await?;
    if !list.site.set_up {
        return Ok(Public::elsewhere("/setup", [shown::site()]));
    }
    let known = queries::is_place(&mut conn, from).await?;
    conn.release();
    let behind = behind(&list.posts.cards, PER_PAGE);
    let posts = &mut list.posts;
    let (cards, paging) = cut(std::mem::take(&mut posts.cards), PER_PAGE, "/newest", from);
    posts.cards = cards;
    let of = shown::part(List::Site, from, behind).into_iter();
    let of = of.chain((!newest).then(|| shown::pins(FRONT_PAGE)));
    let shown = shown::of_list(posts.pinned.iter().chain(&posts.cards), of);
    let origin = &ask.app().origin;
    let page = if newest {
        page::public(&newest_page(list, origin, paging, from), shown)?
    } else {
        page::public(&front_page(list, origin, paging), shown)?
    };
    Ok(kept_if(known, page))
}

fn newest_page(list: SiteList, origin: &SiteOrigin, paging: Paging, from: Cursor) -> NewestPage {
    let site = &list.site;
    let paged = from != Cursor::START;
    let title = text::reading_title_newest().words();
    let head = head::list(site, origin, title, "/newest", paged, None);
    NewestPage {
        frame: site::public_frame(site, origin, head),
        cards: list.posts.cards,
        paging,
    }
}

fn front_page(list: SiteList, origin: &SiteOrigin, paging: Paging) -> FrontPage {
    let head = head::list(&list.site, origin, "", "/", false, None);
    FrontPage {
        frame: site::public_frame(&list.site, origin, head),
        front: Front::of(list.posts, &list.site.time_zone),
        paging,
        tags: list.tags,
    }
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
        return Ok(Public::missing([shown::author(&key)]));
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
