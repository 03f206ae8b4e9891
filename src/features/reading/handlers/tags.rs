//! The list of tags, and the posts of one.

use sqlx::postgres::PgConnection;

use super::lists::{behind, cut, from, kept_if};
use super::missing::leading_on;
use crate::cache::Public;
use crate::features::posts::Card;
use crate::features::reading::cache_tags::{self as shown, List};
use crate::features::reading::head;
use crate::features::reading::letters;
use crate::features::reading::queries::{self, PER_PAGE, TAGS_LISTED, Tag, TagHere, TagLine};
use crate::features::reading::views::{Paging, TagPage, TagsPage};
use crate::features::site::{self, Site};
use crate::messages::text;
use crate::state::PublicRequest;
use crate::web::head::FeedLink;
use crate::web::{Result, SiteOrigin, page};

/// `GET /t`
pub async fn list(ask: PublicRequest) -> Result<Public> {
    let app = ask.app();
    let mut conn = ask.read().await?;
    let site = site::load(&mut conn).await?;
    let lines = queries::tag_lines(&mut conn).await?;
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
    let view = TagsPage {
        frame,
        most_used: most_used(&lines),
        are_all: lines.len() < TAGS_LISTED,
        letters: letters::of(lines),
    };
    page::public(&view, [shown::site(), shown::posts(), shown::topics()])
}

/// Those with the most posts; none where all tags are in sight at once.
fn most_used(lines: &[TagLine]) -> Vec<Tag> {
    const MOST_USED: usize = 12;
    if lines.len() <= 2 * MOST_USED {
        return Vec::new();
    }
    let tags = lines.iter().map(|line| line.tag.clone());
    tags.take(MOST_USED).collect()
}

/// `GET /t/{tag}`
pub async fn show(ask: PublicRequest) -> Result<Public> {
    let from = from(&ask)?;
    let mut conn = ask.read().await?;
    let here = match tag_at(&mut conn, ask.part("tag"), |slug| format!("/t/{slug}")).await? {
        Ok(here) => here,
        Err(elsewhere) => return leading_on(&ask, &mut conn, elsewhere).await,
    };
    let site = site::load(&mut conn).await?;
    let cards = queries::cards_tagged(&mut conn, here.tag.id, from).await?;
    let known = queries::is_place(&mut conn, from).await?;
    conn.release();
    let list = List::Topic(&here.tag.slug);
    let shown = shown::part(list, from, behind(&cards, PER_PAGE));
    let (cards, paging) = cut(cards, PER_PAGE, &path_of(&here.tag), from);
    let shown = shown::of_list(&cards, shown);
    let page = tag_page(&site, &ask.app().origin, here, cards, paging);
    Ok(kept_if(known, page::public(&page, shown)?))
}

fn path_of(tag: &Tag) -> String {
    format!("/t/{}", tag.slug)
}

fn tag_page(
    site: &Site,
    origin: &SiteOrigin,
    here: TagHere,
    cards: Vec<Card>,
    paging: Paging,
) -> TagPage {
    let TagHere {
        tag, description, ..
    } = here;
    let path = path_of(&tag);
    let feed = FeedLink {
        title: format!("{} – {}", tag.name, site.name),
        base: page::encoded(&path),
    };
    let paged = paging.newest.is_some();
    let mut head = head::list(site, origin, &tag.name, &path, paged, Some(feed));
    if !description.is_empty() {
        head.description.clone_from(&description);
    }
    TagPage {
        frame: site::public_frame(site, origin, head),
        tag,
        description,
        cards,
        paging,
    }
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
