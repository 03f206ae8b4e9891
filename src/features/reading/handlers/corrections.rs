//! What was corrected: of a post with what changed, and of an author. Neither address can be a post's.

use std::collections::HashMap;

use super::article::moved_or_missing;
use super::missing::leading_on;
use crate::cache::Public;
use crate::db::ReadConn;
use crate::features::accounts::{self, key_of};
use crate::features::posts::author_path;
use crate::features::posts::difference;
use crate::features::reading::cache_tags as shown;
use crate::features::reading::head;
use crate::features::reading::queries::{self, Article, Compared};
use crate::features::reading::views::{CorrectionsOfPage, CorrectionsPage, ShownCorrection};
use crate::features::site;
use crate::messages::text;
use crate::state::PublicRequest;
use crate::web::{Result, page, rendering};

/// Corrections of one post that are shown with what they changed, the newest ones.
const MOST_COMPARED: i64 = 10;
/// Bytes of the texts that are compared for one page, together.
const MOST_BYTES: usize = 1_000_000;

/// `GET /@{author}/{slug}/corrections`
pub async fn of_post(ask: PublicRequest) -> Result<Public> {
    let (author, slug) = (ask.part("author"), ask.part("slug"));
    let mut conn = ask.read().await?;
    let Some(article) = queries::article_alone(&mut conn, author, slug).await? else {
        return moved_or_missing(&ask, &mut conn, "/corrections").await;
    };
    let shown = shown::of_article(&article.card);
    if article.card.owner != author {
        return Ok(Public::moved(
            format!("{}/corrections", article.path()),
            shown,
        ));
    }
    if article.corrections.is_empty() {
        return leading_on(&ask, &mut conn, Public::missing(shown)).await;
    }
    show_post(&ask, conn, article).await
}

async fn show_post(ask: &PublicRequest, mut conn: ReadConn, article: Article) -> Result<Public> {
    let compared = queries::compared(&mut conn, article.card.id, MOST_COMPARED).await?;
    conn.release();
    let shown = shown::of_article(&article.card);
    let origin = &ask.app().origin;
    let path = format!("{}/corrections", article.path());
    let name = article.card.name(&article.site.time_zone);
    let title = text::reading_title_corrections_of(&*name).to_string();
    // A way to the post, not a result of its own.
    let head = head::list(&article.site, origin, &title, &path, true, None);
    let frame = site::public_frame(&article.site, origin, head);
    let corrections = with_differences(&article, compared).await?;
    let view = CorrectionsPage {
        frame,
        article,
        corrections,
    };
    page::public(&view, shown)
}

/// The newest first. Compared where texts are rendered: they may have a megabyte.
async fn with_differences(
    article: &Article,
    compared: Vec<Compared>,
) -> Result<Vec<ShownCorrection>> {
    let compare = move || {
        let lines = |texts: &Compared| difference::compare(&texts.old, &texts.new);
        let mut bytes = 0;
        let in_reach = compared.iter().take_while(|texts| {
            bytes += texts.old.len() + texts.new.len();
            bytes <= MOST_BYTES
        });
        let of = in_reach.map(|texts| (texts.version, lines(texts)));
        of.collect::<HashMap<_, _>>()
    };
    let mut lines = rendering::run(compare).await?;
    let shown = article
        .corrections
        .iter()
        .map(|correction| ShownCorrection {
            version: correction.version,
            remark: correction.remark.clone(),
            made_at: correction.made_at,
            lines: lines.remove(&correction.version).unwrap_or_default(),
        });
    Ok(shown.collect())
}

/// `GET /@{author}/-/corrections`
pub async fn of_author(ask: PublicRequest) -> Result<Public> {
    let (app, name) = (ask.app(), ask.part("author"));
    let key = key_of(name);
    let mut conn = ask.read().await?;
    let Some(person) = accounts::person_by_handle(&mut conn, name).await? else {
        let missing = Public::missing([shown::author(&key)]);
        return leading_on(&ask, &mut conn, missing).await;
    };
    let path = format!("{}/-/corrections", author_path(&person.username));
    if person.username != *name {
        let tags = [&key, &key_of(&person.username)].map(|key| shown::author(key));
        return Ok(Public::moved(path, tags));
    }
    let site = site::load(&mut conn).await?;
    let corrections = queries::corrections_of(&mut conn, person.id).await?;
    conn.release();
    let posts = corrections
        .iter()
        .map(|correction| shown::post(correction.post));
    let mut shown: Vec<_> = posts.collect();
    shown.extend([shown::site(), shown::author(&key), shown::by(&key)]);
    let title = text::reading_title_corrections_of(person.display_name()).to_string();
    let head = head::list(&site, &app.origin, &title, &path, true, None);
    let view = CorrectionsOfPage {
        frame: site::public_frame(&site, &app.origin, head),
        person,
        corrections,
    };
    page::public(&view, shown)
}
