//! Giving an account another role.

use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::queries::{self, Member};
use crate::access::{Action, Actor, Resource, Role};
use crate::db::audit::{self, Entry};
use crate::db::{Db, DbError, Tx};
use crate::web::{OrNotFound, Result};

/// A role that was changed, for undoing it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RoleChanged {
    pub account: Uuid,
    from: String,
    to: String,
}

/// Gives the account `id` the role `to`, and ends its sessions: no old one carries the new role. None where the account has the
/// role already; then it keeps them.
///
/// # Errors
///
/// Where there is no such account, or the actor may not change its role so.
pub async fn change_role(
    db: &Db,
    actor: &Actor,
    id: Uuid,
    to: Role,
) -> Result<Option<RoleChanged>> {
    let mut tx = db.begin().await?;
    let (member, from) = member(&mut tx, id).await?;
    let change = Action::ChangeRole { from, to };
    actor.require(change, Resource::Person { id: member.id })?;
    if from == to {
        // A second click, or a form sent as it came.
        return Ok(None);
    }
    write(tx, actor, &member, (from, to)).await?;
    Ok(Some(RoleChanged {
        account: id,
        from: from.as_str().to_owned(),
        to: to.as_str().to_owned(),
    }))
}

/// Gives an account the role back that it had. False where it has another one by now than it was given.
///
/// # Errors
///
/// Where the actor may not do so, or no more.
pub async fn undo(db: &Db, actor: &Actor, done: &RoleChanged) -> Result<bool> {
    let (before, given) = (Role::from_column(&done.from), Role::from_column(&done.to));
    let mut tx = db.begin().await?;
    let (member, now) = member(&mut tx, done.account).await?;
    let change = Action::ChangeRole {
        from: now,
        to: before,
    };
    actor.require(change, Resource::Person { id: member.id })?;
    if now == given && now != before {
        write(tx, actor, &member, (now, before)).await?;
        return Ok(true);
    }
    Ok(now == before)
}

async fn member(tx: &mut Tx, id: Uuid) -> Result<(Member, Role)> {
    let member = queries::member(tx, id).await?.or_not_found()?;
    let role = Role::parse(&member.role).unwrap_or(Role::Owner);
    Ok((member, role))
}

async fn write(mut tx: Tx, actor: &Actor, member: &Member, (from, to): (Role, Role)) -> Result<()> {
    queries::set_role(&mut tx, member.id, to).await?;
    queries::revoke_other_sessions(&mut tx, member.id, 0).await?;
    tx.belongs_to(actor);
    record(&mut tx, actor, member, (from, to)).await?;
    Ok(tx.commit().await?)
}

async fn record(
    tx: &mut Tx,
    actor: &Actor,
    member: &Member,
    (from, to): (Role, Role),
) -> std::result::Result<(), DbError> {
    let entry = Entry {
        act: "person.change_role",
        object_kind: "user",
        object_id: Some(member.public_id),
        object: &member.username,
        before: Some(json!({ "role": from.as_str() })),
        after: Some(json!({ "role": to.as_str() })),
        ..Entry::default()
    };
    audit::record(tx, actor, entry).await
}
