//! What the editor sends: saved, and then what the pressed button says. What cannot be saved comes back as it was typed.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;
use uuid::Uuid;

use super::editor_page::{Shown, answer, refuse};
use super::gate::{editable, parse, wants_page};
use super::{preview, publish};
use crate::db::Db;
use crate::features::accounts::{CurrentUser, PrivatePage};
use crate::features::posts::address::AddressError;
use crate::features::posts::byline;
use crate::features::posts::conflict::Conflict;
use crate::features::posts::draft::{Draft, PostForm};
use crate::features::posts::model::Status;
use crate::features::posts::permission;
use crate::features::posts::publish::PublishError;
use crate::features::posts::queries::{self, PostRow};
use crate::features::posts::save::{self, SaveRequest, Saved, SavedRevision, Target};
use crate::features::posts::save_error::SaveError;
use crate::markdown;
use crate::messages::text;
use crate::state::AppState;
use crate::web::{Error, FormErrors, OrNotFound, Result, page};

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
    Ok(
        if saved.status().is_redirection() || saved.status().is_success() {
            None
        } else {
            Some(saved)
        },
    )
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

/// The post that is there already, for pages that come back with a form.
async fn known(app: &AppState, user: &CurrentUser, target: Target) -> Result<Option<PostRow>> {
    let Target::Existing(id) = target else {
        return Ok(None);
    };
    let post = queries::post(&mut *app.db.fresh().await?, id).await?;
    Ok(Some(editable(post, user)?))
}

/// Adds the fault that a save would find in the list of authors, so that it is told together with the others.
async fn look_up_authors(
    app: &AppState,
    post: Option<&PostRow>,
    form: &PostForm,
    faults: &mut FormErrors,
) -> Result<()> {
    // What cannot be read is told already.
    let handles = form.handles().unwrap_or_default();
    if let Some(handle) = byline::unknown(&mut *app.db.fresh().await?, post, &handles).await? {
        faults.add("authors", SaveError::NoSuchAuthor(handle).message());
    }
    Ok(())
}

/// Saves what was typed and goes on to what the pressed button says.
pub(super) async fn submit(
    page: &PrivatePage,
    target: Target,
    form: PostForm,
) -> Result<HttpResponse> {
    let kind = form.kind()?;
    if form.action == "edit" {
        let shown = Shown {
            post: known(&page.app, &page.user, target).await?,
            form,
            ..Shown::default()
        };
        return answer(page, shown).await;
    }
    let mut faults = FormErrors::default();
    let parsed = parse(&form, kind, &mut faults).await?;
    let publishes = form.action == "publish" && wants_page(&page.req);
    if let Some((draft, rendered)) = &parsed {
        if is_new_insecure_cover(&page.app, target, draft).await? {
            faults.add("cover_url", text::posts_insecure_cover());
        }
        if publishes && !draft.is_visible(rendered) {
            faults.add("markdown", SaveError::Empty.message());
        }
    }
    let Some((draft, rendered)) = parsed.filter(|_| faults.is_empty()) else {
        let post = known(&page.app, &page.user, target).await?;
        look_up_authors(&page.app, post.as_ref(), &form, &mut faults).await?;
        return refuse(page, Shown::refused(post, form, faults)).await;
    };
    if form.action == "preview" && wants_page(&page.req) {
        let post = known(&page.app, &page.user, target).await?;
        return preview::show(page, (&draft, &rendered), post, Some(&form)).await;
    }
    let request = SaveRequest {
        target,
        kind,
        based_on: form.version.trim().parse().unwrap_or(0),
        draft: &draft,
        rendered: &rendered,
        publishes,
    };
    Box::pin(save_and_go_on(page, request, form)).await
}

async fn save_and_go_on(
    page: &PrivatePage,
    request: SaveRequest<'_>,
    form: PostForm,
) -> Result<HttpResponse> {
    let id = request.target.id();
    match save::save(&page.app.db, page.actor(), request).await {
        Ok(Saved::Published(path)) => Ok(page::see_other(&path)),
        // The step before publishing says why it is not public.
        Ok(Saved::Unpublishable(refused)) => publish::refuse(page, id, refused.message()).await,
        Ok(Saved::Revision(saved)) => {
            after_save(&page.req, &page.app.db, &saved, request.draft, &form.action)
        }
        // What a post is decides which of its fields count, not what the form says of it.
        Err(SaveError::IsOfKind(kind)) => {
            let form = PostForm {
                kind: kind.as_str().to_owned(),
                ..form
            };
            Box::pin(submit(page, Target::Existing(id), form)).await
        }
        Err(error) => refuse_save(page, request, form, error).await,
    }
}

/// On from a save: to the publish step or back to the editor.
fn after_save(
    req: &HttpRequest,
    db: &Db,
    saved: &SavedRevision,
    draft: &Draft,
    action: &str,
) -> Result<HttpResponse> {
    let post = &saved.post;
    let (id, is_published) = (post.public_id, post.status == Status::Published);
    if wants_page(req) && action == "publish" {
        if post.deleted_at.is_some() && is_published {
            return Err(Error::Conflict(PublishError::InTheTrash.message()));
        }
        return Ok(page::see_other(&format!("/p/{id}/publish")));
    }
    if wants_page(req) {
        let editor = format!("/p/{id}/edit?saved={}", saved.version);
        return Ok(page::see_other(&editor));
    }
    let body = json!({
        "ok": true,
        "version": saved.version,
        "saved_at": db.now(),
        "edit_url": format!("/p/{id}/edit"),
        "path": saved.path,
        "public": is_published,
        // As they were stored, which is not always as they were typed.
        "fields": { "slug": draft.details.slug, "tags": draft.details.tags_as_typed() },
    });
    Ok(page::json(StatusCode::OK, &body))
}

/// The editor again, with what was typed and why it was not saved.
async fn refuse_save(
    page: &PrivatePage,
    request: SaveRequest<'_>,
    form: PostForm,
    error: SaveError,
) -> Result<HttpResponse> {
    let field = match &error {
        SaveError::Db(_) | SaveError::NotFound | SaveError::Denied(_) => return Err(error.into()),
        SaveError::NoSuchAuthor(_) => "authors",
        SaveError::Empty => "markdown",
        SaveError::Address(
            AddressError::NoSuchParent(_) | AddressError::UnderItself | AddressError::TooDeep,
        ) => "parent",
        _ => "slug",
    };
    let post = match request.target {
        // It is there only where an earlier save of the same form made it.
        Target::New(id) => {
            let post = queries::post(&mut *page.app.db.fresh().await?, id).await?;
            permission::editable(post, page.actor())
        }
        Target::Existing(_) => known(&page.app, &page.user, request.target).await?,
    };
    if let (SaveError::Changed { .. }, Some(post)) = (&error, &post) {
        return Box::pin(show_both(page, post.clone(), request.draft, form)).await;
    }
    let mut faults = FormErrors::default();
    faults.add(field, error.message());
    refuse(page, Shown::refused(post, form, faults)).await
}

/// The text that was typed and the one that was saved meanwhile. Saving again stands on the version shown.
async fn show_both(
    page: &PrivatePage,
    post: PostRow,
    draft: &Draft,
    form: PostForm,
) -> Result<HttpResponse> {
    let standing = queries::standing_version(&mut *page.app.db.fresh().await?, post.id)
        .await?
        .or_not_found()?;
    let form = PostForm {
        version: standing.number.to_string(),
        ..form
    };
    let conflict = Conflict::of(standing, draft.clone()).await?;
    let mut faults = FormErrors::default();
    faults.add("", conflict.sentence());
    refuse(
        page,
        Shown {
            post: Some(post),
            form,
            faults,
            conflict: Some(conflict),
            take_down_notice: None,
        },
    )
    .await
}
