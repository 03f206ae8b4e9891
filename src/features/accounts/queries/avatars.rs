//! Profile pictures: each account has at most one, and a new one takes the place of the old.

use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::db::{Result, Tx, public_id};

pub async fn avatar(conn: &mut PgConnection, id: Uuid) -> Result<Option<(String, Vec<u8>)>> {
    let row = sqlx::query!("select content_type, bytes from avatars where id = $1", id)
        .fetch_optional(conn)
        .await?;
    Ok(row.map(|r| (r.content_type, r.bytes)))
}

/// The picture that an account has, which no other transaction changes before this one ends.
async fn lock_avatar(tx: &mut Tx, user_id: i64) -> Result<Option<Uuid>> {
    Ok(sqlx::query_scalar!(
        "select avatar_id from users where id = $1 for update",
        user_id
    )
    .fetch_one(&mut **tx)
    .await?)
}

/// Gives the picture that it takes the place of.
pub async fn replace_avatar(tx: &mut Tx, user_id: i64, jpeg: &[u8]) -> Result<Option<Uuid>> {
    let (id, old) = (public_id(), lock_avatar(tx, user_id).await?);
    sqlx::query!("delete from avatars where user_id = $1", user_id)
        .execute(&mut **tx)
        .await?;
    sqlx::query!(
        "insert into avatars (id, user_id, content_type, bytes) values ($1, $2, 'image/jpeg', $3)",
        id,
        user_id,
        jpeg
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!("update users set avatar_id = $2 where id = $1", user_id, id)
        .execute(&mut **tx)
        .await?;
    Ok(old)
}

/// Gives the picture that there was.
pub async fn remove_avatar(tx: &mut Tx, user_id: i64) -> Result<Option<Uuid>> {
    let old = lock_avatar(tx, user_id).await?;
    sqlx::query!("update users set avatar_id = null where id = $1", user_id)
        .execute(&mut **tx)
        .await?;
    sqlx::query!("delete from avatars where user_id = $1", user_id)
        .execute(&mut **tx)
        .await?;
    Ok(old)
}
