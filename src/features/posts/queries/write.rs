//! Writes a post with all that belongs to it, in as few statements as will do: each is a round trip while a save holds its post.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Found, Place};
use crate::access::Actor;
use crate::db::{Result, Tx, public_id};
use crate::features::posts::draft::Draft;
use crate::features::posts::editing::Sequel;
use crate::features::posts::model::{Kind, PostId};
use crate::features::posts::queries::PostRow;
use crate::features::posts::tag_refs;

/// Makes the row of a new post and names its owner as author. Nothing when a post with this id is there already.
pub async fn insert_post(
    tx: &mut Tx,
    id: Uuid,
    kind: Kind,
    owner_id: i64,
    transaction_id: Uuid,
) -> Result<Option<PostRow>> {
    let placeholder = format!("untitled-{}", id.simple());
    let page_path = (kind == Kind::Page).then(|| placeholder.clone());
    let made = sqlx::query!(
        r#"with made as (
               insert into posts (public_id, kind, owner_id, slug, page_path, transaction_id) values ($1, $2, $3, $4, $5, $6)
               on conflict (public_id) do nothing returning id, saved_at),
           author as (
               insert into post_authors (post_id, user_id, position) select id, $3, 0 from made)
           select made.id, made.saved_at, u.username from made join users u on u.id = $3"#,
        id,
        kind.as_str(),
        owner_id,
        placeholder,
        page_path,
        transaction_id,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(made.map(|row| PostRow {
        id: row.id,
        slug: placeholder,
        page_path,
        transaction_id: Some(transaction_id),
        saved_at: row.saved_at,
        ..PostRow::unsaved(id, kind, owner_id, row.username)
    }))
}

/// Adds a revision to a published post, whose readers see the state before until it is published.
pub async fn keep_revision(
    tx: &mut Tx,
    post: &PostRow,
    (version, sequel): (i32, Sequel),
    draft: &Draft,
    found: &Found,
    actor: &Actor,
) -> Result<()> {
    let Sequel { editing, replaces } = sequel;
    sqlx::query!(
        "with replaced as (
             delete from revisions where post_id = $2 and number = $10 returning autosaved_since),
         kept as (
             insert into revisions (public_id, post_id, number, title, markdown, details, saved_by, transaction_id, correlation_id,
                                    editing, edit, autosaved_since)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9,
                     $11, $12, case when $13::boolean then coalesce((select autosaved_since from replaced), now()) end))
         update posts set version = $3, transaction_id = $8, saved_at = now() where id = $2",
        public_id(),
        post.id,
        version,
        draft.title,
        draft.markdown,
        tag_refs::stored_of(&draft.details, &found.tags),
        actor.id.unwrap_or(post.owner_id),
        actor.transaction_id(),
        actor.correlation_id,
        replaces,
        editing.map(|editing| editing.id),
        editing.map(|editing| editing.edit),
        editing.is_some_and(|editing| editing.is_autosave),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A version that was saved by itself is one that its author saved.
pub async fn keep_autosave(tx: &mut Tx, post: &PostRow) -> Result<()> {
    sqlx::query!(
        "update revisions set autosaved_since = null where post_id = $1 and number = $2",
        post.id,
        post.version
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Names these authors, each at its place, and no others.
pub async fn set_authors(tx: &mut Tx, post: PostId, authors: &[Place]) -> Result<()> {
    let (ids, positions): (Vec<i64>, Vec<i16>) = authors
        .iter()
        .map(|place| (place.user_id, place.position))
        .unzip();
    sqlx::query!(
        "with dropped as (delete from post_authors where post_id = $1 and user_id <> all($2))
         insert into post_authors (post_id, user_id, position)
         select $1, a.id, a.position from unnest($2::bigint[], $3::smallint[]) as a (id, position)
         on conflict (post_id, user_id) do update set position = excluded.position
         where post_authors.position <> excluded.position",
        post,
        &ids,
        &positions,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Moves a page's descendants with it; published ones leave a redirect at the old path. How many moved.
pub async fn move_pages(tx: &mut Tx, page: PostId, old: &str, new: &str) -> Result<u64> {
    sqlx::query!(
        "insert into redirects (path, post_id)
         select post_path('page', page_path, null, null), id from posts
         where kind = 'page' and published_at is not null and (id = $1 or starts_with(page_path, $2 || '/'))
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

/// Marks the post as imported from `key` with content `hash`.
pub async fn mark_imported(tx: &mut Tx, post: PostId, key: &str, hash: &[u8]) -> Result<()> {
    sqlx::query!(
        "update posts set import_key = $2, import_hash = $3 where id = $1",
        post,
        key,
        hash
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Moments of a post that was unpublished.
pub struct Unmarked {
    /// When readers saw it change last, as it was before.
    pub changed_at: DateTime<Utc>,
    /// The same column from now on.
    pub unpublished_at: DateTime<Utc>,
}

pub async fn mark_unpublished(tx: &mut Tx, post: PostId) -> Result<Unmarked> {
    Ok(sqlx::query_as!(
        Unmarked,
        r#"with before as (select id, changed_at from posts where id = $1),
           -- A node of the release before publishes without ending a review, and templates.
           reviewed as (
               update submissions set ended_at = now(), outcome = 'published' where post_id = $1 and ended_at is null
                 and version <= (select revision_number from post_bodies where post_id = $1))
           update posts p
           set status = 'draft', is_template = false, changed_at = now() from before b where p.id = b.id
           returning b.changed_at as "changed_at!", p.changed_at as "unpublished_at!""#,
        post
    )
    .fetch_one(&mut **tx)
    .await?)
}

/// When a post changed last for its readers. None: they never had it.
pub async fn changed_at(tx: &mut Tx, post: PostId) -> Result<Option<DateTime<Utc>>> {
    Ok(
        sqlx::query_scalar!(r#"select changed_at from posts where id = $1"#, post)
            .fetch_one(&mut **tx)
            .await?,
    )
}

/// Undoes [`mark_unpublished`]: the post is public as it was, with its dates. The row is locked.
pub async fn mark_published_again(
    tx: &mut Tx,
    post: PostId,
    changed_at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "update posts set status = 'published', changed_at = $2 where id = $1",
        post,
        changed_at
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Moves a post to the trash, and gives the moment. What was to become public comes back as a draft.
pub async fn move_to_trash(tx: &mut Tx, post: PostId) -> Result<DateTime<Utc>> {
    Ok(sqlx::query_scalar!(
        r#"update posts
           set deleted_at = now(), status = case when status = 'scheduled' then 'draft' else status end, scheduled_for = null, scheduled_date = null
           where id = $1 returning deleted_at as "at!""#,
        post
    )
    .fetch_one(&mut **tx)
    .await?)
}

pub async fn take_from_trash(tx: &mut Tx, post: PostId) -> Result<()> {
    // A node of the release before may have left it planned in there.
    sqlx::query!(
        "update posts set deleted_at = null, status = case when status = 'scheduled' then 'draft' else status end,
                          scheduled_for = null, scheduled_date = null
         where id = $1",
        post
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
