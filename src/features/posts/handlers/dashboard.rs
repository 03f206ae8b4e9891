//! `/dashboard`: an author's texts in tabs, and the requests to be named in the byline of others.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

use crate::access::Role;
use crate::db::cursor::Cursor;
use crate::features::accounts::PrivatePage;
use crate::features::posts::queries::{self, LINES_PER_PAGE, Tab};
use crate::features::posts::views::DashboardPage;
use crate::features::site;
use crate::messages::{Message, text};
use crate::web::{Error, OrNotFound, Result};

#[derive(Deserialize)]
pub struct DashboardQuery {
    #[serde(default)]
    shelf: String,
    before: Option<String>,
    /// The business action that took something down a moment ago.
    gone: Option<Uuid>,
    /// What was answered to a request a moment ago.
    #[serde(default)]
    byline: String,
}

/// `GET /dashboard`
pub async fn show(page: PrivatePage, query: web::Query<DashboardQuery>) -> Result<HttpResponse> {
    let tab = Tab::parse(&query.shelf).or_not_found()?;
    if tab == Tab::Pages && page.user.role < Role::Admin {
        return Err(Error::NotFound);
    }
    let from = match &query.before {
        Some(text) => Cursor::decode(text).or_not_found()?,
        None => Cursor::START,
    };
    let paged = from != Cursor::START;
    let take_down_notice = site::take_down_notice(&page.app, query.gone).await?;
    let mut conn = page.app.db.fresh().await?;
    let site = site::load(&mut conn).await?;
    let mut lines = queries::dashboard(&mut conn, page.user.id, tab, from).await?;
    let requests = if paged {
        Vec::new()
    } else {
        queries::open_requests(&mut conn, page.user.id).await?
    };
    drop(conn);
    let more = lines.len() > LINES_PER_PAGE;
    lines.truncate(LINES_PER_PAGE);
    let next = lines.last().filter(|_| more).map(|l| {
        Cursor {
            at: l.saved_at,
            key: l.id,
        }
        .encode()
    });
    let frame = page.frame(&site, text::posts_title_posts());
    page.show(&DashboardPage {
        frame,
        user: &page.user,
        tab,
        lines,
        next,
        requests,
        answered: answered(&query.byline),
        take_down_notice,
    })
}

/// The notice after a redirect, from a closed set: nothing of the address is shown.
fn answered(word: &str) -> Option<Message> {
    match word {
        "accepted" => Some(text::posts_byline_accepted()),
        "declined" => Some(text::posts_byline_declined()),
        _ => None,
    }
}
