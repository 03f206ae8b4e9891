//! The way into the editor: which account may write or change a post, the form that it sends, and whether the answer is a page.

use actix_web::HttpRequest;
use actix_web::http::header;

use crate::features::accounts::CurrentUser;
use crate::features::posts::draft::{self, Draft, FORM_LIMIT, PostForm};
use crate::features::posts::model::Kind;
use crate::features::posts::permission;
use crate::features::posts::queries::PostRow;
use crate::markdown::Rendered;
use crate::state::AppState;
use crate::web::{Form, FormErrors, FormIds, Makes, OrNotFound, Result};

pub(super) type EditorForm = Form<PostForm, FORM_LIMIT>;

pub(super) fn form_ids(app: &AppState, user: &CurrentUser) -> FormIds {
    FormIds::new(&app.key, Makes::Post, Some(user.public_id))
}

/// An invisible object is the same 404 as a missing one.
pub(super) fn editable(post: Option<PostRow>, user: &CurrentUser) -> Result<PostRow> {
    permission::editable(post, user.actor()).or_not_found()
}

/// The script asks for JSON; all others get pages.
pub(super) fn wants_page(req: &HttpRequest) -> bool {
    !req.headers()
        .get("accept")
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.starts_with("application/json"))
}

/// The version of the text that the client names as the one it changes (`If-Match: "c7"`), which only saves of a text count up.
pub(super) fn if_match(req: &HttpRequest) -> Option<i32> {
    let named = req.headers().get(header::IF_MATCH)?.to_str().ok()?;
    let number = named.strip_prefix("\"c")?.strip_suffix('"')?;
    number.parse().ok()
}

/// The version that the text began from, where its form has stood on a later one since: a conflict was shown, and the author has saved
/// nothing yet. In the address, because nodes of the release before refuse fields that they do not know.
pub(super) fn base(req: &HttpRequest) -> Option<i32> {
    let mut pairs = url::form_urlencoded::parse(req.query_string().as_bytes());
    let (_, value) = pairs.find(|(name, _)| name == "base")?;
    value.parse().ok()
}

/// Whether the script that sent this was loaded for another account: the browser has signed in as that since.
pub(super) fn is_of_another_account(req: &HttpRequest, user: &CurrentUser) -> bool {
    let named = req.headers().get("masthead-account");
    named.is_some_and(|named| named.as_bytes() != user.public_id.to_string().as_bytes())
}

/// The same as the answer names it.
pub(super) fn etag(version: i32) -> String {
    format!("\"c{version}\"")
}

/// The draft that a form describes, rendered; nothing where a fault was found in it.
pub(super) async fn parse(
    user: &CurrentUser,
    form: &PostForm,
    kind: Kind,
    faults: &mut FormErrors,
) -> Result<Option<(Draft, Rendered)>> {
    let Some(draft) = form.parse(kind, faults) else {
        return Ok(None);
    };
    let rendered = draft::render_draft(&draft, &user.site_typography).await?;
    Ok(faults
        .take("markdown", rendered)
        .map(|rendered| (draft, rendered)))
}
