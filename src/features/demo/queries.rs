use crate::db::{Result, Tx};

/// Deletes every text whose import key begins with `demo:`, with its comments and revisions.
pub async fn delete_posts(tx: &mut Tx) -> Result<u64> {
    // Pages below first: a page cannot go while others stand under it.
    sqlx::query!("update posts set parent_id = null where starts_with(import_key, 'demo:')").execute(&mut **tx).await?;
    let done = sqlx::query!("delete from posts where starts_with(import_key, 'demo:')").execute(&mut **tx).await?;
    sqlx::query!("delete from tags t where post_count = 0 and not exists (select 1 from post_tags p where p.tag_id = t.id)")
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected())
}

/// Deletes the sample people who have neither password nor texts nor comments of their own left.
pub async fn delete_people(tx: &mut Tx, usernames: &[String]) -> Result<u64> {
    let done = sqlx::query!(
        "delete from users u
         where u.username = any($1)
           and exists (select 1 from user_profiles p where p.user_id = u.id and p.password_hash is null and p.email is null)
           and not exists (select 1 from posts p where p.owner_id = u.id)
           and not exists (select 1 from post_authors a where a.user_id = u.id)
           and not exists (select 1 from comments c where c.author_id = u.id)",
        usernames,
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected())
}

/// Lowers a sample reader, whom the import gate made an author.
pub async fn make_reader(tx: &mut Tx, user_id: i64) -> Result<()> {
    sqlx::query!("update users set role = 'reader' where id = $1", user_id).execute(&mut **tx).await?;
    Ok(())
}

/// Who is meant by a handle.
pub async fn user_id(tx: &mut Tx, username: &str) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar!("select id from users where username = $1", username).fetch_optional(&mut **tx).await?)
}

/// Why and by whom a sample comment was hidden.
pub async fn note_decision(tx: &mut Tx, comment: uuid::Uuid, reason: &str, by: i64) -> Result<()> {
    sqlx::query!(
        "update comments set reason = $2, decided_by = $3, decided_at = created_at where public_id = $1",
        comment,
        reason,
        by
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
