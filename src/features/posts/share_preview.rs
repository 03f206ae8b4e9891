//! Sharing a text before it is public: a link lets its holder read the newest saved version, until it ends, is taken back, or the
//! text is public at an address of its own.

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::permission::editable;
use super::save_error::SaveError;
use super::{queries, record};
use crate::access::Actor;
use crate::db::{Db, public_id};

/// Links of one text that hold at a time.
pub const MOST_LINKS: i64 = 20;

/// Bytes of a token: too many to guess.
const TOKEN_BYTES: usize = 16;

/// What a link is to give.
#[derive(Clone, Copy, Debug)]
pub struct ShareRequest {
    /// For how many it holds.
    pub days: i32,
    /// Its holders can leave notes on the text.
    pub allows_notes: bool,
}

/// Makes a link, and gives its token, which is kept nowhere. None where there are [`MOST_LINKS`].
///
/// # Errors
///
/// Then nothing is changed.
pub async fn share_preview(
    db: &Db,
    actor: &Actor,
    id: Uuid,
    request: ShareRequest,
) -> Result<Option<String>, SaveError> {
    let mut tx = db.begin().await?;
    // Held, so that two who share at once keep to the limit.
    let locked = queries::lock_post(&mut tx, id).await?;
    let post = editable(locked, actor).ok_or(SaveError::NotFound)?;
    if post.is_template {
        return Err(SaveError::NotFound);
    }
    let account = actor.account()?;
    let token = token();
    let link = queries::NewPreviewLink {
        public_id: public_id(),
        post: post.id,
        token_hash: &hash(&token),
        account,
        days: request.days,
        allows_notes: request.allows_notes,
    };
    if !queries::insert_preview_link(&mut tx, &link, MOST_LINKS).await? {
        return Ok(None);
    }
    tx.belongs_to(actor);
    record::record(&mut tx, &post, "post.share_preview", actor).await?;
    tx.commit().await?;
    Ok(Some(token))
}

#[expect(
    clippy::disallowed_methods,
    reason = "no jitter: this generator is fit for secrets"
)]
fn token() -> String {
    BASE64URL_NOPAD.encode(&rand::random::<[u8; TOKEN_BYTES]>())
}

/// As it is kept.
pub fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// What becomes of the notes that were left by a link which is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItsNotes {
    /// The authors keep them, guests see none any more.
    Kept,
    Deleted,
}

/// Takes a link back. Once more changes nothing, but for notes that are to be deleted now.
///
/// # Errors
///
/// Where there is none, or the actor may not edit the text.
pub async fn revoke_preview(
    db: &Db,
    actor: &Actor,
    id: Uuid,
    (link, its_notes): (Uuid, ItsNotes),
) -> Result<(), SaveError> {
    let mut tx = db.begin().await?;
    let locked = queries::lock_post(&mut tx, id).await?;
    let post = editable(locked, actor).ok_or(SaveError::NotFound)?;
    if !queries::revoke_preview_link(&mut tx, post.id, link).await? {
        return Err(SaveError::NotFound);
    }
    tx.belongs_to(actor);
    if its_notes == ItsNotes::Deleted {
        queries::delete_notes_of(&mut tx, post.id, link).await?;
        record::record(&mut tx, &post, "post.delete_guest_notes", actor).await?;
    }
    record::record(&mut tx, &post, "post.revoke_preview", actor).await?;
    tx.commit().await?;
    Ok(())
}
