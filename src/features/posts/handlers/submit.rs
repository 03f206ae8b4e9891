//! What the editor sends: saved, and then what the pressed button says. What cannot be saved comes back as it was typed.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::gate::{etag, if_match, parse, wants_page};
use super::refused_save::{known, refuse_form, refuse_save, reopen};
use super::{preview, publish};
use crate::features::accounts::PrivatePage;
use crate::features::posts::draft::{Draft, PostForm};
use crate::features::posts::editing::{Base, Editing};
use crate::features::posts::model::{Kind, Label, Status};
use crate::features::posts::post_date::PostDate;
use crate::features::posts::publish::PublishError;
use crate::features::posts::queries;
use crate::features::posts::save::{self, SaveRequest, Saved, SavedRevision, Target};
use crate::features::posts::save_error::SaveError;
use crate::markdown::{self, Rendered};
use crate::messages::text;
use crate::state::AppState;
use crate::web::{Error, FormErrors, Result, page};

/// Saves what came along with a button of the editor that does something else (unpublish, trash), so that it
/// is not thrown away. The answer is the editor again when it could not be saved; nothing when the act may
/// go on. Buttons on other pages send no text.
pub(super) async fn save_first(
    page: &PrivatePage,
    id: Uuid,
    form: PostForm,
) -> Result<Option<HttpResponse>> {
    if form.id.is_empty() {
        return Ok(None);
    }
    let form = PostForm {
        action: "save".into(),
        ..form
    };
    let saved = Box::pin(submit(page, Target::Existing(id), form)).await?;
    let is_saved = saved.status().is_redirection() || saved.status().is_success();
    Ok((!is_saved).then_some(saved))
}

/// Saves what was typed and goes on to what the pressed button says.
pub(super) async fn submit(
    page: &PrivatePage,
    target: Target,
    form: PostForm,
) -> Result<HttpResponse> {
    form.kind()?;
    if form.action == "edit" {
        return reopen(page, target, form).await;
    }
    let mut faults = FormErrors::default();
    let Some((draft, rendered)) = parse_to_save(page, target, &form, &mut faults).await? else {
        return refuse_form(page, target, form, faults).await;
    };
    go_on(page, target, form, (&draft, &rendered)).await
}

/// The draft of the form where nothing is wrong with it, also nothing that only its saved state or the pressed button tells.
async fn parse_to_save(
    page: &PrivatePage,
    target: Target,
    form: &PostForm,
    faults: &mut FormErrors,
) -> Result<Option<(Draft, Rendered)>> {
    let parsed = parse(&page.user, form, form.kind()?, faults).await?;
    if let Some((draft, rendered)) = &parsed {
        if is_new_insecure_cover(&page.app, target, draft).await? {
            faults.add("cover_url", text::posts_insecure_cover());
        }
        let date = draft.details.date.as_ref().and_then(PostDate::at);
        if date.is_some_and(|date| date > page.app.db.now()) {
            faults.add("date", text::posts_date_in_the_future());
        }
        if publishes(page, form).is_some() && !draft.is_visible(rendered) {
            faults.add("markdown", SaveError::Empty.message());
        }
    }
    Ok(parsed.filter(|_| faults.is_empty()))
}

/// As what change readers are to get it, where they get an earlier version.
fn publishes(page: &PrivatePage, form: &PostForm) -> Option<Label> {
    match form.action.as_str() {
        "publish" => Some(Label::Update),
        "minor" => Some(Label::Minor),
        _ => None,
    }
    .filter(|_| wants_page(&page.req))
}

/// Whether the form brings a new cover that pages cannot load as it stands. One that was saved before stays.
async fn is_new_insecure_cover(app: &AppState, target: Target, draft: &Draft) -> Result<bool> {
    if !markdown::is_insecure_address(&draft.details.cover_url) {
        return Ok(false);
    }
    let Target::Existing(id) = target else {
        return Ok(true);
    };
    let mut conn = app.db.fresh().await?;
    let Some(post) = queries::post(&mut conn, id).await? else {
        return Ok(false);
    };
    let saved = queries::newest_revision(&mut conn, post.id).await?;
    Ok(saved.is_none_or(|saved| saved.details.cover_url != draft.details.cover_url))
}

async fn go_on(
    page: &PrivatePage,
    target: Target,
    form: PostForm,
    (draft, rendered): (&Draft, &Rendered),
) -> Result<HttpResponse> {
    if form.action == "preview" && wants_page(&page.req) {
        let post = known(&page.app, &page.user, target).await?;
        return preview::show(page, (draft, rendered), post, Some(&form)).await;
    }
    let request = SaveRequest {
        target,
        kind: form.kind()?,
        base: base(page, &form),
        draft,
        rendered,
        publishes: publishes(page, &form),
    };
    Box::pin(save_and_go_on(page, request, form)).await
}

/// Scripts name the version in a header, plain forms and pages of the release before in a field.
fn base(page: &PrivatePage, form: &PostForm) -> Base {
    let field = form.version.trim().parse().unwrap_or(0);
    Base {
        version: if_match(&page.req).unwrap_or(field),
        editing: Editing::read(page.req.headers()),
    }
}

async fn save_and_go_on(
    page: &PrivatePage,
    request: SaveRequest<'_>,
    form: PostForm,
) -> Result<HttpResponse> {
    let id = request.target.id();
    match save::save(&page.app.db, page.actor(), request).await {
        Ok(Saved::Published(done)) => Ok(page::see_other(&done.landing())),
        // The step before publishing says why it is not public.
        Ok(Saved::Unpublishable(refused)) => publish::refuse(page, id, refused.message()).await,
        Ok(Saved::Revision(saved)) => after_save(page, &saved, request.draft, &form.action),
        Err(SaveError::IsOfKind(kind)) => submit_as(page, id, kind, form).await,
        Err(error) => refuse_save(page, request, form, error).await,
    }
}

/// What a post is decides which of its fields count, not what the form says of it.
async fn submit_as(
    page: &PrivatePage,
    id: Uuid,
    kind: Kind,
    form: PostForm,
) -> Result<HttpResponse> {
    let form = PostForm {
        kind: kind.as_str().to_owned(),
        ..form
    };
    Box::pin(submit(page, Target::Existing(id), form)).await
}

/// On from a save: to the publish step or back to the editor.
fn after_save(
    page: &PrivatePage,
    saved: &SavedRevision,
    draft: &Draft,
    action: &str,
) -> Result<HttpResponse> {
    if !wants_page(&page.req) {
        let body = saved_json(saved, draft, page.app.db.now());
        let mut answer = page::json(StatusCode::OK, &body);
        let etag = HeaderValue::from_str(&etag(saved.version)).map_err(Error::internal)?;
        answer.headers_mut().insert(header::ETAG, etag);
        return Ok(answer);
    }
    let (post, id) = (&saved.post, saved.post.public_id);
    if action == "correct" {
        return Ok(page::see_other(&format!("/p/{id}/publish#correct")));
    }
    if !matches!(action, "publish" | "minor") {
        let editor = format!("/p/{id}/edit?saved={}", saved.version);
        return Ok(page::see_other(&editor));
    }
    if post.deleted_at.is_some() && post.status == Status::Published {
        return Err(Error::Conflict(PublishError::InTheTrash.message()));
    }
    Ok(page::see_other(&format!("/p/{id}/publish")))
}

fn saved_json(saved: &SavedRevision, draft: &Draft, now: DateTime<Utc>) -> Value {
    json!({
        "ok": true,
        "version": saved.version,
        "saved_at": now,
        "edit_url": format!("/p/{}/edit", saved.post.public_id),
        "path": saved.path,
        "public": saved.post.status == Status::Published,
        // As they were stored, which is not always as they were typed.
        "fields": { "slug": draft.details.slug, "tags": draft.details.tags_as_typed() },
    })
}
