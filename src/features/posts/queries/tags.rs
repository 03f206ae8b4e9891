//! Tags of texts: found by their names, made, and given their keys.

use crate::db::{Result, Tx};
use crate::features::posts::tag_name::TagName;
use crate::features::posts::tag_refs::{TagFound, TagRef};
use crate::markdown::ascii_slug;

/// By which keys tags are looked for, and where the release before put them, which stores no keys.
pub fn tag_keys(names: &[TagName]) -> (Vec<String>, Vec<String>) {
    names
        .iter()
        .map(|name| (name.key(), ascii_slug(&name.name)))
        .unzip()
}

/// The tags that these names may mean.
pub async fn find_tags(tx: &mut Tx, names: &[TagName]) -> Result<Vec<TagFound>> {
    let (keys, slugs) = tag_keys(names);
    Ok(sqlx::query_as!(
        TagFound,
        r#"select f.name_key as "key?", f.name, t.id, t.slug
           from tags f join tags t on t.id = coalesce(f.leads_to, f.id)
           where f.name_key = any($1) or (f.slug = any($2) and f.name_key is null and f.leads_to is null)"#,
        &keys,
        &slugs,
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// Lets one transaction at a time make tags that could want one of these addresses. Without it, two that look for free numbers
/// could each hold what the other one waits for.
pub async fn lock_tag_addresses(tx: &mut Tx, slugs: &[&str]) -> Result<()> {
    sqlx::query!(
        "with wanted as materialized (
             select distinct hashtextextended('tag ' || slug, 0) as number from unnest($1::text[]) as w (slug) order by number)
         select count(pg_advisory_xact_lock(number)) from wanted",
        slugs as &[&str],
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(())
}

/// Makes tags, each at the first of so many addresses that is free. Left out are those that a transaction at the same moment
/// makes too, or whose address it takes. All saves make them in one order, as nodes of the release before do.
pub async fn make_tags(tx: &mut Tx, names: &[&TagName], numbers: u32) -> Result<Vec<TagRef>> {
    let (mut keys, mut shown, mut slugs) = (Vec::new(), Vec::new(), Vec::new());
    for name in names {
        let key = name.key();
        for slug in name.addresses(1..=numbers) {
            keys.push(key.clone());
            shown.push(name.name.clone());
            slugs.push(slug);
        }
    }
    Ok(sqlx::query_as!(
        TagRef,
        r#"with wanted as (
               select key, name, slug, place from unnest($1::text[], $2::text[], $3::text[]) with ordinality as w (key, name, slug, place)),
           chosen as (
               select distinct on (key) key, name, slug from wanted w
               where not exists (select from tags t where t.slug = w.slug) order by key, place)
           insert into tags (slug, name, name_key) select slug, name, key from chosen order by slug
           on conflict do nothing returning name_key as "key!", id, slug"#,
        &keys,
        &shown,
        &slugs,
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// Holds the counters of these tags until the transaction ends, in the order in which posts are listed.
pub async fn hold_counters(tx: &mut Tx, ids: &[i64]) -> Result<()> {
    sqlx::query!(
        "select id from tags where id = any($1) order by id for no key update",
        ids
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(())
}

/// Forgets those of these tags that no post has. They are the transaction's own.
pub async fn forget_tags(tx: &mut Tx, ids: &[i64]) -> Result<()> {
    sqlx::query!(
        "delete from tags t where t.id = any($1) and not exists (select from post_tags p where p.tag_id = t.id)",
        ids
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Tags without a key, by their ids.
pub async fn unnamed_tags(tx: &mut Tx, after: i64, limit: i64) -> Result<Vec<(i64, String)>> {
    let rows = sqlx::query!(
        "select id, name from tags where name_key is null and leads_to is null and id > $1 order by id limit $2",
        after,
        limit,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// Gives these tags their keys, but those whose name another tag has.
pub async fn name_tags(tx: &mut Tx, ids: &[i64], keys: &[String]) -> Result<()> {
    sqlx::query!(
        "with wanted as (
             select distinct on (key) id, key from unnest($1::bigint[], $2::text[]) as w (id, key) where key <> '' order by key, id)
         update tags t set name_key = w.key from wanted w
         where t.id = w.id and t.name_key is null and not exists (select from tags o where o.name_key = w.key)",
        ids,
        keys,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
