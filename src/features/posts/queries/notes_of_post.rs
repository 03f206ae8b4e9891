//! Notes of guests, as the authors of the post have them.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::db::{Result, Tx};
use crate::features::posts::model::PostId;
use crate::features::posts::note_anchor::{Anchor, Hash};

/// What an author knows of a note.
pub struct GuestNote {
    pub public_id: Uuid,
    pub created_at: DateTime<Utc>,
    pub name: String,
    pub comment: String,
    pub suggestion: Option<String>,
    pub anchor: Anchor,
}

/// A note that an author has decided on.
pub struct SettledNote {
    pub public_id: Uuid,
    pub name: String,
    pub comment: String,
    pub suggestion: Option<String>,
    pub paragraph: String,
    pub is_accepted: bool,
    /// Of the text, which has the edit since.
    pub version: Option<i32>,
    pub decided_at: DateTime<Utc>,
    pub decided_by: Option<String>,
}

macro_rules! guest_notes {
    ($conn:expr, $fetch:ident, $tail:tt, $($arg:expr),*) => {
        sqlx::query!(
            r#"select n.public_id, n.created_at, n.name, n.comment, n.suggestion, n.paragraph, n.paragraph_hash, n.before_hash,
                      n.after_hash, n.position
               from preview_links l join guest_notes n on n.link_id = l.id
               where l.post_id = $1 and n.state = 'pending' "# + $tail,
            $($arg),*
        )
        .$fetch($conn)
        .await?
        .into_iter()
        .map(|row| GuestNote {
            public_id: row.public_id,
            created_at: row.created_at,
            name: row.name,
            comment: row.comment,
            suggestion: row.suggestion,
            anchor: Anchor {
                paragraph: row.paragraph,
                hash: hash(&row.paragraph_hash),
                before: row.before_hash.as_deref().map(hash),
                after: row.after_hash.as_deref().map(hash),
                position: usize::try_from(row.position).unwrap_or_default(),
            },
        })
    };
}

/// Those of a post that wait, the oldest first; no more than the first five hundred.
pub async fn pending_notes(conn: &mut PgConnection, post: PostId) -> Result<Vec<GuestNote>> {
    Ok(guest_notes!(conn, fetch_all, "order by n.id limit 500", post).collect())
}

/// One of a post that waits.
pub async fn pending_note(
    conn: &mut PgConnection,
    post: PostId,
    note: Uuid,
) -> Result<Option<GuestNote>> {
    Ok(guest_notes!(conn, fetch_optional, "and n.public_id = $2", post, note).next())
}

/// The table lets no other length pass.
fn hash(stored: &[u8]) -> Hash {
    stored.try_into().unwrap_or_default()
}

/// How many notes of a post wait.
pub async fn pending_note_count(conn: &mut PgConnection, post: PostId) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!" from preview_links l join guest_notes n on n.link_id = l.id
           where l.post_id = $1 and n.state = 'pending'"#,
        post
    )
    .fetch_one(conn)
    .await?)
}

/// The last hundred that were decided on.
pub async fn settled_notes(conn: &mut PgConnection, post: PostId) -> Result<Vec<SettledNote>> {
    Ok(sqlx::query_as!(
        SettledNote,
        r#"select n.public_id, n.name, n.comment, n.suggestion, n.paragraph, n.state = 'accepted' as "is_accepted!", n.version,
                  n.decided_at as "decided_at!", u.username as "decided_by?"
           from preview_links l join guest_notes n on n.link_id = l.id left join users u on u.id = n.decided_by
           where l.post_id = $1 and n.state <> 'pending' order by n.decided_at desc, n.id desc limit 100"#,
        post
    )
    .fetch_all(conn)
    .await?)
}

/// Accepts a note that waits; `version` of the text has its edit. False where none of the post does.
pub async fn accept_note(
    tx: &mut Tx,
    (post, note): (PostId, Uuid),
    version: Option<i32>,
    account: i64,
) -> Result<bool> {
    let done = sqlx::query!(
        "update guest_notes n set state = 'accepted', version = $3, decided_at = now(), decided_by = $4
         from preview_links l where l.id = n.link_id and l.post_id = $1 and n.public_id = $2 and n.state = 'pending'",
        post,
        note,
        version,
        account
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Dismisses a note that waits. False where none of the post does.
pub async fn dismiss_note(tx: &mut Tx, (post, note): (PostId, Uuid), account: i64) -> Result<bool> {
    let done = sqlx::query!(
        "update guest_notes n set state = 'dismissed', decided_at = now(), decided_by = $3
         from preview_links l where l.id = n.link_id and l.post_id = $1 and n.public_id = $2 and n.state = 'pending'",
        post,
        note,
        account
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Lets a note wait again. False where the post has none that was decided on, or the text has its edit.
pub async fn reopen_note(tx: &mut Tx, (post, note): (PostId, Uuid)) -> Result<bool> {
    let done = sqlx::query!(
        "update guest_notes n set state = 'pending', decided_at = null, decided_by = null
         from preview_links l
         where l.id = n.link_id and l.post_id = $1 and n.public_id = $2 and n.state <> 'pending' and n.version is null",
        post,
        note
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Deletes what was left by a link.
pub async fn delete_notes_of(tx: &mut Tx, post: PostId, link: Uuid) -> Result<()> {
    sqlx::query!(
        "delete from guest_notes using preview_links l
         where guest_notes.link_id = l.id and l.post_id = $1 and l.public_id = $2",
        post,
        link
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
