//! Publishing: the newest revision becomes what readers get. Taking it back.

use uuid::Uuid;

use super::model::Status;
use super::permission::editable;
use super::revision::SaveError;
use super::{draft, publication, queries};
use crate::access::Actor;
use crate::db::{Db, DbError};
use crate::messages::{Message, text};
use crate::web::Error;

#[derive(Clone, Copy, Debug)]
pub struct PublishRequest {
    pub id: Uuid,
    /// The version that the author looked at; `None` is the newest.
    pub shown: Option<i32>,
}

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message().in_english())]
pub enum PublishError {
    InTheTrash,
    NewerVersion,
    /// The renderer refuses the text, with this sentence.
    Unrenderable(Message),
    #[error(transparent)]
    Save(#[from] SaveError),
    /// No thread was free to render it.
    #[error(transparent)]
    Rendering(Error),
}

impl PublishError {
    pub fn message(&self) -> Message {
        match self {
            PublishError::InTheTrash => text::posts_in_the_trash(),
            PublishError::NewerVersion => text::posts_newer_version(),
            PublishError::Unrenderable(message) => message.clone(),
            PublishError::Save(refused) => refused.message(),
            PublishError::Rendering(error) => error.message(),
        }
    }
}

impl From<DbError> for PublishError {
    fn from(error: DbError) -> Self {
        PublishError::Save(error.into())
    }
}

/// Makes the newest revision public, and gives its path. Rendering comes before the transaction: a save that comes in
/// between is told of.
///
/// # Errors
///
/// Then nothing is changed.
pub async fn publish(
    db: &Db,
    actor: &Actor,
    request: PublishRequest,
) -> Result<String, PublishError> {
    let id = request.id;
    let newest = db
        .ask_fresh(async |conn| queries::newest_of(conn, id).await)
        .await?;
    let (version, draft) = newest.ok_or(SaveError::NotFound)?;
    let rendered = draft::render(&draft.markdown)
        .await
        .map_err(PublishError::Rendering)?;
    let mut tx = db.begin().await?;
    let locked = queries::lock_post(&mut tx, id).await?;
    let post = editable(locked, actor).ok_or(SaveError::NotFound)?;
    let rendered = rendered.map_err(PublishError::Unrenderable)?;
    if post.deleted_at.is_some() {
        return Err(PublishError::InTheTrash);
    }
    if post.version != request.shown.unwrap_or(version) || post.version != version {
        return Err(PublishError::NewerVersion);
    }
    if post.status == Status::Published && !post.has_unpublished_changes() {
        // A second click, or the Back button: it is out already.
        return Ok(post.path());
    }
    actor.joins(post.transaction_id);
    tx.belongs_to(actor);
    let path =
        publication::publish(&mut tx, &post, version, (&draft, &rendered), None, actor).await?;
    tx.commit().await?;
    Ok(path)
}

/// Takes a post back: it is a draft again, and its address answers 404. Whether readers could see it until then.
///
/// # Errors
///
/// Then nothing is changed.
pub async fn unpublish(db: &Db, actor: &Actor, id: Uuid) -> Result<bool, SaveError> {
    let mut tx = db.begin().await?;
    let locked = queries::lock_post(&mut tx, id).await?;
    let post = editable(locked, actor).ok_or(SaveError::NotFound)?;
    if post.status != Status::Published {
        return Ok(false);
    }
    actor.joins(post.transaction_id);
    tx.belongs_to(actor);
    let was_public = publication::unpublish(&mut tx, &post, actor).await?;
    tx.commit().await?;
    Ok(was_public)
}
