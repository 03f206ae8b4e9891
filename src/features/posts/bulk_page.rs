//! What the pages of an act on many posts show.

use askama::Template;

use super::bulk_act::BulkAct;
use super::model::Status;
use super::queries::ChosenPost;
use crate::messages::{Markup, Message, html as t, text};
use crate::web::{FormErrors, Frame};

/// A post that it is not done to, and why.
pub struct NotDone {
    pub title: String,
    pub why: Message,
}

impl NotDone {
    pub fn of(post: &ChosenPost, why: Message) -> NotDone {
        NotDone {
            title: post.shown_title().to_owned(),
            why,
        }
    }
}

impl ChosenPost {
    fn shown_title(&self) -> &str {
        if self.title.is_empty() {
            text::posts_untitled().words()
        } else {
            &self.title
        }
    }
}

/// The step before: what will be done to which posts.
#[derive(Template)]
#[template(path = "posts/bulk_step.html")]
pub struct BulkStepPage {
    pub frame: Frame,
    pub act: BulkAct,
    pub posts: Vec<ChosenPost>,
    pub left: Vec<NotDone>,
    /// How many are not there, or not the viewer's to change.
    pub unseen: usize,
    pub tag: String,
    pub back: String,
    pub faults: FormErrors,
}

impl BulkStepPage {
    /// The button, with how many posts it changes.
    fn button(&self) -> Markup {
        t::posts_bulk_do(self.act.as_str(), self.posts.len())
    }

    fn effect(&self) -> Markup {
        let public = self.posts.iter().filter(|post| post.is_public()).count();
        let back = self
            .posts
            .iter()
            .filter(|post| post.is_trashed && post.status == Status::Published)
            .count();
        match self.act {
            BulkAct::Publish => t::posts_bulk_publish_effect(),
            BulkAct::Unpublish => t::posts_bulk_unpublish_effect(),
            BulkAct::Tag => t::posts_bulk_tag_effect(),
            BulkAct::Trash => t::posts_bulk_trash_effect(public),
            BulkAct::Restore => t::posts_bulk_restore_effect(back),
        }
    }
}

/// What was done, or where `act` is none, undone.
#[derive(Template)]
#[template(path = "posts/bulk_done.html")]
pub struct BulkDonePage {
    pub frame: Frame,
    pub act: Option<BulkAct>,
    pub count: usize,
    pub left: Vec<NotDone>,
    pub unseen: usize,
    /// The ticket that undoes it.
    pub undo: Option<String>,
    pub back: String,
}

impl BulkDonePage {
    fn done(&self) -> Markup {
        match self.act {
            Some(act) => t::posts_bulk_done(act.as_str(), self.count),
            None => t::posts_bulk_undone(self.count),
        }
    }

    /// How many are as they were.
    fn left_count(&self) -> usize {
        self.left.len() + self.unseen
    }
}
