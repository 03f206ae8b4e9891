//! Addresses: which slug a post gets, and that an old one leads to the new one for ever.

use super::draft::Draft;
use super::model::Kind;
use super::queries::{self, PostRow};
use crate::db::{DbError, Tag, Tx};
use crate::markdown;

/// Words that routes below `/@name/` use.
const TAKEN_BY_ROUTES: &[&str] = &["feed", "rss", "atom", "series", "followers", "following"];
/// Words that routes of the site use, for pages at the root.
const TAKEN_BY_SITE: &[&str] = &[
    "admin", "api", "assets", "avatars", "comments", "dashboard", "feed", "following", "inbox", "livez", "login", "logout",
    "metrics", "moderations", "new", "newest", "p", "preview", "readyz", "reset", "rss", "saved", "search", "settings",
    "setup", "signup", "sitemap", "startupz", "static", "t", "top",
];

#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    #[error("Another text of yours has the address “{0}” already. Choose another.")]
    Taken(String),
    #[error("The address “{0}” belongs to the site itself. Choose another.")]
    Reserved(String),
    #[error("There is no page at “{0}” to stand under.")]
    NoSuchParent(String),
    #[error("A page cannot stand under itself.")]
    UnderItself,
    #[error("Pages can be nested up to five levels, with an address of at most 400 characters.")]
    TooDeep,
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Whether a page at the root would stand in the way of the site's own addresses.
pub fn taken_by_site(word: &str) -> bool {
    TAKEN_BY_SITE.contains(&word)
}

/// Gives the post the address its draft asks for, and keeps the old one as a redirect once it was public.
pub async fn assign(tx: &mut Tx, post: &PostRow, draft: &Draft) -> Result<(), AddressError> {
    match post.kind {
        Kind::Post => assign_slug(tx, post, draft).await,
        Kind::Page => assign_path(tx, post, draft).await,
    }
}

async fn assign_slug(tx: &mut Tx, post: &PostRow, draft: &Draft) -> Result<(), AddressError> {
    let slug = if !draft.details.slug.is_empty() {
        let slug = draft.details.slug.clone();
        if TAKEN_BY_ROUTES.contains(&slug.as_str()) {
            return Err(AddressError::Reserved(slug));
        }
        if queries::slug_taken(tx, post.owner_id, &slug, post.id).await? {
            return Err(AddressError::Taken(slug));
        }
        slug
    } else if post.published_at.is_some() {
        // A new title does not move what is already linked.
        post.slug.clone()
    } else {
        free_slug(tx, post, &draft.title).await?
    };
    if slug != post.slug && post.published_at.is_some() {
        queries::remember_slug(tx, post.owner_id, &post.slug, post.id).await?;
    }
    queries::set_slug(tx, post.id, &slug).await
}

/// A slug from the title that nobody has: `title`, `title-2`, … and the id where there is no title.
async fn free_slug(tx: &mut Tx, post: &PostRow, title: &str) -> Result<String, AddressError> {
    let base = markdown::slug(title);
    if base.is_empty() || TAKEN_BY_ROUTES.contains(&base.as_str()) {
        return Ok(id_slug(post));
    }
    for number in 1..=50 {
        let slug = if number == 1 { base.clone() } else { format!("{base}-{number}") };
        if !queries::slug_taken(tx, post.owner_id, &slug, post.id).await? {
            return Ok(slug);
        }
    }
    Ok(format!("{base}-{}", id_slug(post)))
}

/// The random tail of the id: short, and no two drafts share it by chance.
fn id_slug(post: &PostRow) -> String {
    let id = post.public_id.simple().to_string();
    format!("untitled-{}", &id[20..])
}

async fn assign_path(tx: &mut Tx, post: &PostRow, draft: &Draft) -> Result<(), AddressError> {
    let details = &draft.details;
    let own = match details.slug.as_str() {
        "" if post.published_at.is_some() => post.slug.clone(),
        "" => Some(markdown::slug(&draft.title)).filter(|s| !s.is_empty()).unwrap_or_else(|| id_slug(post)),
        slug => slug.to_owned(),
    };
    let (parent_id, path) = if details.parent.is_empty() {
        if taken_by_site(&own) {
            return Err(AddressError::Reserved(own));
        }
        (None, own.clone())
    } else {
        let parent = queries::page_by_path(tx, &details.parent).await?;
        let parent = parent.ok_or_else(|| AddressError::NoSuchParent(details.parent.clone()))?;
        let own_path = post.page_path.as_deref().unwrap_or_default();
        if parent.id == post.id || parent.path.starts_with(&format!("{own_path}/")) {
            return Err(AddressError::UnderItself);
        }
        (Some(parent.id), format!("{}/{own}", parent.path))
    };
    if path.len() > 400 || path.matches('/').count() > 4 {
        return Err(AddressError::TooDeep);
    }
    if queries::path_taken(tx, &path, post.id).await? {
        return Err(AddressError::Taken(path));
    }
    let old = post.page_path.clone().unwrap_or_default();
    if old != path {
        let (length, depth) = queries::deepest_below(tx, &old).await?;
        if length + path.len() > 400 + old.len() || depth + path.matches('/').count() > 4 + old.matches('/').count() {
            return Err(AddressError::TooDeep);
        }
        // Pages below move along, each leaving a redirect.
        if queries::move_pages(tx, post.id, &old, &path).await? > 0 {
            // Some of them may be public although this one is not.
            tx.touch([Tag::pages(), Tag::site(), Tag::posts()]);
        }
    }
    queries::set_page_path(tx, post.id, &own, &path, parent_id, details.menu_position).await
}
