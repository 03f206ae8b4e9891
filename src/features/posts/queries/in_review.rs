//! What waits for an editor, as the dashboard lists it.

use sqlx::postgres::PgConnection;

use super::{DashboardRow, dashboard_rows};
use crate::db::Result;
use crate::db::cursor::Cursor;

/// Posts in review, newest save first: of all for an account that edits all, else those that it wrote or co-wrote. They are few, by
/// the index `submissions_open`.
pub async fn in_review(
    conn: &mut PgConnection,
    (user_id, edits_all): (i64, bool),
    from: Cursor,
) -> Result<Vec<DashboardRow>> {
    Ok(dashboard_rows!(
        conn,
        "select g.id, g.saved_at
         from submissions s cross join lateral (select * from posts where id = s.post_id offset 0) g
         where s.ended_at is null and g.deleted_at is null and g.kind = 'post' and not g.is_template and (g.saved_at, g.id) < ($2, $3)
           and ($4::boolean or g.owner_id = $1
                or exists (select from post_authors a where a.post_id = g.id and a.user_id = $1))
           and (g.status = 'draft'
                or s.version > coalesce((select b.revision_number from post_bodies b where b.post_id = g.id), 0))
         order by g.saved_at desc, g.id desc limit 51",
        user_id,
        from.bound(),
        from.key,
        edits_all
    )?)
}
