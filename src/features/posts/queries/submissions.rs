//! What was submitted for review.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;

use crate::access::Actor;
use crate::db::{Result, Tx};
use crate::features::posts::draft::Draft;
use crate::features::posts::model::{Details, PostId};

/// How a post was submitted, where that is not over for its author: it waits, or was sent back.
#[derive(Clone, Debug)]
pub struct Submission {
    pub version: i32,
    /// Later versions were saved since.
    pub is_changed: bool,
    pub submitted_at: DateTime<Utc>,
    /// To the editor.
    pub note: String,
    /// When it was sent back.
    pub ended_at: Option<DateTime<Utc>>,
    /// Of the editor that sent it back.
    pub reply: String,
    /// Handles; none where the account is gone.
    pub submitted_by: Option<String>,
    pub ended_by: Option<String>,
}

/// The same as queries select it along with other things.
pub type SubmissionRow = (
    i32,
    bool,
    DateTime<Utc>,
    String,
    Option<DateTime<Utc>>,
    String,
    Option<String>,
    Option<String>,
);

impl Submission {
    /// It waits for an editor.
    pub fn is_open(&self) -> bool {
        self.ended_at.is_none()
    }

    pub fn of(row: SubmissionRow) -> Submission {
        let (version, is_changed, submitted_at, note, ended_at, reply, submitted_by, ended_by) =
            row;
        Submission {
            version,
            is_changed,
            submitted_at,
            note,
            ended_at,
            reply,
            submitted_by,
            ended_by,
        }
    }
}

/// The newest saved state of a post, and where it stands in review: in one question, as the step before publishing asks several.
pub async fn newest_with_submission(
    conn: &mut PgConnection,
    post: PostId,
) -> Result<Option<(Draft, Option<Submission>)>> {
    let row = sqlx::query!(
        r#"select title, markdown, details as "details: sqlx::types::Json<Details>",
                  array(select row(v.version, v.is_changed, v.submitted_at, v.note, v.ended_at, v.reply, v.submitted_by, v.ended_by)
                        from standing_submissions v where v.post_id = $1) as "submission!: Vec<SubmissionRow>"
           from revisions where post_id = $1 order by number desc limit 1"#,
        post
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|r| {
        let draft = Draft {
            title: r.title,
            markdown: r.markdown,
            details: r.details.0,
        };
        (draft, r.submission.into_iter().next().map(Submission::of))
    }))
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

/// Ends the review of a locked post, as `returned` with a reply or as `withdrawn`. `seen`: the version that was submitted when the
/// actor looked; none is any. False where it is not in review, or another version is.
pub async fn end_review(
    tx: &mut Tx,
    post: PostId,
    seen: Option<i32>,
    (outcome, reply): (&str, &str),
    actor: &Actor,
) -> Result<bool> {
    let ended = sqlx::query!(
        "update submissions set ended_at = now(), ended_by = $2, outcome = $3, reply = $4
         where post_id = $1 and ended_at is null and version = coalesce($5, version)",
        post,
        actor.id,
        outcome,
        reply,
        seen
    )
    .execute(&mut **tx)
    .await?;
    Ok(ended.rows_affected() == 1)
}
