//! What an import asks of the site itself: its clock, its people, and what it refuses.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;

use crate::db::{Result, Tx};

pub async fn database_clock(conn: &mut PgConnection) -> Result<DateTime<Utc>> {
    Ok(sqlx::query_scalar!(r#"select now() as "now!""#)
        .fetch_one(conn)
        .await?)
}

/// The people whom former imports made of author records: key, account and handle.
pub async fn imported_people(
    tx: &mut Tx,
    import_keys: &[String],
) -> Result<Vec<(String, i64, String)>> {
    let rows = sqlx::query!(
        r#"select p.import_key as "key!", u.id, u.username
           from user_profiles p join users u on u.id = p.user_id where p.import_key = any($1)"#,
        import_keys
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| (r.key, r.id, r.username))
        .collect())
}

/// The owner of the site: texts without an author are theirs.
pub async fn owner(tx: &mut Tx) -> Result<Option<(i64, String)>> {
    let row =
        sqlx::query!("select id, username from users where role = 'owner' order by id limit 1")
            .fetch_optional(&mut **tx)
            .await?;
    Ok(row.map(|r| (r.id, r.username)))
}

/// What the database says when it refuses the content of a row (bytes, JSON, length, check), not the statement:
/// the next document can do better. `None` for everything else.
pub fn refused_content(error: &anyhow::Error) -> Option<String> {
    let database = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<sqlx::Error>())?
        .as_database_error()?;
    let code = database.code()?;
    ["22021", "22P05", "23514", "22001"]
        .contains(&&*code)
        .then(|| format!("the database does not take it: {}", database.message()))
}
