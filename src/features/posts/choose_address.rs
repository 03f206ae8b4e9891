//! Which address a post or page gets, decided from what the database has found of those that were wanted. An old one leads to the
//! new one for ever.

use super::address::{Address, AddressError, TAKEN_BY_ROUTES, Wanted, id_slug, taken_by_site};
use super::cache_tags;
use super::draft::Draft;
use super::model::Kind;
use super::queries::{self, Found, PostRow};
use crate::db::Tx;

/// Chooses the address of a draft from what was found. Pages below a page that moves are moved along.
pub(super) async fn choose(
    tx: &mut Tx,
    post: &PostRow,
    draft: &Draft,
    found: &Found,
) -> Result<Address, AddressError> {
    match post.kind {
        Kind::Post => choose_slug(post, draft, found),
        Kind::Page => choose_path(tx, post, found).await,
    }
}

fn choose_slug(post: &PostRow, draft: &Draft, found: &Found) -> Result<Address, AddressError> {
    let slug = chosen_slug(post, draft, found)?;
    let former_slug = (slug != post.slug && post.published_at.is_some()).then(|| post.slug.clone());
    Ok(Address {
        slug,
        former_slug,
        ..Address::default()
    })
}

fn chosen_slug(post: &PostRow, draft: &Draft, found: &Found) -> Result<String, AddressError> {
    let slugs = &found.wanted.slugs;
    let free = slugs.iter().find(|slug| !found.taken.contains(slug));
    let free = free.cloned();
    let asked = &draft.details.slug;
    if TAKEN_BY_ROUTES.contains(&asked.as_str()) {
        Err(AddressError::Reserved(asked.clone()))
    } else if !asked.is_empty() {
        free.ok_or_else(|| AddressError::Taken(asked.clone()))
    } else if post.published_at.is_some() {
        // A new title does not move what is already linked.
        Ok(post.slug.clone())
    } else {
        Ok(free.unwrap_or_else(|| match slugs.first() {
            Some(base) => format!("{base}-{}", id_slug(post)),
            None => id_slug(post),
        }))
    }
}

async fn choose_path(tx: &mut Tx, post: &PostRow, found: &Found) -> Result<Address, AddressError> {
    let (path, own) = (&found.wanted.path, &found.wanted.own);
    let old = post.page_path.clone().unwrap_or_default();
    check_path(post, found, own, &old)?;
    if old != *path {
        move_below(tx, post, &old, path).await?;
    }
    Ok(Address {
        slug: own.clone(),
        page_path: Some(path.clone()),
        parent_id: found.parent_id,
        former_slug: None,
    })
}

/// `own`: the last part of the path. `old`: the path until now.
fn check_path(post: &PostRow, found: &Found, own: &str, old: &str) -> Result<(), AddressError> {
    let Wanted { parent, path, .. } = &found.wanted;
    // A page keeps the address that it had before the site took the word.
    if parent.is_empty() && taken_by_site(own) && old != *path {
        return Err(AddressError::Reserved(own.to_owned()));
    }
    check_parent(post, found, old)?;
    if length(path) > 400 || path.matches('/').count() > 4 {
        return Err(AddressError::TooDeep);
    }
    if found.path_taken {
        return Err(AddressError::Taken(path.clone()));
    }
    Ok(())
}

/// A page stands under one that is there, and not under itself.
fn check_parent(post: &PostRow, found: &Found, old: &str) -> Result<(), AddressError> {
    let parent = &found.wanted.parent;
    if parent.is_empty() {
        return Ok(());
    }
    let parent_id = found
        .parent_id
        .ok_or_else(|| AddressError::NoSuchParent(parent.clone()))?;
    if parent_id == post.id || parent.starts_with(&format!("{old}/")) {
        return Err(AddressError::UnderItself);
    }
    Ok(())
}

/// Moves the pages below along, each leaving a redirect.
async fn move_below(tx: &mut Tx, post: &PostRow, old: &str, new: &str) -> Result<(), AddressError> {
    let (longest, depth) = queries::deepest_below(tx, old).await?;
    if longest + length(new) > 400 + length(old)
        || depth + new.matches('/').count() > 4 + old.matches('/').count()
    {
        return Err(AddressError::TooDeep);
    }
    if queries::move_pages(tx, post.id, old, new).await? > 0 {
        // Some of them may be public although this one is not.
        cache_tags::invalidate_pages(tx);
    }
    Ok(())
}

/// In characters, as authors count; rare letters of four bytes count for more, so that no address grows too long for
/// requests, in which each byte takes three characters.
fn length(path: &str) -> usize {
    path.chars().count().max(path.len().div_ceil(3))
}
