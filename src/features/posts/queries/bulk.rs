//! Many posts at once, as an act on all of them needs to know them.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::db::{Result, Tx};
use crate::features::posts::model::{Kind, PostId, Status};

/// A post that was chosen.
#[derive(Clone, Debug)]
pub struct ChosenPost {
    pub public_id: Uuid,
    pub kind: Kind,
    pub title: String,
    pub status: Status,
    /// The newest one.
    pub version: i32,
    /// The one that the page showed on which it was chosen.
    pub shown: i32,
    pub published_at: Option<DateTime<Utc>>,
    pub is_trashed: bool,
    /// A draft that others are begun from.
    pub is_template: bool,
    /// Readers get an earlier version.
    pub is_pending: bool,
    pub author_ids: Vec<i64>,
}

impl ChosenPost {
    pub fn is_public(&self) -> bool {
        self.status == Status::Published && !self.is_trashed
    }
}

/// Posts in the order of their ids given; the caller asks `can`.
pub async fn chosen_posts(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<ChosenPost>> {
    let rows = sqlx::query!(
        r#"select p.public_id, p.kind, p.status, p.version, p.published_at, p.deleted_at, p.is_template,
                  case when p.title = '' then name_of_untitled(p.id, p.description) else p.title end as "title!",
                  (p.status <> 'draft' and coalesce(b.revision_number, 0) < p.version) as "is_pending!",
                  array(select a.user_id from post_authors a where a.post_id = p.id) as "author_ids!"
           from unnest($1::uuid[]) with ordinality as c (id, place)
           join posts p on p.public_id = c.id left join post_bodies b on b.post_id = p.id
           order by c.place"#,
        ids
    )
    .fetch_all(conn)
    .await?;
    let posts = rows.into_iter().map(|r| ChosenPost {
        public_id: r.public_id,
        kind: Kind::from_column(&r.kind),
        title: r.title,
        status: Status::from_column(&r.status),
        version: r.version,
        shown: r.version,
        published_at: r.published_at,
        is_trashed: r.deleted_at.is_some(),
        is_template: r.is_template,
        is_pending: r.is_pending,
        author_ids: r.author_ids,
    });
    Ok(posts.collect())
}

/// When readers saw a post change last, where they see this version of it.
pub async fn public_since(
    conn: &mut PgConnection,
    id: Uuid,
    version: i32,
) -> Result<Option<DateTime<Utc>>> {
    let found = sqlx::query_scalar!(
        "select changed_at from public_posts p
         where public_id = $1 and (select b.revision_number from post_bodies b where b.post_id = p.id) = $2",
        id,
        version
    )
    .fetch_optional(conn)
    .await?;
    Ok(found.flatten())
}

/// A draft as it was before it was published; `date`: of a time that it was public before.
pub async fn mark_never_published(
    tx: &mut Tx,
    post: PostId,
    date: Option<DateTime<Utc>>,
) -> Result<()> {
    sqlx::query!(
        "update posts set status = 'draft', published_at = $2::timestamptz, changed_at = case when $2 is not null then now() end where id = $1",
        post,
        date
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
