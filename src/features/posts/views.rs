use askama::Template;

use super::draft::{Draft, PostForm};
use super::model::{Kind, Status};
use super::queries::{DeskLine, PostRow, RevisionLine, Shelf};
use crate::features::accounts::{CurrentUser, Role};
use crate::features::site::CommentPolicy;
use crate::markdown::Rendered;
use crate::web::{Faults, Frame, time};

#[derive(Template)]
#[template(path = "posts/editor.html")]
pub struct EditorPage<'a> {
    pub frame: Frame,
    pub user: &'a CurrentUser,
    pub post: Option<PostRow>,
    pub form: PostForm,
    pub faults: Faults,
    pub revisions: Vec<RevisionLine>,
    pub page_kind: bool,
    /// Who may still show what was taken back a moment ago.
    pub receipt: Option<String>,
}

impl EditorPage<'_> {
    fn action(&self) -> String {
        match &self.post {
            Some(post) => format!("/p/{}/edit", post.public_id),
            None => "/new".to_owned(),
        }
    }

    fn published(&self) -> bool {
        self.post.as_ref().is_some_and(|p| p.status == Status::Published)
    }

    fn policies(&self) -> &'static [CommentPolicy] {
        CommentPolicy::ALL
    }

    /// What the person writing must know before the next button: who sees this text now.
    fn state(&self) -> &'static str {
        match &self.post {
            None => "New draft",
            Some(post) if post.deleted_at.is_some() => "In the trash",
            Some(post) if post.has_unpublished_changes() => "Published, with changes not yet public",
            Some(post) if post.status == Status::Published => "Published",
            Some(_) => "Draft",
        }
    }

    /// Class of the style sheet for [`Self::state`].
    fn state_class(&self) -> &'static str {
        match &self.post {
            Some(post) if post.deleted_at.is_some() => "trash",
            Some(post) if post.status == Status::Published => "published",
            _ => "draft",
        }
    }

    /// What stands before the slug in the address.
    fn address_prefix(&self) -> String {
        let owner = self.post.as_ref().map_or(&self.user.username, |post| &post.owner);
        match self.form.parent.trim_matches('/') {
            _ if !self.page_kind => format!("/@{owner}/"),
            "" => "/".to_owned(),
            parent => format!("/{parent}/"),
        }
    }

    fn cover_is_wrong(&self) -> bool {
        ["cover_url", "cover_alt"].iter().any(|field| self.faults.of(field).is_some())
    }

    /// Whether a fault is hidden in the folded part below the cover.
    fn rest_is_wrong(&self) -> bool {
        let fields = ["authors", "unlisted", "comment_policy", "language", "canonical_url"];
        fields.iter().any(|field| self.faults.of(field).is_some())
    }
}

#[derive(Template)]
#[template(path = "posts/preview.html")]
pub struct PreviewPage<'a> {
    pub frame: Frame,
    pub draft: &'a Draft,
    pub rendered: &'a Rendered,
    pub post: Option<PostRow>,
    /// What was typed and not saved; the way back to the editor carries it.
    pub typed: Option<&'a PostForm>,
}

#[derive(Template)]
#[template(path = "posts/publish.html")]
pub struct PublishPage {
    pub frame: Frame,
    pub post: PostRow,
    pub draft: Draft,
    pub policy: CommentPolicy,
    pub fault: Option<String>,
}

#[derive(Template)]
#[template(path = "posts/desk.html")]
pub struct DeskPage<'a> {
    pub frame: Frame,
    pub user: &'a CurrentUser,
    pub shelf: Shelf,
    pub lines: Vec<DeskLine>,
    pub next: Option<String>,
    /// Who may still show what was thrown away a moment ago.
    pub receipt: Option<String>,
}

impl DeskLine {
    fn shown_title(&self) -> &str {
        if self.title.is_empty() { "Untitled" } else { &self.title }
    }
}
