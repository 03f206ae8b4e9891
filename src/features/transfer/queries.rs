use chrono::{DateTime, Utc};

use crate::db::{Result, Tx};
use crate::features::posts::PostId;

/// The person whom a former import made of an author record.
pub async fn imported_person(tx: &mut Tx, import_key: &str) -> Result<Option<(i64, String)>> {
    let row = sqlx::query!(
        "select u.id, u.username from user_profiles p join users u on u.id = p.user_id where p.import_key = $1",
        import_key
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|r| (r.id, r.username)))
}

pub async fn mark_person(tx: &mut Tx, user_id: i64, import_key: &str) -> Result<()> {
    sqlx::query!("update user_profiles set import_key = $2 where user_id = $1", user_id, import_key).execute(&mut **tx).await?;
    Ok(())
}

/// Whether a handle's key is somebody's, now or before.
pub async fn handle_taken(tx: &mut Tx, key: &str) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select 1 from users where username_key = $1)
               or exists (select 1 from username_history where username_key = $1) as "taken!""#,
        key,
    )
    .fetch_one(&mut **tx)
    .await?)
}

/// The owner of the site: texts without an author are theirs.
pub async fn owner(tx: &mut Tx) -> Result<Option<(i64, String)>> {
    let row =
        sqlx::query!("select id, username from users where role = 'owner' order by id limit 1").fetch_optional(&mut **tx).await?;
    Ok(row.map(|r| (r.id, r.username)))
}

/// The day of the last change, as the old site told it.
pub async fn set_changed(tx: &mut Tx, post: PostId, at: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update posts set changed_at = greatest($2, published_at) where id = $1", post, at).execute(&mut **tx).await?;
    Ok(())
}

/// A point in the transaction that [`undo`] goes back to.
pub async fn remember(tx: &mut Tx) -> Result<()> {
    sqlx::query("savepoint before_document").execute(&mut **tx).await?;
    Ok(())
}

/// Takes back everything since [`remember`] and frees its locks at once: a transaction that is only dropped may
/// hold them until after the next one began.
pub async fn undo(tx: &mut Tx) -> Result<()> {
    sqlx::query("rollback to savepoint before_document").execute(&mut **tx).await?;
    Ok(())
}

/// What the database says when it refuses the content of a row (bytes, JSON, length, check), not the statement:
/// the next document can do better. `None` for everything else.
pub fn refused_content(error: &anyhow::Error) -> Option<String> {
    let database = error.chain().find_map(|cause| cause.downcast_ref::<sqlx::Error>())?.as_database_error()?;
    let code = database.code()?;
    ["22021", "22P05", "23514", "22001"]
        .contains(&&*code)
        .then(|| format!("the database does not take it: {}", database.message()))
}
