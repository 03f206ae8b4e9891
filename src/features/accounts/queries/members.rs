//! People as admins list them and give them roles.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::access::Role;
use crate::db::{Result, Tx};
use crate::features::accounts::key::key_of;

pub struct Member {
    pub public_id: Uuid,
    pub id: i64,
    pub username: String,
    pub name: String,
    pub role: String,
    pub email: Option<String>,
    pub created_at: DateTime<Utc>,
    /// Has handles that were given up.
    pub was_renamed: bool,
}

/// People on a page of the admin's list. The query reads one more, and says so as a number: a plan that does not know the limit
/// reads the whole table.
pub const MEMBERS_PER_PAGE: usize = 50;
const _: () = assert!(
    MEMBERS_PER_PAGE + 1 == 51,
    "the query of members says `limit 51`"
);

/// People for the admin's list whose handle begins with `search`, by handle, after a handle. In the order of bytes, in which
/// everything with one beginning lies between it and it with the last character of all behind.
pub async fn members(conn: &mut PgConnection, search: &str, after: &str) -> Result<Vec<Member>> {
    Ok(sqlx::query_as!(
        Member,
        r#"select u.public_id, u.id, u.username, u.name, u.role, (select p.email from user_profiles p where p.user_id = u.id) as email, u.created_at,
                  coalesce((select true from username_history h where h.user_id = u.id limit 1), false) as "was_renamed!"
           from users u
           where u.username_key collate "C" > $1 and u.username_key collate "C" >= $2
             and u.username_key collate "C" < $2 || chr(1114111)
           order by u.username_key collate "C" limit 51"#,
        key_of(after),
        key_of(search),
    )
    .fetch_all(conn)
    .await?)
}

pub async fn member(tx: &mut Tx, id: Uuid) -> Result<Option<Member>> {
    Ok(sqlx::query_as!(
        Member,
        r#"select u.public_id, u.id, u.username, u.name, u.role, p.email, u.created_at,
                  exists (select from username_history h where h.user_id = u.id) as "was_renamed!"
           from users u join user_profiles p on p.user_id = u.id where u.public_id = $1 for update of u"#,
        id,
    )
    .fetch_optional(&mut **tx)
    .await?)
}

pub async fn set_role(tx: &mut Tx, user_id: i64, role: Role) -> Result<()> {
    sqlx::query!(
        "update users set role = $2 where id = $1",
        user_id,
        role.as_str()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
