//! What an author does with a guest's note where the text stays as it is: done with it, dismissing it, and letting it wait again.

use uuid::Uuid;

use super::permission::editable;
use super::save_error::SaveError;
use super::{queries, record};
use crate::access::Actor;
use crate::db::Db;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settle {
    /// It was taken up, by hand where it is an edit.
    Done,
    Dismiss,
    /// It waits again, whichever it was.
    Reopen,
}

/// Does it.
///
/// # Errors
///
/// Where the post has no such note in a state for it, or the actor may not edit the post. Then nothing is changed.
pub async fn settle_note(
    db: &Db,
    actor: &Actor,
    id: Uuid,
    note: Uuid,
    settle: Settle,
) -> Result<(), SaveError> {
    let mut tx = db.begin().await?;
    let locked = queries::lock_post(&mut tx, id).await?;
    let post = editable(locked, actor).ok_or(SaveError::NotFound)?;
    let (of_post, account) = ((post.id, note), actor.account()?);
    let is_done = match settle {
        Settle::Done => queries::accept_note(&mut tx, of_post, None, account).await?,
        Settle::Dismiss => queries::dismiss_note(&mut tx, of_post, account).await?,
        Settle::Reopen => queries::reopen_note(&mut tx, of_post).await?,
    };
    if !is_done {
        return Err(SaveError::NotFound);
    }
    tx.belongs_to(actor);
    let act = match settle {
        Settle::Done => "post.accept_note",
        Settle::Dismiss => "post.dismiss_note",
        Settle::Reopen => "post.reopen_note",
    };
    record::record(&mut tx, &post, act, actor).await?;
    tx.commit().await?;
    Ok(())
}
