//! Invitations: made, used up and taken back. Only the hash of a link's token is stored.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::access::Role;
use crate::db::{Result, Tx};
use crate::messages::{Message, text};

pub struct Invitation {
    pub public_id: Uuid,
    pub role: String,
    pub note: String,
    pub uses: i32,
    pub max_uses: i32,
    pub expires_at: DateTime<Utc>,
    pub usable: bool,
}

pub async fn invitations(conn: &mut PgConnection) -> Result<Vec<Invitation>> {
    Ok(sqlx::query_as!(
        Invitation,
        r#"select public_id, role, note, uses, max_uses, expires_at,
                  (revoked_at is null and uses < max_uses and expires_at > now()) as "usable!"
           from invitations order by id desc limit 100"#
    )
    .fetch_all(conn)
    .await?)
}

pub async fn invitation_usable(conn: &mut PgConnection, token_hash: &[u8]) -> Result<bool> {
    let found = sqlx::query_scalar!(
        "select 1 from invitations where token_hash = $1 and revoked_at is null and uses < max_uses and expires_at > now()",
        token_hash,
    )
    .fetch_optional(conn)
    .await?;
    Ok(found.is_some())
}

pub struct NewInvitation<'a> {
    pub id: Uuid,
    pub token_hash: &'a [u8],
    pub role: &'a str,
    pub note: &'a str,
    pub max_uses: i32,
    pub days: i32,
}

/// False if it is there already.
pub async fn insert_invitation(
    tx: &mut Tx,
    created_by: i64,
    new: &NewInvitation<'_>,
) -> Result<bool> {
    let done = sqlx::query!(
        "insert into invitations (public_id, token_hash, role, note, max_uses, expires_at, created_by)
         values ($1, $2, $3, $4, $5, now() + make_interval(days => $6), $7) on conflict do nothing",
        new.id,
        new.token_hash,
        new.role,
        new.note,
        new.max_uses,
        new.days,
        created_by,
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What an invitation form made before.
pub struct StandingInvitation {
    pub role: String,
    pub note: String,
    pub max_uses: i32,
    pub usable: bool,
    /// It is what the form asks for now.
    pub same: bool,
}

impl StandingInvitation {
    /// What stands, for the one who sent the form again.
    pub fn sentence(&self) -> Message {
        let role = text::accounts_role(&self.role);
        match (self.usable, self.note.as_str()) {
            (true, "") => text::accounts_invitation_stands(role, self.max_uses),
            (true, note) => text::accounts_invitation_stands_with_note(note, role, self.max_uses),
            (false, "") => text::accounts_invitation_ended(role, self.max_uses),
            (false, note) => text::accounts_invitation_ended_with_note(note, role, self.max_uses),
        }
    }
}

/// The invitation under the id of `new`, and whether it is just that.
pub async fn standing_invitation(
    conn: &mut PgConnection,
    new: &NewInvitation<'_>,
) -> Result<Option<StandingInvitation>> {
    Ok(sqlx::query_as!(
        StandingInvitation,
        r#"select role, note, max_uses,
                  (revoked_at is null and uses < max_uses and expires_at > now()) as "usable!",
                  (token_hash = $2 and role = $3 and note = $4 and max_uses = $5
                   and expires_at = created_at + make_interval(days => $6)) as "same!"
           from invitations where public_id = $1"#,
        new.id,
        new.token_hash,
        new.role,
        new.note,
        new.max_uses,
        new.days,
    )
    .fetch_optional(conn)
    .await?)
}

/// Uses up one place of an invitation and gives its role; `None` when it has none left. One conditional
/// update, so that fifty people racing for one place do not all get in.
pub async fn use_invitation(tx: &mut Tx, token_hash: &[u8]) -> Result<Option<Role>> {
    let role = sqlx::query_scalar!(
        "update invitations set uses = uses + 1
         where token_hash = $1 and revoked_at is null and uses < max_uses and expires_at > now() returning role",
        token_hash,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(role.map(|r| Role::from_column(&r)))
}

/// Nothing where there is no such invitation, false where it was taken back before.
pub async fn revoke_invitation(tx: &mut Tx, id: Uuid) -> Result<Option<bool>> {
    Ok(sqlx::query_scalar!(
        r#"with revoked as (
               update invitations set revoked_at = now() where public_id = $1 and revoked_at is null returning id)
           select exists (select from revoked) as "revoked!" from invitations where public_id = $1"#,
        id
    )
    .fetch_optional(&mut **tx)
    .await?)
}
