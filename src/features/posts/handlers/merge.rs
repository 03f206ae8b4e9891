//! Two texts of one post: what was typed beside what was saved, and both put together. Neither saves anything.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::editor_page::{Shown, answer};
use super::gate::{EditorForm, editable, wants_page};
use crate::features::accounts::PrivatePage;
use crate::features::posts::conflict::Conflict;
use crate::features::posts::draft::PostForm;
use crate::features::posts::merge_forms::{MergedForm, merge_forms};
use crate::features::posts::queries::{self, PostRow};
use crate::messages::{Message, text};
use crate::web::{FormErrors, FormId, OrNotFound, Result, page, rendering};

#[derive(Deserialize)]
pub struct MergeQuery {
    /// The version that the text began from.
    #[serde(default)]
    base: i32,
}

/// `POST /p/{id}/merge`: the editor with both texts in one.
pub async fn merge(
    page: PrivatePage,
    id: web::Path<Uuid>,
    query: web::Query<MergeQuery>,
    form: EditorForm,
) -> Result<HttpResponse> {
    let typed = form.0;
    let mut conn = page.app.db.fresh().await?;
    let post = editable(queries::post(&mut conn, *id).await?, &page.user)?;
    let saved = queries::version_up_to(&mut conn, post.id, i32::MAX).await?;
    let base = queries::version_up_to(&mut conn, post.id, query.base).await?;
    drop(conn);
    let form_of = |version: queries::Version| {
        let queries::Version { number, draft } = version;
        let (id, details) = (FormId::of(post.public_id), &draft.details);
        PostForm::of(
            id,
            post.kind,
            number,
            &draft.title,
            &draft.markdown,
            details,
        )
    };
    let (saved, base) = (saved.map(form_of).or_not_found()?, base.map(form_of));
    let merge = move || merge_forms(base.as_ref(), &saved, &typed);
    let merged = rendering::run(merge).await??;
    show(&page, post, merged).await
}

async fn show(page: &PrivatePage, post: PostRow, merged: MergedForm) -> Result<HttpResponse> {
    let MergedForm { form, clashes } = merged;
    if wants_page(&page.req) {
        let shown = Shown {
            post: Some(post),
            form,
            merged: Some(outcome(clashes)),
            ..Shown::default()
        };
        return answer(page, shown).await;
    }
    let fields: serde_json::Map<_, _> = form
        .fields()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    let body = json!({ "fields": fields, "outcome": outcome(clashes).to_string() });
    Ok(page::json(StatusCode::OK, &body))
}

fn outcome(clashes: usize) -> Message {
    if clashes == 0 {
        text::posts_combined()
    } else {
        text::posts_combined_with_clashes(clashes)
    }
}

/// `POST /p/{id}/compare`: how what was typed differs from what is saved, for the script that has found a copy on the device.
pub async fn compare(
    page: PrivatePage,
    id: web::Path<Uuid>,
    form: EditorForm,
) -> Result<HttpResponse> {
    let mut conn = page.app.db.fresh().await?;
    let post = editable(queries::post(&mut conn, *id).await?, &page.user)?;
    let standing = queries::standing_version(&mut conn, post.id).await?;
    drop(conn);
    let mut faults = FormErrors::default();
    let Some(typed) = form.0.parse(post.kind, &mut faults) else {
        return Ok(page::json(StatusCode::UNPROCESSABLE_ENTITY, &faults.json()));
    };
    let conflict = Conflict::of(standing.or_not_found()?, typed, None).await?;
    Ok(page::json(StatusCode::OK, &conflict.json()?))
}
