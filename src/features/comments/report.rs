//! Reporting a comment to those who decide about it.

use serde_json::{Value, json};
use uuid::Uuid;

use super::model::ReportReason;
use super::permission::reportable;
use super::queries::{self, CommentRow, NewReport, ReportError};
use crate::access::Actor;
use crate::db::audit::{self, Entry};
use crate::db::{Db, DbError, Tx};
use crate::web::Result;

pub struct ReportRequest<'a> {
    pub id: Uuid,
    /// The version that was read; `None` is the present one.
    pub version: Option<i32>,
    pub reason: ReportReason,
    pub details: &'a str,
}

/// What became of a report.
pub enum Reported {
    Done,
    /// The actor reported this comment before, in other words.
    Before(Box<CommentRow>),
}

/// # Errors
///
/// Where the actor may not report this comment.
pub async fn report(db: &Db, actor: &Actor, request: ReportRequest<'_>) -> Result<Reported> {
    let mut tx = db.begin().await?;
    let comment = reportable(queries::lock_comment(&mut tx, request.id).await?, actor)?;
    let reporter = actor.account()?;
    queries::keep_revision(&mut tx, comment.id).await?;
    let new = request.report(&comment, reporter);
    let version = new.version;
    let report = match queries::insert_report(&mut tx, new).await {
        Ok(report) => report,
        Err(ReportError::Already) => {
            drop(tx);
            return reported_before(db, reporter, comment, &request).await;
        }
        Err(ReportError::Db(error)) => return Err(error.into()),
    };
    let after = json!({ "report": report, "reason": request.reason.as_str(), "version": version });
    record(&mut tx, actor, &comment, (&request, after)).await?;
    tx.commit().await?;
    Ok(Reported::Done)
}

impl ReportRequest<'_> {
    fn report(&self, comment: &CommentRow, reporter: i64) -> NewReport<'_> {
        let version = self.version.unwrap_or(comment.version);
        NewReport {
            comment: comment.id,
            version: version.min(comment.version),
            reporter,
            reason: self.reason,
            details: self.details,
        }
    }
}

async fn record(
    tx: &mut Tx,
    actor: &Actor,
    comment: &CommentRow,
    (request, after): (&ReportRequest<'_>, Value),
) -> Result<(), DbError> {
    let entry = Entry {
        act: "comment.report",
        object_kind: "comment",
        object_id: Some(comment.public_id),
        reason: request.details,
        after: Some(after),
        ..Entry::default()
    };
    actor.joins(Some(comment.transaction_id));
    tx.belongs_to(actor);
    audit::record(tx, actor, entry).await
}

async fn reported_before(
    db: &Db,
    reporter: i64,
    comment: CommentRow,
    request: &ReportRequest<'_>,
) -> Result<Reported> {
    let own = queries::own_report(&mut *db.fresh().await?, comment.id, reporter).await?;
    let same = own
        .is_some_and(|own| own.reason == request.reason.as_str() && own.details == request.details);
    Ok(match same {
        true => Reported::Done,
        false => Reported::Before(Box::new(comment)),
    })
}
