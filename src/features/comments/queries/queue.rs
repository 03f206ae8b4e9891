//! The queue: comments that wait for a decision, with what a moderator sees beside them.

use sqlx::postgres::PgConnection;
use sqlx::types::Json;

use super::Revision;
use super::queue_line::{QueueLine, ReportLine, Show};
use crate::db::Result;
use crate::features::comments::model::{CommentId, State};
use crate::features::posts::Byline;

macro_rules! queue {
    ($conn:expr, $viewer:expr, $before:expr, $ids:tt) => {{
        let rows = sqlx::query!(
            r#"select c.id, c.public_id, u.username, u.name, u.avatar_id, c.author_id = $1 as "mine!",
                      case when p.title = '' then name_of_untitled(p.id, p.description) else p.title end as "title!",
                      post_path(p.kind, p.page_path, o.username, p.slug) as "path!",
                      (select true from public_posts where id = p.id) is not null as "post_public!",
                      array(select pa.user_id from post_authors pa where pa.post_id = p.id) as "post_authors!",
                      c.html, c.version, c.state, c.reason, c.created_at,
                      coalesce((select d.role in ('moderator', 'admin', 'owner') from users d where d.id = c.decided_by), false)
                          as "decided_by_staff!",
                      w.username as "answered_by?", a.html as "answered_html?",
                      coalesce(r.lines, '[]') as "reports!: Json<Vec<ReportLine>>", coalesce(r.total, 0) as "report_count!",
                      coalesce(s.revisions, '[]') as "reported_words!: Json<Vec<Revision>>"
               from ("# + $ids + r#") l join comments c on c.id = l.id
               join posts p on p.id = c.post_id join users o on o.id = p.owner_id join users u on u.id = c.author_id
               left join comments a on a.id = c.parent_id left join users w on w.id = a.author_id
               left join lateral (
                   select json_agg(json_build_object('reason', x.reason, 'details', x.details, 'reporter', x.username) order by x.id)
                              filter (where x.place <= 10) as lines,
                          count(*) as total
                   from (select y.id, y.reason, y.details, v.username, row_number() over (order by y.id) as place
                         from reports y join users v on v.id = y.reporter_id
                         where y.comment_id = c.id and y.resolved_at is null) x) r on c.author_id <> $1
               left join lateral (
                   select json_agg(json_build_object('author', v.author, 'author_name', v.author_name, 'html', v.html) order by v.version)
                              as revisions
                   from (select * from comment_revisions v
                         where v.comment_id = c.id
                           and (v.version < c.version and v.html <> c.html or (v.author, v.author_name) <> (u.username, u.name))
                           and exists (select 1 from reports y
                                       where y.comment_id = c.id and y.resolved_at is null and y.version = v.version)
                         order by v.version limit 10) v) s on c.author_id <> $1
               order by c.id desc"#,
            $viewer,
            $before,
        )
        .fetch_all($conn)
        .await?;
        rows.into_iter()
            .map(|r| QueueLine {
                id: r.id,
                public_id: r.public_id,
                author: Byline { username: r.username, name: r.name, avatar_id: r.avatar_id },
                mine: r.mine,
                post_title: r.title,
                post_path: r.path,
                post_public: r.post_public,
                post_authors: r.post_authors,
                html: r.html,
                version: r.version,
                state: State::from_column(&r.state),
                reason: r.reason,
                created_at: r.created_at,
                decided_by_staff: r.decided_by_staff,
                answered: r.answered_by.zip(r.answered_html),
                reports: r.reports.0,
                report_count: r.report_count,
                reported_words: r.reported_words.0,
            })
            .collect()
    }};
}

/// Comments on a page of the queue. The queries below read one more, and say so as a number: see `reading::queries::PER_PAGE`.
pub const COMMENTS_PER_PAGE: usize = 20;
const _: () = assert!(
    COMMENTS_PER_PAGE + 1 == 21,
    "the queries of the queue say `limit 21`"
);

/// Comments that wait for `viewer`: under the viewer's posts, or with `everything` of the whole site; newest
/// first, older than `before`. Reports about one's own comments are for others to decide.
pub async fn queue(
    conn: &mut PgConnection,
    viewer: i64,
    everything: bool,
    show: Show,
    before: CommentId,
) -> Result<Vec<QueueLine>> {
    if everything {
        queue_of_site(conn, viewer, show, before).await
    } else {
        queue_of_author(conn, viewer, show, before).await
    }
}

/// Each arm walks one index backwards, and stops. What is asked of other tables is asked of each row (`(select …)`): joined, a
/// whole table might be read to compare it with a few.
async fn queue_of_site(
    conn: &mut PgConnection,
    viewer: i64,
    show: Show,
    before: CommentId,
) -> Result<Vec<QueueLine>> {
    Ok(match show {
        Show::Held => queue!(
            conn,
            viewer,
            before,
            "select w.id from comments w
             where w.state = 'held' and w.id < $2 and (select deleted_at is null from posts where id = w.post_id) order by w.id desc limit 21"
        ),
        Show::Reported => queue!(
            conn,
            viewer,
            before,
            "select distinct q.comment_id as id from reports q join comments w on w.id = q.comment_id
             where q.resolved_at is null and q.comment_id < $2 and w.author_id <> $1
               and (select deleted_at is null from posts where id = w.post_id)
             order by q.comment_id desc limit 21"
        ),
        Show::Hidden => queue!(
            conn,
            viewer,
            before,
            "select w.id from comments w
             where w.state = 'hidden' and w.id < $2 and (select deleted_at is null from posts where id = w.post_id) order by w.id desc limit 21"
        ),
        Show::All => queue!(
            conn,
            viewer,
            before,
            "select w.id from comments w
             where w.state <> 'deleted' and w.id < $2 and (select deleted_at is null from posts where id = w.post_id) order by w.id desc limit 21"
        ),
    })
}

/// What waits for an author stands in `comment_queue`, in this order, whatever waits for others.
async fn queue_of_author(
    conn: &mut PgConnection,
    viewer: i64,
    show: Show,
    before: CommentId,
) -> Result<Vec<QueueLine>> {
    Ok(match show {
        Show::Held => queue!(
            conn,
            viewer,
            before,
            "select q.comment_id as id from comment_queue q
             where q.user_id = $1 and q.kind = 'held' and q.comment_id < $2
               and (select deleted_at is null from posts where id = q.post_id)
             order by q.comment_id desc limit 21"
        ),
        Show::Reported => queue!(
            conn,
            viewer,
            before,
            "select distinct q.comment_id as id from comment_queue q
             where q.user_id = $1 and q.kind = 'reported' and q.comment_id < $2
               and (select deleted_at is null from posts where id = q.post_id)
             order by q.comment_id desc limit 21"
        ),
        Show::Hidden => queue!(
            conn,
            viewer,
            before,
            "select q.comment_id as id from comment_queue q
             where q.user_id = $1 and q.kind = 'hidden' and q.comment_id < $2
               and (select deleted_at is null from posts where id = q.post_id)
             order by q.comment_id desc limit 21"
        ),
        Show::All => everything_of_author(conn, viewer, before).await?,
    })
}

/// Comments in any state under the posts of an author. With many posts, the newest comments of the site are soon enough of
/// theirs; with few, the newest under each post are looked at.
async fn everything_of_author(
    conn: &mut PgConnection,
    viewer: i64,
    before: CommentId,
) -> Result<Vec<QueueLine>> {
    let many = sqlx::query_scalar!(
        r#"select count(*) > 2000 as "many!" from (select from post_authors where user_id = $1 limit 2001) m"#,
        viewer,
    )
    .fetch_one(&mut *conn)
    .await?;
    Ok(match many {
        true => queue!(
            conn,
            viewer,
            before,
            "select w.id from comments w
             where w.state <> 'deleted' and w.id < $2
               and (select (select deleted_at is null from posts where id = m.post_id)
                    from post_authors m where m.post_id = w.post_id and m.user_id = $1)
             order by w.id desc limit 21"
        ),
        false => queue!(
            conn,
            viewer,
            before,
            "select w.id from post_authors m join posts f on f.id = m.post_id
             cross join lateral (select id from comments where post_id = f.id and state <> 'deleted' and id < $2
                                 order by id desc limit 21) w
             where m.user_id = $1 and f.deleted_at is null order by w.id desc limit 21"
        ),
    })
}
