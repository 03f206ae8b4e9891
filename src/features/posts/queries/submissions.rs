//! What was submitted for review.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;

use crate::access::Actor;
use crate::db::{Result, Tx};
use crate::features::posts::model::PostId;

/// The last time that a post was submitted.
#[derive(Clone, Debug)]
pub struct Submission {
    /// Later versions were saved since.
    pub is_changed: bool,
    /// Handles; none where the account is gone.
    pub submitted_by: Option<String>,
    pub submitted_at: DateTime<Utc>,
    /// To the editor.
    pub note: String,
    pub ended_at: Option<DateTime<Utc>>,
    pub ended_by: Option<String>,
    pub outcome: Option<String>,
    /// Of the editor that sent it back.
    pub reply: String,
}

impl Submission {
    /// It waits for an editor.
    pub fn is_open(&self) -> bool {
        self.ended_at.is_none()
    }

    /// When an editor sent it back; it was not submitted since.
    pub fn returned_at(&self) -> Option<DateTime<Utc>> {
        self.ended_at
            .filter(|_| self.outcome.as_deref() == Some("returned"))
    }
}

/// How a post was submitted last, unless readers have what was submitted, and what was written since: also where a node of the release
/// before published it.
pub async fn submission(conn: &mut PgConnection, post: PostId) -> Result<Option<Submission>> {
    Ok(sqlx::query_as!(
        Submission,
        r#"select s.submitted_at, s.note, s.ended_at, s.outcome, s.reply, s.version < p.version as "is_changed!",
                  (select username from users where id = s.submitted_by) as submitted_by,
                  (select username from users where id = s.ended_by) as ended_by
           from (select * from submissions where post_id = $1 order by id desc limit 1) s join posts p on p.id = s.post_id
           where p.status = 'draft'
              or case when s.ended_at is null then s.version else p.version end
                 > coalesce((select b.revision_number from post_bodies b where b.post_id = p.id), 0)"#,
        post
    )
    .fetch_optional(conn)
    .await?)
}

/// Submits a version of a locked post. One that is in review already goes on waiting, as this version and with this note.
pub async fn submit(
    tx: &mut Tx,
    post: PostId,
    version: i32,
    note: &str,
    actor: &Actor,
) -> Result<()> {
    sqlx::query!(
        "insert into submissions (post_id, version, submitted_by, note) values ($1, $2, $3, $4)
         on conflict (post_id) where ended_at is null
         do update set version = excluded.version, submitted_by = excluded.submitted_by, submitted_at = now(), note = excluded.note",
        post,
        version,
        actor.id,
        note
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Ends the review of a locked post, as `returned` with a reply or as `withdrawn`. False where it is not in review.
pub async fn end_review(
    tx: &mut Tx,
    post: PostId,
    outcome: &str,
    reply: &str,
    actor: &Actor,
) -> Result<bool> {
    let ended = sqlx::query!(
        "update submissions set ended_at = now(), ended_by = $2, outcome = $3, reply = $4
         where post_id = $1 and ended_at is null",
        post,
        actor.id,
        outcome,
        reply
    )
    .execute(&mut **tx)
    .await?;
    Ok(ended.rows_affected() == 1)
}
