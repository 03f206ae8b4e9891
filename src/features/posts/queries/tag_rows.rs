//! Tags as admins see them, with what leads to one, read or held.

use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::db::{Result, Tx};

/// A tag, or a former name or address of one.
#[derive(Clone, Debug)]
pub struct TagRow {
    pub id: i64,
    pub name: String,
    pub slug: String,
    /// Stands in the ids of its feeds.
    pub feed_slug: String,
    pub post_count: i32,
    pub leads_to: Option<i64>,
    pub description: Option<String>,
    /// An admin wrote the description, or took it away.
    pub description_typed: bool,
}

macro_rules! tag_rows {
    ($tail:tt, $($arg:expr),*) => {
        sqlx::query_as!(
            TagRow,
            r#"select t.id, t.name, t.slug, coalesce(t.feed_slug, t.slug) as "feed_slug!", t.post_count, t.leads_to,
                      t.description, t.description_typed
               from tags t "#
                + $tail,
            $($arg),*
        )
    };
}

/// What stands at exactly this address.
pub async fn tag_row(conn: &mut PgConnection, slug: &str) -> Result<Option<TagRow>> {
    Ok(tag_rows!("where t.slug = $1", slug)
        .fetch_optional(conn)
        .await?)
}

/// The tag that a former address means.
pub async fn tag_of_former(tx: &mut Tx, slug: &str) -> Result<Option<TagRow>> {
    Ok(tag_rows!(
        "where t.id = (select f.leads_to from tags f where f.slug = $1)",
        slug
    )
    .fetch_optional(&mut **tx)
    .await?)
}

/// The tags at these addresses, held until the transaction ends: no post is published with them meanwhile.
pub async fn lock_tags(tx: &mut Tx, slugs: &[String]) -> Result<Vec<TagRow>> {
    Ok(tag_rows!(
        "where t.slug = any($1) and t.leads_to is null order by t.id for update",
        slugs
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// The most used tags.
pub async fn used_tags(conn: &mut PgConnection, limit: i64) -> Result<Vec<TagRow>> {
    Ok(tag_rows!(
        "where t.post_count > 0 order by t.post_count desc, t.slug limit $1",
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// The tags that typed words may mean: by name or address, present or former, used or not.
pub async fn tags_meant(
    conn: &mut PgConnection,
    key: &str,
    slugs: &[String],
) -> Result<Vec<TagRow>> {
    Ok(tag_rows!(
        "where t.id in (select coalesce(f.leads_to, f.id) from tags f where f.name_key = $1 or f.slug = any($2))
         order by t.name_key = $1 desc nulls last, t.post_count desc",
        key,
        slugs
    )
    .fetch_all(conn)
    .await?)
}

/// Public posts with a tag, by their public ids.
pub async fn posts_tagged(tx: &mut Tx, tag: i64, limit: i64) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        r#"select p.public_id as "public_id!" from post_tags t join public_posts p on p.id = t.post_id
           where t.tag_id = $1 limit $2"#,
        tag,
        limit,
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// What an import says of a tag, and by which of its names the tag is found: by the first that there is.
#[derive(Default)]
pub struct Descriptions {
    pub keys: Vec<String>,
    /// Keys of titles.
    pub titles: Vec<String>,
    pub slugs: Vec<String>,
    pub texts: Vec<String>,
}

/// The tags that are described otherwise, and not by an admin: their addresses, and what they are to say.
pub async fn tags_to_describe(tx: &mut Tx, wanted: &Descriptions) -> Result<Vec<(String, String)>> {
    let rows = sqlx::query!(
        r#"select slug, text as "text!" from (
           select distinct on (t.id) t.slug, t.description, w.text
           from unnest($1::text[], $2::text[], $3::text[], $4::text[]) with ordinality as w (key, title, slug, text, place)
           cross join lateral (
               select coalesce(f.leads_to, f.id) as id
               from ((select 1 as choice, id, leads_to from tags where name_key = w.key)
                     union all (select 2, id, leads_to from tags where name_key = w.title)
                     union all (select 3, id, leads_to from tags where slug = w.slug)) f
               order by f.choice limit 1) found
           join tags t on t.id = found.id
           where not t.description_typed
           order by t.id, w.place) described
           where description is distinct from text
           order by slug"#,
        &wanted.keys,
        &wanted.titles,
        &wanted.slugs,
        &wanted.texts,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.slug, row.text)).collect())
}

/// Former names that have posts: a save that began before a merge gave them some, or a node of the release before.
pub async fn strays(tx: &mut Tx, limit: i64) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        "select f.slug from tags f where f.leads_to is not null and exists (select from post_tags t where t.tag_id = f.id) limit $1",
        limit,
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// A former name and the tag that it means, both held.
pub async fn lock_former(tx: &mut Tx, slug: &str) -> Result<Option<(TagRow, TagRow)>> {
    let rows = tag_rows!(
        "where t.slug = $1 or t.id = (select f.leads_to from tags f where f.slug = $1) order by t.id for update",
        slug
    )
    .fetch_all(&mut **tx)
    .await?;
    let (former, present): (Vec<TagRow>, Vec<TagRow>) =
        rows.into_iter().partition(|row| row.leads_to.is_some());
    Ok(former.into_iter().next().zip(present.into_iter().next()))
}
