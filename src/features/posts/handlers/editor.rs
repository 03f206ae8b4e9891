//! The editor: open, and save for the first time or again. It works as a plain form; the script adds comfort.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

use super::editor_page::{Shown, answer, refuse, saved};
use super::gate::{EditorForm, editable, form_ids, if_match, is_of_another_account, wants_page};
use super::submit::submit;
use super::template::begun_from;
use crate::access::Resource;
use crate::features::accounts::{PrivatePage, key_of};
use crate::features::posts::draft::PostForm;
use crate::features::posts::model::{Details, Kind};
use crate::features::posts::permission::write_action;
use crate::features::posts::queries;
use crate::features::posts::save::Target;
use crate::messages::text;
use crate::web::{FormErrors, OrNotFound, Result, page};

#[derive(Deserialize)]
pub struct NewQuery {
    #[serde(default)]
    kind: String,
    /// It begins as this one says.
    template: Option<Uuid>,
}

/// `GET /new`: an empty editor under a fresh id. The row comes with the first save (the script saves with
/// the first key), so that opening the page, which is a GET, changes nothing.
pub async fn new(page: PrivatePage, query: web::Query<NewQuery>) -> Result<HttpResponse> {
    let kind = Kind::parse(&query.kind).or_not_found()?;
    page.user.require(write_action(kind), Resource::Nothing)?;
    let form = match query.template {
        Some(template) => filled_form(&page, kind, template).await?,
        None => empty_form(&page, kind),
    };
    let shown = Shown {
        form,
        ..Shown::default()
    };
    answer(&page, shown).await
}

fn empty_form(page: &PrivatePage, kind: Kind) -> PostForm {
    let details = Details {
        authors: vec![page.user.username.clone()],
        ..Details::default()
    };
    let id = form_ids(&page.app, &page.user).fresh();
    PostForm::of(id, kind, 0, "", "", &details)
}

/// The form as a template has it. That is not changed by what is typed.
async fn filled_form(page: &PrivatePage, kind: Kind, template: Uuid) -> Result<PostForm> {
    let draft = begun_from(page, template).await?;
    let id = form_ids(&page.app, &page.user).fresh();
    let (title, markdown) = (&draft.title, &draft.markdown);
    Ok(PostForm::of(id, kind, 0, title, markdown, &draft.details))
}

/// `POST /new`: the first save.
pub async fn create(page: PrivatePage, form: EditorForm) -> Result<HttpResponse> {
    if is_of_another_account(&page.req, &page.user) {
        return Ok(other_account());
    }
    let mut form = form.0;
    let kind = form.kind()?;
    page.user.require(write_action(kind), Resource::Nothing)?;
    match form_ids(&page.app, &page.user).read(&page.req, &mut form.id) {
        Ok(id) => Box::pin(submit(&page, Target::New(id), form)).await,
        Err(unsigned) => {
            let mut faults = FormErrors::default();
            faults.add(
                "",
                if wants_page(&page.req) {
                    unsigned.message()
                } else {
                    text::posts_old_page()
                },
            );
            refuse(&page, Shown::refused(None, form, faults)).await
        }
    }
}

/// `GET /p/{id}/edit`
pub async fn edit(page: PrivatePage, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let saved = saved(&page.app, &page.user, *id).await?;
    answer(&page, saved).await
}

/// `GET /@{author}/{slug}/edit`: the address people guess.
pub async fn edit_by_address(
    page: PrivatePage,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse> {
    let (author, slug) = path.into_inner();
    let mut conn = page.app.db.fresh().await?;
    let post = editable(
        queries::post_at(&mut conn, &key_of(&author), &slug).await?,
        &page.user,
    )?;
    Ok(page::see_other(&format!("/p/{}/edit", post.public_id)))
}

/// `POST /p/{id}/edit`
pub async fn update(
    page: PrivatePage,
    id: web::Path<Uuid>,
    form: EditorForm,
) -> Result<HttpResponse> {
    if is_of_another_account(&page.req, &page.user) {
        return Ok(other_account());
    }
    let form = form.0;
    if !wants_page(&page.req) && form.version.is_empty() && if_match(&page.req).is_none() {
        let faults = FormErrors::single("version", text::posts_names_no_version());
        return Ok(page::json(
            StatusCode::PRECONDITION_REQUIRED,
            &faults.json(),
        ));
    }
    Box::pin(submit(&page, Target::Existing(*id), form)).await
}

/// As if the session had ended: what one account has typed is not saved as another's.
fn other_account() -> HttpResponse {
    let faults = FormErrors::single("", text::posts_of_another_account());
    page::json(StatusCode::UNAUTHORIZED, &faults.json())
}
