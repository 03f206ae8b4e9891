//! Which account may write or change a post, and the form that it sends.

use actix_web::HttpRequest;

use crate::access::{Action, Resource};
use crate::app::AppState;
use crate::features::accounts::CurrentUser;
use crate::features::posts::draft::{FORM_LIMIT, PostForm};
use crate::features::posts::model::Kind;
use crate::features::posts::queries::PostRow;
use crate::web::{Error, Form, FormIds, Makes, OrNotFound, Result};

pub(super) type EditorForm = Form<PostForm, FORM_LIMIT>;

pub(super) fn form_ids(app: &AppState, user: &CurrentUser) -> FormIds {
    FormIds::new(&app.key, Makes::Post, Some(user.public_id))
}

pub(super) fn write_action(kind: Kind) -> Action {
    match kind {
        Kind::Post => Action::WritePost,
        Kind::Page => Action::WritePage,
    }
}

/// An invisible object is the same 404 as a missing one.
pub(super) fn editable(post: Option<PostRow>, user: &CurrentUser) -> Result<PostRow> {
    let post = post.or_not_found()?;
    let resource = Resource::Post {
        authors: &post.author_ids,
        page: post.kind == Kind::Page,
    };
    if user.can(Action::EditPost, resource) {
        Ok(post)
    } else {
        Err(Error::NotFound)
    }
}

/// The script asks for JSON; all others get pages.
pub(super) fn wants_page(req: &HttpRequest) -> bool {
    !req.headers()
        .get("accept")
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.starts_with("application/json"))
}
