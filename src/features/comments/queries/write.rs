//! Writes comments and what is decided of them.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::PostRef;
use crate::db::{Result, Tx};
use crate::features::comments::model::{CommentId, MAX_DEPTH, State};
use crate::features::comments::text::Checked;
use crate::features::posts::PostId;
use crate::markdown::{RENDERER_VERSION, Typography};

/// Everything of a comment that is to be written. The caller has checked the policy and made the HTML with
/// [`render`](crate::features::comments::render).
#[derive(Clone, Debug)]
pub struct NewComment<'a> {
    /// A version 7 id made beforehand, so that sending a form twice writes one comment; `None` makes one.
    pub id: Option<Uuid>,
    pub post_id: PostId,
    pub post_public_id: Uuid,
    pub author_id: i64,
    /// Public id of the comment answered.
    pub parent: Option<Uuid>,
    pub markdown: &'a str,
    pub html: &'a str,
    /// How the HTML was set.
    pub typography: &'a Typography,
    pub state: State,
    /// What `state` was decided by: asked for again while the comment is written, since rendering took a moment. `None`:
    /// nothing decided.
    pub seen: Option<&'a PostRef>,
    /// When it counts as written; `None` is now.
    pub at: Option<DateTime<Utc>>,
}

/// What became of a comment that was to be written.
pub struct Inserted {
    /// None where the comment that it answers is not there, or not visible.
    pub depth: Option<i16>,
    /// False when a comment with this id is there already, or it would be too deep, or its post is not as it was seen.
    pub made: bool,
    /// The post is as it was seen.
    pub stands: bool,
}

/// Writes the comment and counts it where readers see it, in one statement, which also asks again for what its state was
/// decided by. The comment that it answers is held until the transaction ends: no decision hides it meanwhile. Rows are
/// locked in the order comment, then post, everywhere.
pub async fn insert(
    tx: &mut Tx,
    id: Uuid,
    new: &NewComment<'_>,
    transaction_id: Uuid,
) -> Result<Inserted> {
    let seen = new.seen;
    Ok(sqlx::query_as!(
        Inserted,
        r#"with stands as (
               select from posts p
               where p.id = $2 and ($12::text is null
                   or p.kind = 'post' and (select true from public_posts where id = $2)
                      and coalesce(p.comment_policy, (select s.comment_policy from site s)) = $12
                      and array(select a.user_id from post_authors a where a.post_id = p.id order by a.user_id) = $13::bigint[]
                      and (not $14::boolean
                           or exists (select from comments c
                                      where c.author_id = $4 and c.state = 'visible' and c.decided_by <> c.author_id)))),
           parent as (
               select id, depth from comments where public_id = $3 and post_id = $2 and state = 'visible' for share),
           place as (
               select null::bigint as parent_id, 0::smallint as depth where $3::uuid is null
               union all select id, (depth + 1)::smallint from parent),
           made as (
               insert into comments (public_id, post_id, parent_id, author_id, depth, markdown, html, typography,
                                     renderer_version, state, transaction_id, created_at)
               select $1::uuid, $2::bigint, parent_id, $4::bigint, depth, $5::text, $6::text, $15::text,
                      case when $15 = post_typography($2) then $7::integer else 0 end, $8::text, $9::uuid,
                      coalesce($10::timestamptz, now())
               from place where depth <= $11::smallint and exists (select from stands)
               on conflict (public_id) do nothing returning id),
           counted as (
               update posts set comment_count = comment_count + 1
               where id = $2 and $8 = 'visible' and exists (select from made))
           select (select depth from place) as "depth?", exists (select from made) as "made!",
                  exists (select from stands) as "stands!""#,
        id,
        new.post_id,
        new.parent,
        new.author_id,
        new.markdown,
        new.html,
        RENDERER_VERSION,
        new.state.as_str(),
        transaction_id,
        new.at,
        MAX_DEPTH,
        seen.map(|post| post.policy.as_str()),
        seen.map_or(&[][..], |post| &post.author_ids),
        seen.is_some_and(|post| post.knows_author),
        new.typography.language(),
    )
    .fetch_one(&mut **tx)
    .await?)
}

/// Whether exactly this comment stands under this id: by the same person, in the same place, with the same words.
pub async fn is_written(tx: &mut Tx, id: Uuid, new: &NewComment<'_>) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select 1 from comments c left join comments p on p.id = c.parent_id
               where c.public_id = $1 and c.post_id = $2 and c.author_id = $3 and c.markdown = $4
                 and p.public_id is not distinct from $5::uuid) as "same!""#,
        id,
        new.post_id,
        new.author_id,
        new.markdown,
        new.parent,
    )
    .fetch_one(&mut **tx)
    .await?)
}

/// Adds `by` to the number of comments that readers see under a post.
pub async fn count(tx: &mut Tx, post: PostId, by: i32) -> Result<()> {
    sqlx::query!(
        "update posts set comment_count = comment_count + $2 where id = $1",
        post,
        by
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn set_text(tx: &mut Tx, comment: CommentId, text: &Checked) -> Result<()> {
    sqlx::query!(
        "update comments set markdown = $2, html = $3, typography = $5,
                             renderer_version = case when $5 = post_typography(post_id) then $4::integer else 0 end,
                             version = version + 1, edited_at = now()
         where id = $1",
        comment,
        text.markdown,
        text.html,
        RENDERER_VERSION,
        text.typography.language(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What is deleted is not kept: only the row stays.
pub async fn blank_text(tx: &mut Tx, comment: CommentId) -> Result<()> {
    sqlx::query!(
        "update comments set markdown = '', html = '' where id = $1",
        comment
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn set_state(
    tx: &mut Tx,
    comment: CommentId,
    state: State,
    reason: &str,
    decider: i64,
) -> Result<()> {
    sqlx::query!(
        "update comments set state = $2, reason = $3, decided_by = $4, decided_at = now(), version = version + 1
         where id = $1",
        comment,
        state.as_str(),
        reason,
        decider,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The account that decided about a comment, by its public id, and when.
pub struct Decision {
    pub by: Option<Uuid>,
    pub at: Option<DateTime<Utc>>,
}

/// The decision that stands about a comment.
pub async fn decision(tx: &mut Tx, comment: CommentId) -> Result<Decision> {
    Ok(sqlx::query_as!(
        Decision,
        r#"select u.public_id as "by?", c.decided_at as at
           from comments c left join users u on u.id = c.decided_by where c.id = $1"#,
        comment
    )
    .fetch_one(&mut **tx)
    .await?)
}

/// Brings a comment back into a state, with the decision that stood then, which had no reason that is shown.
pub async fn set_state_back(
    tx: &mut Tx,
    comment: CommentId,
    state: State,
    decision: Decision,
) -> Result<()> {
    sqlx::query!(
        "update comments set state = $2, reason = '', decided_by = (select id from users where public_id = $3), decided_at = $4,
                             version = version + 1
         where id = $1",
        comment,
        state.as_str(),
        decision.by,
        decision.at,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The reason given with the newest decision about a comment, as the log has it.
pub async fn logged_reason(tx: &mut Tx, comment: Uuid) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!(
        "select reason from audit_log
         where object_id = $1 and act in ('comment.approve', 'comment.keep', 'comment.hide', 'comment.delete')
         order by at desc, id desc limit 1",
        comment,
    )
    .fetch_optional(&mut **tx)
    .await?)
}
