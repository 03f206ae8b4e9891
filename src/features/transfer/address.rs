//! Which address a document gets where the one it asks for is taken: that of its language, then of the folder it lies in,
//! then a number. An address that a former import gave stays.

use std::collections::HashSet;

use crate::db::{Result, Tx};
use crate::features::posts::queries::{self as posts, PostRow};
use crate::features::posts::{Kind, page_path, post_path, taken_by_site};
use crate::import::Document;
use crate::markdown;

/// Tried before the document is left without a name of its own.
const NUMBERS: std::ops::RangeInclusive<u32> = 2..=1000;

/// What a dry run has given out. It takes each document back at once, so the database does not know, and the next document
/// of the same name would seem to get the same address.
#[derive(Default)]
pub struct GivenOut {
    pub addresses: HashSet<String>,
    pub redirects: HashSet<String>,
}

impl GivenOut {
    pub fn add(&mut self, address: &str, redirects: &[String]) {
        self.addresses.insert(address.to_owned());
        self.redirects.extend(redirects.iter().cloned());
    }

    /// Whether an address is given out to a post of a person.
    pub fn has_post(&self, username: &str, slug: &str) -> bool {
        !self.addresses.is_empty() && self.addresses.contains(&post_path(username, slug))
    }

    pub fn remove(&mut self, address: &str, redirects: &[String]) {
        self.addresses.remove(address);
        redirects.iter().for_each(|path| {
            self.redirects.remove(path);
        });
    }
}

/// A slug that is free for this post, the one wanted if it can be had; empty where none is found.
pub async fn free_slug(
    tx: &mut Tx,
    post: &PostRow,
    document: &Document,
    wanted: &str,
    given: &GivenOut,
    warnings: &mut Vec<String>,
) -> Result<String> {
    if post.version > 0 && candidates(wanted, document).any(|slug| slug == current(post)) {
        return Ok(current(post).to_owned());
    }
    for slug in candidates(wanted, document) {
        if !is_free(tx, post, &slug, given).await? {
            continue;
        }
        if slug != wanted {
            warnings.push(format!(
                "the address “{wanted}” was taken: it became “{slug}”"
            ));
        }
        return Ok(slug);
    }
    Ok(String::new())
}

/// The part of the address that a slug is.
fn current(post: &PostRow) -> &str {
    post.page_path.as_deref().unwrap_or(&post.slug)
}

/// The slugs that would do, the best first.
fn candidates(wanted: &str, document: &Document) -> impl Iterator<Item = String> {
    let language = document
        .language
        .as_deref()
        .map(markdown::slug)
        .unwrap_or_default();
    let folder = markdown::slug(folder_of(&document.path));
    let is_other = !folder.is_empty() && folder != language && folder != wanted;
    let in_folder = is_other.then(|| format!("{folder}-{wanted}"));
    let in_language = (!language.is_empty()).then(|| format!("{wanted}-{language}"));
    let wanted = wanted.to_owned();
    std::iter::once(wanted.clone())
        .chain(in_language)
        .chain(in_folder)
        .chain(NUMBERS.map(move |number| format!("{wanted}-{number}")))
}

/// The name of the folder that a document lies in, without that of its bundle: `guide` of `content/guide/faq/index.md`.
fn folder_of(path: &str) -> &str {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    let is_bundle = path
        .rsplit('/')
        .next()
        .is_some_and(|name| name.starts_with("index."));
    let folders = if is_bundle {
        folders.rsplit_once('/').map_or("", |(folders, _)| folders)
    } else {
        folders
    };
    folders.rsplit('/').next().unwrap_or_default()
}

async fn is_free(tx: &mut Tx, post: &PostRow, slug: &str, given: &GivenOut) -> Result<bool> {
    let (address, is_taken) = match post.kind {
        Kind::Page => (
            page_path(slug),
            taken_by_site(slug) || posts::path_taken(tx, slug, post.id).await?,
        ),
        Kind::Post => (
            post_path(&post.owner, slug),
            posts::slug_taken(tx, post.owner_id, slug, post.id).await?,
        ),
    };
    Ok(!is_taken && !given.addresses.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_those_of_the_document() {
        for (path, folder) in [
            ("content/guide/faq.md", "guide"),
            ("content/guide/faq/index.md", "guide"),
            ("content/guide/faq/index.fr.md", "guide"),
            ("faq.md", ""),
            ("faq/index.md", ""),
        ] {
            assert_eq!(folder_of(path), folder, "{path}");
        }
    }
}
