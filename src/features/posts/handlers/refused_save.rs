//! The editor again, for what could not be saved: with what was typed, and why.

use actix_web::HttpResponse;

use super::editor_page::{Shown, answer, refuse};
use super::gate::{base, editable};
use crate::features::accounts::{CurrentUser, PrivatePage};
use crate::features::posts::address::AddressError;
use crate::features::posts::byline;
use crate::features::posts::conflict::Conflict;
use crate::features::posts::draft::{Draft, PostForm};
use crate::features::posts::permission;
use crate::features::posts::queries::{self, PostRow};
use crate::features::posts::save::{SaveRequest, Target};
use crate::features::posts::save_error::SaveError;
use crate::state::AppState;
use crate::web::{FormErrors, OrNotFound, Result};

/// The editor as it was left for the preview.
pub(super) async fn reopen(
    page: &PrivatePage,
    target: Target,
    form: PostForm,
) -> Result<HttpResponse> {
    let shown = Shown {
        post: known(&page.app, &page.user, target).await?,
        form,
        ..Shown::default()
    };
    answer(page, shown).await
}

/// The post that is there already, for pages that come back with a form.
pub(super) async fn known(
    app: &AppState,
    user: &CurrentUser,
    target: Target,
) -> Result<Option<PostRow>> {
    let Target::Existing(id) = target else {
        return Ok(None);
    };
    let post = queries::post(&mut *app.db.fresh().await?, id).await?;
    Ok(Some(editable(post, user)?))
}

/// For a form with faults of its own.
pub(super) async fn refuse_form(
    page: &PrivatePage,
    target: Target,
    form: PostForm,
    mut faults: FormErrors,
) -> Result<HttpResponse> {
    let post = known(&page.app, &page.user, target).await?;
    look_up_authors(&page.app, post.as_ref(), &form, &mut faults).await?;
    refuse(page, Shown::refused(post, form, faults)).await
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

/// The editor again, with what was typed and why it was not saved.
pub(super) async fn refuse_save(
    page: &PrivatePage,
    request: SaveRequest<'_>,
    form: PostForm,
    error: SaveError,
) -> Result<HttpResponse> {
    let Some(field) = field(&error) else {
        return Err(error.into());
    };
    let post = standing(page, request.target).await?;
    if let (SaveError::Changed { .. }, Some(post)) = (&error, &post) {
        return Box::pin(show_both(
            page,
            post.clone(),
            (request.draft, request.base.version),
            form,
        ))
        .await;
    }
    let faults = FormErrors::single(field, error.message());
    refuse(page, Shown::refused(post, form, faults)).await
}

/// The field that the fault belongs to; `None` where the form can do nothing about it.
fn field(error: &SaveError) -> Option<&'static str> {
    match error {
        SaveError::Db(_) | SaveError::NotFound | SaveError::Denied(_) => None,
        SaveError::NoSuchAuthor(_) => Some("authors"),
        SaveError::Empty => Some("markdown"),
        SaveError::Address(
            AddressError::NoSuchParent(_) | AddressError::UnderItself | AddressError::TooDeep,
        ) => Some("parent"),
        _ => Some("slug"),
    }
}

async fn standing(page: &PrivatePage, target: Target) -> Result<Option<PostRow>> {
    match target {
        // It is there only where an earlier save of the same form made it.
        Target::New(id) => {
            let post = queries::post(&mut *page.app.db.fresh().await?, id).await?;
            Ok(permission::editable(post, page.actor()))
        }
        Target::Existing(_) => known(&page.app, &page.user, target).await,
    }
}

/// The text that was typed and the one that was saved meanwhile. Saving again stands on the version shown.
async fn show_both(
    page: &PrivatePage,
    post: PostRow,
    (draft, based_on): (&Draft, i32),
    form: PostForm,
) -> Result<HttpResponse> {
    let standing = queries::standing_version(&mut *page.app.db.fresh().await?, post.id).await?;
    let standing = standing.or_not_found()?;
    // The version that the form or the script names, unless that was shown in a conflict before.
    let base = base(&page.req).unwrap_or(based_on);
    let merge = format!("/p/{}/merge?base={base}", post.public_id);
    let form = PostForm {
        version: standing.number.to_string(),
        ..form
    };
    let conflict = Conflict::of(standing, draft.clone(), Some(merge)).await?;
    let faults = FormErrors::single("", conflict.sentence());
    let shown = Shown {
        conflict: Some(conflict),
        base: Some(base),
        ..Shown::refused(Some(post), form, faults)
    };
    refuse(page, shown).await
}
