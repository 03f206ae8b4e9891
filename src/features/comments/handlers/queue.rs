//! The queue of comments that wait for a decision, page by page.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::gate;
use crate::db::cursor::Cursor;
use crate::features::accounts::{CurrentUser, PrivatePage};
use crate::features::comments::queries::{self, COMMENTS_PER_PAGE, QueueLine, Show};
use crate::features::comments::views::QueuePage;
use crate::features::site;
use crate::messages::text;
use crate::web::{OrNotFound, Result};

#[derive(Deserialize)]
pub struct QueueQuery {
    #[serde(default)]
    show: String,
    before: Option<String>,
}

/// `GET /dashboard/comments`: under one's own posts; for moderators, of the whole site.
pub async fn list(page: PrivatePage, query: web::Query<QueueQuery>) -> Result<HttpResponse> {
    let show = Show::parse(&query.show).or_not_found()?;
    let from = start(&query)?;
    let staff = page.user.role.moderates();
    let mut conn = page.app.db.fresh().await?;
    let mut lines = queries::queue(&mut conn, page.user.id, staff, show, from.key).await?;
    let waiting = queries::waiting(&mut conn, page.user.id, staff).await?;
    let site = site::load(&mut conn).await?;
    drop(conn);
    let more = lines.len() > COMMENTS_PER_PAGE;
    lines.truncate(COMMENTS_PER_PAGE);
    name_posts(&page.user, &mut lines);
    let last = lines.last().filter(|_| more);
    let (here, newest, older) = places(show, from, last);
    page.show(&QueuePage {
        frame: page.frame(&site, text::comments_title_queue()),
        show,
        lines,
        waiting,
        here,
        older,
        newest,
        staff,
    })
}

/// From where on the page shows comments.
fn start(query: &QueueQuery) -> Result<Cursor> {
    match &query.before {
        Some(text) => Ok(Cursor::decode(text).or_not_found()?),
        None => Ok(Cursor::START),
    }
}

/// The titles of the posts as the viewer may read them.
fn name_posts(user: &CurrentUser, lines: &mut [QueueLine]) {
    for line in lines {
        line.post_title =
            gate::post_title(user, &line.post_title, line.post_public, &line.post_authors)
                .to_owned();
    }
}

/// The addresses of this page, of the first one where this is another, and of the one behind `last`.
fn places(
    show: Show,
    from: Cursor,
    last: Option<&QueueLine>,
) -> (String, Option<String>, Option<String>) {
    let first = format!("/dashboard/comments?show={}", show.as_str());
    let behind = |cursor: Cursor| format!("{first}&before={}", cursor.encode());
    let older = last.map(|line| {
        behind(Cursor {
            at: line.created_at,
            key: line.id,
        })
    });
    if from == Cursor::START {
        (first, None, older)
    } else {
        (behind(from), Some(first), older)
    }
}
