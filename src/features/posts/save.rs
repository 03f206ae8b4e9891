//! Saving: one more revision, and for a draft also its text. Doors: editor, import, demo.

use serde_json::json;
use uuid::Uuid;

use super::address::{self, AddressError};
use super::byline;
use super::draft::Draft;
use super::model::{Kind, Status};
use super::queries::{self, PostRow};
use crate::db::audit::{self, Entry, Origin};
use crate::db::{DbError, Tx};
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
    // The same text sent twice (a double click, an answer that got lost, a button pressed to be sure) is one
    // save; it is so also where it began from an older version.
    if queries::newest_revision(tx, post.id).await?.is_some_and(|newest| newest == *draft) {
        return Ok(post.version);
    }
    if post.version != based_on {
        return Err(SaveError::Changed { version: post.version });
    }
    let named = byline::look_up(tx, post, draft, origin).await?;
    let version = queries::insert_revision(tx, post.id, draft, origin).await?;
    queries::begin_change(tx, post.id, version, origin.transaction_id).await?;
    if post.status == Status::Draft {
        apply(tx, post, draft, rendered, version).await?;
        byline::write(tx, post, &named, origin).await?;
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

/// Writes a state into the rows that readers' pages are made of; the names are [`byline::write`]'s.
pub(super) async fn apply(
    tx: &mut Tx,
    post: &PostRow,
    draft: &Draft,
    rendered: &Rendered,
    version: i32,
) -> Result<(), SaveError> {
    address::assign(tx, post, draft).await?;
    queries::write_post(tx, post.id, draft, rendered).await?;
    queries::write_body(tx, post.id, draft, rendered, version).await?;
    queries::set_tags(tx, post.id, &draft.details.tags).await?;
    Ok(())
}
