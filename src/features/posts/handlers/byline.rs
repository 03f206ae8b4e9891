//! The answer of a person who is named as author: the question, yes, and no at any time.

use actix_web::{HttpResponse, web};
use uuid::Uuid;

use crate::features::accounts::PrivatePage;
use crate::features::posts::permission::named;
use crate::features::posts::views::BylinePage;
use crate::features::posts::{answer_byline, queries};
use crate::features::site;
use crate::messages::{Message, text};
use crate::web::{Result, page};

/// `GET /p/{id}/byline`: the question to a person who is named, or the one before they take their name off.
pub async fn show(page: PrivatePage, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let mut conn = page.app.db.fresh().await?;
    let (post, _) = named(queries::post(&mut conn, *id).await?, page.actor())?;
    let asked_by = queries::asked_by(&mut conn, post.id, page.user.id).await?;
    let site = site::load(&mut conn).await?;
    drop(conn);
    let is_author = post.author_ids.contains(&page.user.id);
    page.show(&BylinePage {
        frame: page.frame(&site, title(is_author)),
        post,
        asked_by,
        can_accept: !is_author && page.user.role.writes(),
        is_author,
    })
}

fn title(is_author: bool) -> Message {
    if is_author {
        text::posts_title_byline_off()
    } else {
        text::posts_title_byline()
    }
}

/// `POST /p/{id}/byline/accept`
pub async fn create(page: PrivatePage, id: web::Path<Uuid>) -> Result<HttpResponse> {
    answer_byline::accept(&page.app.db, page.actor(), *id).await?;
    Ok(page::see_other("/dashboard?byline=accepted"))
}

/// `POST /p/{id}/byline/decline`: from a request, or later from an author who no longer wants to be one.
pub async fn delete(page: PrivatePage, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let was_named = answer_byline::decline(&page.app.db, page.actor(), *id).await?;
    let dashboard = "/dashboard?byline=declined";
    Ok(site::back_to(dashboard, was_named, page.actor()))
}
