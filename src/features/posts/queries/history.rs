//! The versions of a post that are kept: a list of them, and one with those beside it.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;

use super::versions::RevisionLine;
use crate::db::Result;
use crate::features::posts::draft::Draft;
use crate::features::posts::model::{Details, PostId};

/// Versions on a page of the list.
pub const VERSIONS_PER_PAGE: usize = 50;
const _: () = assert!(
    VERSIONS_PER_PAGE == 50,
    "the query of versions says `limit 51`"
);

/// A part of the list.
pub struct VersionsHere {
    pub versions: Vec<RevisionLine>,
    /// The number behind which older ones stand.
    pub next: Option<i32>,
}

/// The newest first, of those with a number below `before`.
pub async fn versions(conn: &mut PgConnection, post: PostId, before: i32) -> Result<VersionsHere> {
    let mut versions = sqlx::query_as!(
        RevisionLine,
        r#"select r.number, r.saved_at, u.username as saved_by, r.published, r.label
           from revisions r join users u on u.id = r.saved_by
           where r.post_id = $1 and r.number < $2 order by r.number desc limit 51"#,
        post,
        before,
    )
    .fetch_all(conn)
    .await?;
    let has_more = versions.len() > VERSIONS_PER_PAGE;
    versions.truncate(VERSIONS_PER_PAGE);
    let next = versions.last().filter(|_| has_more).map(|last| last.number);
    Ok(VersionsHere { versions, next })
}

/// A version that was kept, and the numbers of those around it: not all are.
pub struct KeptVersion {
    pub number: i32,
    pub draft: Draft,
    pub saved_by: String,
    pub saved_at: DateTime<Utc>,
    pub published: bool,
    pub older: Option<i32>,
    pub newer: Option<i32>,
}

/// The version with this number, where it is kept.
pub async fn kept_version(
    conn: &mut PgConnection,
    post: PostId,
    number: i32,
) -> Result<Option<KeptVersion>> {
    let row = sqlx::query!(
        r#"select r.number, r.title, r.markdown, r.details as "details: sqlx::types::Json<Details>", u.username, r.saved_at,
                  r.published,
                  (select number from revisions where post_id = $1 and number < $2 order by number desc limit 1) as older,
                  (select number from revisions where post_id = $1 and number > $2 order by number limit 1) as newer
           from revisions r join users u on u.id = r.saved_by where r.post_id = $1 and r.number = $2"#,
        post,
        number,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|r| KeptVersion {
        number: r.number,
        draft: Draft {
            title: r.title,
            markdown: r.markdown,
            details: r.details.0,
        },
        saved_by: r.username,
        saved_at: r.saved_at,
        published: r.published,
        older: r.older,
        newer: r.newer,
    }))
}
