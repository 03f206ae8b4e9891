//! Revisions of a post: the newest one, the one that stands against a late save, and the list in the editor.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::submissions::{Submission, SubmissionRow};
use crate::db::Result;
use crate::features::posts::draft::Draft;
use crate::features::posts::model::{Details, PostId};
use crate::features::site::SiteTypography;

/// The newest saved state of a post, with what has to be known to render it.
pub struct Newest {
    pub version: i32,
    pub draft: Draft,
    pub site_typography: SiteTypography,
}

/// By the public id of the post; the caller asks `can` before it shows anything of it.
pub async fn newest_of(conn: &mut PgConnection, id: Uuid) -> Result<Option<Newest>> {
    let row = sqlx::query!(
        r#"select p.version, r.title, r.markdown, r.details as "details: sqlx::types::Json<Details>",
                  s.typography as site_typography, s.language as site_language
           from posts p join revisions r on r.post_id = p.id and r.number = p.version cross join site s
           where p.public_id = $1"#,
        id,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|r| Newest {
        version: r.version,
        draft: Draft {
            title: r.title,
            markdown: r.markdown,
            details: r.details.0,
        },
        site_typography: SiteTypography {
            is_on: r.site_typography,
            language: r.site_language,
        },
    }))
}

/// The newest saved state, which is what the editor opens.
pub async fn newest_revision(conn: &mut PgConnection, post: PostId) -> Result<Option<Draft>> {
    let newest = version_up_to(conn, post, i32::MAX).await?;
    Ok(newest.map(|version| version.draft))
}

/// A version that is kept.
pub struct Version {
    pub number: i32,
    pub draft: Draft,
}

/// The newest version with a number of at most `number`: what a text began from, or where autosaves have taken its place, what that one
/// began from.
pub async fn version_up_to(
    conn: &mut PgConnection,
    post: PostId,
    number: i32,
) -> Result<Option<Version>> {
    let row = sqlx::query!(
        r#"select number, title, markdown, details as "details: sqlx::types::Json<Details>"
           from revisions where post_id = $1 and number <= $2 order by number desc limit 1"#,
        post,
        number,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|r| Version {
        number: r.number,
        draft: Draft {
            title: r.title,
            markdown: r.markdown,
            details: r.details.0,
        },
    }))
}

/// A version as it was saved.
pub struct StandingVersion {
    pub number: i32,
    pub draft: Draft,
    pub saved_by: String,
    pub saved_at: DateTime<Utc>,
    /// In which the site tells the time.
    pub time_zone: Tz,
}

/// The newest version, with who saved it when.
pub async fn standing_version(
    conn: &mut PgConnection,
    post: PostId,
) -> Result<Option<StandingVersion>> {
    let row = sqlx::query!(
        r#"select r.number, r.title, r.markdown, r.details as "details: sqlx::types::Json<Details>", u.username, r.saved_at,
                  s.time_zone
           from revisions r join users u on u.id = r.saved_by cross join site s
           where r.post_id = $1 order by r.number desc limit 1"#,
        post,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|r| StandingVersion {
        number: r.number,
        draft: Draft {
            title: r.title,
            markdown: r.markdown,
            details: r.details.0,
        },
        saved_by: r.username,
        saved_at: r.saved_at,
        time_zone: r.time_zone.parse().unwrap_or(Tz::UTC),
    }))
}

pub struct RevisionLine {
    pub number: i32,
    pub saved_at: DateTime<Utc>,
    pub saved_by: String,
    pub published: bool,
    /// What it was for readers.
    pub label: Option<String>,
}

/// What the editor shows of a post beside its text.
#[derive(Default)]
pub struct History {
    /// The last states, newest first.
    pub revisions: Vec<RevisionLine>,
    /// The pages on which it is pinned, as `pinned_posts` names them.
    pub pinned_on: Vec<i64>,
    /// How many notes of guests wait.
    pub pending_notes: i64,
    /// Where it stands in review.
    pub submission: Option<Submission>,
}

/// Of the last revisions, as many as `limit` says.
pub async fn history(conn: &mut PgConnection, post: PostId, limit: i64) -> Result<History> {
    // One question for all: the editor opens on a line that is slow, too.
    let mut rows = sqlx::query!(
        r#"select r.number, r.saved_at, u.username as saved_by, r.published, r.label,
                  array(select page_of from pinned_posts where post_id = $1) as "pinned_on!",
                  (select count(*) from preview_links l join guest_notes n on n.link_id = l.id
                   where l.post_id = $1 and n.state = 'pending') as "pending_notes!",
                  array(select row(v.version, v.is_changed, v.submitted_at, v.note, v.ended_at, v.reply, v.submitted_by, v.ended_by)
                        from standing_submissions v where v.post_id = $1) as "submission!: Vec<SubmissionRow>"
           from revisions r join users u on u.id = r.saved_by where r.post_id = $1 order by r.number desc limit $2"#,
        post,
        limit,
    )
    .fetch_all(conn)
    .await?;
    let pinned_on = rows.first().map(|row| row.pinned_on.clone());
    let pending_notes = rows.first().map_or(0, |row| row.pending_notes);
    let submission = rows.first_mut().and_then(|row| row.submission.pop());
    let revisions = rows.into_iter().map(|row| RevisionLine {
        number: row.number,
        saved_at: row.saved_at,
        saved_by: row.saved_by,
        published: row.published,
        label: row.label,
    });
    Ok(History {
        revisions: revisions.collect(),
        pinned_on: pinned_on.unwrap_or_default(),
        pending_notes,
        submission: submission.map(Submission::of),
    })
}
