//! Handles that accounts gave up. When one can be taken by another account is the view `kept_usernames`.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use unicode_security::confusable_detection::skeleton;
use uuid::Uuid;

use crate::db::{OnConstraint, Result, Tx};
use crate::features::accounts::create_error::CreateError;
use crate::features::accounts::key::key_of;
use crate::features::accounts::look_alike::{class_of, keys_in_other_scripts, look_alike};
use crate::features::accounts::model::Username;

/// Versions before kept every handle without a limit: an account may have any number.
const MOST_LISTED: i64 = 200;

/// A handle that an account gave up.
#[derive(Clone, Debug)]
pub struct KeptUsername {
    pub username: String,
    pub changed_at: DateTime<Utc>,
    /// When an admin set it free.
    pub freed_at: Option<DateTime<Utc>>,
    /// From when on another account may take it; `None` while links to public posts use it.
    pub free_at: Option<DateTime<Utc>>,
    /// Another account may take it now.
    pub is_free: bool,
}

/// The handles that an account gave up, newest first.
pub async fn kept_usernames(conn: &mut PgConnection, user_id: i64) -> Result<Vec<KeptUsername>> {
    Ok(sqlx::query_as!(
        KeptUsername,
        r#"select username as "username!", changed_at as "changed_at!", freed_at, free_at,
                  coalesce(free_at <= now(), false) as "is_free!"
           from kept_usernames where user_id = $1 order by changed_at desc, username_key limit $2"#,
        user_id,
        MOST_LISTED,
    )
    .fetch_all(conn)
    .await?)
}

/// Takes a handle's key out of the past, for the account that has just written it down as its own. False where it is kept
/// for another account, was set free and its 90 days are not over, or looks like a handle of another account.
///
/// One's own can be taken back at any time; what an admin set free is quarantined for its former account too.
pub async fn claim_username(tx: &mut Tx, username: &Username, user_id: i64) -> Result<bool> {
    lock_look_alikes(tx, username).await?;
    if has_look_alike(tx, username, user_id).await? {
        return Ok(false);
    }
    Ok(sqlx::query_scalar!(
        r#"with claimed as (
               delete from username_history where username_key in (
                   select username_key from kept_usernames
                   where username_key = $1 and (free_at <= now() or user_id = $2 and freed_at is null))
               returning username_key)
           select exists (select from claimed) or not exists (select from username_history where username_key = $1) as "ok!""#,
        username.key(),
        user_id,
    )
    .fetch_one(&mut **tx)
    .await?)
}

/// Waits for claims of handles that look like this one: keys that differ do not keep two of them from being written at once.
async fn lock_look_alikes(tx: &mut Tx, username: &Username) -> Result<()> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended($1, 0))",
        format!("handle {}", class_of(username.as_str()))
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Whether another account has, or keeps, a handle that is written like this one.
async fn has_look_alike(tx: &mut Tx, username: &Username, user_id: i64) -> Result<bool> {
    let name = username.as_str();
    let drawn = skeleton(name).collect::<String>();
    let others = sqlx::query_scalar!(
        r#"select username as "username!" from users
           where (translate(username_key, 'i', 'l') = $2 or username_key = any($3)) and id <> $1
           union all
           select username from kept_usernames
           where username_key = $4 and user_id <> $1 and (free_at <= now()) is not true"#,
        user_id,
        class_of(name),
        &keys_in_other_scripts(name),
        key_of(&drawn),
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(others.iter().any(|other| look_alike(name, other)))
}

/// Whether no new account can have a handle: another has it or one that looks like it, or it is kept.
pub async fn is_username_taken(tx: &mut Tx, username: &Username) -> Result<bool> {
    let taken = sqlx::query_scalar!(
        r#"select exists (select from users where username_key = $1)
               or exists (select from kept_usernames where username_key = $1 and (free_at <= now()) is not true) as "taken!""#,
        username.key(),
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(taken || has_look_alike(tx, username, 0).await?)
}

/// Whether the name of a guest, which has no account, can be taken for the handle that an account has, or keeps: by its letters, or as
/// it is drawn.
pub async fn passes_for_account(conn: &mut PgConnection, name: &str) -> Result<bool> {
    let drawn = skeleton(name).collect::<String>();
    let others = sqlx::query_scalar!(
        r#"select username as "username!" from users
           where translate(username_key, 'i', 'l') = $1 or username_key = any($2)
           union all
           select username from kept_usernames
           where username_key = any($3) and (free_at <= now()) is not true"#,
        class_of(name),
        &keys_in_other_scripts(name),
        &[key_of(name), key_of(&drawn)],
    )
    .fetch_all(conn)
    .await?;
    let is_same = |other: &String| key_of(name) == key_of(other) || look_alike(name, other);
    Ok(others.iter().any(is_same))
}

/// The present handle, held until the transaction ends.
pub async fn lock_username(tx: &mut Tx, user_id: i64) -> Result<String> {
    Ok(sqlx::query_scalar!(
        "select username from users where id = $1 for update",
        user_id
    )
    .fetch_one(&mut **tx)
    .await?)
}

/// Writes a new handle down and keeps the old one.
pub async fn rename(
    tx: &mut Tx,
    user_id: i64,
    old: &str,
    new: &Username,
) -> Result<(), CreateError> {
    sqlx::query!(
        "update users set username = $2, username_key = $3 where id = $1",
        user_id,
        new.as_str(),
        new.key()
    )
    .execute(&mut **tx)
    .await
    .on_constraint("users_username_key_key", || CreateError::UsernameTaken)?;
    Ok(keep_username(tx, user_id, old, &new.key()).await?)
}

/// The handle that an account has given up for the one with the key `new_key`.
async fn keep_username(tx: &mut Tx, user_id: i64, old: &str, new_key: &str) -> Result<()> {
    // A change of case only keeps the key: the handle stays the same one.
    if key_of(old) != new_key {
        sqlx::query!(
            "insert into username_history (username_key, username, user_id) values ($1, $2, $3)
             on conflict (username_key) do nothing",
            key_of(old),
            old,
            user_id,
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Gives up an account's handles that any other may take, beyond its newest ones.
pub async fn drop_free_usernames(tx: &mut Tx, user_id: i64, newest: i64) -> Result<()> {
    sqlx::query!(
        "delete from username_history where username_key in (
             select username_key
             from (select username_key, free_at, row_number() over (order by changed_at desc, username_key) as number
                   from kept_usernames where user_id = $1) kept
             where number > $2 and free_at <= now())",
        user_id,
        newest,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Begins the quarantine of a handle that is kept for an account. False where that was begun before.
pub async fn free_username(tx: &mut Tx, user_id: i64, username: &str) -> Result<bool> {
    let done = sqlx::query!(
        "update username_history set freed_at = now() where user_id = $1 and username = $2 and freed_at is null",
        user_id,
        username,
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whose kept handles a page lists.
pub struct Holder {
    pub id: i64,
    pub public_id: Uuid,
    pub username: String,
}

pub async fn holder(conn: &mut PgConnection, id: Uuid) -> Result<Option<Holder>> {
    Ok(sqlx::query_as!(
        Holder,
        "select id, public_id, username from users where public_id = $1",
        id
    )
    .fetch_optional(conn)
    .await?)
}
