//! Correcting a comment, by its author and for a short time.

use uuid::Uuid;

use super::address::address;
use super::change;
use super::permission::own;
use super::queries::{self, CommentRow};
use super::text::Checked;
use crate::access::{Action, Actor, can};
use crate::db::Db;
use crate::web::Result;

pub struct EditRequest<'a> {
    pub id: Uuid,
    /// The version that the text began from, where the form says so.
    pub based_on: Option<i32>,
    pub text: &'a Checked,
}

/// What became of a correction.
pub enum Edited {
    /// The comment has this text and stands at this address.
    Done(String),
    /// It can no longer be changed.
    Closed(Box<CommentRow>),
    /// It was changed elsewhere meanwhile.
    Changed(Box<CommentRow>),
}

/// # Errors
///
/// Where the comment is not the actor's own.
pub async fn edit(db: &Db, actor: &Actor, request: EditRequest<'_>) -> Result<Edited> {
    let mut tx = db.begin().await?;
    let comment = own(queries::lock_comment(&mut tx, request.id).await?, actor)?;
    if !can(actor, Action::EditComment, comment.object()) {
        return Ok(Edited::Closed(Box::new(comment)));
    }
    let text = request.text;
    if comment.markdown != text.markdown {
        let is_older = |version| version != comment.version;
        if request.based_on.is_some_and(is_older) {
            return Ok(Edited::Changed(Box::new(comment)));
        }
        actor.joins(Some(comment.transaction_id));
        tx.belongs_to(actor);
        change::edit(&mut tx, &comment, text, actor).await?;
    }
    let to = address(&mut tx, &comment).await?;
    tx.commit().await?;
    Ok(Edited::Done(to))
}
