//! The page for writing a comment, empty or as it was sent.

use actix_web::HttpResponse;
use uuid::Uuid;

use super::gate::Outcome;
use crate::features::accounts::PrivatePage;
use crate::features::comments::forms::CommentForm;
use crate::features::comments::model::State;
use crate::features::comments::queries::{self, CommentRow};
use crate::features::comments::target::Target;
use crate::features::comments::views::ComposePage;
use crate::features::site;
use crate::messages::{self, Message};
use crate::web::{Error, Result};

/// The page again with what was typed, under the comment that it answers, where that is still there.
pub(super) async fn redisplay(
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

pub(super) fn parse_id(field: &str, text: &str) -> Result<Option<Uuid>> {
    match text.trim() {
        "" => Ok(None),
        text => Uuid::parse_str(text)
            .map(Some)
            .map_err(|_| Error::BadRequest(messages::text::comments_not_an_id(field))),
    }
}

pub(super) async fn answer(
    page: &PrivatePage,
    target: &Target,
    answered: Option<CommentRow>,
    form: &CommentForm,
    outcome: Outcome,
) -> Result<HttpResponse> {
    let site = site::load(&mut *page.app.db.fresh().await?).await?;
    let view = ComposePage {
        frame: page.frame(&site, title(answered.is_some())),
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

fn title(is_reply: bool) -> Message {
    if is_reply {
        messages::text::comments_title_reply()
    } else {
        messages::text::comments_title_write()
    }
}
