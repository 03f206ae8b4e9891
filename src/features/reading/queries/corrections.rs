//! What readers are told of as corrected.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;

use crate::db::Result;
use crate::features::posts::PostId;

/// A post said something wrong until a version put it right.
#[derive(Debug)]
pub struct Correction {
    pub version: i32,
    /// The version that readers had until then.
    pub corrects: i32,
    pub remark: String,
    /// Readers can compare the two.
    pub shows_difference: bool,
    pub made_at: DateTime<Utc>,
}

/// The same as queries select it along with its post.
pub type CorrectionRow = (i32, i32, String, bool, DateTime<Utc>);

impl Correction {
    pub(super) fn of(row: CorrectionRow) -> Correction {
        let (version, corrects, remark, shows_difference, made_at) = row;
        Correction {
            version,
            corrects,
            remark,
            shows_difference,
            made_at,
        }
    }
}

/// The Markdown of two versions of a post.
pub struct Compared {
    pub version: i32,
    pub old: String,
    pub new: String,
}

/// What the newest corrections changed that readers may compare: at most `limit` of them, the newest first.
pub async fn compared(conn: &mut PgConnection, post: PostId, limit: i64) -> Result<Vec<Compared>> {
    Ok(sqlx::query_as!(
        Compared,
        r#"select c.version, o.markdown as old, n.markdown as new
           from (select * from corrections where post_id = $1 and shows_difference order by version desc limit $2) c
                join revisions o on o.post_id = $1 and o.number = c.corrects
                join revisions n on n.post_id = $1 and n.number = c.version
           order by c.version desc"#,
        post,
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// A correction in the list of an author.
pub struct ListedCorrection {
    pub title: String,
    pub path: String,
    pub post: uuid::Uuid,
    pub remark: String,
    pub made_at: DateTime<Utc>,
}

/// The newest corrections of an account's listed posts, at most a hundred.
pub async fn corrections_of(
    conn: &mut PgConnection,
    user_id: i64,
) -> Result<Vec<ListedCorrection>> {
    Ok(sqlx::query_as!(
        ListedCorrection,
        r#"select case when p.title = '' then coalesce(nullif(name_of_untitled(p.id, p.description), ''), p.slug) else p.title end as "title!",
                  p.path as "path!", p.public_id as "post!", c.remark, c.made_at
           from corrections c join listed_posts_by_author l on l.post_id = c.post_id and l.user_id = $1
                join public_posts p on p.id = c.post_id
           order by c.made_at desc, c.post_id desc limit 100"#,
        user_id
    )
    .fetch_all(conn)
    .await?)
}
