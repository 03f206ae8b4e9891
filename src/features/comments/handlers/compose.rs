//! The page for writing a comment: works as a plain form, opened in place by the script.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

use super::gate::Outcome;
use crate::features::accounts::{CurrentUser, PrivatePage};
use crate::features::comments::address::address;
use crate::features::comments::create::{self, CommentRequest, Target, WriteError, target};
use crate::features::comments::forms::CommentForm;
use crate::features::comments::model::State;
use crate::features::comments::queries::{self, CommentRow};
use crate::features::comments::text::{self, Checked, FORM_LIMIT};
use crate::features::comments::views::ComposePage;
use crate::features::posts::post_path;
use crate::features::site;
use crate::messages;
use crate::state::AppState;
use crate::web::{Error, Form, FormErrors, FormIds, Makes, OrNotFound, Result, page};

#[derive(Deserialize)]
pub struct ComposeQuery {
    parent: Option<Uuid>,
}

/// `GET /@{author}/{slug}/comment`
pub async fn show(
    page: PrivatePage,
    path: web::Path<(String, String)>,
    query: web::Query<ComposeQuery>,
) -> Result<HttpResponse> {
    let mut conn = page.app.db.fresh().await?;
    let target = target(
        page.actor(),
        queries::post(&mut conn, &path.0, &path.1, page.user.id).await?,
    )?;
    if target.post.path != post_path(&path.0, &path.1) {
        let parent = query
            .parent
            .map(|id| format!("?parent={id}"))
            .unwrap_or_default();
        return Err(Error::Moved {
            to: format!("{}/comment{parent}", target.post.path),
        });
    }
    if target.state.is_none() {
        return Err(Error::Forbidden(messages::text::comments_closed()));
    }
    let answered = match query.parent {
        Some(id) => Some(
            queries::answered(&mut conn, target.post.id, id)
                .await?
                .or_not_found()?,
        ),
        None => None,
    };
    drop(conn);
    let form = CommentForm {
        id: form_ids(&page.app, &page.user).fresh(),
        parent: query.parent.map(|id| id.to_string()).unwrap_or_default(),
        ..CommentForm::default()
    };
    answer(&page, &target, answered, &form, Outcome::default()).await
}

/// `POST /@{author}/{slug}/comment`: an address that the post had before will do, so that nothing is lost when
/// the post moves while a comment is written.
pub async fn create(
    page: PrivatePage,
    path: web::Path<(String, String)>,
    form: Form<CommentForm, FORM_LIMIT>,
) -> Result<HttpResponse> {
    let mut form = form.0;
    let parent = parse_id("parent", &form.parent)?;
    let form_ids = form_ids(&page.app, &page.user);
    let id = form_ids.read(&page.req, &mut form.id);
    let post = page
        .app
        .db
        .ask_fresh(async |conn| queries::post(conn, &path.0, &path.1, page.user.id).await)
        .await?;
    let target = target(page.actor(), post)?;
    let checked = match checked(&target, &form).await? {
        Ok(checked) => checked,
        Err(outcome) => return redisplay(&page, &target, &form, outcome).await,
    };
    let id = match id {
        Ok(id) => id,
        Err(unsigned) => {
            let mut faults = FormErrors::default();
            faults.add("", unsigned.message());
            return redisplay(&page, &target, &form, Outcome::invalid(faults)).await;
        }
    };
    let request = CommentRequest {
        id,
        path: &path,
        parent,
        text: &checked,
    };
    let refused = match create::create(&page.app.db, page.actor(), request, &target).await? {
        Ok(to) => return Ok(page::see_other(&to)),
        Err(refused) => refused,
    };
    let outcome = not_written(&page, refused, id, &mut form).await?;
    redisplay(&page, &target, &form, outcome).await
}

/// The text as it can be stored; else how the page comes back: closed, with what is wrong, or with a preview.
async fn checked(
    target: &Target,
    form: &CommentForm,
) -> Result<std::result::Result<Checked, Outcome>> {
    let mut faults = FormErrors::default();
    if target.state.is_none() {
        faults.add("", messages::text::comments_closed());
        return Ok(Err(Outcome::refused(StatusCode::FORBIDDEN, faults)));
    }
    Ok(match text::check(&form.markdown, &mut faults).await? {
        Some(checked) if form.action == "preview" => Err(Outcome::preview(checked.html)),
        Some(checked) => Ok(checked),
        None => Err(Outcome::invalid(faults)),
    })
}

/// The page again with what was typed, under the comment that it answers, where that is still there.
async fn redisplay(
    page: &PrivatePage,
    target: &Target,
    form: &CommentForm,
    outcome: Outcome,
) -> Result<HttpResponse> {
    let answered = match parse_id("parent", &form.parent)? {
        Some(id) => queries::answered(&mut *page.app.db.fresh().await?, target.post.id, id).await?,
        None => None,
    };
    answer(page, target, answered, form, outcome).await
}

/// With the cause out of the form, sending it again goes through.
async fn not_written(
    page: &PrivatePage,
    refused: WriteError,
    id: Uuid,
    form: &mut CommentForm,
) -> Result<Outcome> {
    let mut faults = FormErrors::default();
    faults.add("", refused.message());
    Ok(match refused {
        WriteError::NoSuchParent => {
            form.parent.clear();
            Outcome::invalid(faults)
        }
        WriteError::SentBefore => {
            form_ids(&page.app, &page.user).renew(&mut form.id);
            Outcome {
                standing: standing(&page.app, &page.user, id).await?,
                ..Outcome::refused(StatusCode::CONFLICT, faults)
            }
        }
        _ => Outcome::invalid(faults),
    })
}

fn form_ids(app: &AppState, user: &CurrentUser) -> FormIds {
    FormIds::new(&app.key, Makes::Comment, Some(user.public_id))
}

/// The comment that was sent from this form before, for its author.
async fn standing(
    app: &AppState,
    user: &CurrentUser,
    id: Uuid,
) -> Result<Option<(CommentRow, String)>> {
    let mut conn = app.db.fresh().await?;
    let Some(comment) = queries::comment(&mut conn, id)
        .await?
        .filter(|comment| comment.author_id == user.id)
    else {
        return Ok(None);
    };
    let path = address(&mut conn, &comment).await?;
    Ok(Some((comment, path)))
}

fn parse_id(field: &str, text: &str) -> Result<Option<Uuid>> {
    match text.trim() {
        "" => Ok(None),
        text => Uuid::parse_str(text)
            .map(Some)
            .map_err(|_| Error::BadRequest(messages::text::comments_not_an_id(field))),
    }
}

async fn answer(
    page: &PrivatePage,
    target: &Target,
    answered: Option<CommentRow>,
    form: &CommentForm,
    outcome: Outcome,
) -> Result<HttpResponse> {
    let site = site::load(&mut *page.app.db.fresh().await?).await?;
    let title = if answered.is_some() {
        messages::text::comments_title_reply()
    } else {
        messages::text::comments_title_write()
    };
    let view = ComposePage {
        frame: page.frame(&site, title),
        post: &target.post,
        answered,
        form,
        faults: outcome.faults,
        preview: outcome.preview,
        standing: outcome.standing,
        waits: target.state == Some(State::Held),
    };
    page.show_with(outcome.status, &view)
}
