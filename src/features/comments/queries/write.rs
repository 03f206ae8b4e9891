use uuid::Uuid;

use crate::db::{DbError, OnConstraint, Result, Tx, public_id};
use crate::features::comments::model::{CommentId, Grievance, State};
use crate::features::comments::write::NewComment;
use crate::features::posts::PostId;
use crate::markdown::RENDERER_VERSION;

pub struct Parent {
    pub id: CommentId,
    pub depth: i16,
}

/// The comment that is answered, kept visible until the transaction ends.
pub async fn lock_parent(tx: &mut Tx, post: PostId, id: Uuid) -> Result<Option<Parent>> {
    Ok(sqlx::query_as!(
        Parent,
        "select id, depth from comments where public_id = $1 and post_id = $2 and state = 'visible' for share",
        id,
        post,
    )
    .fetch_optional(&mut **tx)
    .await?)
}

/// False when a comment with this id is there already.
pub async fn insert(
    tx: &mut Tx,
    id: Uuid,
    new: &NewComment<'_>,
    parent: Option<CommentId>,
    depth: i16,
    transaction_id: Uuid,
) -> Result<bool> {
    let done = sqlx::query!(
        "insert into comments (public_id, post_id, parent_id, author_id, depth, markdown, html, renderer_version, state,
                               transaction_id, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, coalesce($11, now()))
         on conflict (public_id) do nothing",
        id,
        new.post_id,
        parent,
        new.author_id,
        depth,
        new.markdown,
        new.html,
        RENDERER_VERSION,
        new.state.as_str(),
        transaction_id,
        new.at,
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether the comment is this person's, under this post.
pub async fn written_by(tx: &mut Tx, id: Uuid, post: PostId, writer: i64) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select 1 from comments where public_id = $1 and post_id = $2 and author_id = $3) as "same!""#,
        id,
        post,
        writer,
    )
    .fetch_one(&mut **tx)
    .await?)
}

/// Adds `by` to the number of comments that readers see under a post.
pub async fn count(tx: &mut Tx, post: PostId, by: i32) -> Result<()> {
    sqlx::query!("update posts set comment_count = comment_count + $2 where id = $1", post, by).execute(&mut **tx).await?;
    Ok(())
}

pub async fn set_text(tx: &mut Tx, comment: CommentId, markdown: &str, html: &str) -> Result<()> {
    sqlx::query!(
        "update comments set markdown = $2, html = $3, renderer_version = $4, version = version + 1, edited_at = now()
         where id = $1",
        comment,
        markdown,
        html,
        RENDERER_VERSION,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What is deleted is not kept: only the row stays.
pub async fn blank_text(tx: &mut Tx, comment: CommentId) -> Result<()> {
    sqlx::query!("update comments set markdown = '', html = '' where id = $1", comment).execute(&mut **tx).await?;
    Ok(())
}

pub async fn set_state(tx: &mut Tx, comment: CommentId, state: State, reason: &str, decider: i64) -> Result<()> {
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

/// One decision settles all open reports of a comment.
pub async fn resolve_reports(tx: &mut Tx, comment: CommentId, decider: i64, outcome: &str) -> Result<()> {
    sqlx::query!(
        "update reports set resolved_at = now(), resolved_by = $2, outcome = $3 where comment_id = $1 and resolved_at is null",
        comment,
        decider,
        outcome,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Why a report was not written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("You reported this comment already.")]
    Already,
    #[error(transparent)]
    Db(#[from] DbError),
}

/// A report about a comment, as it was read at `version`.
pub struct NewReport<'a> {
    pub comment: CommentId,
    pub version: i32,
    pub reporter: i64,
    pub grievance: Grievance,
    pub details: &'a str,
}

/// One report a reader and comment; the database decides that. After [`ReportError::Already`] the
/// transaction can only be dropped. The caller has kept the present words: of a version whose words are not known any more,
/// the next one counts that are.
pub async fn insert_report(tx: &mut Tx, new: NewReport<'_>) -> Result<Uuid, ReportError> {
    let id = public_id();
    sqlx::query!(
        "insert into reports (public_id, comment_id, reporter_id, reason, details, version)
         select $1, $2, $3, $4, $5, (select min(v.version) from comment_revisions v where v.comment_id = $2 and v.version >= $6)",
        id,
        new.comment,
        new.reporter,
        new.grievance.as_str(),
        new.details,
        new.version,
    )
    .execute(&mut **tx)
    .await
    .on_constraint("reports_once", || ReportError::Already)?;
    Ok(id)
}
