//! Changes of tags, each a statement or two. What a tag was called or stood at stays as a row that leads to it.

use crate::db::{Result, Tx};

pub async fn set_tag_name(tx: &mut Tx, tag: i64, name: &str, key: &str) -> Result<()> {
    sqlx::query!(
        "update tags set name = $2, name_key = $3 where id = $1",
        tag,
        name,
        key
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn set_tag_description(
    tx: &mut Tx,
    tag: i64,
    description: Option<&str>,
    typed: bool,
) -> Result<()> {
    sqlx::query!(
        "update tags set description = $2, description_typed = $3 where id = $1",
        tag,
        description,
        typed
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A former name of the tag means nothing any more; what stands at its address goes on leading there.
pub async fn forget_former_name(tx: &mut Tx, tag: i64, key: &str) -> Result<()> {
    sqlx::query!(
        "update tags set name_key = null where leads_to = $1 and name_key = $2",
        tag,
        key
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Puts the tag at a free address. The one that it leaves leads there, and stays in the ids of its feeds.
pub async fn move_tag(tx: &mut Tx, tag: i64, slug: &str) -> Result<()> {
    let former = sqlx::query!(
        "update tags t set slug = $2, feed_slug = coalesce(t.feed_slug, f.slug) from tags f
         where t.id = $1 and f.id = t.id returning f.slug, f.name",
        tag,
        slug,
    )
    .fetch_one(&mut **tx)
    .await?;
    sqlx::query!(
        "insert into tags (slug, name, leads_to) values ($1, $2, $3)",
        former.slug,
        former.name,
        tag
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The tag goes back to an address that it had, and the one that it leaves leads there.
pub async fn swap_addresses(tx: &mut Tx, tag: i64, former: i64) -> Result<()> {
    // No address has a blank.
    let slugs = sqlx::query!(
        r#"update tags f set slug = 'in between ' || f.id from tags t, tags before
           where f.id = $2 and t.id = $1 and before.id = f.id returning before.slug as "former!", t.slug as "present!""#,
        tag,
        former,
    )
    .fetch_one(&mut **tx)
    .await?;
    sqlx::query!(
        "update tags set slug = $2, feed_slug = coalesce(feed_slug, slug) where id = $1",
        tag,
        slugs.former,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "update tags set slug = $2 where id = $1",
        former,
        slugs.present
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Lets a former address of the tag keep its former name as well. Whether there is one without a name.
pub async fn name_former_address(tx: &mut Tx, tag: i64, name: &str, key: &str) -> Result<bool> {
    let done = sqlx::query!(
        "update tags set name = $2, name_key = $3
         where id = (select id from tags where leads_to = $1 and name_key is null order by id desc limit 1)",
        tag,
        name,
        key,
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The name and the addresses of a tag without posts lead to another from now on.
pub async fn lead_on(tx: &mut Tx, from: i64, to: i64) -> Result<()> {
    sqlx::query!(
        "update tags set leads_to = $2 where id = $1 or leads_to = $1",
        from,
        to
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Gives the posts of a tag to another. Both are held.
pub async fn move_tagged(tx: &mut Tx, from: i64, to: i64) -> Result<()> {
    sqlx::query!(
        "update post_tags t set tag_id = $2
         where t.tag_id = $1 and not exists (select from post_tags o where o.post_id = t.post_id and o.tag_id = $2)",
        from,
        to,
    )
    .execute(&mut **tx)
    .await?;
    // What is left has both.
    sqlx::query!("delete from post_tags where tag_id = $1", from)
        .execute(&mut **tx)
        .await?;
    sqlx::query!(
        "update tags set post_count = (select count(*)::integer from listed_posts_by_tag_noted where tag_id = tags.id)
         where id in ($1, $2)",
        from,
        to,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
