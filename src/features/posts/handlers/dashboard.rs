//! `/dashboard`: an author's texts in tabs, and the requests to be named in the byline of others.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use sqlx::postgres::PgConnection;

use crate::db::cursor::Cursor;
use crate::features::accounts::{CurrentUser, PrivatePage};
use crate::features::posts::queries::{self, BylineRequest, DashboardRow, LINES_PER_PAGE, Tab};
use crate::features::posts::views::DashboardPage;
use crate::features::site;
use crate::messages::{Message, text};
use crate::web::{Error, OrNotFound, Result};

#[derive(Deserialize)]
pub struct DashboardQuery {
    #[serde(default)]
    shelf: String,
    before: Option<String>,
    /// What was answered to a request a moment ago.
    #[serde(default)]
    byline: String,
}

/// `GET /dashboard`
pub async fn show(page: PrivatePage, query: web::Query<DashboardQuery>) -> Result<HttpResponse> {
    let (tab, from) = place(&page.user, &query)?;
    let mut conn = page.app.db.fresh().await?;
    let site = site::load(&mut conn).await?;
    let viewer = (page.user.id, page.user.role.edits_all());
    let mut lines = queries::dashboard(&mut conn, viewer, tab, from).await?;
    let requests = open_requests(&mut conn, &page.user, from).await?;
    drop(conn);
    let next = cut(&mut lines);
    page.show(&DashboardPage {
        frame: page.frame(&site, text::posts_title_posts()),
        user: &page.user,
        tab,
        lines,
        next,
        requests,
        answered: answered(&query.byline),
        here: page.here(),
    })
}

/// Where the page begins, and in which tab.
fn place(user: &CurrentUser, query: &DashboardQuery) -> Result<(Tab, Cursor)> {
    let tab = Tab::parse(&query.shelf).or_not_found()?;
    if tab == Tab::Pages && !user.role.manages() {
        return Err(Error::NotFound);
    }
    let from = match &query.before {
        Some(text) => Cursor::decode(text).or_not_found()?,
        None => Cursor::START,
    };
    Ok((tab, from))
}

/// The requests to be named, which stand on the first page.
async fn open_requests(
    conn: &mut PgConnection,
    user: &CurrentUser,
    from: Cursor,
) -> Result<Vec<BylineRequest>> {
    if from == Cursor::START {
        Ok(queries::open_requests(conn, user.id).await?)
    } else {
        Ok(Vec::new())
    }
}

/// Leaves the lines of one page, and gives where the next one begins.
fn cut(lines: &mut Vec<DashboardRow>) -> Option<String> {
    let more = lines.len() > LINES_PER_PAGE;
    lines.truncate(LINES_PER_PAGE);
    let last = lines.last().filter(|_| more)?;
    let next = Cursor {
        at: last.saved_at,
        key: last.id,
    };
    Some(next.encode())
}

/// The notice after a redirect, from a closed set: nothing of the address is shown.
fn answered(word: &str) -> Option<Message> {
    match word {
        "accepted" => Some(text::posts_byline_accepted()),
        "declined" => Some(text::posts_byline_declined()),
        _ => None,
    }
}
