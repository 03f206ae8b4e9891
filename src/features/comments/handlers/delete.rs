//! Deleting one's own comment: the question, and the act.

use actix_web::{HttpResponse, web};
use uuid::Uuid;

use crate::access::Action;
use crate::features::accounts::PrivatePage;
use crate::features::comments::address::address;
use crate::features::comments::model::State;
use crate::features::comments::permission::allow;
use crate::features::comments::views::DeletePage;
use crate::features::comments::{queries, withdraw};
use crate::features::site;
use crate::messages::text;
use crate::web::{OrNotFound, Result, page};

/// `GET /comments/{id}/delete`: the question before it.
pub async fn show(page: PrivatePage, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let mut conn = page.app.db.fresh().await?;
    let comment = queries::comment(&mut conn, *id).await?.or_not_found()?;
    allow(page.actor(), Action::DeleteComment, &comment)?;
    if comment.state == State::Deleted {
        return Ok(page::see_other(&format!("/comments/{id}")));
    }
    let back = address(&mut conn, &comment).await?;
    let site = site::load(&mut conn).await?;
    drop(conn);
    let frame = page.frame(&site, text::comments_title_delete());
    page.show(&DeletePage {
        frame,
        comment,
        back,
    })
}

/// `POST /comments/{id}/delete`: once more changes nothing.
pub async fn create(page: PrivatePage, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let was_public = withdraw::withdraw(&page.app.db, page.actor(), *id).await?;
    let own = format!("/comments/{id}");
    Ok(site::back_to(&own, was_public, page.actor()))
}
