//! The comments under a post, page by page. Pages are cut between threads by a cursor, so a comment that comes in moves no other one to
//! another page.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::db::Result;
use crate::features::comments::model::{CommentId, State};
use crate::features::posts::{Byline, PostId};

/// A comment as the thread shows it.
#[derive(Clone, Debug)]
pub struct ThreadRow {
    pub id: CommentId,
    pub public_id: Uuid,
    pub parent_id: Option<CommentId>,
    pub state: State,
    /// Its author deleted it, and no moderator.
    pub withdrawn: bool,
    pub html: String,
    pub created_at: DateTime<Utc>,
    pub edited_at: Option<DateTime<Utc>>,
    pub author: Byline,
    /// Public id and author (without picture) of the comment answered, where readers see it.
    pub answers: Option<(Uuid, Byline)>,
}

/// Where a page of threads begins: behind comment `comment` of the thread that starts with `root`.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    pub root: CommentId,
    pub comment: CommentId,
}

impl Position {
    pub const START: Position = Position {
        root: 0,
        comment: 0,
    };
}

/// The position behind a comment. Behind the first one of a thread is behind the whole thread.
pub async fn position(
    conn: &mut PgConnection,
    post: PostId,
    after: Uuid,
) -> Result<Option<Position>> {
    let row = sqlx::query!(
        r#"with recursive up as (
               select id, parent_id, id as comment from comments where public_id = $1 and post_id = $2
               union all
               select c.id, c.parent_id, up.comment from up join comments c on c.id = up.parent_id)
           select id as "root!", comment as "comment!" from up where parent_id is null"#,
        after,
        post,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|r| Position {
        root: r.root,
        comment: if r.root == r.comment {
            CommentId::MAX
        } else {
            r.comment
        },
    }))
}

/// The comments of `threads` threads after `from` (and what is left of the one it stands in), thread by
/// thread, oldest first, at most `limit`.
/// Held ones are left out: they can have no answers. A parent always stands before its answers.
pub async fn threads(
    conn: &mut PgConnection,
    post: PostId,
    from: Position,
    threads: i64,
    limit: i64,
) -> Result<Vec<ThreadRow>> {
    let rows = sqlx::query_as!(
        AnswerRow,
        r#"with recursive roots as (
               select id from comments
               where post_id = $1 and parent_id is null and state <> 'held'
                 and (id > $2 or (id = $2 and $3 < 9223372036854775807))
               order by id limit $4::bigint + 1),
           tree as (
               select id, id as root from roots
               union all
               select c.id, t.root from tree t join comments c on c.parent_id = t.id where c.state <> 'held'),
           shown as (
               select id, root from tree where root > $2 or id > $3 order by root, id limit $5::bigint)
           select c.id, c.public_id, c.parent_id, c.state, coalesce(c.decided_by = c.author_id, false) as "withdrawn!",
                  c.html, c.created_at, c.edited_at, u.username, u.name, u.avatar_id,
                  a.public_id as "answered_id?", w.username as "answered_username?", w.name as "answered_name?"
           from shown s join comments c on c.id = s.id join users u on u.id = c.author_id
           left join comments a on a.id = c.parent_id and a.state = 'visible' left join users w on w.id = a.author_id
           order by s.root, s.id"#,
        post,
        from.root,
        from.comment,
        threads,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(ThreadRow::from).collect())
}

/// A comment with its author and the comment that it answers, as columns.
struct AnswerRow {
    id: CommentId,
    public_id: Uuid,
    parent_id: Option<CommentId>,
    state: String,
    withdrawn: bool,
    html: String,
    created_at: DateTime<Utc>,
    edited_at: Option<DateTime<Utc>>,
    username: String,
    name: String,
    avatar_id: Option<Uuid>,
    answered_id: Option<Uuid>,
    answered_username: Option<String>,
    answered_name: Option<String>,
}

impl From<AnswerRow> for ThreadRow {
    fn from(row: AnswerRow) -> Self {
        let answers = match (row.answered_id, row.answered_username, row.answered_name) {
            (Some(id), Some(username), Some(name)) => Some((
                id,
                Byline {
                    username,
                    name,
                    avatar_id: None,
                },
            )),
            _ => None,
        };
        ThreadRow {
            id: row.id,
            public_id: row.public_id,
            parent_id: row.parent_id,
            state: State::from_column(&row.state),
            withdrawn: row.withdrawn,
            html: row.html,
            created_at: row.created_at,
            edited_at: row.edited_at,
            author: Byline {
                username: row.username,
                name: row.name,
                avatar_id: row.avatar_id,
            },
            answers,
        }
    }
}

/// The first comment of the thread before the one that `comment` belongs to, if its post has more comments
/// than one page shows: the page after it has `comment`.
pub async fn page_before(
    conn: &mut PgConnection,
    comment: Uuid,
    per_page: i32,
) -> Result<Option<Uuid>> {
    Ok(sqlx::query_scalar!(
        r#"with recursive up as (
               select c.id, c.parent_id, c.post_id from comments c join public_posts p on p.id = c.post_id
               where c.public_id = $1 and p.comment_count > $2
               union all
               select c.id, c.parent_id, c.post_id from up join comments c on c.id = up.parent_id)
           select b.public_id from up join lateral (
               select public_id from comments
               where post_id = up.post_id and parent_id is null and state <> 'held' and id < up.id
               order by id desc limit 1) b on true
           where up.parent_id is null"#,
        comment,
        per_page,
    )
    .fetch_optional(conn)
    .await?)
}
