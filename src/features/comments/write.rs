//! A new comment. Doors: the page under a post, demo, import.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::cache_tags;
use super::model::{MAX_DEPTH, State};
use super::queries::{self, PostRef};
use crate::access::Actor;
use crate::db::audit::{self, Entry};
use crate::db::{DbError, Tx, public_id};
use crate::features::posts::PostId;
use crate::messages::{Message, text};

/// Everything of a comment that is to be written. The caller has checked the policy and made the HTML with
/// [`super::render`].
#[derive(Clone, Debug)]
pub struct NewComment<'a> {
    /// A version 7 id made beforehand, so that sending a form twice writes one comment; `None` makes one.
    pub id: Option<Uuid>,
    pub post_id: PostId,
    pub post_public_id: Uuid,
    pub author_id: i64,
    /// Public id of the comment answered.
    pub parent: Option<Uuid>,
    pub markdown: &'a str,
    pub html: &'a str,
    pub state: State,
    /// What `state` was decided by: asked for again while the comment is written, since rendering took a moment. `None`:
    /// nothing decided.
    pub seen: Option<&'a PostRef>,
    /// When it counts as written; `None` is now.
    pub at: Option<DateTime<Utc>>,
}

/// A comment that stands as it was sent.
#[derive(Clone, Copy, Debug)]
pub struct Written {
    /// Its public id.
    pub id: Uuid,
    /// This call wrote it.
    pub is_new: bool,
}

/// Why a comment could not be written. The text is still in the caller's hands.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message().in_english())]
pub enum WriteError {
    NoSuchParent,
    TooDeep,
    /// The same form, or one of the same id, wrote another comment.
    SentBefore,
    /// The post, its policy or its authors are not what [`NewComment::seen`] says: ask for the post again and decide again.
    PostChanged,
    #[error(transparent)]
    Db(#[from] DbError),
}

impl WriteError {
    pub fn message(&self) -> Message {
        match self {
            WriteError::NoSuchParent => text::comments_no_such_parent(),
            WriteError::TooDeep => text::comments_too_deep(MAX_DEPTH),
            WriteError::SentBefore => text::comments_sent_before(),
            WriteError::PostChanged => text::comments_post_changed(),
            WriteError::Db(_) => text::errors_internal(),
        }
    }
}

/// Writes the comment, its audit row and the post's counter; says which it is. A second call
/// with the same id and the same content changes nothing; with the same id and other content it is refused.
pub async fn write(
    tx: &mut Tx,
    new: &NewComment<'_>,
    actor: &Actor,
) -> Result<Written, WriteError> {
    let id = new.id.unwrap_or_else(public_id);
    let placed = queries::insert(tx, id, new, actor.transaction_id()).await?;
    if !placed.stands {
        return Err(WriteError::PostChanged);
    }
    if placed.depth.ok_or(WriteError::NoSuchParent)? > MAX_DEPTH {
        return Err(WriteError::TooDeep);
    }
    if !placed.made {
        let same = queries::is_written(tx, id, new).await?;
        return if same {
            Ok(Written { id, is_new: false })
        } else {
            Err(WriteError::SentBefore)
        };
    }
    if new.state == State::Visible {
        cache_tags::invalidate_thread_and_count(tx, new.post_public_id);
    }
    let entry = Entry {
        act: "comment.create",
        object_kind: "comment",
        object_id: Some(id),
        after: Some(json!({ "state": new.state.as_str(), "post": new.post_public_id })),
        ..Entry::default()
    };
    audit::record(tx, actor, entry).await?;
    Ok(Written { id, is_new: true })
}
