//! The front page and the lists of posts: of the site, of an author, of a tag.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;

use crate::cache::Public;
use crate::db::cursor::Cursor;
use crate::features::accounts::{self, key_of};
use crate::features::posts::{Card, author_path, old_address};
use crate::features::reading::cache_tags as shown;
use crate::features::reading::front::Front;
use crate::features::reading::handlers::article;
use crate::features::reading::head;
use crate::features::reading::queries::{self, PER_PAGE, SiteList, TagHere};
use crate::features::reading::views::{
    AuthorPage, FrontPage, NewestPage, Paging, TagPage, TagsPage,
};
use crate::features::site;
use crate::messages::text;
use crate::state::PublicRequest;
use crate::web::frame::FeedLink;
use crate::web::{OrNotFound, Result, page};

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
    let app = ask.app();
    let mut conn = ask.read().await?;
    let SiteList { site, cards, tags } = queries::site_list(&mut conn, from).await?;
    if !site.set_up {
        return Ok(Public::elsewhere("/setup", [shown::site()]));
    }
    let known = queries::is_place(&mut conn, from).await?;
    conn.release();
    let (cards, paging) = cut(cards, PER_PAGE, "/newest", from);
    let shown = shown::of_list(&cards, [shown::posts()]);
    let page = if newest {
        let paged = from != Cursor::START;
        let title = text::reading_title_newest().words();
        let head = head::list(&site, &app.origin, title, "/newest", paged, None);
        let frame = site::public_frame(&site, &app.origin, head);
        page::public(
            &NewestPage {
                frame,
                cards,
                paging,
            },
            shown,
        )?
    } else {
        let head = head::list(&site, &app.origin, "", "/", false, None);
        let frame = site::public_frame(&site, &app.origin, head);
        let front = Front::of(cards);
        page::public(
            &FrontPage {
                frame,
                front,
                paging,
                tags,
            },
            shown,
        )?
    };
    Ok(kept_if(known, page))
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
    let cards = queries::cards_by(&mut conn, person.id, from).await?;
    let known = queries::is_place(&mut conn, from).await?;
    conn.release();
    let (cards, paging) = cut(cards, PER_PAGE, &path, from);
    let head = head::author(&site, &app.origin, &person, &path, from != Cursor::START);
    let frame = site::public_frame(&site, &app.origin, head);
    let shown = shown::of_list(&cards, [shown::author(&key), shown::by(&key)]);
    Ok(kept_if(
        known,
        page::public(
            &AuthorPage {
                frame,
                person,
                cards,
                paging,
            },
            shown,
        )?,
    ))
}

/// `GET /t`
pub async fn tags(ask: PublicRequest) -> Result<Public> {
    let app = ask.app();
    let mut conn = ask.read().await?;
    let site = site::load(&mut conn).await?;
    let tags = queries::tags(&mut conn, 500).await?;
    conn.release();
    let head = head::list(
        &site,
        &app.origin,
        text::reading_title_tags().words(),
        "/t",
        false,
        None,
    );
    let frame = site::public_frame(&site, &app.origin, head);
    page::public(&TagsPage { frame, tags }, [shown::site(), shown::posts()])
}

/// `GET /t/{tag}`
pub async fn tag(ask: PublicRequest) -> Result<Public> {
    let (app, from) = (ask.app(), from(&ask)?);
    let mut conn = ask.read().await?;
    let found = tag_at(&mut conn, ask.part("tag"), |slug| format!("/t/{slug}")).await?;
    let TagHere {
        tag, description, ..
    } = match found {
        Ok(found) => found,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let site = site::load(&mut conn).await?;
    let cards = queries::cards_tagged(&mut conn, tag.id, from).await?;
    let known = queries::is_place(&mut conn, from).await?;
    conn.release();
    let path = format!("/t/{}", tag.slug);
    let (cards, paging) = cut(cards, PER_PAGE, &path, from);
    let feed = FeedLink {
        title: format!("{} – {}", tag.name, site.name),
        base: page::encoded(&path),
    };
    let mut head = head::list(
        &site,
        &app.origin,
        &tag.name,
        &path,
        from != Cursor::START,
        Some(feed),
    );
    if !description.is_empty() {
        head.description.clone_from(&description);
    }
    let frame = site::public_frame(&site, &app.origin, head);
    let shown = shown::of_list(&cards, [shown::topic(&tag.slug)]);
    Ok(kept_if(
        known,
        page::public(
            &TagPage {
                frame,
                tag,
                description,
                cards,
                paging,
            },
            shown,
        )?,
    ))
}

/// The tag at an address; else the answer that it is elsewhere, at the path that `path` makes of its slug, or nowhere.
///
/// A tag that only drafts use stays unknown: it would tell what people are working on.
pub async fn tag_at(
    conn: &mut PgConnection,
    typed: &str,
    path: impl Fn(&str) -> String,
) -> Result<Result<TagHere, Public>> {
    // An address has one form that this site writes; of the others there is no end.
    let kept_if_ours = |answer: Public| {
        if crate::markdown::slug(typed) == typed {
            answer
        } else {
            answer.not_kept()
        }
    };
    Ok(match queries::tag_at(conn, typed).await? {
        Some(found) if found.tag.slug == typed => Ok(found),
        Some(found) => {
            let shown = [
                shown::topic(typed),
                shown::topic(&found.tag.slug),
                shown::posts(),
            ];
            Err(kept_if_ours(Public::moved(path(&found.tag.slug), shown)))
        }
        // A tag may come that is called so and stands elsewhere.
        None => Err(kept_if_ours(Public::missing([
            shown::topic(typed),
            shown::posts(),
        ]))),
    })
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
