//! The page of the editor, and the same as JSON for its script.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::gate::{editable, form_ids, if_match, wants_page};
use crate::features::accounts::{CurrentUser, PrivatePage, key_of};
use crate::features::posts::conflict::Conflict;
use crate::features::posts::copy_address::copy_address;
use crate::features::posts::draft::{Draft, PostForm};
use crate::features::posts::model::Kind;
use crate::features::posts::queries::{self, AskedName, History, PostRow};
use crate::features::posts::views::EditorPage;
use crate::features::site;
use crate::messages::{Message, text};
use crate::state::AppState;
use crate::web::{FormErrors, FormId, OrNotFound, Result, page};

/// As they stand on the page.
const FIELDS: [&str; 16] = [
    "title",
    "markdown",
    "slug",
    "parent",
    "menu_position",
    "tags",
    "excerpt",
    "cover_url",
    "cover_alt",
    "authors",
    "unlisted",
    "comment_policy",
    "language",
    "typography",
    "canonical_url",
    "date",
];

/// The editor as it comes back.
#[derive(Default)]
pub(super) struct Shown {
    /// None until the first save.
    pub(super) post: Option<PostRow>,
    pub(super) form: PostForm,
    pub(super) faults: FormErrors,
    pub(super) conflict: Option<Conflict>,
    /// The version that the text began from, where the form stands on a later one.
    pub(super) base: Option<i32>,
    /// What came of putting two texts together.
    pub(super) merged: Option<Message>,
}

impl Shown {
    /// What was typed, with what is wrong with it.
    pub(super) fn refused(post: Option<PostRow>, form: PostForm, faults: FormErrors) -> Self {
        Shown {
            post,
            form,
            faults,
            ..Shown::default()
        }
    }

    fn status(&self) -> StatusCode {
        match &self.conflict {
            Some(_) => StatusCode::CONFLICT,
            None if self.faults.is_empty() => StatusCode::OK,
            None => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

pub(super) async fn refuse(page: &PrivatePage, shown: Shown) -> Result<HttpResponse> {
    if wants_page(&page.req) {
        return answer(page, shown).await;
    }
    let mut body = shown.faults.json();
    let status = match shown.status() {
        StatusCode::CONFLICT if if_match(&page.req).is_some() => StatusCode::PRECONDITION_FAILED,
        status => status,
    };
    if let Some(conflict) = &shown.conflict {
        body["version"] = json!(shown.form.version.parse::<i32>().unwrap_or(0));
        body["saved"] = conflict.json()?;
    }
    if shown.post.is_none() {
        // What the page has to send the same text to.
        body["id"] = json!(shown.form.id.as_str());
        body["action"] = json!(shown.form.id.action("/new"));
    }
    Ok(page::json(status, &body))
}

pub(super) async fn answer(page: &PrivatePage, shown: Shown) -> Result<HttpResponse> {
    let status = shown.status();
    let mut conn = page.app.db.fresh().await?;
    let site = site::load(&mut conn).await?;
    let (mut history, asked) = history(&mut conn, shown.post.as_ref()).await?;
    drop(conn);
    let ids = form_ids(&page.app, &page.user);
    let duplicate = |post: &PostRow| copy_address(&ids, post.public_id);
    let submission = history.submission.take();
    let view = EditorPage {
        duplicate_action: shown.post.as_ref().map(duplicate),
        frame: page.frame(&site, title(shown.post.is_some())),
        user: &page.user,
        page_kind: Kind::from_column(&shown.form.kind) == Kind::Page,
        post: shown.post,
        form: shown.form,
        faults: shown.faults.in_order(&FIELDS),
        history,
        asked,
        conflict: shown.conflict,
        base: shown.base,
        merged: shown.merged,
        submission,
    };
    page.show_with(status, &view)
}

/// What the page shows of a post beside its text, and the accounts that are asked about it.
async fn history(
    conn: &mut PgConnection,
    post: Option<&PostRow>,
) -> Result<(History, Vec<AskedName>)> {
    let Some(post) = post else {
        return Ok(Default::default());
    };
    let history = queries::history(conn, post.id, 12).await?;
    Ok((history, asked(conn, post).await?))
}

fn title(is_there: bool) -> Message {
    if is_there {
        text::posts_title_edit()
    } else {
        text::posts_title_write()
    }
}

/// The accounts that are named and do not stand in the byline.
async fn asked(conn: &mut PgConnection, post: &PostRow) -> Result<Vec<AskedName>> {
    if post.asked_ids.is_empty() && post.declined_ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(queries::asked_names(conn, post.id).await?)
}

/// The editor with the saved text, beside which stands why it cannot be published.
pub(super) async fn refuse_saved(
    page: &PrivatePage,
    id: Uuid,
    faults: FormErrors,
) -> Result<HttpResponse> {
    let saved = saved(&page.app, &page.user, id).await?;
    answer(page, Shown { faults, ..saved }).await
}

/// The editor as it opens with the text that was saved last.
pub(super) async fn saved(app: &AppState, user: &CurrentUser, id: Uuid) -> Result<Shown> {
    let mut conn = app.db.fresh().await?;
    let post = editable(queries::post(&mut conn, id).await?, user)?;
    let draft = queries::newest_revision(&mut conn, post.id).await?;
    let mut draft = draft.or_not_found()?;
    leave_out_declined(&mut conn, &post, &mut draft).await?;
    let (id, details) = (FormId::of(post.public_id), &draft.details);
    let (title, markdown) = (&draft.title, &draft.markdown);
    let form = PostForm::of(id, post.kind, post.version, title, markdown, details);
    Ok(Shown {
        post: Some(post),
        form,
        ..Shown::default()
    })
}

/// An account that said no is not named again by the next save.
async fn leave_out_declined(
    conn: &mut PgConnection,
    post: &PostRow,
    draft: &mut Draft,
) -> Result<()> {
    if post.declined_ids.is_empty() {
        return Ok(());
    }
    let asked = queries::asked_names(conn, post.id).await?;
    let declined = |handle: &String| {
        asked
            .iter()
            .any(|name| name.declined && key_of(&name.username) == key_of(handle))
    };
    draft.details.authors.retain(|handle| !declined(handle));
    Ok(())
}
