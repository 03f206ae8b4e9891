//! Unpublishing: a post is a draft again, and readers get it no longer ([`unpublish`], the whole act).

use uuid::Uuid;

use super::model::Status;
use super::permission::editable;
use super::queries;
use super::save_error::SaveError;
use super::{listing, trash};
use crate::access::Actor;
use crate::db::Db;

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
    let was_public = listing::take_down(&mut tx, &post).await?;
    queries::mark_unpublished(&mut tx, post.id).await?;
    trash::record(&mut tx, &post, "post.unpublish", actor).await?;
    tx.commit().await?;
    Ok(was_public)
}
