//! The list of authors: accounts that have listed posts.

use std::ops::ControlFlow;

use super::article::{kept_address, one_form};
use crate::cache::Public;
use crate::db::ReadConn;
use crate::features::reading::cache_tags as shown;
use crate::features::reading::head;
use crate::features::reading::queries::{self, AuthorsHere, ListedAuthor};
use crate::features::reading::views::{AuthorsPage, Paging};
use crate::features::site;
use crate::messages::text;
use crate::state::PublicRequest;
use crate::web::{OrNotFound, Result, page};

const WORD: &str = "authors";
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
    let mut conn = ask.read().await?;
    if queries::kept_addresses(&mut conn, &[WORD])
        .await?
        .is_empty()
    {
        return Ok(Public::moved(PATH.to_owned(), shown::at(PATH)));
    }
    show(&ask, conn, ASIDE).await
}

async fn show(ask: &PublicRequest, mut conn: ReadConn, path: &str) -> Result<Public> {
    let after = match ask.query("after") {
        Some(text) => {
            let place = queries::place_of_author(&mut conn, one_form(text)?).await?;
            Some(place.or_not_found()?)
        }
        None => None,
    };
    let site = site::load(&mut conn).await?;
    let here = queries::authors_after(&mut conn, after.unwrap_or(0)).await?;
    conn.release();
    let mut tags = vec![shown::site(), shown::posts(), shown::people()];
    tags.extend(shown::at(PATH));
    tags.extend(
        here.authors
            .iter()
            .map(|author| shown::post(author.newest.public_id)),
    );
    let title = text::reading_title_authors().words();
    let origin = &ask.app().origin;
    let head = head::list(&site, origin, title, path, after.is_some(), None);
    let frame = site::public_frame(&site, origin, head);
    let (authors, paging) = in_order(here, path, after.is_some());
    page::public(
        &AuthorsPage {
            frame,
            authors,
            paging,
        },
        tags,
    )
}

/// A list that fits on one page stands in the order of names.
fn in_order(here: AuthorsHere, path: &str, paged: bool) -> (Vec<ListedAuthor>, Paging) {
    let mut authors = here.authors;
    if here.next.is_none() && !paged {
        authors.sort_by_cached_key(|listed| listed.author.display_name().to_lowercase());
    }
    let paging = Paging {
        older: here.next.map(|id| format!("{path}?after={id}")),
        newest: paged.then(|| path.to_owned()),
    };
    (authors, paging)
}
