//! The archive: the months that have posts, and the posts of each month.

use std::ops::ControlFlow;

use chrono::{Months, NaiveDate};

use super::article::kept_address;
use super::lists::{cut, from, kept_if};
use crate::cache::Public;
use crate::db::ReadConn;
use crate::db::cursor::Cursor;
use crate::features::reading::cache_tags as shown;
use crate::features::reading::queries::{self, PER_MONTH_PAGE, begin};
use crate::features::reading::views::{ArchivePage, MonthPage};
use crate::features::reading::{head, years};
use crate::features::site;
use crate::messages::text;
use crate::state::PublicRequest;
use crate::web::{Result, page, time};

const PATH: &str = "/archive";
/// Where the archive is when something else has its address.
const ASIDE: &str = "/newest/archive";

/// `GET /archive`
pub async fn index(ask: PublicRequest) -> Result<Public> {
    let conn = ask.read().await?;
    match kept_address(&ask, conn, PATH).await? {
        ControlFlow::Break(kept) => Ok(kept),
        ControlFlow::Continue(conn) => show_months(&ask, conn, PATH).await,
    }
}

/// `GET /newest/archive`
pub async fn aside(ask: PublicRequest) -> Result<Public> {
    let conn = ask.read().await?;
    match kept_address(&ask, conn, PATH).await? {
        ControlFlow::Break(_) => show_months(&ask, ask.read().await?, ASIDE).await,
        ControlFlow::Continue(_) => Ok(Public::moved(PATH.to_owned(), shown::at(PATH))),
    }
}

async fn show_months(ask: &PublicRequest, mut conn: ReadConn, path: &str) -> Result<Public> {
    let app = ask.app();
    let site = site::load(&mut conn).await?;
    let months = queries::months(&mut conn).await?;
    conn.release();
    let title = text::reading_title_archive().words();
    let head = head::list(&site, &app.origin, title, path, false, None);
    let frame = site::public_frame(&site, &app.origin, head);
    let years = years::of(&months);
    let tags = [shown::site(), shown::posts()];
    page::public(
        &ArchivePage { frame, years },
        tags.into_iter().chain(shown::at(PATH)),
    )
}

/// `GET /archive/{year}/{month}`
pub async fn month(ask: PublicRequest) -> Result<Public> {
    let path = ask.path().to_owned();
    let conn = match kept_address(&ask, ask.read().await?, &path).await? {
        ControlFlow::Break(kept) => return Ok(kept),
        ControlFlow::Continue(conn) => conn,
    };
    let Some(first) = first_day(ask.part("year"), ask.part("month")) else {
        return Ok(Public::missing(shown::at(&path)));
    };
    show_month(&ask, conn, first).await
}

async fn show_month(ask: &PublicRequest, mut conn: ReadConn, first: NaiveDate) -> Result<Public> {
    let (app, path, from) = (ask.app(), ask.path(), from(ask)?);
    let site = site::load(&mut conn).await?;
    let cards = queries::cards_since(&mut conn, first, within(first, from)).await?;
    let known = queries::is_place(&mut conn, from).await?;
    conn.release();
    let gone = [shown::site(), shown::posts()].into_iter();
    if cards.is_empty() {
        // Most months have no posts, and there is no end of them.
        return Ok(Public::missing(gone.chain(shown::at(path))).not_kept());
    }
    let (cards, paging) = cut(cards, PER_MONTH_PAGE, path, from);
    let title = String::from(time::month(&begin(first)));
    let paged = from != Cursor::START;
    let head = head::list(&site, &app.origin, &title, path, paged, None);
    let frame = site::public_frame(&site, &app.origin, head);
    let tags = shown::of_list(&cards, gone.chain(shown::at(path)));
    let view = MonthPage {
        frame,
        title,
        cards,
        paging,
    };
    Ok(kept_if(known, page::public(&view, tags)?))
}

/// As our pages write it: `2026` and `03`.
fn first_day(year: &str, month: &str) -> Option<NaiveDate> {
    let number = |text: &str, digits: usize| {
        let is_ours = text.len() == digits && text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<u32>().ok().filter(|_| is_ours)
    };
    let year = i32::try_from(number(year, 4)?).ok()?;
    NaiveDate::from_ymd_opt(year, number(month, 2)?, 1)
}

/// The place that a page of the month begins behind: at most the end of the month.
fn within(first: NaiveDate, from: Cursor) -> Cursor {
    let next = first.checked_add_months(Months::new(1)).unwrap_or(first);
    let end = Cursor {
        at: begin(next),
        key: 0,
    };
    if from.at < end.at { from } else { end }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_has_one_address() {
        let day = |year, month| NaiveDate::from_ymd_opt(year, month, 1);
        assert_eq!(first_day("2026", "03"), day(2026, 3));
        for (year, month) in [
            ("2026", "3"),
            ("2026", "13"),
            ("26", "03"),
            ("+026", "03"),
            ("2026", "00"),
        ] {
            assert_eq!(first_day(year, month), None, "{year}/{month}");
        }
    }
}
