//! What the editor sends: saved, and then what the pressed button says. What cannot be saved comes back as it was typed.

use actix_web::{HttpRequest, HttpResponse};
use uuid::Uuid;

use super::editor_page::{Shown, answer, refuse};
use super::gate::{editable, wants_page};
use super::{preview, publication};
use crate::app::AppState;
use crate::db::Tx;
use crate::features::accounts::CurrentUser;
use crate::features::posts::address::AddressError;
use crate::features::posts::conflict::Conflict;
use crate::features::posts::draft::{self, Draft, PostForm};
use crate::features::posts::model::{Kind, Status};
use crate::features::posts::publish;
use crate::features::posts::queries::{self, PostRow};
use crate::features::posts::save::{self, SaveError};
use crate::markdown::{self, Rendered};
use crate::web::{FormErrors, OrNotFound, Result, page};

/// Saves what came along with a button of the editor that does something else (unpublish, trash), so that it
/// is not thrown away. The answer is the editor again when it could not be saved; nothing when the act may
/// go on. Buttons on other pages send no text.
pub(super) async fn save_first(
    req: &HttpRequest,
    app: &AppState,
    user: &CurrentUser,
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
    let saved = Box::pin(submit(req, app, user, Target::Existing(id), form)).await?;
    Ok(
        if saved.status().is_redirection() || saved.status().is_success() {
            None
        } else {
            Some(saved)
        },
    )
}

pub(super) enum Target {
    New { id: Uuid, kind: Kind },
    Existing(Uuid),
}

impl Target {
    /// The post that is there already, for pages that come back with a form.
    async fn known(&self, app: &AppState, user: &CurrentUser) -> Result<Option<PostRow>> {
        match self {
            Target::New { .. } => Ok(None),
            Target::Existing(id) => Ok(Some(editable(
                queries::post(&mut *app.db.fresh().await?, *id).await?,
                user,
            )?)),
        }
    }
}

pub(super) async fn parse(
    form: &PostForm,
    kind: Kind,
    faults: &mut FormErrors,
) -> Result<Option<(Draft, Rendered)>> {
    let Some(draft) = form.parse(kind, faults) else {
        return Ok(None);
    };
    let rendered = draft::render(&draft.markdown).await?;
    Ok(faults
        .take("markdown", rendered)
        .map(|rendered| (draft, rendered)))
}

/// Whether the form brings a new cover that pages cannot load as it stands. One that was saved before stays.
async fn is_new_insecure_cover(app: &AppState, target: &Target, draft: &Draft) -> Result<bool> {
    if !markdown::is_insecure_address(&draft.details.cover_url) {
        return Ok(false);
    }
    let Target::Existing(id) = target else {
        return Ok(true);
    };
    let mut conn = app.db.fresh().await?;
    let Some(post) = queries::post(&mut conn, *id).await? else {
        return Ok(false);
    };
    let saved = queries::newest_revision(&mut conn, post.id).await?;
    Ok(saved.is_none_or(|saved| saved.details.cover_url != draft.details.cover_url))
}

/// Saves what was typed and goes on to what the pressed button says.
pub(super) async fn submit(
    req: &HttpRequest,
    app: &AppState,
    user: &CurrentUser,
    target: Target,
    form: PostForm,
) -> Result<HttpResponse> {
    let mut faults = FormErrors::default();
    if form.action == "edit" {
        return answer(
            req,
            app,
            user,
            Shown {
                post: target.known(app, user).await?,
                form,
                ..Shown::default()
            },
        )
        .await;
    }
    let kind = Kind::from_column(&form.kind);
    let Some((parsed, rendered)) = parse(&form, kind, &mut faults).await? else {
        let shown = Shown::refused(target.known(app, user).await?, form, faults);
        return refuse(req, app, user, shown).await;
    };
    if is_new_insecure_cover(app, &target, &parsed).await? {
        faults.add("cover_url", "Enter the picture's full address, starting with https://. Pages cannot load it with http://.");
    }
    if form.action == "publish" && wants_page(req) && !parsed.is_visible(&rendered) {
        faults.add("markdown", SaveError::Empty.to_string());
    }
    if !faults.is_empty() {
        let shown = Shown::refused(target.known(app, user).await?, form, faults);
        return refuse(req, app, user, shown).await;
    }
    if form.action == "preview" && wants_page(req) {
        return preview::show(
            req,
            app,
            user,
            &parsed,
            &rendered,
            target.known(app, user).await?,
            Some(&form),
        )
        .await;
    }
    let based_on = form.version.trim().parse().unwrap_or(0);
    let mut attempt = 0;
    loop {
        attempt += 1;
        let mut tx = app.db.begin().await?;
        let post = match &target {
            Target::New { id, kind } => {
                let actor = user.actor();
                tx.belongs_to(&actor);
                editable(
                    Some(save::create(&mut tx, *id, *kind, user.id, &actor).await?),
                    user,
                )?
            }
            // Under the lock, and the right with it.
            Target::Existing(id) => editable(queries::lock_post(&mut tx, *id).await?, user)?,
        };
        // What a post is decides which of its fields count, not what the form says of it.
        let other = if post.kind == kind {
            None
        } else {
            form.parse(post.kind, &mut faults)
        };
        let Some(draft) = (if post.kind == kind {
            Some(&parsed)
        } else {
            other.as_ref()
        }) else {
            drop(tx);
            return refuse(req, app, user, Shown::refused(Some(post), form, faults)).await;
        };
        let actor = user.actor();
        actor.joins(post.transaction_id);
        tx.belongs_to(&actor);
        let publishes =
            form.action == "publish" && wants_page(req) && post.status == Status::Published;
        if publishes && post.deleted_at.is_none() {
            match Box::pin(publish::save_and_publish(
                &mut tx, &post, based_on, draft, &rendered, &actor,
            ))
            .await
            {
                Ok(path) => {
                    tx.commit().await?;
                    return Ok(page::see_other(&path));
                }
                // It is saved as it is, and the step before publishing says why it is not public.
                Err(SaveError::Address(refused)) => {
                    drop(tx);
                    let saved = save_only(
                        req,
                        app,
                        user,
                        post.public_id,
                        (draft, &rendered),
                        form,
                        refused.to_string(),
                    );
                    return Box::pin(saved).await;
                }
                Err(error) => {
                    return Box::pin(refuse_save(req, app, user, tx, post, form, error)).await;
                }
            }
        }
        match Box::pin(save::save(
            &mut tx, &post, based_on, draft, &rendered, &actor,
        ))
        .await
        {
            Ok(saved) => {
                tx.commit().await?;
                return publication::after_save(req, &app.db, &post, &saved, draft, &form.action);
            }
            // Another new text with this title was saved in the same moment: the next address is as good.
            Err(SaveError::Address(AddressError::Taken(_)))
                if attempt < ATTEMPTS && is_address_ours(&post, draft) => {}
            Err(error) => {
                return Box::pin(refuse_save(req, app, user, tx, post, form, error)).await;
            }
        }
    }
}

/// How often an address of our choice is chosen again.
const ATTEMPTS: u32 = 5;

/// Whether the address was not typed, so that any that is free will do.
fn is_address_ours(post: &PostRow, draft: &Draft) -> bool {
    post.kind == Kind::Post && draft.details.slug.is_empty()
}

/// Saves a text that cannot be public as it is; the step before publishing says `why`.
async fn save_only(
    req: &HttpRequest,
    app: &AppState,
    user: &CurrentUser,
    id: Uuid,
    (draft, rendered): (&Draft, &Rendered),
    form: PostForm,
    why: String,
) -> Result<HttpResponse> {
    let mut tx = app.db.begin().await?;
    let post = editable(queries::lock_post(&mut tx, id).await?, user)?;
    let actor = user.actor();
    actor.joins(post.transaction_id);
    tx.belongs_to(&actor);
    let based_on = form.version.trim().parse().unwrap_or(0);
    // Another save may have come in between: then both texts are shown.
    if let Err(error) = save::save(&mut tx, &post, based_on, draft, rendered, &actor).await {
        return Box::pin(refuse_save(req, app, user, tx, post, form, error)).await;
    }
    tx.commit().await?;
    publication::answer(req, app, user, id, Some(why)).await
}

/// The editor again, with what was typed and why it was not saved.
async fn refuse_save(
    req: &HttpRequest,
    app: &AppState,
    user: &CurrentUser,
    tx: Tx,
    post: PostRow,
    form: PostForm,
    error: SaveError,
) -> Result<HttpResponse> {
    drop(tx);
    let mut faults = FormErrors::default();
    match error {
        SaveError::Db(error) => Err(error.into()),
        SaveError::Changed { .. } => match form.parse(post.kind, &mut faults) {
            Some(draft) => Box::pin(show_both(req, app, user, post, draft, form)).await,
            None => refuse(req, app, user, Shown::refused(Some(post), form, faults)).await,
        },
        error => {
            let field = match &error {
                SaveError::NoSuchAuthor(_) => "authors",
                SaveError::Empty => "markdown",
                SaveError::Address(
                    AddressError::NoSuchParent(_)
                    | AddressError::UnderItself
                    | AddressError::TooDeep,
                ) => "parent",
                _ => "slug",
            };
            faults.add(field, error.to_string());
            // A new post is not there any more.
            let known = (post.version > 0).then_some(post);
            refuse(req, app, user, Shown::refused(known, form, faults)).await
        }
    }
}

/// The text that was typed and the one that was saved meanwhile. Saving again stands on the version shown.
async fn show_both(
    req: &HttpRequest,
    app: &AppState,
    user: &CurrentUser,
    post: PostRow,
    draft: Draft,
    form: PostForm,
) -> Result<HttpResponse> {
    let standing = queries::standing_version(&mut *app.db.fresh().await?, post.id)
        .await?
        .or_not_found()?;
    let form = PostForm {
        version: standing.number.to_string(),
        ..form
    };
    let conflict = Conflict::of(standing, draft).await?;
    let mut faults = FormErrors::default();
    faults.add("", conflict.sentence());
    refuse(
        req,
        app,
        user,
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
