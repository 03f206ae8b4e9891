//! Reads one comment, with everything that a rule or a page asks about it.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::access::Resource;
use crate::db::{Result, Tx};
use crate::features::comments::model::{CommentId, State, open_for_edit};
use crate::features::posts::{Byline, PostId};
use crate::markdown::Typography;

/// A comment with everything that a rule or a page asks about it.
#[derive(Clone, Debug)]
pub struct CommentRow {
    pub id: CommentId,
    pub public_id: Uuid,
    pub post_id: PostId,
    pub post_public_id: Uuid,
    pub post_title: String,
    pub post_path: String,
    /// Readers can see the post.
    pub post_public: bool,
    pub post_authors: Vec<i64>,
    pub author_id: i64,
    pub author: String,
    pub author_name: String,
    pub author_avatar: Option<Uuid>,
    pub markdown: String,
    pub html: String,
    /// How an edit of it is rendered.
    pub typography: Typography,
    /// Goes up with every change of its text and with every decision.
    pub version: i32,
    pub state: State,
    pub reason: String,
    pub transaction_id: Uuid,
    pub created_at: DateTime<Utc>,
    pub edited_at: Option<DateTime<Utc>>,
    pub decided: bool,
    /// The last decision was its author's own.
    pub withdrawn: bool,
    /// The last decision was a moderator's.
    pub decided_by_staff: bool,
    pub open_reports: bool,
    /// When all of this was so, by the clock of the database.
    pub asked_at: DateTime<Utc>,
}

impl CommentRow {
    /// What permissions are asked about.
    pub fn object(&self) -> Resource<'_> {
        Resource::Comment {
            author: self.author_id,
            post_authors: &self.post_authors,
            open: self.open_for_edit(self.asked_at),
        }
    }

    pub fn open_for_edit(&self, now: DateTime<Utc>) -> bool {
        self.post_public && open_for_edit(self.state, self.decided, self.created_at, now)
    }

    /// Every reader sees it.
    pub fn public(&self) -> bool {
        self.post_public && self.state == State::Visible
    }

    pub fn byline(&self) -> Byline {
        Byline {
            username: self.author.clone(),
            name: self.author_name.clone(),
            avatar_id: self.author_avatar,
        }
    }
}

macro_rules! comment {
    ($conn:expr, $tail:tt, $($arg:expr),*) => {{
        let row = sqlx::query!(
            r#"select c.id, c.public_id, c.post_id, p.public_id as post_public_id,
                      case when p.title = '' then name_of_untitled(p.id, p.description) else p.title end as "title!",
                      post_path(p.kind, p.page_path, o.username, p.slug) as "path!",
                      (select true from public_posts where id = p.id) is not null as "post_public!",
                      array(select a.user_id from post_authors a where a.post_id = p.id) as "post_authors!",
                      c.author_id, u.username, u.name, u.avatar_id, c.markdown, c.html, post_typography(c.post_id) as "typography!", c.version, c.state, c.reason,
                      c.transaction_id, c.created_at, c.edited_at, c.decided_at is not null as "decided!",
                      coalesce(c.decided_by = c.author_id, false) as "withdrawn!",
                      coalesce((select d.role in ('moderator', 'admin', 'owner') from users d where d.id = c.decided_by), false)
                          as "decided_by_staff!",
                      exists (select 1 from reports r where r.comment_id = c.id and r.resolved_at is null) as "open_reports!",
                      clock_timestamp() as "asked_at!"
               from comments c join posts p on p.id = c.post_id join users o on o.id = p.owner_id join users u on u.id = c.author_id "#
                + $tail,
            $($arg),*
        )
        .fetch_optional($conn)
        .await?;
        row.map(|r| CommentRow {
            id: r.id,
            public_id: r.public_id,
            post_id: r.post_id,
            post_public_id: r.post_public_id,
            post_title: r.title,
            post_path: r.path,
            post_public: r.post_public,
            post_authors: r.post_authors,
            author_id: r.author_id,
            author: r.username,
            author_name: r.name,
            author_avatar: r.avatar_id,
            markdown: r.markdown,
            html: r.html,
            typography: Typography::of(&r.typography),
            version: r.version,
            state: State::from_column(&r.state),
            reason: r.reason,
            transaction_id: r.transaction_id,
            created_at: r.created_at,
            edited_at: r.edited_at,
            decided: r.decided,
            withdrawn: r.withdrawn,
            decided_by_staff: r.decided_by_staff,
            open_reports: r.open_reports,
            asked_at: r.asked_at,
        })
    }};
}

/// Any comment, in whatever state; the caller asks `can`.
pub async fn comment(conn: &mut PgConnection, id: Uuid) -> Result<Option<CommentRow>> {
    Ok(comment!(conn, "where c.public_id = $1", id))
}

/// The same, held until the transaction ends: two decisions about one comment happen one after the other.
pub async fn lock_comment(tx: &mut Tx, id: Uuid) -> Result<Option<CommentRow>> {
    Ok(comment!(
        &mut **tx,
        "where c.public_id = $1 for update of c",
        id
    ))
}

/// The comment that a reply answers, while readers see it.
pub async fn answered(
    conn: &mut PgConnection,
    post: PostId,
    id: Uuid,
) -> Result<Option<CommentRow>> {
    Ok(comment!(
        conn,
        "where c.public_id = $1 and c.post_id = $2 and c.state = 'visible'",
        id,
        post
    ))
}
