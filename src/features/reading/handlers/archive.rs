//! The archive: the months that have posts, and the posts of each month.

use std::ops::ControlFlow;

use chrono::{DateTime, Months, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use super::article::{kept_address, moved, moved_or_plain};
use super::lists::{behind, cut, from, kept_if};
use super::missing::leading_on;
use super::yielding_list::{self, at_own_path};
use crate::cache::Public;
use crate::db::cursor::Cursor;
use crate::db::{CacheTag, ReadConn};
use crate::features::posts::{Card, old_address};
use crate::features::reading::cache_tags::{self as shown, List};
use crate::features::reading::queries::{self, PER_MONTH_PAGE};
use crate::features::reading::views::{ArchivePage, MonthPage, Paging};
use crate::features::reading::{head, years};
use crate::features::site::{self, Site};
use crate::messages::text;
use crate::state::PublicRequest;
use crate::web::route_words::ARCHIVE;
use crate::web::{OrNotFound, Result, SiteOrigin, page, time};

/// `GET /archive`
pub async fn index(ask: PublicRequest) -> Result<Public> {
    if !ask.queries().is_empty() {
        return imported(&ask).await;
    }
    match at_own_path(&ask, &ARCHIVE).await? {
        ControlFlow::Break(kept) => Ok(kept),
        ControlFlow::Continue(conn) => show_months(&ask, conn, ARCHIVE.path).await,
    }
}

/// The text that was imported from this address with its parameters, else the archive.
async fn imported(ask: &PublicRequest) -> Result<Public> {
    let old = old_address::with_query(ARCHIVE.path, ask.queries());
    let moved = moved(&mut ask.read().await?, &old).await?;
    // There is no end of such addresses.
    let plain = || Public::moved(ARCHIVE.path.to_owned(), shown::at(&old)).not_kept();
    Ok(moved.unwrap_or_else(plain))
}

/// `GET /newest/archive`
pub async fn aside(ask: PublicRequest) -> Result<Public> {
    match yielding_list::aside(&ask, &ARCHIVE).await? {
        ControlFlow::Break(own) => Ok(own),
        ControlFlow::Continue(conn) => show_months(&ask, conn, ARCHIVE.aside).await,
    }
}

async fn show_months(ask: &PublicRequest, mut conn: ReadConn, path: &str) -> Result<Public> {
    let app = ask.app();
    let site = site::load(&mut conn).await?;
    let months = queries::months(&mut conn, &site.time_zone).await?;
    conn.release();
    let title = text::reading_title_archive().words();
    let head = head::list(&site, &app.origin, title, path, false, None);
    let frame = site::public_frame(&site, &app.origin, head);
    let years = years::of(&months);
    let tags = [shown::site(), shown::posts()];
    page::public(
        &ArchivePage { frame, years },
        tags.into_iter().chain(shown::at(ARCHIVE.path)),
    )
}

/// `GET /archive/{year}/{month}`
pub async fn month(ask: PublicRequest) -> Result<Public> {
    let path = ask.path();
    let mut conn = match kept_address(&ask, ask.read().await?, path).await? {
        ControlFlow::Break(kept) => return Ok(kept),
        ControlFlow::Continue(conn) => conn,
    };
    match first_day(ask.part("year"), ask.part("month")) {
        Some(first) => show_month(&ask, conn, first).await,
        None => moved_or_plain(&ask, &mut conn, path, path).await,
    }
}

async fn show_month(ask: &PublicRequest, mut conn: ReadConn, first: NaiveDate) -> Result<Public> {
    let path = ask.path();
    let from = from(ask)?;
    let site = site::load(&mut conn).await?;
    let span = Span::of(first, &site.time_zone);
    let from = span.within(from).or_not_found()?;
    let cards = queries::cards_since(&mut conn, span.begin, from).await?;
    let is_first = from == span.end();
    let known = is_first || queries::is_place(&mut conn, from).await?;
    let of_month = span.part(from, &cards).into_iter();
    let of_month = of_month.chain([shown::site()]).chain(shown::at(path));
    if cards.is_empty() {
        // Most months have no posts, and there is no end of them.
        let missing = Public::missing(of_month).not_kept();
        return leading_on(ask, &mut conn, missing).await;
    }
    conn.release();
    let tags = shown::of_list(&cards, of_month);
    let from = if is_first { Cursor::START } else { from };
    let page = month_page(
        &site,
        &ask.app().origin,
        first,
        cut(cards, PER_MONTH_PAGE, path, from),
    );
    Ok(kept_if(known, page::public(&page, tags)?))
}

fn month_page(
    site: &Site,
    origin: &SiteOrigin,
    first: NaiveDate,
    (cards, paging): (Vec<Card>, Paging),
) -> MonthPage {
    let title = String::from(time::month(&first));
    let path = first.format("/archive/%Y/%m").to_string();
    let head = head::list(site, origin, &title, &path, paging.newest.is_some(), None);
    MonthPage {
        frame: site::public_frame(site, origin, head),
        title,
        cards,
        paging,
    }
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

/// A month where the site is.
struct Span {
    begin: DateTime<Utc>,
    next: DateTime<Utc>,
}

impl Span {
    fn of(first: NaiveDate, zone: &Tz) -> Span {
        let next = first.checked_add_months(Months::new(1)).unwrap_or(first);
        Span {
            begin: time::begin(first, zone),
            next: time::begin(next, zone),
        }
    }

    /// The place that a page of the month begins behind: its end, or that of a post in it. Other places would be the same page at
    /// another address.
    fn within(&self, from: Cursor) -> Option<Cursor> {
        if from == Cursor::START {
            return Some(self.end());
        }
        Some(from).filter(|from| (self.begin..self.next).contains(&from.at))
    }

    /// What a page of it depends on, that begins at `from`. The list ends with the month.
    fn part(&self, from: Cursor, cards: &[Card]) -> Vec<CacheTag> {
        let newest = from.at.min(self.next - TimeDelta::microseconds(1));
        let behind = behind(cards, PER_MONTH_PAGE).unwrap_or(self.begin);
        List::Site.between(newest, Some(behind))
    }

    fn end(&self) -> Cursor {
        Cursor {
            at: self.next,
            key: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_a_month_begins_in_it() {
        let march = Span::of(NaiveDate::from_ymd_opt(2026, 3, 1).unwrap(), &Tz::UTC);
        let at = |month, day| Cursor {
            at: time::begin(NaiveDate::from_ymd_opt(2026, month, day).unwrap(), &Tz::UTC),
            key: 7,
        };
        assert_eq!(march.within(Cursor::START), Some(march.end()));
        assert_eq!(march.within(at(3, 1)), Some(at(3, 1)));
        for outside in [at(4, 1), at(2, 28), at(12, 1)] {
            assert_eq!(march.within(outside), None);
        }
    }

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
