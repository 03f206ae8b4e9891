//! Correcting one's own comment while its edit window is open. The version that the form began from travels in its address.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

use super::gate::{self, Outcome};
use crate::access::Action;
use crate::features::accounts::PrivatePage;
use crate::features::comments::edit::{self, EditRequest, Edited};
use crate::features::comments::forms::EditForm;
use crate::features::comments::model::{EDIT_WINDOW, State};
use crate::features::comments::permission::own;
use crate::features::comments::queries::{self, CommentRow};
use crate::features::comments::text::{Checked, FORM_LIMIT};
use crate::features::comments::views::EditPage;
use crate::features::site;
use crate::messages::{self, Message};
use crate::web::{Error, Form, FormErrors, Result, page};

/// What the address of the form says beside its fields: nodes of the release before refuse fields that they do not know.
#[derive(Deserialize)]
pub struct BasedOn {
    /// The version that the text began from.
    version: Option<i32>,
}

impl BasedOn {
    fn request<'a>(&self, id: Uuid, text: &'a Checked) -> EditRequest<'a> {
        EditRequest {
            id,
            based_on: self.version,
            text,
        }
    }
}

/// `GET /comments/{id}/edit`
pub async fn show(page: PrivatePage, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let comment = own_comment(&page, *id).await?;
    if !page.user.can(Action::EditComment, comment.object()) {
        return Err(Error::Forbidden(refusal(&comment)));
    }
    let form = EditForm {
        markdown: comment.markdown.clone(),
        action: String::new(),
    };
    answer(&page, &comment, &form, Outcome::default()).await
}

/// `POST /comments/{id}/edit`
pub async fn update(
    page: PrivatePage,
    id: web::Path<Uuid>,
    based_on: web::Query<BasedOn>,
    form: Form<EditForm, FORM_LIMIT>,
) -> Result<HttpResponse> {
    let comment = own_comment(&page, *id).await?;
    let checked = match gate::checked(&form.markdown, &comment.typography, &form.action).await? {
        Ok(checked) => checked,
        Err(outcome) => return answer(&page, &comment, &form, outcome).await,
    };
    let request = based_on.request(*id, &checked);
    match edit::edit(&page.app.db, page.actor(), request).await? {
        Edited::Done(to) => Ok(page::see_other(&to)),
        Edited::Closed(comment) => refuse(&page, &comment, &form, closed(&comment)).await,
        Edited::Changed(comment) => refuse(&page, &comment, &form, changed()).await,
    }
}

async fn own_comment(page: &PrivatePage, id: Uuid) -> Result<CommentRow> {
    let found = queries::comment(&mut *page.app.db.fresh().await?, id).await?;
    own(found, page.actor())
}

/// What was typed goes back to its author, to be copied into a new comment.
async fn refuse(
    page: &PrivatePage,
    comment: &CommentRow,
    form: &EditForm,
    (status, sentence): (StatusCode, Message),
) -> Result<HttpResponse> {
    let faults = FormErrors::single("", sentence);
    answer(page, comment, form, Outcome::refused(status, faults)).await
}

fn closed(comment: &CommentRow) -> (StatusCode, Message) {
    (StatusCode::FORBIDDEN, refusal(comment))
}

fn changed() -> (StatusCode, Message) {
    let sentence = messages::text::comments_changed_elsewhere();
    (StatusCode::CONFLICT, sentence)
}

fn refusal(comment: &CommentRow) -> Message {
    match comment.state {
        State::Hidden | State::Deleted => messages::text::comments_taken_out(),
        _ if comment.decided => messages::text::comments_decided(),
        _ => messages::text::comments_edit_time_over(EDIT_WINDOW.num_minutes()),
    }
}

async fn answer(
    page: &PrivatePage,
    comment: &CommentRow,
    form: &EditForm,
    outcome: Outcome,
) -> Result<HttpResponse> {
    let site = site::load(&mut *page.app.db.fresh().await?).await?;
    let view = EditPage {
        frame: page.frame(&site, messages::text::comments_title_edit()),
        comment,
        post_title: gate::post_title_of(&page.user, comment),
        form,
        faults: outcome.faults,
        preview: outcome.preview,
    };
    page.show_with(outcome.status, &view)
}
