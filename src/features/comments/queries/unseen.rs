//! Comments that their author looks for under a post, and that readers do not see.

use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::db::Result;
use crate::features::posts::PostId;

/// A comment of an account that waits for approval or was hidden.
pub struct Unseen {
    pub public_id: Uuid,
    pub is_held: bool,
}

/// The newest five of an account under a post.
pub async fn own_unseen(
    conn: &mut PgConnection,
    post: PostId,
    account: i64,
) -> Result<Vec<Unseen>> {
    Ok(sqlx::query_as!(
        Unseen,
        r#"select public_id as "public_id!", state = 'held' as "is_held!"
           from (select id, public_id, state, author_id from comments where post_id = $1 and state = 'held'
                 union all
                 select id, public_id, state, author_id from comments where post_id = $1 and state = 'hidden') unseen
           where author_id = $2 order by id desc limit 5"#,
        post,
        account,
    )
    .fetch_all(conn)
    .await?)
}
