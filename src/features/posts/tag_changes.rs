//! Another name or address for a tag. Every address that a tag had goes on leading
//! to it, and the ids of its feeds stay, so that readers who subscribed see no post twice.

use serde_json::json;

use super::cache_tags::{self, List};
use super::queries::{self, TagRow};
use super::tag_name::{TagName, key_of};
use super::tagging;
use crate::access::{Action, Actor, Denied, Resource};
use crate::db::audit::{self, Entry};
use crate::db::{Db, DbError, Result, Tx};
use crate::features::site;
use crate::messages::{Message, text};
use crate::web::Error;

/// Above it everything is invalidated at once.
const POSTS_INVALIDATED: i64 = 500;

/// Why a tag was not renamed.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message().in_english())]
pub enum RenameError {
    /// There is no such tag, and none that left this address for the one that is asked for.
    NotFound,
    #[error(transparent)]
    Denied(#[from] Denied),
    NameTaken(String),
    AddressTaken(String),
    #[error(transparent)]
    Db(#[from] DbError),
}

impl RenameError {
    pub fn message(&self) -> Message {
        match self {
            RenameError::NameTaken(name) => text::posts_tag_name_taken(name),
            RenameError::AddressTaken(address) => text::posts_tag_address_taken(address),
            RenameError::Denied(_) => text::errors_denied(),
            RenameError::NotFound | RenameError::Db(_) => text::errors_internal(),
        }
    }
}

/// For pages that have no form to come back with.
impl From<RenameError> for Error {
    fn from(error: RenameError) -> Self {
        match error {
            RenameError::NotFound => Error::NotFound,
            RenameError::Denied(denied) => denied.into(),
            RenameError::Db(error) => error.into(),
            other => Error::internal(other),
        }
    }
}

/// What a tag is to be called and where it is to stand.
pub struct Renaming {
    pub name: TagName,
    /// `None`: it stays where it is.
    pub slug: Option<String>,
    /// The former name may become a tag of its own, instead of meaning this one.
    pub frees_name: bool,
}

/// Gives the tag at `slug` another name, another address, or both; gives its address. Once more changes nothing, although the tag
/// stands elsewhere by then.
///
/// # Errors
///
/// Then nothing is changed.
pub async fn rename(
    db: &Db,
    actor: &Actor,
    slug: &str,
    new: &Renaming,
) -> std::result::Result<String, RenameError> {
    actor.require(Action::ManageSite, Resource::Nothing)?;
    let mut tx = db.begin().await?;
    let Some(tag) = queries::lock_tags(&mut tx, &[slug.to_owned()]).await?.pop() else {
        return renamed_before(&mut tx, slug, new).await;
    };
    let to = new.slug.clone().unwrap_or_else(|| tag.slug.clone());
    tx.belongs_to(actor);
    if tag.name != new.name.name || tag.slug != to {
        change(&mut tx, &tag, new, &to).await?;
        record(&mut tx, actor, &tag, (new, &to)).await?;
    }
    tx.commit().await?;
    Ok(to)
}

async fn record(
    tx: &mut Tx,
    actor: &Actor,
    tag: &TagRow,
    (new, to): (&Renaming, &str),
) -> Result<()> {
    let entry = Entry {
        act: "tag.rename",
        object_kind: "tag",
        object: &new.name.name,
        before: Some(json!({ "name": tag.name, "slug": tag.slug })),
        after: Some(json!({ "name": new.name.name, "slug": to })),
        ..Entry::default()
    };
    audit::record(tx, actor, entry).await
}

/// The tag has left this address: found only where it is what is asked for.
async fn renamed_before(
    tx: &mut Tx,
    slug: &str,
    new: &Renaming,
) -> std::result::Result<String, RenameError> {
    let tag = queries::tag_of_former(tx, slug).await?;
    let is_it = |tag: &TagRow| {
        new.name.name == tag.name && new.slug.as_ref().is_none_or(|slug| *slug == tag.slug)
    };
    let tag = tag.filter(is_it).ok_or(RenameError::NotFound)?;
    Ok(tag.slug)
}

async fn change(
    tx: &mut Tx,
    tag: &TagRow,
    new: &Renaming,
    slug: &str,
) -> std::result::Result<(), RenameError> {
    let key = new.name.key();
    invalidate(tx, tag).await?;
    take_name(tx, tag, new, &key).await?;
    queries::set_tag_name(tx, tag.id, &new.name.name, &key).await?;
    if slug != tag.slug {
        take_address(tx, tag, slug).await?;
        cache_tags::invalidate_topic(tx, slug);
    }
    if key != key_of(&tag.name) && !new.frees_name {
        keep_name(tx, tag).await?;
    }
    Ok(())
}

async fn take_name(
    tx: &mut Tx,
    tag: &TagRow,
    new: &Renaming,
    key: &str,
) -> std::result::Result<(), RenameError> {
    let found = queries::find_tags(tx, std::slice::from_ref(&new.name)).await?;
    match found.iter().find(|found| {
        found.key.as_deref() == Some(key) || found.key.is_none() && key_of(&found.name) == key
    }) {
        Some(other) if other.id != tag.id => Err(RenameError::NameTaken(other.name.clone())),
        // It had this name before.
        Some(_) => Ok(queries::forget_former_name(tx, tag.id, key).await?),
        None => Ok(()),
    }
}

/// The address that it leaves goes on leading there; one that it had before changes places with it.
async fn take_address(
    tx: &mut Tx,
    tag: &TagRow,
    slug: &str,
) -> std::result::Result<(), RenameError> {
    match queries::tag_row(tx, slug).await? {
        None => Ok(queries::move_tag(tx, tag.id, slug).await?),
        Some(former) if former.leads_to == Some(tag.id) => {
            Ok(queries::swap_addresses(tx, tag.id, former.id).await?)
        }
        Some(_) => Err(RenameError::AddressTaken(slug.to_owned())),
    }
}

/// Whatever is typed with the former name, or was before, means the tag.
async fn keep_name(tx: &mut Tx, tag: &TagRow) -> Result<()> {
    if queries::name_former_address(tx, tag.id, &tag.name, &key_of(&tag.name)).await? {
        return Ok(());
    }
    if let Ok(name) = TagName::parse(&tag.name) {
        for made in tagging::tags(tx, &[name], &[]).await? {
            queries::lead_on(tx, made.id, tag.id).await?;
        }
    }
    Ok(())
}

/// Everything that shows a tag: its lists, and the posts that name it.
pub(super) async fn invalidate(tx: &mut Tx, tag: &TagRow) -> Result<()> {
    let posts = queries::posts_tagged(tx, tag.id, POSTS_INVALIDATED + 1).await?;
    cache_tags::invalidate_topic(tx, &tag.slug);
    tx.invalidate([List::Site.whole(), List::Site.older()]);
    if posts.len() as i64 > POSTS_INVALIDATED {
        site::cache_tags::invalidate(tx);
    } else {
        tx.invalidate(posts.into_iter().map(cache_tags::post));
    }
    Ok(())
}
