//! Giving an account another role.

use serde_json::json;
use uuid::Uuid;

use super::queries::{self, Member};
use crate::access::{Action, Actor, Resource, Role};
use crate::db::audit::{self, Entry};
use crate::db::{Db, DbError, Tx};
use crate::web::{OrNotFound, Result};

/// Gives the account `id` the role `to`, and ends its sessions: no old one carries the new role. An account that has the
/// role already keeps them.
///
/// # Errors
///
/// Where there is no such account, or the actor may not change its role so.
pub async fn change_role(db: &Db, actor: &Actor, id: Uuid, to: Role) -> Result<()> {
    let mut tx = db.begin().await?;
    let member = queries::member(&mut tx, id).await?.or_not_found()?;
    let from = Role::parse(&member.role).unwrap_or(Role::Owner);
    actor.require(
        Action::ChangeRole { from, to },
        Resource::Person { id: member.id },
    )?;
    if from == to {
        // A second click, or a form sent as it came.
        return Ok(());
    }
    queries::set_role(&mut tx, member.id, to).await?;
    queries::revoke_other_sessions(&mut tx, member.id, 0).await?;
    tx.belongs_to(actor);
    record(&mut tx, actor, &member, (from, to)).await?;
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
