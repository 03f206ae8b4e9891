//! The list of authors: accounts that have listed posts.

use std::ops::ControlFlow;

use super::article::one_form;
use super::yielding_list::{self, at_own_path};
use crate::cache::Public;
use crate::db::ReadConn;
use crate::features::reading::cache_tags as shown;
use crate::features::reading::head;
use crate::features::reading::queries::{self, AuthorsHere, ListedAuthor};
use crate::features::reading::views::{AuthorsPage, Paging};
use crate::features::site;
use crate::messages::text;
use crate::state::PublicRequest;
use crate::web::route_words::AUTHORS;
use crate::web::{OrNotFound, Result, page};

/// `GET /authors`
pub async fn list(ask: PublicRequest) -> Result<Public> {
    match at_own_path(&ask, &AUTHORS).await? {
        ControlFlow::Break(kept) => Ok(kept),
        ControlFlow::Continue(conn) => show(&ask, conn, AUTHORS.path).await,
    }
}

/// `GET /newest/authors`
pub async fn aside(ask: PublicRequest) -> Result<Public> {
    match yielding_list::aside(&ask, &AUTHORS).await? {
        ControlFlow::Break(own) => Ok(own),
        ControlFlow::Continue(conn) => show(&ask, conn, AUTHORS.aside).await,
    }
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
    let first = after.unwrap_or(0);
    let here = queries::authors_after(&mut conn, first).await?;
    conn.release();
    let mut tags = vec![shown::site(), shown::people()];
    tags.extend(shown::authors_between(first, here.behind));
    tags.extend(shown::at(AUTHORS.path));
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
