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
use crate::features::comments::text::{self, FORM_LIMIT};
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

/// `GET /comments/{id}/edit`
pub async fn show(page: PrivatePage, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let comment = own(
        queries::comment(&mut *page.app.db.fresh().await?, *id).await?,
        page.actor(),
    )?;
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
    let comment = own(
        queries::comment(&mut *page.app.db.fresh().await?, *id).await?,
        page.actor(),
    )?;
    let mut faults = FormErrors::default();
    let Some(checked) = text::check(&form.markdown, &mut faults).await? else {
        return answer(&page, &comment, &form, Outcome::invalid(faults)).await;
    };
    if form.action == "preview" {
        return answer(&page, &comment, &form, Outcome::preview(checked.html)).await;
    }
    let request = EditRequest {
        id: *id,
        based_on: based_on.version,
        text: &checked,
    };
    let (comment, status, sentence) = match edit::edit(&page.app.db, page.actor(), request).await? {
        Edited::Done(to) => return Ok(page::see_other(&to)),
        // What was typed goes back to its author, to be copied into a new comment.
        Edited::Closed(comment) => {
            let sentence = refusal(&comment);
            (comment, StatusCode::FORBIDDEN, sentence)
        }
        Edited::Changed(comment) => (
            comment,
            StatusCode::CONFLICT,
            messages::text::comments_changed_elsewhere(),
        ),
    };
    faults.add("", sentence);
    answer(&page, &comment, &form, Outcome::refused(status, faults)).await
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
    let frame = page.frame(&site, messages::text::comments_title_edit());
    let Outcome {
        status,
        faults,
        preview,
        ..
    } = outcome;
    let post_title = gate::post_title(
        &page.user,
        &comment.post_title,
        comment.post_public,
        &comment.post_authors,
    );
    page.show_with(
        status,
        &EditPage {
            frame,
            comment,
            post_title,
            form,
            faults,
            preview,
        },
    )
}
