//! `/comments/{id}`: a comment alone, for accounts that may see it in its state; other requests are led to it under its post.

use actix_web::{HttpResponse, web};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::gate;
use crate::access::Action;
use crate::features::accounts::{CurrentUser, PrivatePage};
use crate::features::comments::address::address;
use crate::features::comments::queries::{self, CommentRow};
use crate::features::comments::views::ShowPage;
use crate::features::site::{self, Site};
use crate::messages::text;
use crate::web::{Error, OrNotFound, Result, page};

/// `GET /comments/{id}`: the author and those who decide see the comment with its state; everyone else is
/// led to it while it is public.
pub async fn show(page: PrivatePage, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let mut conn = page.app.db.fresh().await?;
    let comment = queries::comment(&mut conn, *id).await?.or_not_found()?;
    let rights = Rights::of(&page.user, &comment);
    if !rights.mine && !rights.can_decide {
        return lead_to_post(&mut conn, &comment).await;
    }
    let site = site::load(&mut conn).await?;
    drop(conn);
    answer(&page, &site, &comment, rights)
}

/// What the viewer of a comment may do.
struct Rights {
    mine: bool,
    can_edit: bool,
    can_decide: bool,
}

impl Rights {
    fn of(user: &CurrentUser, comment: &CommentRow) -> Rights {
        let mine = comment.author_id == user.id;
        Rights {
            mine,
            can_edit: user.can(Action::EditComment, comment.object()),
            can_decide: !mine && user.can(Action::ModerateComment, comment.object()),
        }
    }
}

async fn lead_to_post(conn: &mut PgConnection, comment: &CommentRow) -> Result<HttpResponse> {
    if comment.public() {
        Ok(page::see_other(&address(conn, comment).await?))
    } else {
        Err(Error::NotFound)
    }
}

fn answer(
    page: &PrivatePage,
    site: &Site,
    comment: &CommentRow,
    rights: Rights,
) -> Result<HttpResponse> {
    page.show(&ShowPage {
        frame: page.frame(site, text::comments_title_comment()),
        comment,
        post_title: gate::post_title_of(&page.user, comment),
        mine: rights.mine,
        can_edit: rights.can_edit,
        can_decide: rights.can_decide,
    })
}
