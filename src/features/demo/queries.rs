//! Finding and deleting sample content: only what no account has made its own since.

use sqlx::postgres::PgConnection;

use crate::db::{Result, Tx};
use crate::features::accounts::key_of;
use crate::features::posts::PostId;

/// Whether there are sample texts that no account has saved since.
pub async fn has_samples(conn: &mut PgConnection) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        // The range is for the index, and right in every collation.
        r#"select exists (
               select from posts p
               where import_key >= 'demo' and import_key < 'demp' and starts_with(import_key, 'demo:')
                 and not exists (select from revisions r where r.post_id = p.id and r.number > 1)) as "yes!""#
    )
    .fetch_one(conn)
    .await?)
}

/// Holds every sample text, then gives those that [`delete_posts`] may have: no account has saved them since, and no
/// page that stays stands under them.
pub async fn untouched(tx: &mut Tx) -> Result<Vec<PostId>> {
    // Held first: a save that is under way ends before it is asked who saved what.
    sqlx::query!(
        "select id from posts where starts_with(import_key, 'demo:') order by id for update"
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(sqlx::query_scalar!(
        r#"with recursive sample as (
               select id, exists (select 1 from revisions r where r.post_id = p.id and r.number > 1) as touched
               from posts p where starts_with(import_key, 'demo:')
           ), kept as (
               select p.id, p.parent_id from posts p left join sample s on s.id = p.id
               where s.touched or (s.id is null and p.parent_id is not null)
               union
               select above.id, above.parent_id from kept join posts above on above.id = kept.parent_id
           )
           select id as "id!" from sample where id not in (select id from kept)"#
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// Deletes texts with their comments and revisions, and tags that no post uses any more.
pub async fn delete_posts(tx: &mut Tx, ids: &[PostId]) -> Result<u64> {
    let done = sqlx::query!("delete from posts where id = any($1)", ids)
        .execute(&mut **tx)
        .await?;
    // A tag that had another name or address goes on leading from there.
    sqlx::query!(
        "delete from tags t
         where post_count = 0 and leads_to is null and not exists (select from post_tags p where p.tag_id = t.id)
           and not exists (select from tags f where f.leads_to = t.id)"
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected())
}

/// Deletes the sample people, numbered handles included, of whom no text, revision, comment or decision is left.
pub async fn delete_people(tx: &mut Tx, usernames: &[String]) -> Result<u64> {
    let done = sqlx::query!(
        "delete from users u
         where regexp_replace(u.username, '-[0-9]+$', '') = any($1)
           and exists (select 1 from user_profiles p
                       where p.user_id = u.id and p.password_hash is null and p.email is null and p.import_key is null)
           and not exists (select 1 from posts p where p.owner_id = u.id)
           and not exists (select 1 from post_authors a where a.user_id = u.id)
           and not exists (select 1 from revisions r where r.saved_by = u.id)
           and not exists (select 1 from comments c where c.author_id = u.id or c.decided_by = u.id)",
        usernames,
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected())
}

/// Lowers a sample reader, whom the import gate made an author.
pub async fn make_reader(tx: &mut Tx, user_id: i64) -> Result<()> {
    sqlx::query!("update users set role = 'reader' where id = $1", user_id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The sample person with a handle. Real accounts have a password or an address, imported authors an import key.
pub async fn sample_person(tx: &mut Tx, username: &str) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar!(
        "select u.id from users u join user_profiles p on p.user_id = u.id
         where u.username_key = $2 and u.username = $1 and p.password_hash is null and p.email is null and p.import_key is null",
        username,
        key_of(username)
    )
    .fetch_optional(&mut **tx)
    .await?)
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
