//! The page of the editor, and the same as JSON for its script.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::json;

use super::gate::wants_page;
use crate::features::accounts::PrivatePage;
use crate::features::posts::conflict::Conflict;
use crate::features::posts::draft::PostForm;
use crate::features::posts::model::Kind;
use crate::features::posts::queries::{self, PostRow};
use crate::features::posts::views::EditorPage;
use crate::features::site;
use crate::messages::text;
use crate::web::{FormErrors, Result, page};

/// As they stand on the page.
const FIELDS: [&str; 14] = [
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
    "canonical_url",
];

/// The editor as it comes back.
#[derive(Default)]
pub(super) struct Shown {
    /// None until the first save.
    pub(super) post: Option<PostRow>,
    pub(super) form: PostForm,
    pub(super) faults: FormErrors,
    pub(super) take_down_notice: Option<String>,
    pub(super) conflict: Option<Conflict>,
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
    if let Some(conflict) = &shown.conflict {
        body["version"] = json!(shown.form.version.parse::<i32>().unwrap_or(0));
        body["saved"] = conflict.json()?;
    }
    if shown.post.is_none() {
        // What the page has to send the same text to.
        body["id"] = json!(shown.form.id.as_str());
        body["action"] = json!(shown.form.id.action("/new"));
    }
    Ok(page::json(shown.status(), &body))
}

pub(super) async fn answer(page: &PrivatePage, shown: Shown) -> Result<HttpResponse> {
    let status = shown.status();
    let Shown {
        post,
        form,
        faults,
        take_down_notice,
        conflict,
    } = shown;
    let mut conn = page.app.db.fresh().await?;
    let site = site::load(&mut conn).await?;
    let revisions = match &post {
        Some(post) => queries::revisions(&mut conn, post.id, 12).await?,
        None => Vec::new(),
    };
    let asked = match &post {
        Some(post) if !(post.asked_ids.is_empty() && post.declined_ids.is_empty()) => {
            queries::asked_names(&mut conn, post.id).await?
        }
        _ => Vec::new(),
    };
    drop(conn);
    let title = if post.is_some() {
        text::posts_title_edit()
    } else {
        text::posts_title_write()
    };
    let frame = page.frame(&site, title);
    let page_kind = Kind::from_column(&form.kind) == Kind::Page;
    let faults = faults.in_order(&FIELDS);
    let view = EditorPage {
        frame,
        user: &page.user,
        post,
        form,
        faults,
        revisions,
        asked,
        page_kind,
        take_down_notice,
        conflict,
    };
    page.show_with(status, &view)
}
