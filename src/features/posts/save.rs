//! Saving: one more revision, and for a draft also its text. Doors: editor, import, demo.

use serde_json::json;
use uuid::Uuid;

use super::address::{self, AddressError};
use super::draft::Draft;
use super::model::{Kind, PostId, Status};
use super::queries::{self, PostRow};
use crate::db::audit::{self, Entry, Origin};
use crate::db::{DbError, Tx};
use crate::features::accounts;
use crate::markdown::Rendered;

/// Why a text could not be saved as asked. What was typed is still in the caller's hands.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Somebody saved after this text was loaded: `version` is theirs.
    #[error("This was saved elsewhere in the meantime (version {version}).")]
    Changed { version: i32 },
    #[error("“{0}” is not an author here.")]
    NoSuchAuthor(String),
    #[error(transparent)]
    Address(#[from] AddressError),
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sqlx::Error> for SaveError {
    fn from(error: sqlx::Error) -> Self {
        SaveError::Db(error.into())
    }
}

/// Makes the row of a new draft, or finds the one that an earlier save with this id made.
pub async fn create(tx: &mut Tx, id: Uuid, kind: Kind, owner_id: i64, origin: &Origin) -> Result<PostRow, DbError> {
    let made = queries::insert_post(tx, id, kind, owner_id, origin.transaction_id).await?;
    if made {
        let entry = Entry { act: "post.create", object_kind: kind.as_str(), object_id: Some(id), ..Entry::default() };
        audit::record(tx, origin, entry).await?;
    }
    queries::lock_post(tx, id)
        .await?
        .ok_or_else(|| DbError::Refused(sqlx::Error::RowNotFound))
}

/// Saves `draft` over version `based_on` of a locked post; gives the new version.
pub async fn save(
    tx: &mut Tx,
    post: &PostRow,
    based_on: i32,
    draft: &Draft,
    rendered: &Rendered,
    origin: &Origin,
) -> Result<i32, SaveError> {
    if post.version != based_on {
        return Err(SaveError::Changed { version: post.version });
    }
    let authors = author_ids(tx, post, draft).await?;
    let version = queries::insert_revision(tx, post.id, draft, origin).await?;
    queries::begin_change(tx, post.id, version, origin.transaction_id).await?;
    if post.status == Status::Draft {
        apply(tx, post, draft, rendered, version, &authors).await?;
    }
    let entry = Entry {
        act: "post.save",
        object_kind: post.kind.as_str(),
        object_id: Some(post.public_id),
        object: &draft.title,
        after: Some(json!({ "version": version })),
        ..Entry::default()
    };
    audit::record(tx, origin, entry).await?;
    Ok(version)
}

/// Writes a state into the rows that readers' pages are made of.
pub(super) async fn apply(
    tx: &mut Tx,
    post: &PostRow,
    draft: &Draft,
    rendered: &Rendered,
    version: i32,
    authors: &[i64],
) -> Result<(), SaveError> {
    address::assign(tx, post, draft).await?;
    queries::write_post(tx, post.id, draft, rendered).await?;
    queries::write_body(tx, post.id, draft, rendered, version).await?;
    queries::set_authors(tx, post.id, authors).await?;
    queries::set_tags(tx, post.id, &draft.details.tags).await?;
    Ok(())
}

/// Keys of the authors, the owner always among them.
pub(super) async fn author_ids(tx: &mut Tx, post: &PostRow, draft: &Draft) -> Result<Vec<PostId>, SaveError> {
    let named = &draft.details.authors;
    let found = accounts::people_by_usernames(tx, named).await?;
    if let Some(missing) = named.iter().find(|n| !found.iter().any(|(_, username)| same_handle(username, n))) {
        return Err(SaveError::NoSuchAuthor(missing.clone()));
    }
    let mut ids: Vec<i64> = found.into_iter().map(|(id, _)| id).collect();
    if !ids.contains(&post.owner_id) {
        ids.insert(0, post.owner_id);
    }
    Ok(ids)
}

fn same_handle(a: &str, b: &str) -> bool {
    accounts::key_of(a) == accounts::key_of(b)
}
