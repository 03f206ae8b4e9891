//! Commenting: what was written under a post is stored as the post's policy wants it.

use uuid::Uuid;

use super::address::{address, new_address};
use super::model::{State, Trust, first_state};
use super::queries::{self, PostRef};
use super::text::Checked;
use super::write::{self, NewComment, WriteError, Written};
use crate::access::{Action, Actor, Resource, can};
use crate::db::{Db, Tx};
use crate::messages::text;
use crate::web::{Error, OrNotFound, Result};

/// A post, and what would become of a comment by this actor under it.
pub struct Target {
    pub post: PostRef,
    /// `None`: closed.
    pub state: Option<State>,
}

/// Judges a post that was asked for with this actor as the author.
///
/// # Errors
///
/// Where there is no such post for readers, or the actor may not comment.
pub fn target(actor: &Actor, post: Option<PostRef>) -> Result<Target> {
    actor.require(Action::Comment, Resource::Nothing)?;
    let post = post.or_not_found()?;
    let own = Resource::Comment {
        author: actor.account()?,
        post_authors: &post.author_ids,
        open: false,
    };
    let trust = Trust {
        moderates: can(actor, Action::ModerateComment, own),
        known: post.knows_author,
    };
    Ok(Target {
        state: first_state(post.policy, trust),
        post,
    })
}

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
    let author_id = actor.account()?;
    let mut tx = db.begin().await?;
    tx.belongs_to(actor);
    let mut again = None;
    for _ in 0..TRIES {
        let Target { post, state } = again.as_ref().unwrap_or(seen);
        let new = NewComment {
            id: Some(request.id),
            post_id: post.id,
            post_public_id: post.public_id,
            author_id,
            parent: request.parent,
            markdown: &request.text.markdown,
            html: &request.text.html,
            state: state.ok_or_else(|| Error::Forbidden(text::comments_closed()))?,
            seen: Some(post),
            at: None,
        };
        match write::write(&mut tx, &new, actor).await {
            Ok(written) => {
                let to = written_address(&mut tx, &new, post, written).await?;
                tx.commit().await?;
                return Ok(Ok(to));
            }
            Err(WriteError::PostChanged) => {
                let (author, slug) = request.path;
                let post = queries::post(&mut tx, author, slug, author_id).await?;
                again = Some(target(actor, post)?);
            }
            Err(WriteError::Db(error)) => return Err(error.into()),
            Err(refused) => return Ok(Err(refused)),
        }
    }
    Ok(Err(WriteError::PostChanged))
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
