//! Addresses: which ones a draft asks for ([`wanted`]), and what stands in the way of one. What is chosen of them is said in
//! `choose_address`.

use super::draft::Draft;
use super::model::{Kind, PostId};
use super::naming;
use super::path::path_for;
use super::queries::PostRow;
use crate::db::DbError;
use crate::markdown::{self, Rendered};
use crate::messages::{Message, text};
use crate::web::route_words::{ROUTE_SEGMENTS, is_yielding_word};

/// Words that routes below `/@name/` use.
pub(super) const TAKEN_BY_ROUTES: &[&str] =
    &["feed", "rss", "atom", "series", "followers", "following"];
/// Words for pages at the root that routes will want.
const TAKEN_LATER: &[&str] = &[
    "api",
    "following",
    "inbox",
    "metrics",
    "moderations",
    "reset",
    "saved",
    "search",
    "sitemap",
    "static",
    "top",
];

#[derive(Debug, thiserror::Error)]
#[error("{}", self.message().in_english())]
pub enum AddressError {
    Taken(String),
    Reserved(String),
    NoSuchParent(String),
    UnderItself,
    TooDeep,
    #[error(transparent)]
    Db(#[from] DbError),
}

impl AddressError {
    pub fn message(&self) -> Message {
        match self {
            AddressError::Taken(address) => text::posts_address_taken(address),
            AddressError::Reserved(address) => text::posts_address_reserved(address),
            AddressError::NoSuchParent(address) => text::posts_no_such_parent(address),
            AddressError::UnderItself => text::posts_under_itself(),
            AddressError::TooDeep => text::posts_too_deep(),
            AddressError::Db(_) => text::errors_internal(),
        }
    }
}

/// Whether a page at the root would stand in the way of the site's own addresses.
pub fn taken_by_site(word: &str) -> bool {
    ROUTE_SEGMENTS.contains(&word) || is_yielding_word(word) || TAKEN_LATER.contains(&word)
}

/// What the database has to be asked before an address is chosen.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Slugs that would do, the best first.
    pub slugs: Vec<String>,
    /// The last part of a page's path.
    pub own: String,
    /// Path of the page above, and of the page itself.
    pub parent: String,
    pub path: String,
}

/// Where a post or page stands, and what else changes with that.
#[derive(Debug, Default)]
pub struct Address {
    pub slug: String,
    pub page_path: Option<String>,
    pub parent_id: Option<PostId>,
    /// The slug that readers knew until now: it leads to the new one for ever.
    pub former_slug: Option<String>,
}

impl Address {
    /// Where readers find it.
    pub fn path(&self, owner: &str) -> String {
        path_for(self.page_path.as_deref(), owner, &self.slug)
    }
}

/// The address or addresses that a draft asks for.
pub(super) fn wanted(post: &PostRow, draft: &Draft, rendered: &Rendered) -> Wanted {
    let base = markdown::slug(&naming::of_draft(&draft.title, rendered));
    match post.kind {
        Kind::Post => Wanted {
            slugs: slugs(post, draft, base),
            ..Wanted::default()
        },
        Kind::Page => wanted_page(post, draft, base),
    }
}

fn wanted_page(post: &PostRow, draft: &Draft, base: String) -> Wanted {
    let (parent, own) = (draft.details.parent.clone(), own_part(post, draft, base));
    let path = if parent.is_empty() {
        own.clone()
    } else {
        format!("{parent}/{own}")
    };
    Wanted {
        own,
        parent,
        path,
        ..Wanted::default()
    }
}

/// The slug asked for; else one from its name that no other post has: `title`, `title-2`, …
fn slugs(post: &PostRow, draft: &Draft, base: String) -> Vec<String> {
    if !draft.details.slug.is_empty() {
        vec![draft.details.slug.clone()]
    } else if post.published_at.is_some()
        || base.is_empty()
        || TAKEN_BY_ROUTES.contains(&base.as_str())
    {
        Vec::new()
    } else {
        std::iter::once(base.clone())
            .chain((2..=50).map(|number| format!("{base}-{number}")))
            .collect()
    }
}

/// The random tail of the id: short, and no two drafts share it by chance.
pub(super) fn id_slug(post: &PostRow) -> String {
    let id = post.public_id.simple().to_string();
    format!("untitled-{}", &id[20..])
}

/// The last part of a page's path.
fn own_part(post: &PostRow, draft: &Draft, base: String) -> String {
    match draft.details.slug.as_str() {
        "" if post.published_at.is_some() => post.slug.clone(),
        "" if base.is_empty() => id_slug(post),
        "" => base,
        slug => slug.to_owned(),
    }
}
