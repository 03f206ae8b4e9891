//! The accounts that run the site, and the handles of all.

use sqlx::postgres::PgConnection;

use crate::db::Result;

/// Whether the site is set up, and has an owner who can sign in.
#[derive(Clone, Copy, Debug)]
pub struct Staff {
    /// The first visit is done: the site has a name and an owner.
    pub set_up: bool,
    /// Owners who can sign in.
    pub owners: i64,
}

/// Asks for both. Needs the tables.
///
/// # Errors
///
/// When the connection is gone or the tables are not there.
pub async fn staff(conn: &mut PgConnection) -> Result<Staff> {
    let row = sqlx::query!(
        r#"select exists (select from site where set_up_at is not null) as "set_up!",
                  (select count(*) from users where role = 'owner' and disabled_at is null) as "owners!""#
    )
    .fetch_one(conn)
    .await?;
    Ok(Staff {
        set_up: row.set_up,
        owners: row.owners,
    })
}

/// An account's handle, and the key by which it is found and kept apart from others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handle {
    /// Database key of the account.
    pub id: i64,
    /// The handle as its account spells it.
    pub username: String,
    /// The form that is unique: two handles that look alike have one key.
    pub key: String,
}

/// The next handles after an account, in the order of the accounts.
///
/// # Errors
///
/// When the connection is gone or the tables are not there.
pub async fn handles(conn: &mut PgConnection, after: i64, limit: i64) -> Result<Vec<Handle>> {
    Ok(sqlx::query_as!(
        Handle,
        "select id, username, username_key as key from users where id > $1 order by id limit $2",
        after,
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// The handles that are stored under one of these keys.
///
/// # Errors
///
/// When the connection is gone or the tables are not there.
pub async fn handles_with_keys(conn: &mut PgConnection, keys: &[String]) -> Result<Vec<Handle>> {
    Ok(sqlx::query_as!(
        Handle,
        "select id, username, username_key as key from users where username_key = any($1) order by id",
        keys
    )
    .fetch_all(conn)
    .await?)
}

/// Handles that differ in nothing but i and l, those alike next to each other, at most `limit`.
///
/// # Errors
///
/// When the connection is gone or the tables are not there.
pub async fn handles_of_one_class(conn: &mut PgConnection, limit: i64) -> Result<Vec<Handle>> {
    Ok(sqlx::query_as!(
        Handle,
        "select id, username, username_key as key
         from (select id, username, username_key, count(*) over (partition by translate(username_key, 'i', 'l')) as alike
               from users) counted
         where alike > 1 order by translate(username_key, 'i', 'l'), id limit $1",
        limit
    )
    .fetch_all(conn)
    .await?)
}
