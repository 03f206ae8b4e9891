//! Where a comment stands.

use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::model::State;
use super::queries::{self, CommentRow, PostRef};
use super::thread::THREADS_PER_PAGE;
use crate::db::Result;

/// Where a comment (or its stub) stands: on its post's page, else on its own.
pub(super) async fn address(conn: &mut PgConnection, comment: &CommentRow) -> Result<String> {
    if !comment.post_public || matches!(comment.state, State::Held) {
        return Ok(format!("/comments/{}", comment.public_id));
    }
    let before = queries::page_before(conn, comment.public_id, THREADS_PER_PAGE).await?;
    let page = before.map(|id| format!("?after={id}")).unwrap_or_default();
    Ok(format!(
        "{}{page}#c-{}",
        comment.post_path, comment.public_id
    ))
}

/// The same of a comment that was just written under a public post.
pub(super) async fn new_address(
    conn: &mut PgConnection,
    post: &PostRef,
    state: State,
    id: Uuid,
) -> Result<String> {
    if state == State::Held {
        return Ok(format!("/comments/{id}"));
    }
    // All comments of a post that has few stand on its page.
    let before = match post.comment_count < THREADS_PER_PAGE {
        true => None,
        false => queries::page_before(conn, id, THREADS_PER_PAGE).await?,
    };
    let page = before.map(|id| format!("?after={id}")).unwrap_or_default();
    Ok(format!("{}{page}#c-{id}", post.path))
}
