//! Commenting: what was written under a post is stored as the post's policy wants it ([`create`]). The demo, whose comments no
//! policy judges, [`write()`]s its own in one transaction.

use serde_json::json;
use uuid::Uuid;

use super::address::{address, new_address};
use super::cache_tags;
use super::model::{MAX_DEPTH, State};
use super::queries::{self, Inserted, NewComment, PostRef};
use super::target::{Target, target};
use super::text::Checked;
use crate::access::{Action, Actor, Resource};
use crate::db::audit::{self, Entry};
use crate::db::{Db, DbError, Tx, public_id};
use crate::messages::{Message, text};
use crate::web::{Error, OrNotFound, Result};

pub struct CommentRequest<'a> {
    /// Made when the form was shown: sent twice, it writes one comment.
    pub id: Uuid,
    /// Handle and slug of the post, as it was asked for.
    pub path: &'a (String, String),
    /// Public id of the comment answered.
    pub parent: Option<Uuid>,
    pub text: &'a Checked,
}

/// How often a comment is tried whose post changes in the same moment.
const TRIES: usize = 3;

/// Writes the comment; gives the address where it stands. The statement that writes asks again for the post and its policy,
/// as they were `seen` before rendering.
///
/// # Errors
///
/// The outer one is for a page without the form, the inner one goes beside it.
pub async fn create(
    db: &Db,
    actor: &Actor,
    request: CommentRequest<'_>,
    seen: &Target,
) -> Result<std::result::Result<String, WriteError>> {
    actor.require(Action::Comment, Resource::Nothing)?;
    let mut tx = db.begin().await?;
    tx.belongs_to(actor);
    let written = write_as_post_stands(&mut tx, actor, &request, seen).await?;
    if written.is_ok() {
        tx.commit().await?;
    }
    Ok(written)
}

/// Decides again by the post as it is now, where it changes in the same moment.
async fn write_as_post_stands(
    tx: &mut Tx,
    actor: &Actor,
    request: &CommentRequest<'_>,
    seen: &Target,
) -> Result<std::result::Result<String, WriteError>> {
    let mut again = None;
    for _ in 0..TRIES {
        match write_under(tx, actor, request, again.as_ref().unwrap_or(seen)).await? {
            Err(WriteError::PostChanged) => {
                let (author, slug) = request.path;
                let post = queries::post(tx, author, slug, actor.account()?).await?;
                again = Some(target(actor, post)?);
            }
            decided => return Ok(decided),
        }
    }
    Ok(Err(WriteError::PostChanged))
}

async fn write_under(
    tx: &mut Tx,
    actor: &Actor,
    request: &CommentRequest<'_>,
    target: &Target,
) -> Result<std::result::Result<String, WriteError>> {
    let new = request.comment(actor.account()?, target)?;
    match write(tx, &new, actor).await {
        Ok(written) => Ok(Ok(written_address(tx, &new, &target.post, written).await?)),
        Err(WriteError::Db(error)) => Err(error.into()),
        Err(refused) => Ok(Err(refused)),
    }
}

impl CommentRequest<'_> {
    fn comment<'a>(&'a self, author_id: i64, target: &'a Target) -> Result<NewComment<'a>> {
        let Target { post, state } = target;
        Ok(NewComment {
            id: Some(self.id),
            post_id: post.id,
            post_public_id: post.public_id,
            author_id,
            parent: self.parent,
            markdown: &self.text.markdown,
            html: &self.text.html,
            typography: &self.text.typography,
            state: state.ok_or_else(|| Error::Forbidden(text::comments_closed()))?,
            seen: Some(post),
            at: None,
        })
    }
}

async fn written_address(
    tx: &mut Tx,
    new: &NewComment<'_>,
    post: &PostRef,
    written: Written,
) -> Result<String> {
    if written.is_new {
        return Ok(new_address(tx, post, new.state, written.id).await?);
    }
    // Whatever became of it since.
    let comment = queries::comment(tx, written.id).await?.or_not_found()?;
    Ok(address(tx, &comment).await?)
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
) -> std::result::Result<Written, WriteError> {
    let id = new.id.unwrap_or_else(public_id);
    let placed = queries::insert(tx, id, new, actor.transaction_id()).await?;
    placed.check()?;
    if !placed.made {
        return sent_before(tx, id, new).await;
    }
    if new.state == State::Visible {
        cache_tags::invalidate_thread_and_count(tx, new.post_public_id);
    }
    record(tx, actor, id, new).await?;
    Ok(Written { id, is_new: true })
}

impl Inserted {
    /// Whether there is a place for the comment, under a post that is as it was seen.
    fn check(&self) -> std::result::Result<(), WriteError> {
        if !self.stands {
            return Err(WriteError::PostChanged);
        }
        if self.depth.ok_or(WriteError::NoSuchParent)? > MAX_DEPTH {
            return Err(WriteError::TooDeep);
        }
        Ok(())
    }
}

async fn sent_before(
    tx: &mut Tx,
    id: Uuid,
    new: &NewComment<'_>,
) -> std::result::Result<Written, WriteError> {
    if queries::is_written(tx, id, new).await? {
        Ok(Written { id, is_new: false })
    } else {
        Err(WriteError::SentBefore)
    }
}

async fn record(
    tx: &mut Tx,
    actor: &Actor,
    id: Uuid,
    new: &NewComment<'_>,
) -> std::result::Result<(), DbError> {
    let entry = Entry {
        act: "comment.create",
        object_kind: "comment",
        object_id: Some(id),
        after: Some(json!({ "state": new.state.as_str(), "post": new.post_public_id })),
        ..Entry::default()
    };
    audit::record(tx, actor, entry).await
}
