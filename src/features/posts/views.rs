//! What the pages of writing show, as their templates take it. A page that one handler alone shows may stand beside it.

use askama::Template;

use super::byline;
use super::conflict::Conflict;
use super::draft::{Draft, PostForm};
use super::forms::RenameForm;
use super::model::Status;
use super::naming::{self, Titled};
use super::path::post_path;
use super::permission::can_publish;
use super::queries::{AskedName, FRONT_PAGE, History, PostRow, Submission, TagRow};
use crate::access::{Action, Resource};
use crate::features::accounts::CurrentUser;
use crate::features::site::CommentPolicy;
use crate::markdown::{self, Rendered};
use crate::messages::{Markup, Message, html as t, text};
use crate::web::{FormErrors, Frame, time};

#[derive(Template)]
#[template(path = "posts/editor.html")]
pub struct EditorPage<'a> {
    pub frame: Frame,
    pub user: &'a CurrentUser,
    pub post: Option<PostRow>,
    /// Where the button leads that makes a copy.
    pub duplicate_action: Option<String>,
    pub form: PostForm,
    pub faults: FormErrors,
    pub history: History,
    /// Accounts that are named and do not stand in the byline.
    pub asked: Vec<AskedName>,
    pub page_kind: bool,
    /// The version that stands, where this text could not be saved over it.
    pub conflict: Option<Conflict>,
    /// The version that the text began from, where the form stands on a later one.
    pub base: Option<i32>,
    /// What came of putting two texts together.
    pub merged: Option<Message>,
    /// How it was submitted for review last.
    pub submission: Option<Submission>,
}

impl EditorPage<'_> {
    fn action(&self) -> String {
        match (&self.post, self.base) {
            (Some(post), Some(base)) => format!("/p/{}/edit?base={base}", post.public_id),
            (Some(post), None) => format!("/p/{}/edit", post.public_id),
            (None, _) => self.form.id.action("/new"),
        }
    }

    /// The viewer makes it public; else an editor does, after review.
    fn can_publish(&self) -> bool {
        match &self.post {
            Some(post) => can_publish(post, self.user.actor()),
            None => self.user.role.publishes(),
        }
    }

    fn published(&self) -> bool {
        self.post
            .as_ref()
            .is_some_and(|p| p.status == Status::Published)
    }

    fn is_template(&self) -> bool {
        self.post.as_ref().is_some_and(|post| post.is_template)
    }

    /// Readers do not see it, and will not by themselves.
    fn is_plain_draft(&self) -> bool {
        let draft = self.post.as_ref();
        draft.is_some_and(|post| post.status == Status::Draft && !post.is_template)
    }

    /// The buttons that pin the post or take it down: address and words.
    fn pin_buttons(&self) -> Vec<(&'static str, Markup)> {
        let Some(post) = self.post.as_ref().filter(|post| post.is_public()) else {
            return Vec::new();
        };
        let (user, is_on) = (self.user, |page| self.history.pinned_on.contains(&page));
        let own = match is_on(user.id) {
            true => ("unpin", t::posts_unpin()),
            false => ("pin", t::posts_pin()),
        };
        let front = match is_on(FRONT_PAGE) {
            true => ("unpin-from-front", t::posts_unpin_from_front()),
            false => ("pin-to-front", t::posts_pin_to_front()),
        };
        let own = post.author_ids.contains(&user.id).then_some(own);
        let front = user
            .can(Action::ManageSite, Resource::Nothing)
            .then_some(front);
        own.into_iter().chain(front).collect()
    }

    fn policies(&self) -> &'static [CommentPolicy] {
        CommentPolicy::ALL
    }

    /// What the person writing must know before the next button: who sees this text now.
    fn state(&self) -> Message {
        match &self.post {
            None => text::posts_state_new(),
            Some(post) if post.deleted_at.is_some() => text::posts_state_trash(),
            Some(post) if post.is_template => text::posts_state_template(),
            Some(post) if post.status == Status::Scheduled => self.planned(post),
            Some(post) if post.has_unpublished_changes() => text::posts_state_pending(),
            Some(post) if post.status == Status::Published => text::posts_state_published(),
            Some(_) => text::posts_state_draft(),
        }
    }

    fn planned(&self, post: &PostRow) -> Message {
        let at = post.scheduled_for.unwrap_or(post.saved_at);
        let time = time::minute(&at, &self.frame.site.time_zone);
        if post.has_unpublished_changes() {
            text::posts_state_scheduled_pending(time)
        } else {
            text::posts_state_scheduled(time)
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
        let owner = self
            .post
            .as_ref()
            .map_or(&self.user.username, |post| &post.owner);
        match self.form.parent.trim_matches('/') {
            _ if !self.page_kind => post_path(owner, ""),
            "" => "/".to_owned(),
            parent => format!("/{parent}/"),
        }
    }

    /// Handles of those who have not answered, or of those who said no.
    fn asked(&self, declined: bool) -> Option<String> {
        let names: Vec<String> = self
            .asked
            .iter()
            .filter(|name| name.declined == declined)
            .map(|name| format!("@{}", name.username))
            .collect();
        (!names.is_empty()).then(|| names.join(", "))
    }

    fn authors_hint(&self) -> Markup {
        if self.user.role.edits_all() {
            t::posts_authors_hint_admin()
        } else {
            t::posts_authors_hint()
        }
    }

    fn cover_hint(&self) -> Markup {
        if markdown::is_insecure_address(self.form.cover_url.trim()) {
            t::posts_cover_insecure_hint()
        } else {
            Markup::default()
        }
    }

    fn date_hint(&self) -> Markup {
        let published = self.post.as_ref().and_then(|post| post.published_at);
        let zone = &self.frame.site.time_zone;
        published.map_or_else(t::posts_date_hint, |at| {
            t::posts_date_of_publishing(time::minute_tag(&at, zone))
        })
    }

    fn cover_is_wrong(&self) -> bool {
        ["cover_url", "cover_alt"]
            .iter()
            .any(|field| self.faults.of(field).is_some())
    }

    /// Whether a fault is hidden in the folded part below the cover.
    fn rest_is_wrong(&self) -> bool {
        let fields = [
            "authors",
            "unlisted",
            "comment_policy",
            "language",
            "typography",
            "canonical_url",
            "date",
        ];
        fields.iter().any(|field| self.faults.of(field).is_some())
    }
}

#[derive(Template)]
#[template(path = "posts/preview.html")]
pub struct PreviewPage<'a> {
    pub frame: Frame,
    pub draft: &'a Draft,
    pub names: byline::Preview,
    pub rendered: &'a Rendered,
    pub post: Option<PostRow>,
    /// What was typed and not saved; the way back to the editor carries it.
    pub typed: Option<&'a PostForm>,
}

impl PreviewPage<'_> {
    fn titled(&self) -> Titled<'_> {
        naming::titled(&self.draft.title, &self.rendered.html)
    }

    /// Enough of the text to see which way it runs.
    fn sample(&self) -> String {
        let begin: String = self.rendered.text.chars().take(300).collect();
        format!("{} {begin}", self.draft.title)
    }
}

#[derive(Template)]
#[template(path = "posts/byline.html")]
pub struct BylinePage {
    pub frame: Frame,
    pub post: PostRow,
    pub asked_by: Option<String>,
    pub can_accept: bool,
    /// The viewer's name stands on the post.
    pub is_author: bool,
}

impl BylinePage {
    fn shown_title(&self) -> &str {
        if self.post.title.is_empty() {
            text::posts_untitled().words()
        } else {
            &self.post.title
        }
    }

    fn is_public(&self) -> bool {
        self.post.is_public()
    }
}

#[derive(Template)]
#[template(path = "posts/tags.html")]
pub struct TagsAdminPage {
    pub frame: Frame,
    pub tags: Vec<TagRow>,
    /// What was looked for.
    pub q: String,
}

#[derive(Template)]
#[template(path = "posts/tag.html")]
pub struct TagAdminPage<'a> {
    pub frame: Frame,
    pub tag: &'a TagRow,
    pub form: &'a RenameForm,
    pub description: &'a str,
    pub faults: FormErrors,
    pub saved: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "posts/merge_tag.html")]
pub struct MergeTagPage {
    pub frame: Frame,
    pub from: TagRow,
    pub into: TagRow,
    /// The ids of their feeds.
    pub ends: String,
    pub stays: String,
}
