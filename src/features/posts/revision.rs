//! One more revision of a post, and for a draft also its text, inside the transaction of [`super::save`], an import or the demo.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::address::{self, AddressError};
use super::byline;
use super::draft::Draft;
use super::model::{Kind, Status};
use super::queries::{self, Change, Found, PostRow};
use super::tagging;
use crate::access::{Actor, Denied};
use crate::db::audit::{self, Entry};
use crate::db::{DbError, Tx};
use crate::markdown::Rendered;
use crate::messages::{Message, text};
use crate::web::Error;

/// Why a text could not be saved as asked. What was typed is still in the caller's hands.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message().in_english())]
pub enum SaveError {
    /// Another save came after this text was loaded: `version` is its own.
    Changed {
        version: i32,
    },
    /// Neither title nor text can be seen, and it would be public.
    Empty,
    /// The post is not there, or the actor may not know that it is.
    NotFound,
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The post is of this kind, of which other fields of its form count.
    IsOfKind(Kind),
    NoSuchAuthor(String),
    #[error(transparent)]
    Address(AddressError),
    #[error(transparent)]
    Db(#[from] DbError),
}

impl SaveError {
    pub fn message(&self) -> Message {
        match self {
            SaveError::Changed { version } => text::posts_changed(version),
            SaveError::Empty => text::posts_nothing_to_publish(),
            SaveError::NotFound => text::posts_no_such_text(),
            SaveError::Denied(_) => text::errors_denied(),
            SaveError::IsOfKind(kind) => text::posts_is_of_kind(kind.as_str()),
            SaveError::NoSuchAuthor(username) => text::posts_no_such_author(username),
            SaveError::Address(refused) => refused.message(),
            SaveError::Db(_) => text::errors_internal(),
        }
    }
}

/// The database's faults are one kind, whatever it was asked for.
impl From<AddressError> for SaveError {
    fn from(error: AddressError) -> Self {
        match error {
            AddressError::Db(error) => SaveError::Db(error),
            refused => SaveError::Address(refused),
        }
    }
}

impl From<sqlx::Error> for SaveError {
    fn from(error: sqlx::Error) -> Self {
        SaveError::Db(error.into())
    }
}

/// For pages that have no form to come back with.
impl From<SaveError> for Error {
    fn from(error: SaveError) -> Self {
        match error {
            SaveError::Db(error) => error.into(),
            SaveError::NotFound => Error::NotFound,
            SaveError::Denied(denied) => denied.into(),
            other => Error::internal(other),
        }
    }
}

/// Makes the row of a new draft, or finds the one that an earlier save with this id made.
pub async fn create(
    tx: &mut Tx,
    id: Uuid,
    kind: Kind,
    owner_id: i64,
    actor: &Actor,
) -> Result<PostRow, DbError> {
    if let Some(post) = queries::insert_post(tx, id, kind, owner_id, actor.transaction_id()).await?
    {
        let entry = Entry {
            act: "post.create",
            object_kind: kind.as_str(),
            object_id: Some(id),
            ..Entry::default()
        };
        audit::record(tx, actor, entry).await?;
        return Ok(post);
    }
    queries::lock_post(tx, id)
        .await?
        .ok_or_else(|| DbError::Refused(sqlx::Error::RowNotFound))
}

/// A revision, and where it stands.
#[derive(Debug)]
pub struct Kept {
    pub version: i32,
    /// Where readers find the post (or will).
    pub path: String,
}

/// Saves `draft` over version `based_on` of a locked post.
pub async fn save(
    tx: &mut Tx,
    post: &PostRow,
    based_on: i32,
    draft: &Draft,
    rendered: &Rendered,
    actor: &Actor,
) -> Result<Kept, SaveError> {
    let found = queries::find(tx, post, draft).await?;
    let Some(version) = next_version(post, based_on, draft, &found)? else {
        return Ok(Kept {
            version: post.version,
            path: post.path(),
        });
    };
    let named = byline::look_up(tx, post, draft, actor).await?;
    let path = if post.status == Status::Draft {
        let step = Step {
            version,
            saves: true,
            publishes: None,
        };
        let path = apply(tx, post, (draft, rendered), &found, step, actor).await?;
        byline::write(tx, post, &named, actor).await?;
        path
    } else {
        queries::keep_revision(tx, post, version, draft, &found, actor).await?;
        post.path()
    };
    record(tx, post, draft, version, actor).await?;
    Ok(Kept { version, path })
}

/// The number that a save of `draft` gets. None: the same text sent twice (a double click, an answer that got lost, a
/// button pressed to be sure) is one save; it is so also where it began from an older version.
pub(super) fn next_version(
    post: &PostRow,
    based_on: i32,
    draft: &Draft,
    found: &Found,
) -> Result<Option<i32>, SaveError> {
    if found.newest.as_ref() == Some(draft) {
        return Ok(None);
    }
    if post.version != based_on {
        return Err(SaveError::Changed {
            version: post.version,
        });
    }
    Ok(Some(post.version + 1))
}

pub(super) async fn record(
    tx: &mut Tx,
    post: &PostRow,
    draft: &Draft,
    version: i32,
    actor: &Actor,
) -> Result<(), DbError> {
    let entry = Entry {
        act: "post.save",
        object_kind: post.kind.as_str(),
        object_id: Some(post.public_id),
        object: &draft.title,
        after: Some(json!({ "version": version })),
        ..Entry::default()
    };
    audit::record(tx, actor, entry).await
}

/// What a state is written for.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub version: i32,
    pub saves: bool,
    pub publishes: Option<Option<DateTime<Utc>>>,
}

/// Writes a state into the rows that readers' pages are made of, and gives its path; the names are [`byline::write`]'s.
pub(super) async fn apply(
    tx: &mut Tx,
    post: &PostRow,
    (draft, rendered): (&Draft, &Rendered),
    found: &Found,
    step: Step,
    actor: &Actor,
) -> Result<String, SaveError> {
    let address = address::choose(tx, post, draft, found).await?;
    let Step {
        version,
        saves,
        publishes,
    } = step;
    let tags = tagging::tags(tx, &draft.details.tags, &found.tags).await?;
    let change = Change {
        post,
        version,
        draft,
        rendered,
        address: &address,
        tags: &tags,
        saves,
        publishes,
    };
    queries::write(tx, &change, actor).await?;
    Ok(address.path(&post.owner))
}
