//! The post that comments stand under, with what decides about a new one.

use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::db::Result;
use crate::features::accounts::key_of;
use crate::features::posts::PostId;
use crate::features::site::CommentPolicy;
use crate::markdown::Typography;
use crate::messages::text;

/// A public post as far as commenting needs it.
#[derive(Clone, Debug)]
pub struct PostRef {
    pub id: PostId,
    pub public_id: Uuid,
    pub title: String,
    pub path: String,
    /// Its own, else the site's.
    pub policy: CommentPolicy,
    /// How comments under it are set.
    pub typography: Typography,
    pub author_ids: Vec<i64>,
    pub comment_count: i32,
    /// Readers see something of this account that another one has approved. What was published unread (under a
    /// post of one's own, or where nothing is held) says nothing of its author. Asked only where the first comment is held.
    pub knows_author: bool,
}

impl PostRef {
    pub fn shown_title(&self) -> &str {
        shown_title(&self.title)
    }
}

pub fn shown_title(title: &str) -> &str {
    if title.is_empty() {
        text::posts_untitled().words()
    } else {
        title
    }
}

/// The public post at an address, or the one that had this address before its slug or its owner's handle
/// changed: a comment may have been under way meanwhile. [`PostRef::path`] is where it is now. With everything else that
/// decides about a comment by `author_id`.
pub async fn post(
    conn: &mut PgConnection,
    owner: &str,
    slug: &str,
    author_id: i64,
) -> Result<Option<PostRef>> {
    let row = sqlx::query!(
        r#"with person as (
               select id from users where username_key = $1
               union select user_id from username_history where username_key = $1),
           known as (
               select id from posts where owner_id in (select id from person) and slug = $2 and kind = 'post'
               union select post_id from slug_history where owner_id in (select id from person) and slug = $2)
           select p.id as "id!", p.public_id as "public_id!", p.path as "path!",
                  case when p.title = '' then name_of_untitled(p.id, p.description) else p.title end as "title!",
                  p.comment_count as "comment_count!", post_typography(p.id) as "typography!",
                  coalesce(p.comment_policy, (select s.comment_policy from site s)) as "policy!",
                  array(select a.user_id from post_authors a where a.post_id = p.id order by a.user_id) as "author_ids!",
                  coalesce(p.comment_policy, (select s.comment_policy from site s)) = 'first_held'
                      and exists (select 1 from comments c
                                  where c.author_id = $3 and c.state = 'visible' and c.decided_by <> c.author_id) as "knows_author!"
           from public_posts p where p.id in (select id from known) and p.kind = 'post'
           order by p.slug = $2 desc limit 1"#,
        key_of(owner),
        slug,
        author_id,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|r| PostRef {
        id: r.id,
        public_id: r.public_id,
        title: r.title,
        path: r.path,
        // The stricter choice; the check constraints make it unreachable.
        policy: CommentPolicy::parse(&r.policy).unwrap_or(CommentPolicy::AllHeld),
        comment_count: r.comment_count,
        typography: Typography::of(&r.typography),
        knows_author: r.knows_author,
        author_ids: r.author_ids,
    }))
}
