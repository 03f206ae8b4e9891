//! Hashes of passwords: read to verify what was typed, and replaced only where they are still the ones that were read.

use sqlx::postgres::PgConnection;

use crate::db::{Result, Tx};
use crate::features::accounts::email::Email;
use crate::features::accounts::key::key_of;

/// What sign-in compares.
pub struct Credentials {
    pub user_id: i64,
    pub username: String,
    pub role: String,
    pub password_hash: Option<String>,
}

/// By handle or mail address. A handle cannot hold `@`, so the two never meet. What is empty or too long to be either
/// names no account. An invisible handle of former times has an empty key, which everything invisible has: it is only
/// known as it was typed.
pub async fn credentials(conn: &mut PgConnection, login: &str) -> Result<Option<Credentials>> {
    let login = login.trim();
    if login.is_empty() || login.len() > Email::MOST_BYTES {
        return Ok(None);
    }
    Ok(sqlx::query_as!(
        Credentials,
        "select u.id as user_id, u.username, u.role, p.password_hash
         from users u join user_profiles p on p.user_id = u.id
         where u.disabled_at is null
           and u.id in (select id from users where username_key = $1 and ($1 <> '' or username = $3)
                        union select user_id from user_profiles where email_key = $2)
         order by (u.username_key = $1) desc limit 1",
        key_of(login),
        login.to_lowercase(),
        login,
    )
    .fetch_optional(conn)
    .await?)
}

pub async fn credentials_of(conn: &mut PgConnection, user_id: i64) -> Result<Option<Credentials>> {
    Ok(sqlx::query_as!(
        Credentials,
        "select u.id as user_id, u.username, u.role, p.password_hash
         from users u join user_profiles p on p.user_id = u.id where u.id = $1",
        user_id,
    )
    .fetch_optional(conn)
    .await?)
}

/// Writes `new` over the hash `read` that a password was verified against. False where another one stands there by now.
pub async fn replace_password(tx: &mut Tx, user_id: i64, read: &str, new: &str) -> Result<bool> {
    let done = sqlx::query!(
        "update user_profiles set password_hash = $3, updated_at = now() where user_id = $1 and password_hash = $2",
        user_id,
        read,
        new,
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether the account still has the hash that a password was verified against; held until the transaction ends.
pub async fn lock_password(tx: &mut Tx, user_id: i64, verified: &str) -> Result<bool> {
    let held = sqlx::query_scalar!(
        "select user_id from user_profiles where user_id = $1 and password_hash = $2 for update",
        user_id,
        verified,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(held.is_some())
}
