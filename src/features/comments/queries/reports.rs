//! Reports of comments: sent, read by those who decide, settled.

use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::queue_line::ReportLine;
use crate::db::{DbError, OnConstraint, Result, Tx, public_id};
use crate::features::comments::model::{CommentId, ReportReason};

/// Why a report was not written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("the account has reported this comment already")]
    Already,
    #[error(transparent)]
    Db(#[from] DbError),
}

/// A report about a comment, as it was read at `version`.
pub struct NewReport<'a> {
    pub comment: CommentId,
    pub version: i32,
    pub reporter: i64,
    pub reason: ReportReason,
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
        new.reason.as_str(),
        new.details,
        new.version,
    )
    .execute(&mut **tx)
    .await
    .on_constraint("reports_once", || ReportError::Already)?;
    Ok(id)
}

/// What a reader has reported about a comment.
pub struct OwnReport {
    pub reason: String,
    pub details: String,
}

impl OwnReport {
    pub fn reason_label(&self) -> String {
        ReportReason::parse(&self.reason)
            .map(|reason| reason.label().into())
            .unwrap_or_default()
    }
}

/// The report of this reader about this comment: there is at most one.
pub async fn own_report(
    conn: &mut PgConnection,
    comment: CommentId,
    reader: i64,
) -> Result<Option<OwnReport>> {
    Ok(sqlx::query_as!(
        OwnReport,
        "select reason, details from reports where comment_id = $1 and reporter_id = $2",
        comment,
        reader,
    )
    .fetch_optional(conn)
    .await?)
}

/// The open reports of one comment, oldest first, at most fifty.
pub async fn open_reports(conn: &mut PgConnection, comment: CommentId) -> Result<Vec<ReportLine>> {
    Ok(sqlx::query_as!(
        ReportLine,
        "select r.reason, r.details, u.username as reporter from reports r join users u on u.id = r.reporter_id
         where r.comment_id = $1 and r.resolved_at is null order by r.id limit 50",
        comment,
    )
    .fetch_all(conn)
    .await?)
}

/// One decision settles all open reports of a comment.
pub async fn resolve_reports(
    tx: &mut Tx,
    comment: CommentId,
    decider: i64,
    outcome: &str,
) -> Result<()> {
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

/// Opens the reports again that the decision settled which stands about a comment: both have the moment of one transaction.
pub async fn reopen_reports(tx: &mut Tx, comment: CommentId) -> Result<()> {
    sqlx::query!(
        "update reports r set resolved_at = null, resolved_by = null, outcome = null
         from comments c
         where c.id = $1 and r.comment_id = c.id and r.resolved_at = c.decided_at and r.resolved_by = c.decided_by",
        comment,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
