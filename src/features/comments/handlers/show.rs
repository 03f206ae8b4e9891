//! `/comments/{id}`: a comment alone, for accounts that may see it in its state; other requests are led to it under its post.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

use super::gate;
use crate::access::Action;
use crate::features::accounts::PrivatePage;
use crate::features::comments::address::address;
use crate::features::comments::queries;
use crate::features::comments::views::ShowPage;
use crate::features::site;
use crate::messages::text;
use crate::web::{Error, OrNotFound, Result, page};

#[derive(Deserialize)]
pub struct ShowQuery {
    /// The business action that took it out a moment ago.
    gone: Option<Uuid>,
}

/// `GET /comments/{id}`: the author and those who decide see the comment with its state; everyone else is
/// led to it while it is public.
pub async fn show(
    page: PrivatePage,
    id: web::Path<Uuid>,
    query: web::Query<ShowQuery>,
) -> Result<HttpResponse> {
    let mut conn = page.app.db.fresh().await?;
    let comment = queries::comment(&mut conn, *id).await?.or_not_found()?;
    let mine = comment.author_id == page.user.id;
    let can_decide = !mine && page.user.can(Action::ModerateComment, comment.object());
    if !mine && !can_decide {
        return if comment.public() {
            Ok(page::see_other(&address(&mut conn, &comment).await?))
        } else {
            Err(Error::NotFound)
        };
    }
    let site = site::load(&mut conn).await?;
    drop(conn);
    let take_down_notice = site::take_down_notice(&page.app, query.gone).await?;
    let can_edit = page.user.can(Action::EditComment, comment.object());
    let frame = page.frame(&site, text::comments_title_comment());
    let post_title = gate::post_title(
        &page.user,
        &comment.post_title,
        comment.post_public,
        &comment.post_authors,
    );
    page.show(&ShowPage {
        frame,
        comment: &comment,
        post_title,
        mine,
        can_edit,
        can_decide,
        take_down_notice,
    })
}
