//! What the public pages show, as their templates take it: nothing that differs from client to client.

use askama::Template;
use chrono::{DateTime, TimeDelta, Utc};

use super::contents::Chapter;
use super::letters::Letter;
use super::magazine::Magazine;
use super::queries::{
    Article, Crumb, ListedAuthor, ListedCorrection, RelatedPost, TAGS_LISTED, Tag,
};
use super::share::Share;
use super::years::Year;
use crate::features::accounts::Person;
use crate::features::comments::Thread;
use crate::features::posts::Card;
use crate::features::posts::difference::DiffLine;
use crate::messages::html as t;
use crate::web::{Frame, time};

/// Where the pages of a list go on.
pub struct Paging {
    /// Address of the next page.
    pub older: Option<String>,
    /// The first page, when this is not it.
    pub newest: Option<String>,
}

#[derive(Template)]
#[template(path = "reading/front.html")]
pub struct FrontPage {
    pub frame: Frame,
    /// When the newest post was published.
    pub newest_at: Option<DateTime<Utc>>,
    pub front: Option<Magazine>,
    pub paging: Paging,
    /// The most discussed posts.
    pub discussed: Vec<RelatedPost>,
    /// The most used tags.
    pub tags: Vec<Tag>,
}

/// The front page that lists the newest posts one below the other.
#[derive(Template)]
#[template(path = "reading/front_list.html")]
pub struct FrontListPage {
    pub frame: Frame,
    /// When the newest post was published.
    pub newest_at: Option<DateTime<Utc>>,
    /// At the top for longer; not among the others.
    pub pinned: Vec<Card>,
    pub cards: Vec<Card>,
    pub paging: Paging,
}

#[derive(Template)]
#[template(path = "reading/newest.html")]
pub struct NewestPage {
    pub frame: Frame,
    pub cards: Vec<Card>,
    pub paging: Paging,
}

#[derive(Template)]
#[template(path = "reading/archive.html")]
pub struct ArchivePage {
    pub frame: Frame,
    pub years: Vec<Year>,
}

/// The posts of a month.
#[derive(Template)]
#[template(path = "reading/month.html")]
pub struct MonthPage {
    pub frame: Frame,
    pub title: String,
    pub cards: Vec<Card>,
    pub paging: Paging,
}

/// The accounts that have listed posts.
#[derive(Template)]
#[template(path = "reading/authors.html")]
pub struct AuthorsPage {
    pub frame: Frame,
    pub authors: Vec<ListedAuthor>,
    pub paging: Paging,
}

#[derive(Template)]
#[template(path = "reading/author.html")]
pub struct AuthorPage {
    pub frame: Frame,
    pub person: Person,
    /// At the top for longer; not among the others.
    pub pinned: Vec<Card>,
    pub cards: Vec<Card>,
    pub paging: Paging,
}

#[derive(Template)]
#[template(path = "reading/tags.html")]
pub struct TagsPage {
    pub frame: Frame,
    pub most_used: Vec<Tag>,
    pub letters: Vec<Letter>,
    /// No tag is left out.
    pub are_all: bool,
}

#[derive(Template)]
#[template(path = "reading/tag.html")]
pub struct TagPage {
    pub frame: Frame,
    pub tag: Tag,
    /// May be empty.
    pub description: String,
    pub cards: Vec<Card>,
    pub paging: Paging,
}

#[derive(Template)]
#[template(path = "reading/post.html")]
pub struct PostPage {
    pub frame: Frame,
    pub article: Article,
    pub contents: Vec<Chapter>,
    pub share: Share,
    pub thread: Thread,
    /// It begins with a large letter.
    pub has_drop_cap: bool,
}

impl PostPage {
    /// Corrections on the first day are part of publishing; later ones are told to the reader.
    fn edited(&self) -> bool {
        let card = &self.article.card;
        card.changed_at - card.published_at > TimeDelta::days(1)
    }
}

/// A correction with what it changed.
pub struct ShownCorrection {
    pub version: i32,
    pub remark: String,
    pub made_at: DateTime<Utc>,
    /// Empty where its author does not show that, or too many are newer.
    pub lines: Vec<DiffLine>,
}

/// The corrections of a post.
#[derive(Template)]
#[template(path = "reading/corrections.html")]
pub struct CorrectionsPage {
    pub frame: Frame,
    pub article: Article,
    pub corrections: Vec<ShownCorrection>,
}

/// Those of an author.
#[derive(Template)]
#[template(path = "reading/corrections_of.html")]
pub struct CorrectionsOfPage {
    pub frame: Frame,
    pub person: Person,
    pub corrections: Vec<ListedCorrection>,
}

#[derive(Template)]
#[template(path = "reading/page.html")]
pub struct PagePage {
    pub frame: Frame,
    /// Where readers find it, whole.
    pub address: String,
    pub article: Article,
    pub crumbs: Vec<Crumb>,
    pub below: Vec<Crumb>,
}
