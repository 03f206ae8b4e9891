//! Posts and pages as the rules, pages and queries of several features know them: kind, status, byline, card, and the settings that a
//! revision keeps as JSON, which older revisions must go on fitting.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::naming;
use super::path::{author_path, post_path};
use super::post_date::PostDate;
use super::tag_name::TagName;
use crate::features::site::CommentPolicy;
use crate::markdown;

/// Database key of a post or page.
pub type PostId = i64;

/// A post stands in lists under its author; a page stands alone, in the menu or under another page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Post,
    Page,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Post => "post",
            Kind::Page => "page",
        }
    }

    /// As forms and addresses name it; what they leave out is a post.
    pub fn parse(word: &str) -> Option<Kind> {
        match word {
            "" | "post" => Some(Kind::Post),
            "page" => Some(Kind::Page),
            _ => None,
        }
    }

    pub fn from_column(word: &str) -> Kind {
        if word == "page" {
            Kind::Page
        } else {
            Kind::Post
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Draft,
    /// Its text is settled, and readers get it from a time on.
    Scheduled,
    Published,
}

impl Status {
    pub fn from_column(word: &str) -> Status {
        match word {
            "published" => Status::Published,
            "scheduled" => Status::Scheduled,
            _ => Status::Draft,
        }
    }
}

/// What a new version of a public post is for its readers, as its author says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Label {
    /// Nothing to come back for: its date and its place in readers' feeds stay.
    Minor,
    #[default]
    Update,
    /// It said something wrong: readers are told what.
    Correction,
}

impl Label {
    pub fn as_str(self) -> &'static str {
        match self {
            Label::Minor => "minor",
            Label::Update => "update",
            Label::Correction => "correction",
        }
    }
}

/// An author as a byline names them.
#[derive(Clone, Debug)]
pub struct Byline {
    pub username: String,
    pub name: String,
    pub avatar_id: Option<Uuid>,
}

impl Byline {
    pub fn display_name(&self) -> &str {
        if self.name.is_empty() {
            &self.username
        } else {
            &self.name
        }
    }

    pub fn path(&self) -> String {
        author_path(&self.username)
    }
}

/// A row of `post_authors` with its person, as queries that need a post and its authors at once select it:
/// `array(select row(a.position, w.username, w.name, w.avatar_id) …)`. As JSON it would take Postgres twice as long, and
/// a page has to be made while its author waits.
pub type AuthorRow = (i16, String, String, Option<Uuid>);

/// The same of `post_tags`: `array(select row(pt.position, t.name, t.slug) …)`.
pub type TagRow = (i16, String, String);

/// Authors in the order shown.
pub fn bylines(mut rows: Vec<AuthorRow>) -> Vec<Byline> {
    rows.sort_unstable_by_key(|row| row.0);
    rows.into_iter()
        .map(|(_, username, name, avatar_id)| Byline {
            username,
            name,
            avatar_id,
        })
        .collect()
}

/// Tags in the order given.
pub fn tag_names(mut rows: Vec<TagRow>) -> Vec<TagName> {
    rows.sort_unstable_by_key(|row| row.0);
    rows.into_iter()
        .map(|(_, name, slug)| TagName { name, slug })
        .collect()
}

/// What a list shows of a post.
#[derive(Clone, Debug)]
pub struct Card {
    pub id: PostId,
    pub public_id: Uuid,
    /// The author's, else the heading that the text begins with. Empty: it has neither.
    pub title: String,
    /// Its author gave it no title.
    pub is_untitled: bool,
    pub slug: String,
    pub owner: String,
    pub description: String,
    pub language: String,
    pub cover_url: String,
    pub cover_alt: String,
    pub minutes: i32,
    pub comment_count: i32,
    pub published_at: DateTime<Utc>,
    pub changed_at: DateTime<Utc>,
    pub authors: Vec<Byline>,
    pub tags: Vec<TagName>,
}

impl Card {
    pub fn path(&self) -> String {
        post_path(&self.owner, &self.slug)
    }

    /// What it is called where it has to have a name.
    pub fn name(&self, zone: &Tz) -> Cow<'_, str> {
        naming::name(&self.title, &self.description, (&self.published_at, zone))
    }

    /// The address of the cover as pages can load it; empty: none.
    pub fn cover(&self) -> Cow<'_, str> {
        markdown::secure_address(&self.cover_url)
    }

    /// Enough of the text to see which way it runs.
    pub fn sample(&self) -> String {
        format!("{} {}", self.title, self.description)
    }
}

/// Everything of the editor's form but title and text; kept with each revision as JSON.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq)]
#[serde(default)]
pub struct Details {
    /// Empty: made from the title.
    pub slug: String,
    pub excerpt: String,
    pub tags: Vec<TagName>,
    pub canonical_url: String,
    pub cover_url: String,
    pub cover_alt: String,
    pub language: String,
    pub comment_policy: Option<String>,
    /// Whether quotes and dashes are set. None: as on the whole site.
    pub typography: Option<bool>,
    pub unlisted: bool,
    /// Handles, the owner first.
    pub authors: Vec<String>,
    /// Whole path of the page above; pages only.
    pub parent: String,
    pub menu_position: Option<i32>,
    /// When it counts as published; posts only. None: when it first is.
    pub date: Option<PostDate>,
}

impl Details {
    /// As the field of the editor holds them.
    pub fn tags_as_typed(&self) -> String {
        self.tags
            .iter()
            .map(|tag| tag.name.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// The address of the cover as pages can load it; empty: none.
    pub fn cover(&self) -> Cow<'_, str> {
        markdown::secure_address(&self.cover_url)
    }

    pub fn policy(&self) -> Option<CommentPolicy> {
        self.comment_policy
            .as_deref()
            .and_then(CommentPolicy::parse)
    }
}
