//! Inviting people to sign up, and taking an invitation back.

use uuid::Uuid;

use super::queries::{self, NewInvitation, StandingInvitation};
use crate::access::{Action, Actor, Resource};
use crate::db::Db;
use crate::db::audit::{self, Entry};
use crate::web::{OrNotFound, Result};

/// What became of an invitation.
pub enum Invited {
    Made,
    /// An invitation of this id was made before; nothing where it is another account's.
    Before(Option<StandingInvitation>),
}

/// # Errors
///
/// Where the actor may not invite.
pub async fn invite(db: &Db, actor: &Actor, new: &NewInvitation<'_>) -> Result<Invited> {
    actor.require(Action::Invite, Resource::Nothing)?;
    let inviter = actor.account()?;
    let mut tx = db.begin().await?;
    if !queries::insert_invitation(&mut tx, inviter, new).await? {
        let standing = queries::standing_invitation(&mut tx, new).await?;
        return Ok(Invited::Before(standing));
    }
    let entry = Entry {
        act: "invitation.create",
        object_kind: "invitation",
        object_id: Some(new.id),
        object: new.note,
        ..Entry::default()
    };
    tx.belongs_to(actor);
    audit::record(&mut tx, actor, entry).await?;
    tx.commit().await?;
    Ok(Invited::Made)
}

/// Takes an invitation back. Once more changes nothing.
///
/// # Errors
///
/// Where there is none, or the actor may not invite.
pub async fn revoke(db: &Db, actor: &Actor, id: Uuid) -> Result<()> {
    actor.require(Action::Invite, Resource::Nothing)?;
    let mut tx = db.begin().await?;
    if !queries::revoke_invitation(&mut tx, id)
        .await?
        .or_not_found()?
    {
        return Ok(());
    }
    let entry = Entry {
        act: "invitation.revoke",
        object_kind: "invitation",
        object_id: Some(id),
        ..Entry::default()
    };
    tx.belongs_to(actor);
    audit::record(&mut tx, actor, entry).await?;
    Ok(tx.commit().await?)
}
