//! The list of authors: accounts that have listed posts.

use std::ops::ControlFlow;

use super::article::kept_address;
use crate::cache::Public;
use crate::db::ReadConn;
use crate::features::accounts::key_of;
use crate::features::reading::cache_tags as shown;
use crate::features::reading::head;
use crate::features::reading::queries::{self, PER_WRITERS_PAGE, Writer};
use crate::features::reading::views::{Paging, WritersPage};
use crate::features::site;
use crate::messages::text;
use crate::state::PublicRequest;
use crate::web::{Result, page};

const PATH: &str = "/authors";
/// Where the list is when something else has its address.
const ASIDE: &str = "/newest/authors";

/// `GET /authors`
pub async fn list(ask: PublicRequest) -> Result<Public> {
    let conn = ask.read().await?;
    match kept_address(&ask, conn, PATH).await? {
        ControlFlow::Break(kept) => Ok(kept),
        ControlFlow::Continue(conn) => show(&ask, conn, PATH).await,
    }
}

/// `GET /newest/authors`
pub async fn aside(ask: PublicRequest) -> Result<Public> {
    let conn = ask.read().await?;
    match kept_address(&ask, conn, PATH).await? {
        ControlFlow::Break(_) => show(&ask, ask.read().await?, ASIDE).await,
        ControlFlow::Continue(_) => Ok(Public::moved(PATH.to_owned(), shown::at(PATH))),
    }
}

async fn show(ask: &PublicRequest, mut conn: ReadConn, path: &str) -> Result<Public> {
    let (app, after) = (ask.app(), ask.query("after"));
    let site = site::load(&mut conn).await?;
    let writers = queries::writers(&mut conn, after).await?;
    conn.release();
    let (writers, paging) = cut(writers, path, after);
    let title = text::reading_title_authors().words();
    let head = head::list(&site, &app.origin, title, path, after.is_some(), None);
    let frame = site::public_frame(&site, &app.origin, head);
    let mut tags = vec![shown::site(), shown::posts(), shown::people()];
    tags.extend(shown::at(PATH));
    tags.extend(
        writers
            .iter()
            .map(|writer| shown::author(&key_of(&writer.author.username))),
    );
    let is_asked_by_us = after.is_none() || !writers.is_empty();
    let page = page::public(
        &WritersPage {
            frame,
            writers,
            paging,
        },
        tags,
    )?;
    Ok(if is_asked_by_us {
        page
    } else {
        page.not_kept()
    })
}

/// Cuts the one too many that says whether there is a next page. A list that fits on one page stands in the order of names.
fn cut(mut writers: Vec<Writer>, path: &str, after: Option<&str>) -> (Vec<Writer>, Paging) {
    let more = writers.len() > PER_WRITERS_PAGE;
    writers.truncate(PER_WRITERS_PAGE);
    let older = writers
        .last()
        .filter(|_| more)
        .map(|last| format!("{path}?after={}", last.author.username));
    if !more && after.is_none() {
        writers.sort_by_cached_key(|writer| writer.author.display_name().to_lowercase());
    }
    let newest = after.map(|_| path.to_owned());
    (writers, Paging { older, newest })
}
