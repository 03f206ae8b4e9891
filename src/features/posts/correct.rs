//! Correcting: the newest version takes the place of one that said something wrong, and readers are told so, below the post and
//! in the list of its authors' corrections.

use super::model::{Kind, Label, Status};
use super::publish::{self, Prepared, PublishError, PublishRequest, Published, prepare_to_publish};
use super::queries;
use crate::access::Actor;
use crate::db::Db;

/// Most characters of a remark.
pub const MOST_REMARK: usize = 500;

/// What readers are told.
#[derive(Clone, Copy)]
pub struct Correction<'a> {
    /// What was wrong, in a sentence.
    pub remark: &'a str,
    /// They can compare what it said with what it says.
    pub shows_difference: bool,
}

/// Makes the newest revision of a public post public as a correction.
///
/// # Errors
///
/// Then nothing is changed. Where readers have that revision already, or have none.
pub async fn correct(
    db: &Db,
    actor: &Actor,
    request: PublishRequest,
    correction: Correction<'_>,
) -> Result<Published, PublishError> {
    let Prepared {
        mut tx,
        post,
        version,
        draft,
        rendered,
    } = prepare_to_publish(db, actor, request).await?;
    let is_correctable = post.kind == Kind::Post && post.status == Status::Published;
    if !is_correctable || !post.has_unpublished_changes() {
        return Err(PublishError::NothingToCorrect);
    }
    actor.joins(post.transaction_id);
    tx.belongs_to(actor);
    let versions = (version, post.public_version);
    let Correction {
        remark,
        shows_difference,
    } = correction;
    queries::insert_correction(&mut tx, post.id, versions, remark, shows_difference).await?;
    let (step, text) = ((version, Label::Correction), (&draft, &rendered));
    let path = publish::update(&mut tx, &post, step, text, actor).await?;
    tx.commit().await?;
    Ok(Published {
        path,
        is_update: true,
    })
}
