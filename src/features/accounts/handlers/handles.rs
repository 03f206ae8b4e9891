//! Earlier handles of an account, for admins.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

use crate::access::{Action, Resource};
use crate::features::accounts::forms::FreeForm;
use crate::features::accounts::private_page::PrivatePage;
use crate::features::accounts::views::{FreeHandlePage, HandlesPage};
use crate::features::accounts::{handles, queries};
use crate::features::site;
use crate::messages::text;
use crate::web::{Form, OrNotFound, Result, page};

#[derive(Deserialize)]
pub struct HandlesQuery {
    /// The handle that would be set free: asks before it is done.
    free: Option<String>,
    /// One was set free a moment ago.
    #[serde(default)]
    saved: String,
}

/// `GET /admin/people/{id}/handles`: the list, or the question before one is set free.
pub async fn show(
    page: PrivatePage,
    id: web::Path<Uuid>,
    query: web::Query<HandlesQuery>,
) -> Result<HttpResponse> {
    let mut conn = page.app.db.fresh().await?;
    let holder = queries::holder(&mut conn, *id).await?.or_not_found()?;
    page.user
        .require(Action::FreeHandle, Resource::Person { id: holder.id })?;
    let kept = queries::kept_usernames(&mut conn, holder.id).await?;
    let site = site::load(&mut conn).await?;
    drop(conn);
    let Some(username) = &query.free else {
        let frame = page.frame(&site, text::accounts_title_handles());
        return page.show(&HandlesPage {
            frame,
            holder,
            kept,
            saved: query.saved == "freed",
        });
    };
    let kept = kept
        .into_iter()
        .find(|one| one.username == *username && one.can_be_freed())
        .or_not_found()?;
    let frame = page.frame(&site, text::accounts_title_free_handle());
    page.show(&FreeHandlePage {
        frame,
        holder,
        kept,
    })
}

/// `POST /admin/people/{id}/handles`: sets one free. Once more changes nothing.
pub async fn free(
    page: PrivatePage,
    id: web::Path<Uuid>,
    form: Form<FreeForm>,
) -> Result<HttpResponse> {
    handles::free(&page.app.db, page.actor(), *id, &form.username).await?;
    Ok(page::see_other(&format!(
        "/admin/people/{id}/handles?saved=freed"
    )))
}
