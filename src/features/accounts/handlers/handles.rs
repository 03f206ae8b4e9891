//! Earlier handles of an account, for admins.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

use crate::access::{Action, Resource};
use crate::features::accounts::forms::FreeForm;
use crate::features::accounts::private_page::PrivatePage;
use crate::features::accounts::queries::{Holder, KeptUsername};
use crate::features::accounts::views::{FreeHandlePage, HandlesPage};
use crate::features::accounts::{handles, queries};
use crate::features::site::{self, Site};
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
    let listed = Listed::read(&page, *id).await?;
    let Some(username) = &query.free else {
        return page.show(&HandlesPage {
            frame: page.frame(&listed.site, text::accounts_title_handles()),
            holder: listed.holder,
            kept: listed.kept,
            saved: query.saved == "freed",
        });
    };
    ask_before_freeing(&page, listed, username)
}

/// An account and the handles that it keeps, as the viewer may see them.
struct Listed {
    site: Site,
    holder: Holder,
    kept: Vec<KeptUsername>,
}

impl Listed {
    async fn read(page: &PrivatePage, id: Uuid) -> Result<Listed> {
        let mut conn = page.app.db.fresh().await?;
        let holder = queries::holder(&mut conn, id).await?.or_not_found()?;
        page.user
            .require(Action::FreeHandle, Resource::Person { id: holder.id })?;
        let kept = queries::kept_usernames(&mut conn, holder.id).await?;
        let site = site::load(&mut conn).await?;
        Ok(Listed { site, holder, kept })
    }
}

fn ask_before_freeing(page: &PrivatePage, listed: Listed, username: &str) -> Result<HttpResponse> {
    let kept = listed
        .kept
        .into_iter()
        .find(|one| one.username == username && one.can_be_freed())
        .or_not_found()?;
    page.show(&FreeHandlePage {
        frame: page.frame(&listed.site, text::accounts_title_free_handle()),
        holder: listed.holder,
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
