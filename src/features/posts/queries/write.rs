use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::Place;
use crate::db::audit::Origin;
use crate::db::{DbError, OnConstraint, Result, Tx, public_id};
use crate::features::posts::address::AddressError;
use crate::features::posts::draft::Draft;
use crate::features::posts::model::{Kind, PostId, TagName};
use crate::markdown::{self, RENDERER_VERSION, Rendered};

/// False when a post with this id is there already.
pub async fn insert_post(tx: &mut Tx, id: Uuid, kind: Kind, owner_id: i64, transaction_id: Uuid) -> Result<bool> {
    let placeholder = format!("untitled-{}", id.simple());
    let page_path = (kind == Kind::Page).then_some(placeholder.as_str());
    let made = sqlx::query_scalar!(
        "insert into posts (public_id, kind, owner_id, slug, page_path, transaction_id) values ($1, $2, $3, $4, $5, $6)
         on conflict (public_id) do nothing returning id",
        id,
        kind.as_str(),
        owner_id,
        placeholder,
        page_path,
        transaction_id,
    )
    .fetch_optional(&mut **tx)
    .await?;
    if let Some(post) = made {
        sqlx::query!("insert into post_authors (post_id, user_id, position) values ($1, $2, 0)", post, owner_id)
            .execute(&mut **tx)
            .await?;
    }
    Ok(made.is_some())
}

/// Adds the next revision; the caller holds the post's lock, so numbers have no gaps.
pub async fn insert_revision(tx: &mut Tx, post: PostId, draft: &Draft, origin: &Origin) -> Result<i32> {
    Ok(sqlx::query_scalar!(
        "insert into revisions (public_id, post_id, number, title, markdown, details, saved_by, transaction_id, correlation_id)
         select $1, $2, p.version + 1, $3, $4, $5, coalesce($6, p.owner_id), $7, $8 from posts p where p.id = $2
         returning number",
        public_id(),
        post,
        draft.title,
        draft.markdown,
        json!(draft.details),
        origin.actor_id,
        origin.transaction_id,
        origin.correlation_id,
    )
    .fetch_one(&mut **tx)
    .await?)
}

/// Notes the new version and the business action it belongs to.
pub async fn begin_change(tx: &mut Tx, post: PostId, version: i32, transaction_id: Uuid) -> Result<()> {
    sqlx::query!(
        "update posts set version = $2, transaction_id = $3, saved_at = now() where id = $1",
        post,
        version,
        transaction_id
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn write_post(tx: &mut Tx, post: PostId, draft: &Draft, rendered: &Rendered) -> Result<()> {
    let details = &draft.details;
    let description = if details.excerpt.is_empty() { prose(rendered) } else { details.excerpt.clone() };
    sqlx::query!(
        "update posts set title = $2, excerpt = $3, description = $4, language = $5, canonical_url = $6, cover_url = $7,
                          cover_alt = $8, comment_policy = $9, unlisted = $10, minutes = $11, words = $12
         where id = $1",
        post,
        draft.title,
        details.excerpt,
        markdown::excerpt(&description, 200),
        details.language,
        details.canonical_url,
        details.cover_url,
        details.cover_alt,
        details.comment_policy,
        details.unlisted,
        i32::try_from(rendered.minutes).unwrap_or(i32::MAX),
        i32::try_from(rendered.words).unwrap_or(i32::MAX),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The start of the text without its headings, which read badly in the middle of a sentence.
fn prose(rendered: &Rendered) -> String {
    let heading = |line: &&str| rendered.headings.iter().any(|h| h.text == **line);
    rendered.text.lines().filter(|line| !heading(line)).take(20).collect::<Vec<_>>().join(" ")
}

pub async fn write_body(tx: &mut Tx, post: PostId, draft: &Draft, rendered: &Rendered, version: i32) -> Result<()> {
    sqlx::query!(
        "insert into post_bodies (post_id, markdown, html, text, renderer_version, revision_number)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (post_id) do update set markdown = excluded.markdown, html = excluded.html, text = excluded.text,
             renderer_version = excluded.renderer_version, revision_number = excluded.revision_number",
        post,
        draft.markdown,
        rendered.html,
        rendered.text,
        RENDERER_VERSION,
        version,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn set_authors(tx: &mut Tx, post: PostId, authors: &[Place]) -> Result<()> {
    let (ids, positions): (Vec<i64>, Vec<i16>) = authors.iter().map(|place| (place.user_id, place.position)).unzip();
    sqlx::query!("delete from post_authors where post_id = $1 and user_id <> all($2)", post, &ids)
        .execute(&mut **tx)
        .await?;
    sqlx::query!(
        "insert into post_authors (post_id, user_id, position)
         select $1, a.id, a.position from unnest($2::bigint[], $3::smallint[]) as a (id, position)
         on conflict (post_id, user_id) do update set position = excluded.position",
        post,
        &ids,
        &positions,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn set_tags(tx: &mut Tx, post: PostId, tags: &[TagName]) -> Result<()> {
    let mut tags = tags.to_vec();
    let order: Vec<String> = tags.iter().map(|t| t.slug.clone()).collect();
    // New tags are made in one order by everybody: two saves with the same two tags cannot deadlock.
    tags.sort_by(|a, b| a.slug.cmp(&b.slug));
    let (slugs, names): (Vec<String>, Vec<String>) = tags.into_iter().map(|t| (t.slug, t.name)).unzip();
    sqlx::query!(
        "insert into tags (slug, name) select * from unnest($1::text[], $2::text[]) on conflict (slug) do nothing",
        &slugs,
        &names
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "delete from post_tags where post_id = $1 and tag_id not in (select id from tags where slug = any($2))",
        post,
        &slugs
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "insert into post_tags (post_id, tag_id, position)
         select $1, t.id, (o.place - 1)::smallint from unnest($2::text[]) with ordinality as o (slug, place)
         join tags t on t.slug = o.slug
         on conflict (post_id, tag_id) do update set position = excluded.position",
        post,
        &order,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn set_slug(tx: &mut Tx, post: PostId, slug: &str) -> Result<(), AddressError> {
    // Taking an old address of the same post back ends its redirect.
    sqlx::query!("delete from slug_history where post_id = $1 and slug = $2", post, slug)
        .execute(&mut **tx)
        .await
        .map_err(DbError::from)?;
    sqlx::query!("update posts set slug = $2 where id = $1", post, slug)
        .execute(&mut **tx)
        .await
        .on_constraint("posts_address", || AddressError::Taken(slug.to_owned()))?;
    Ok(())
}

pub async fn remember_slug(tx: &mut Tx, owner: i64, slug: &str, post: PostId) -> Result<()> {
    sqlx::query!(
        "insert into slug_history (owner_id, slug, post_id) values ($1, $2, $3)
         on conflict (owner_id, slug) do update set post_id = excluded.post_id, moved_at = now()",
        owner,
        slug,
        post,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Moves a page's descendants with it; published ones leave a redirect at the old path. How many moved.
pub async fn move_pages(tx: &mut Tx, page: PostId, old: &str, new: &str) -> Result<u64> {
    sqlx::query!(
        "insert into redirects (path, post_id)
         select '/' || page_path, id from posts
         where published_at is not null and (id = $1 or starts_with(page_path, $2 || '/'))
         on conflict (path) do update set post_id = excluded.post_id",
        page,
        old,
    )
    .execute(&mut **tx)
    .await?;
    let moved = sqlx::query!(
        "update posts set page_path = $2 || substr(page_path, char_length($1) + 1) where kind = 'page' and starts_with(page_path, $1 || '/')",
        old,
        new,
    )
    .execute(&mut **tx)
    .await?;
    Ok(moved.rows_affected())
}

pub async fn set_page_path(
    tx: &mut Tx,
    page: PostId,
    slug: &str,
    path: &str,
    parent: Option<PostId>,
    menu_position: Option<i32>,
) -> Result<(), AddressError> {
    sqlx::query!(
        "update posts set slug = $2, page_path = $3, parent_id = $4, menu_position = $5 where id = $1",
        page,
        slug,
        path,
        parent,
        menu_position,
    )
    .execute(&mut **tx)
    .await
    .on_constraint("posts_page_path", || AddressError::Taken(path.to_owned()))?;
    Ok(())
}

/// An address of another site that leads to the post. The first import of a path keeps it.
pub async fn add_redirect(tx: &mut Tx, path: &str, post: PostId) -> Result<bool> {
    let done = sqlx::query!("insert into redirects (path, post_id) values ($1, $2) on conflict (path) do nothing", path, post)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Marks the post as imported from `key` with content `hash`.
pub async fn mark_imported(tx: &mut Tx, post: PostId, key: &str, hash: &[u8]) -> Result<()> {
    sqlx::query!("update posts set import_key = $2, import_hash = $3 where id = $1", post, key, hash)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Public from now (or from `at`), and the business action is complete.
pub async fn mark_published(tx: &mut Tx, post: PostId, version: i32, at: Option<DateTime<Utc>>) -> Result<()> {
    sqlx::query!(
        "update posts set status = 'published', published_at = coalesce(published_at, $2, now()),
                          changed_at = case when published_at is null and $2::timestamptz is not null then $2 else now() end,
                          transaction_id = null
         where id = $1",
        post,
        at,
    )
    .execute(&mut **tx)
    .await?;
    // A page that becomes public takes its address over from what was led on from there.
    sqlx::query!(
        "delete from redirects r using posts p where p.id = $1 and p.kind = 'page' and r.path = '/' || p.page_path",
        post,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!("update revisions set published = true where post_id = $1 and number = $2", post, version)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub async fn mark_unpublished(tx: &mut Tx, post: PostId) -> Result<()> {
    sqlx::query!("update posts set status = 'draft', changed_at = now() where id = $1", post).execute(&mut **tx).await?;
    Ok(())
}

pub async fn set_deleted(tx: &mut Tx, post: PostId, deleted: bool) -> Result<()> {
    sqlx::query!("update posts set deleted_at = case when $2 then now() end where id = $1", post, deleted)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Where a post or page stands, for those who have to know that it changed.
pub struct PlaceRow {
    pub kind: Kind,
    /// Its path and those that lead to it, with keys for handles: what was found at none of them may be found at all
    /// of them when the post becomes public.
    pub addresses: Vec<String>,
    pub topics: Vec<String>,
    pub author_keys: Vec<String>,
}

pub async fn place(tx: &mut Tx, post: PostId) -> Result<PlaceRow> {
    let row = sqlx::query!(
        r#"select p.kind,
                  array(select '/' || p.page_path where p.kind = 'page'
                        union select r.path from redirects r where r.post_id = p.id
                        union select '/@' || k.key || '/' || s.slug
                        from (select u.username_key union select h.username_key from username_history h where h.user_id = u.id) k (key),
                             (select p.slug union select h.slug from slug_history h where h.post_id = p.id) s (slug)
                        where p.kind = 'post'
                        limit 500) as "addresses!",
                  array(select t.slug from post_tags pt join tags t on t.id = pt.tag_id where pt.post_id = p.id) as "topics!",
                  array(select w.username_key from post_authors a join users w on w.id = a.user_id where a.post_id = p.id)
                      as "author_keys!"
           from posts p join users u on u.id = p.owner_id where p.id = $1"#,
        post,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(PlaceRow { kind: Kind::from_column(&row.kind), addresses: row.addresses, topics: row.topics, author_keys: row.author_keys })
}

/// Keys of the tags under which the post is listed now.
pub async fn listed_tags(tx: &mut Tx, post: PostId) -> Result<Vec<i64>> {
    Ok(sqlx::query_scalar!("select tag_id from post_tags where post_id = $1 and listed_at is not null", post)
        .fetch_all(&mut **tx)
        .await?)
}

/// Brings the tags' counters from `before` to what is listed now. Rows are locked in the order of their
/// keys, and not against the foreign keys of new `post_tags` rows, which only need the tag to stay.
pub async fn count_tags(tx: &mut Tx, post: PostId, before: &[i64]) -> Result<()> {
    sqlx::query!(
        "with change as (
             select tag_id, sum(step)::integer as step
             from (select unnest($2::bigint[]) as tag_id, -1 as step
                   union all select tag_id, 1 from post_tags where post_id = $1 and listed_at is not null) steps
             group by tag_id having sum(step) <> 0),
         locked as (select t.id from tags t where t.id in (select tag_id from change) order by t.id for no key update)
         update tags set post_count = post_count + change.step
         from change join locked on locked.id = change.tag_id where tags.id = change.tag_id",
        post,
        before,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn clear_listed(tx: &mut Tx, post: PostId) -> Result<()> {
    write_listed(tx, post, None).await
}

pub async fn set_listed(tx: &mut Tx, post: PostId) -> Result<()> {
    let at = sqlx::query_scalar!(
        "select published_at from posts
         where id = $1 and kind = 'post' and status = 'published' and not unlisted and deleted_at is null",
        post,
    )
    .fetch_optional(&mut **tx)
    .await?;
    write_listed(tx, post, at.flatten()).await
}

async fn write_listed(tx: &mut Tx, post: PostId, at: Option<DateTime<Utc>>) -> Result<()> {
    sqlx::query!("update posts set listed_at = $2 where id = $1", post, at).execute(&mut **tx).await?;
    sqlx::query!("update post_tags set listed_at = $2 where post_id = $1", post, at).execute(&mut **tx).await?;
    sqlx::query!("update post_authors set listed_at = $2 where post_id = $1", post, at).execute(&mut **tx).await?;
    Ok(())
}

/// The post that an old address leads to.
pub async fn redirect_owner(tx: &mut Tx, path: &str) -> Result<Option<PostId>> {
    Ok(sqlx::query_scalar!("select post_id from redirects where path = $1", path).fetch_optional(&mut **tx).await?)
}
