//! `/p/{id}/preview-links`: the links by which a text is read before it is public. Where they lead is `shared_preview`.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::gate::editable;
use crate::features::accounts::PrivatePage;
use crate::features::posts::queries::{self, PostRow, PreviewLink};
use crate::features::posts::share_preview::{self, ItsNotes, MOST_LINKS, ShareRequest};
use crate::features::site;
use crate::messages::{html as t, text};
use crate::web::{Form, FormErrors, Frame, Result, page, time};

/// For how many days a link can hold.
const DAYS: [&str; 3] = ["1", "7", "30"];

#[derive(Template)]
#[template(path = "posts/preview_links.html")]
struct PreviewLinksPage {
    frame: Frame,
    post: PostRow,
    links: Vec<PreviewLink>,
    /// What was made a moment ago, whole: afterwards nothing shows it.
    made: Option<String>,
    /// Notes of guests that wait.
    pending_notes: i64,
    form: PreviewLinkForm,
    faults: FormErrors,
}

/// `GET /p/{id}/preview-links`
pub async fn list(page: PrivatePage, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let form = PreviewLinkForm {
        days: "7".to_owned(),
        notes: String::new(),
    };
    answer(&page, *id, None, (form, FormErrors::default())).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreviewLinkForm {
    #[serde(default)]
    days: String,
    /// `on`: its holders can leave notes.
    #[serde(default)]
    notes: String,
}

/// `POST /p/{id}/preview-links`: the link is shown once, only its hash is kept.
pub async fn create(
    page: PrivatePage,
    id: web::Path<Uuid>,
    form: Form<PreviewLinkForm>,
) -> Result<HttpResponse> {
    let form = form.0;
    let typed = form.days.as_str();
    let days = DAYS.contains(&typed).then(|| typed.parse().ok()).flatten();
    let Some(days) = days else {
        let faults = FormErrors::single("days", text::posts_choose_days());
        return answer(&page, *id, None, (form, faults)).await;
    };
    let request = ShareRequest {
        days,
        allows_notes: form.notes == "on",
    };
    let token = share_preview::share_preview(&page.app.db, page.actor(), *id, request).await?;
    let Some(token) = token else {
        let faults = FormErrors::single("", text::posts_too_many_preview_links(MOST_LINKS));
        return answer(&page, *id, None, (form, faults)).await;
    };
    let made = page.app.url(&format!("/preview/{token}"));
    answer(&page, *id, Some(made), (form, FormErrors::default())).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevokeForm {
    /// `delete`, from the button that says so.
    #[serde(default)]
    notes: String,
}

/// `POST /p/{id}/preview-links/{link}/revoke`
pub async fn revoke(
    page: PrivatePage,
    path: web::Path<(Uuid, Uuid)>,
    form: Form<RevokeForm>,
) -> Result<HttpResponse> {
    let (id, link) = path.into_inner();
    let its_notes = match form.notes.as_str() {
        "delete" => ItsNotes::Deleted,
        _ => ItsNotes::Kept,
    };
    share_preview::revoke_preview(&page.app.db, page.actor(), id, (link, its_notes)).await?;
    Ok(page::see_other(&format!("/p/{id}/preview-links")))
}

async fn answer(
    page: &PrivatePage,
    id: Uuid,
    made: Option<String>,
    (form, faults): (PreviewLinkForm, FormErrors),
) -> Result<HttpResponse> {
    let mut conn = page.app.db.fresh().await?;
    let post = editable(queries::post(&mut conn, id).await?, &page.user)?;
    let links = queries::preview_links(&mut conn, post.id).await?;
    let pending_notes = queries::pending_note_count(&mut conn, post.id).await?;
    let site = site::load(&mut conn).await?;
    drop(conn);
    let view = PreviewLinksPage {
        frame: page.frame(&site, text::posts_title_preview_links()),
        post,
        links,
        made,
        pending_notes,
        form,
        faults,
    };
    page.show_with(view.faults.status(), &view)
}
