//! Where a comment stands.

use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::model::State;
use super::queries::{self, Item, Place};
use super::thread::THREADS_PER_PAGE;
use crate::db::Result;

/// Where a comment (or its stub) stands: on its post's page, else on its own.
pub(super) async fn address(conn: &mut PgConnection, item: &Item) -> Result<String> {
    if !item.post_public || matches!(item.state, State::Held) {
        return Ok(format!("/comments/{}", item.public_id));
    }
    let before = queries::page_before(conn, item.public_id, THREADS_PER_PAGE).await?;
    let page = before.map(|id| format!("?after={id}")).unwrap_or_default();
    Ok(format!("{}{page}#c-{}", item.post_path, item.public_id))
}

/// The same of a comment that was just written under a public post.
pub(super) async fn new_address(
    conn: &mut PgConnection,
    place: &Place,
    state: State,
    id: Uuid,
) -> Result<String> {
    if state == State::Held {
        return Ok(format!("/comments/{id}"));
    }
    // All comments of a post that has few stand on its page.
    let before = match place.comment_count < THREADS_PER_PAGE {
        true => None,
        false => queries::page_before(conn, id, THREADS_PER_PAGE).await?,
    };
    let page = before.map(|id| format!("?after={id}")).unwrap_or_default();
    Ok(format!("{}{page}#c-{id}", place.path))
}
