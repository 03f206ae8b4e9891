//! The page for writing a comment: works as a plain form, opened in place by the script.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::compose_page::{answer, parse_id, redisplay};
use super::gate::{self, Outcome};
use crate::features::accounts::{CurrentUser, PrivatePage};
use crate::features::comments::address::address;
use crate::features::comments::create::{self, CommentRequest, WriteError};
use crate::features::comments::forms::CommentForm;
use crate::features::comments::queries::{self, CommentRow};
use crate::features::comments::target::{Target, target};
use crate::features::comments::text::{Checked, FORM_LIMIT};
use crate::features::posts::post_path;
use crate::messages;
use crate::state::AppState;
use crate::web::form_id::Unsigned;
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
    check_address(&target, &path, query.parent)?;
    if target.state.is_none() {
        return Err(Error::Forbidden(messages::text::comments_closed()));
    }
    let answered = answered(&mut conn, &target, query.parent).await?;
    drop(conn);
    let form = empty_form(&page, query.parent);
    answer(&page, &target, answered, &form, Outcome::default()).await
}

/// Leads to the address where the post is now.
fn check_address(target: &Target, path: &(String, String), parent: Option<Uuid>) -> Result<()> {
    if target.post.path == post_path(&path.0, &path.1) {
        return Ok(());
    }
    let parent = parent.map(|id| format!("?parent={id}")).unwrap_or_default();
    Err(Error::Moved {
        to: format!("{}/comment{parent}", target.post.path),
    })
}

async fn answered(
    conn: &mut PgConnection,
    target: &Target,
    parent: Option<Uuid>,
) -> Result<Option<CommentRow>> {
    let Some(id) = parent else { return Ok(None) };
    let answered = queries::answered(conn, target.post.id, id).await?;
    Ok(Some(answered.or_not_found()?))
}

fn empty_form(page: &PrivatePage, parent: Option<Uuid>) -> CommentForm {
    CommentForm {
        id: form_ids(&page.app, &page.user).fresh(),
        parent: parent.map(|id| id.to_string()).unwrap_or_default(),
        ..CommentForm::default()
    }
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
    let id = form_ids(&page.app, &page.user).read(&page.req, &mut form.id);
    let target = present_target(&page, &path).await?;
    let (id, checked) = match parse(&target, &form, id).await? {
        Ok(parsed) => parsed,
        Err(outcome) => return redisplay(&page, &target, &form, outcome).await,
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

async fn present_target(page: &PrivatePage, path: &(String, String)) -> Result<Target> {
    let post = page
        .app
        .db
        .ask_fresh(async |conn| queries::post(conn, &path.0, &path.1, page.user.id).await)
        .await?;
    target(page.actor(), post)
}

/// What is to be written, under the form's id; else how the page comes back: closed, with what is wrong, or with a preview.
async fn parse(
    target: &Target,
    form: &CommentForm,
    id: Result<Uuid, Unsigned>,
) -> Result<Result<(Uuid, Checked), Outcome>> {
    let mut faults = FormErrors::default();
    if target.state.is_none() {
        faults.add("", messages::text::comments_closed());
        return Ok(Err(Outcome::refused(StatusCode::FORBIDDEN, faults)));
    }
    let checked = match gate::checked(&form.markdown, &target.post.typography, &form.action).await?
    {
        Ok(checked) => checked,
        Err(outcome) => return Ok(Err(outcome)),
    };
    let id = faults.take("", id.map_err(|unsigned| unsigned.message()));
    let parsed = id.map(|id| (id, checked));
    Ok(parsed.ok_or_else(|| Outcome::invalid(faults)))
}

/// With the cause out of the form, sending it again goes through.
async fn not_written(
    page: &PrivatePage,
    refused: WriteError,
    id: Uuid,
    form: &mut CommentForm,
) -> Result<Outcome> {
    let faults = FormErrors::single("", refused.message());
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
