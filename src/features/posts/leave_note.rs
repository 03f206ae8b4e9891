//! Leaving a note on a text by a preview link, without an account.

use super::guest_note::{MOST_AN_HOUR, MOST_NOTES};
use super::queries::{self, Inserted, NewGuestNote, PostRow};
use super::record;
use super::save_error::SaveError;
use crate::access::Actor;
use crate::db::Db;

/// What became of a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// It waits for the authors; the same form sent twice leaves one.
    Sent,
    /// The link has as many as it can have.
    Full,
    /// It had as many within this hour.
    FullThisHour,
    /// The link was taken back, or its time is over.
    Closed,
}

/// Leaves a note on a post that the link shows. What allows it is the link, which is held while its notes are counted: not even notes
/// that are sent to two nodes at once go beyond its limits.
///
/// # Errors
///
/// Then nothing is changed.
pub async fn leave_note(
    db: &Db,
    actor: &Actor,
    post: &PostRow,
    note: &NewGuestNote<'_>,
) -> Result<Left, SaveError> {
    let mut tx = db.begin().await?;
    if !queries::lock_link(&mut tx, note.link).await? {
        return Ok(Left::Closed);
    }
    let limits = (MOST_NOTES, MOST_AN_HOUR);
    match queries::insert_guest_note(&mut tx, note, limits).await? {
        Inserted::Made => {}
        Inserted::Again => return Ok(Left::Sent),
        Inserted::Full => return Ok(Left::Full),
        Inserted::FullThisHour => return Ok(Left::FullThisHour),
    }
    tx.belongs_to(actor);
    record::record(&mut tx, post, "post.leave_note", actor).await?;
    tx.commit().await?;
    Ok(Left::Sent)
}
