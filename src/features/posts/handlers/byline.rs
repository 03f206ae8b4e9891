//! The answer of a person who is named as author: the question, yes, and no at any time.

use actix_web::{HttpResponse, web};
use uuid::Uuid;

use crate::access::Role;
use crate::features::accounts::{CurrentUser, PrivatePage};
use crate::features::posts::byline;
use crate::features::posts::queries::{self, PostRow};
use crate::features::posts::views::BylinePage;
use crate::features::site;
use crate::web::{Error, OrNotFound, Result, page};

/// `GET /p/{id}/byline`: the question to a person who is named, or the one before they take their name off.
pub async fn show(page: PrivatePage, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let mut conn = page.app.db.fresh().await?;
    let post = naming(queries::post(&mut conn, *id).await?, &page.user)?;
    let asked_by = queries::asked_by(&mut conn, post.id, page.user.id).await?;
    let site = site::load(&mut conn).await?;
    drop(conn);
    let is_author = post.author_ids.contains(&page.user.id);
    let title = if is_author {
        "Take your name off?"
    } else {
        "Your name on a post"
    };
    let frame = page.frame(&site, title);
    let can_accept = !is_author && page.user.role >= Role::Author;
    page.show(&BylinePage {
        frame,
        post,
        asked_by,
        can_accept,
        is_author,
    })
}

/// `POST /p/{id}/byline/accept`: once more changes nothing.
pub async fn create(page: PrivatePage, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let mut tx = page.app.db.begin().await?;
    let post = naming(queries::lock_post(&mut tx, *id).await?, &page.user)?;
    if !post.author_ids.contains(&page.user.id) {
        let actor = page.actor();
        tx.belongs_to(actor);
        byline::accept(&mut tx, &post, page.user.id, actor).await?;
        tx.commit().await?;
    }
    Ok(page::see_other("/dashboard?byline=accepted"))
}

/// `POST /p/{id}/byline/decline`: from a request, or later from an author who no longer wants to be one.
pub async fn delete(page: PrivatePage, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let actor = page.actor();
    let mut tx = page.app.db.begin().await?;
    let post = queries::lock_post(&mut tx, *id).await?;
    if post
        .as_ref()
        .is_none_or(|post| !post.declined_ids.contains(&page.user.id))
    {
        tx.belongs_to(actor);
        byline::decline(&mut tx, &naming(post, &page.user)?, page.user.id, actor).await?;
        tx.commit().await?;
    }
    Ok(page::see_other(&site::told_at(
        "/dashboard?byline=declined",
        actor.transaction_id(),
    )))
}

/// The post, for a person whose name stands on it or is asked for. To everybody else it is not there.
fn naming(post: Option<PostRow>, user: &CurrentUser) -> Result<PostRow> {
    let post = post.or_not_found()?;
    if post.owner_id == user.id {
        return Err(Error::Forbidden(
            "This post stands at your own address. To take it away, unpublish it or move it to the trash.",
        ));
    }
    let named = post.author_ids.contains(&user.id) || post.asked_ids.contains(&user.id);
    if named {
        Ok(post)
    } else {
        Err(Error::NotFound)
    }
}
