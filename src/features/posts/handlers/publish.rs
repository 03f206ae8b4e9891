//! Publishing, the short step before it, and taking it back.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

use serde::Deserialize;
use uuid::Uuid;

use super::editor::refuse_saved;
use super::gate::{EditorForm, editable};
use super::submit::save_first;
use crate::features::accounts::PrivatePage;
use crate::features::posts::publish::{self, PublishError, PublishRequest};
use crate::features::posts::revision::SaveError;
use crate::features::posts::views::PublishPage;
use crate::features::posts::{byline, queries};
use crate::features::site;
use crate::messages::{Message, text};
use crate::web::{Error, Form, FormErrors, OrNotFound, Result, page};

/// `GET /p/{id}/publish`: what will be public, and the button.
pub async fn show(page: PrivatePage, id: web::Path<Uuid>) -> Result<HttpResponse> {
    answer(&page, *id, (StatusCode::OK, None)).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishForm {
    /// The version that the page showed.
    version: Option<i32>,
}

/// `POST /p/{id}/publish`
pub async fn create(
    page: PrivatePage,
    id: web::Path<Uuid>,
    form: Form<PublishForm>,
) -> Result<HttpResponse> {
    let request = PublishRequest {
        id: *id,
        shown: form.version,
    };
    let refused = match publish::publish(&page.app.db, page.actor(), request).await {
        Ok(path) => return Ok(page::see_other(&path)),
        Err(refused) => refused,
    };
    match refused {
        PublishError::InTheTrash => Err(Error::Conflict(refused.message())),
        PublishError::Unrenderable(sentence) => Err(Error::BadRequest(sentence)),
        PublishError::Rendering(error) => Err(error),
        PublishError::Save(SaveError::Empty) => {
            let mut faults = FormErrors::default();
            faults.add("markdown", SaveError::Empty.message());
            refuse_saved(&page, *id, faults).await
        }
        PublishError::Save(
            error @ (SaveError::Db(_) | SaveError::NotFound | SaveError::Denied(_)),
        ) => Err(error.into()),
        PublishError::NewerVersion => {
            let fault = Some(refused.message());
            answer(&page, *id, (StatusCode::CONFLICT, fault)).await
        }
        PublishError::Save(error) => refuse(&page, *id, error.message()).await,
    }
}

/// `POST /p/{id}/unpublish`
pub async fn delete(
    page: PrivatePage,
    id: web::Path<Uuid>,
    form: EditorForm,
) -> Result<HttpResponse> {
    if let Some(refused) = save_first(&page, *id, form.0).await? {
        return Ok(refused);
    }
    let (actor, editor) = (page.actor(), format!("/p/{id}/edit"));
    Ok(page::see_other(
        &match publish::unpublish(&page.app.db, actor, *id).await? {
            true => site::told_at(&editor, actor.transaction_id()),
            false => editor,
        },
    ))
}

/// The step before publishing, which says why the text cannot be public as it is.
pub(super) async fn refuse(page: &PrivatePage, id: Uuid, fault: Message) -> Result<HttpResponse> {
    answer(page, id, (StatusCode::UNPROCESSABLE_ENTITY, Some(fault))).await
}

async fn answer(
    page: &PrivatePage,
    id: Uuid,
    (status, fault): (StatusCode, Option<Message>),
) -> Result<HttpResponse> {
    let mut conn = page.app.db.fresh().await?;
    let post = editable(queries::post(&mut conn, id).await?, &page.user)?;
    let draft = queries::newest_revision(&mut conn, post.id)
        .await?
        .or_not_found()?;
    let names = byline::preview(&mut conn, Some(&post), &draft, &page.user).await?;
    let site = site::load(&mut conn).await?;
    drop(conn);
    let policy = draft.details.policy().unwrap_or(site.comment_policy);
    let frame = page.frame(&site, text::posts_title_publish());
    page.show_with(
        status,
        &PublishPage {
            frame,
            post,
            draft,
            names,
            policy,
            fault,
        },
    )
}
