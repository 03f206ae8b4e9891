//! A post as the verbs need it, with or without a lock. None of these asks whether it may be seen: the caller does.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::db::{Result, Tx};
use crate::features::posts::model::{Kind, PostId, Status};
use crate::features::posts::path::path_for;

/// What the verbs need to know of a post.
#[derive(Clone, Debug)]
pub struct PostRow {
    pub id: PostId,
    pub public_id: Uuid,
    pub kind: Kind,
    pub owner_id: i64,
    pub owner: String,
    pub title: String,
    pub slug: String,
    pub page_path: Option<String>,
    pub status: Status,
    pub version: i32,
    pub transaction_id: Option<Uuid>,
    pub saved_at: DateTime<Utc>,
    pub published_at: Option<DateTime<Utc>>,
    pub deleted_at: Option<DateTime<Utc>>,
    /// When it becomes public.
    pub scheduled_for: Option<DateTime<Utc>>,
    /// That time has come, and no job has noted it yet.
    pub is_due: bool,
    /// Version that readers see; lower than `version` while changes wait.
    pub public_version: i32,
    /// A draft that others are begun from.
    pub is_template: bool,
    /// In the order shown.
    pub author_ids: Vec<i64>,
    /// Who is named as author and has not answered.
    pub asked_ids: Vec<i64>,
    /// Who is named and said no, or took their name off.
    pub declined_ids: Vec<i64>,
}

impl PostRow {
    /// Before it has a row: not even its slug is chosen.
    pub fn unsaved(public_id: Uuid, kind: Kind, owner_id: i64, owner: String) -> PostRow {
        PostRow {
            id: 0,
            public_id,
            kind,
            owner_id,
            owner,
            title: String::new(),
            slug: String::new(),
            page_path: None,
            status: Status::Draft,
            version: 0,
            transaction_id: None,
            saved_at: DateTime::UNIX_EPOCH,
            published_at: None,
            deleted_at: None,
            scheduled_for: None,
            is_due: false,
            public_version: 0,
            is_template: false,
            author_ids: vec![owner_id],
            asked_ids: Vec::new(),
            declined_ids: Vec::new(),
        }
    }

    /// Where readers find it (or will).
    pub fn path(&self) -> String {
        path_for(self.page_path.as_deref(), &self.owner, &self.slug)
    }

    /// Whether readers may get it: what `public_posts` says, of a row that is held.
    pub fn is_public(&self) -> bool {
        (self.status == Status::Published || self.is_due) && self.deleted_at.is_none()
    }

    /// Whether this person stands in the byline, is asked, or has said no.
    pub fn names(&self, user_id: i64) -> bool {
        [&self.author_ids, &self.asked_ids, &self.declined_ids]
            .iter()
            .any(|ids| ids.contains(&user_id))
    }

    /// Later saves are not in what readers get, or will get.
    pub fn has_unpublished_changes(&self) -> bool {
        self.status != Status::Draft && self.public_version < self.version
    }
}

macro_rules! post_row {
    ($conn:expr, $tail:tt, $($arg:expr),*) => {{
        let row = sqlx::query!(
            r#"select p.id, p.public_id, p.kind, p.owner_id, u.username as owner, p.title, p.slug, p.page_path, p.status,
                      p.version, p.is_template, p.transaction_id, p.saved_at, p.published_at, p.deleted_at,
                      case when p.status = 'scheduled' then p.scheduled_for end as scheduled_for,
                      coalesce(p.status = 'scheduled' and p.scheduled_for <= now(), false) as "is_due!",
                      coalesce((select b.revision_number from post_bodies b where b.post_id = p.id), 0) as "public_version!",
                      array(select a.user_id from post_authors a where a.post_id = p.id order by a.position) as "author_ids!",
                      array(select r.user_id from byline_requests r where r.post_id = p.id and r.declined_at is null) as "asked_ids!",
                      array(select r.user_id from byline_requests r where r.post_id = p.id and r.declined_at is not null) as "declined_ids!"
               from posts p join users u on u.id = p.owner_id "# + $tail,
            $($arg),*
        )
        .fetch_optional($conn)
        .await?;
        row.map(|r| PostRow {
            id: r.id,
            public_id: r.public_id,
            kind: Kind::from_column(&r.kind),
            owner_id: r.owner_id,
            owner: r.owner,
            title: r.title,
            slug: r.slug,
            page_path: r.page_path,
            status: Status::from_column(&r.status),
            version: r.version,
            transaction_id: r.transaction_id,
            saved_at: r.saved_at,
            published_at: r.published_at,
            deleted_at: r.deleted_at,
            scheduled_for: r.scheduled_for,
            is_due: r.is_due,
            public_version: r.public_version,
            is_template: r.is_template && Status::from_column(&r.status) == Status::Draft,
            author_ids: r.author_ids,
            asked_ids: r.asked_ids,
            declined_ids: r.declined_ids,
        })
    }};
}

/// Any post or page, also in the trash; the caller asks `can`.
pub async fn post(conn: &mut PgConnection, id: Uuid) -> Result<Option<PostRow>> {
    Ok(post_row!(conn, "where p.public_id = $1", id))
}

/// The same, held until the transaction ends: two saves of one post happen one after the other.
pub async fn lock_post(tx: &mut Tx, id: Uuid) -> Result<Option<PostRow>> {
    Ok(post_row!(
        &mut **tx,
        "where p.public_id = $1 for update of p",
        id
    ))
}

/// The post at an address, for the edit link.
pub async fn post_at(
    conn: &mut PgConnection,
    username_key: &str,
    slug: &str,
) -> Result<Option<PostRow>> {
    Ok(post_row!(
        conn,
        "where u.username_key = $1 and p.slug = $2 and p.kind = 'post'",
        username_key,
        slug
    ))
}

/// A post that an import made, by its key.
pub async fn lock_imported(tx: &mut Tx, import_key: &str) -> Result<Option<PostRow>> {
    Ok(post_row!(
        &mut **tx,
        "where p.import_key = $1 for update of p",
        import_key
    ))
}
